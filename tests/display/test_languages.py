"""Figures and the signs between words, as each language of the interface sets them."""

from __future__ import annotations

import pytest
from django.utils import translation

from display.numbers import interval, number, percent
from display.punctuation import in_series, sign


@pytest.mark.parametrize(
    ("language", "figure", "share", "bounds"),
    [
        ("en-gb", "8.9", "22\xa0%", "5.7–10.6"),
        ("de", "8,9", "22\xa0%", "5,7–10,6"),
        ("fr", "8,9", "22\u202f%", "5,7–10,6"),
        ("es", "8,9", "22\xa0%", "5,7–10,6"),
    ],
)
def test_figures(language: str, figure: str, share: str, bounds: str) -> None:
    with translation.override(language):
        assert (number(8.9), percent(22), interval(5.7, 10.6)) == (figure, share, bounds)
        assert number(2048) == "2048"


@pytest.mark.parametrize("language", ["en-gb", "de", "es"])
def test_a_sign_stands_directly_behind_its_word(language: str) -> None:
    with translation.override(language):
        assert (sign(":"), in_series(["a, b", "c"])) == (":", "a, b; c")


def test_french_puts_a_narrow_space_before_a_sign_that_no_line_may_begin_with() -> None:
    with translation.override("fr"):
        assert (sign(":"), in_series(["a, b", "c"])) == ("\u202f:", "a, b\u202f; c")

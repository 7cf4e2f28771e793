"""Numbers as they are typed, with a point or a comma: read, rewritten, never guessed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.decimals import COMMA, POINT, AmbiguousError, UnreadableError, read, rewritten


def within(low: float, high: float, number: float) -> bool:
    return low <= number <= high


PERCENTAGE, TMB = partial(within, 0, 100), partial(within, 0, 1000)


class TestDecimals:
    @pytest.mark.parametrize(
        ("text", "mark", "expected"),
        [
            ("80", POINT, 80),
            ("80", COMMA, 80),
            ("2,5", COMMA, 2.5),
            ("2.5", COMMA, 2.5),
            ("-0,50", COMMA, -0.5),
            ("0.125", COMMA, 0.125),
            ("85,125", COMMA, 85.125),
            ("85.125", POINT, 85.125),
            ("85.1251", COMMA, 85.1251),
            (".8", POINT, 0.8),
            (",8", COMMA, 0.8),
            (".8", COMMA, 0.8),
            ("-.5", POINT, -0.5),
            (".125", POINT, 0.125),
            (",125", COMMA, 0.125),
        ],
    )
    def test_what_is_read(self, text: str, mark: str, expected: float) -> None:
        assert read(text, mark, allows=PERCENTAGE) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "2,5",
            "1,000",
            "1,",
            "1.000,5",
            "1,2,3",
            "1.2.3",
            "١",
            "1e3",
            ",5",
            ".",
            "+",
            "-.",
            "",
            "1_0",
            "+80",
            "80.",
            "-0.",
        ],
    )
    def test_what_is_no_number_in_english(self, text: str) -> None:
        with pytest.raises(UnreadableError):
            read(text, POINT, allows=TMB)

    @pytest.mark.parametrize(
        "text", ["1.000,5", "1,000.5", "1.000.000", "1,2,3", ",", ".,5", "2 ,5", "nan", "2,", "+2,5"]
    )
    def test_what_is_no_number_in_german(self, text: str) -> None:
        with pytest.raises(UnreadableError):
            read(text, COMMA, allows=TMB)

    @pytest.mark.parametrize(
        ("text", "mark", "allows"),
        [
            ("1.000", COMMA, PERCENTAGE),
            ("85.125", COMMA, PERCENTAGE),
            ("1.000", COMMA, TMB),
            # Either reading is a TMB.
            ("1,000", COMMA, TMB),
            ("1.000", POINT, TMB),
        ],
    )
    def test_a_thousand_is_never_guessed(self, text: str, mark: str, allows: Any) -> None:
        with pytest.raises(AmbiguousError) as raised:
            read(text, mark, allows=allows)
        assert raised.value.thousands == 1000 * raised.value.decimal

    WRITTEN = st.from_regex(r"[+-]?([0-9]{1,4}([.,][0-9]{0,4})?|[.,][0-9]{1,4})", fullmatch=True)

    @given(WRITTEN, st.sampled_from([PERCENTAGE, TMB]))
    def test_what_both_languages_read_is_the_same_number(self, text: str, allows: Any) -> None:
        found = {number for mark in (POINT, COMMA) if (number := self.number(text, mark, allows)) is not None}
        assert len(found) <= 1

    @given(WRITTEN, st.permutations([POINT, COMMA]), st.sampled_from([PERCENTAGE, TMB]))
    def test_rewriting_keeps_every_number_and_leaves_the_rest(self, text: str, marks: list[str], allows: Any) -> None:
        now, later = marks
        number, again = self.number(text, now, allows), rewritten(text, now, later, allows=allows)
        if number is None:
            assert again == text
        else:
            assert self.number(again, later, allows) == number

    @staticmethod
    def number(text: str, mark: str, allows: Any) -> float | None:
        try:
            return read(text, mark, allows=allows)
        except ValueError:
            return None

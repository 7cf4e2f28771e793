"""Text that a spreadsheet would run is kept from it, and comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.spreadsheets import neutral, restored

RUN = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''@x", "-", '=HYPERLINK("https://x")']


@pytest.mark.parametrize("text", RUN)
def test_what_would_be_run_is_kept_from_it(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert restored(neutral(text)) == text


@pytest.mark.parametrize("text", ["", "FOLFIRI", "5-FU", "'n Roll", "1=1", "a'=b"])
def test_other_text_stays(text: str) -> None:
    assert neutral(text) == text
    assert restored(text) == text


@given(st.text(alphabet="'=+-@\t\r\n aA1＝"))
def test_it_is_always_undone(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text).startswith(tuple("=+-@\t\r\n＝"))

"""How old a source is, in words: the day is handed in."""

from __future__ import annotations

from datetime import date

import pytest

from regimens.wording.states import STALE_TEXT_DAYS, STALE_TRIAL_DAYS, age_of_reading, age_of_year, how_long_ago

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("day", "most", "sign", "age"),
    [
        ("2026-10-30", STALE_TRIAL_DAYS, "", ""),
        ("2026-10-29", STALE_TRIAL_DAYS, "clock", "31 days old"),
        ("2025-10-20", STALE_TRIAL_DAYS, "clock", "13 months old"),
        ("2025-11-29", STALE_TEXT_DAYS, "", ""),
        ("2025-11-28", STALE_TEXT_DAYS, "clock", "12 months old"),
    ],
)
def test_a_page_is_stale_after_its_days(day: str, most: int, sign: str, age: str) -> None:
    found = age_of_reading(day, TODAY, most_days=most)
    assert (found.sign, found.age) == (sign, age)
    assert found.words.startswith("page read on ")


def test_a_day_that_is_not_on_record_is_no_young_one() -> None:
    found = age_of_reading(None, TODAY, most_days=STALE_TRIAL_DAYS)
    assert found.sign == "open"
    assert found.words == "when the page was read is not on record"


@pytest.mark.parametrize(
    ("year", "sign", "age"),
    [
        *((year, "", "") for year in (2026, 2025)),
        *((2026 - years, "clock", f"{years} years old") for years in (2, 10)),
        (None, "open", ""),
    ],
)
def test_a_text_known_by_its_year_is_old_where_it_surely_is(year: int | None, sign: str, age: str) -> None:
    found = age_of_year(year, TODAY)
    assert (found.sign, found.age) == (sign, age)
    assert found.words == (str(year) if year else "its year is not on record")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 28), "1 day old"),
        (date(2026, 9, 30), "60 days old"),
        (date(2026, 9, 29), "2 months old"),
        (date(2024, 11, 29), "24 months old"),
    ],
)
def test_how_long_ago_counts_whole_months(day: date, words: str) -> None:
    assert how_long_ago(day, TODAY) == words

"""What two readings come to: when they agree, and what is said of a figure, a cohort and a publication."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regimens.knowledge import loader
from regimens.rules.readings import (
    agree,
    figures_of,
    is_read_twice_throughout,
    paired,
    state_of_publication,
    state_of_result,
    states_of,
)

PUBLICATIONS = loader.read(loader.SHIPPED)["publications"]


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("orr", 18, 18, True),
        ("orr", 18, 18.4, True),
        ("orr", 18, 18.5, True),  # rounded either way
        ("orr", 18, 18.6, False),
        ("orr", 18.2, 18, True),
        ("orr", 18.2, 18.3, False),
        ("os-12", 30, 30.4, True),
        ("pfs", 3, 3.4, False),  # a whole number of months is one to a tenth
        ("pfs", 3, 3.0, True),
        ("pfs", 3.35, 3.4, True),
        ("pfs", 3.35, 3.3, True),
        ("pfs", 3.35, 3.5, False),
        ("os_low", 6.4, 6, False),
        ("n", 61, 61, True),
        ("n", 61, 62, False),
        ("deaths", 0, None, False),
        ("ci_level", 95, 90, False),
        ("os", None, None, True),
        ("os", None, 8.9, False),
        ("os", 8.9, None, False),
    ],
)
def test_two_readings_agree_within_rounding(name: str, one: float | None, other: float | None, expected: bool) -> None:
    assert agree(name, one, other) is expected
    assert agree(name, other, one) is expected


@given(name=st.sampled_from(["orr", "pfs", "n"]), tenths=st.integers(0, 1000), off=st.integers(1, 50))
def test_figures_of_one_precision_agree_only_when_they_are_the_same(name: str, tenths: int, off: int) -> None:
    # An odd tenth is never whole, so that neither is coarser than the other.
    one, other = (2 * tenths + 1) * 0.5, (2 * (tenths + off) + 1) * 0.5
    assert agree(name, one, one)
    assert not agree(name, one, other)


def publication(*readings: dict[str, Any], second: bool = False, **figures: Any) -> dict[str, Any]:
    """The BEVANEC trial, of which one arm alone is left."""
    found = copy.deepcopy(PUBLICATIONS["walter-2023-bevanec"])
    found["results"] = found["results"][:1]
    found["second_read_at"] = "https://example.org/again" if second else None
    found["results"][0].update(figures)
    if readings:
        found["results"][0]["readings"] = list(readings)
    return found


def reading(kind: str, by: str = "Ben", /, **figures: Any) -> dict[str, Any]:
    place = {"by": by, "on": "2026-11-02", "at": "https://example.org/paper", "how": "fulltext"}
    return place | {"kind": kind, "figures": figures}


def state(row: dict[str, Any], name: str = "pfs") -> str:
    return states_of(row, row["results"][0])[name].state


@pytest.mark.parametrize(
    ("readings", "second", "expected"),
    [
        ([], False, "once"),
        ([], True, "twice"),
        ([reading("second", pfs=3.5)], False, "twice"),
        ([reading("second", pfs=3.8)], False, "differ"),
        ([reading("second", pfs=None)], False, "differ"),
        ([reading("second", os=8.9)], False, "once"),  # another figure
        ([reading("first", pfs=3.5)], True, "once"),  # it came in after the second reading
        ([reading("first", pfs=3.5), reading("second", pfs=3.5)], False, "twice"),
        ([reading("second", pfs=3.8), reading("first", pfs=3.5)], False, "once"),  # of a figure before
        ([reading("second", pfs=3.8), reading("settling", pfs=3.5)], False, "settled"),
        ([reading("second", pfs=3.8), reading("settling", pfs=3.8)], False, "differ"),
        ([reading("second", pfs=3.8), reading("settling", pfs=3.5), reading("second", pfs=3.9)], False, "differ"),
        ([reading("second", pfs=3.5), reading("second", "Cleo", pfs=3.8)], True, "differ"),
    ],
)
def test_a_figure_is_as_its_readings_say(readings: list[dict[str, Any]], second: bool, expected: str) -> None:
    assert state(publication(*readings, second=second, pfs=3.5)) == expected


def test_a_figure_that_only_the_second_reader_found_is_in_dispute() -> None:
    row = publication(reading("second", deaths=2), deaths=None)
    assert states_of(row, row["results"][0])["deaths"].state == "differ"
    row = publication(reading("second", deaths=None), deaths=None)
    assert "deaths" not in states_of(row, row["results"][0])


def test_a_cohort_is_read_twice_when_every_figure_is() -> None:
    row = publication()
    given_figures = {name: value for name, value in figures_of(row["results"][0]).items() if value is not None}
    assert len(given_figures) > 5
    whole = publication(reading("second", **given_figures))
    assert state_of_result(whole, whole["results"][0]) == state_of_publication(whole) == "twice"
    assert is_read_twice_throughout(whole)
    for name in given_figures:
        some = {other: value for other, value in given_figures.items() if other != name}
        partly = publication(reading("second", **some))
        assert state_of_publication(partly) == "partly"
        assert not is_read_twice_throughout(partly)
        disputed = publication(reading("second", **some, **{name: None}))
        assert state_of_publication(disputed) == "differ"


def test_nothing_is_read_where_nothing_could_be() -> None:
    row = publication(reading("second", pfs=3.5)) | {"verified": "none"}
    assert state_of_publication(row) == "none"


def test_what_a_cohort_was_is_found_by_its_name_and_then_by_its_place() -> None:
    before = [{"arm": arm, "subgroup": None} for arm in ("A", "B")]
    assert list(paired(before, before[::-1])) == [1, 0]
    assert list(paired(before, [before[0], {"arm": "C", "subgroup": None}])) == [0, 1]
    assert list(paired(before, [{"arm": "C", "subgroup": None}, *before])) == [None, 0, 1]
    assert list(paired(before, [before[1], {"arm": "C", "subgroup": None}])) == [1, None]

"""What a proposal changed, put on top of what changed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from curation.actions.merging import NotMerged, merged

BASE = {"name": "FOLFIRI", "gaps": None, "schedule": {"text": "Every two weeks.", "url": None}, "notes": ["one", "two"]}


def with_(**changes: Any) -> dict[str, Any]:
    return {**BASE, **changes}


def arm(name: str, **figures: Any) -> dict[str, Any]:
    return {"arm": name, "subgroup": None, "orr": 10, "pfs": 3, **figures}


class TestMappings:
    def test_what_one_changed_is_changed(self) -> None:
        assert merged(BASE, with_(name="Ours"), BASE) == with_(name="Ours")
        assert merged(BASE, BASE, with_(name="Theirs")) == with_(name="Theirs")

    def test_what_each_changed_is_changed(self) -> None:
        assert merged(BASE, with_(name="Ours"), with_(gaps="Much.")) == with_(name="Ours", gaps="Much.")

    def test_within_a_part(self) -> None:
        ours = with_(schedule={"text": "Every three weeks.", "url": None})
        now = with_(schedule={"text": "Every two weeks.", "url": "https://example.org", "read_on": None})
        assert merged(BASE, ours, now)["schedule"] == {
            "text": "Every three weeks.",
            "url": "https://example.org",
            "read_on": None,
        }

    def test_a_key_comes_and_goes(self) -> None:
        assert merged(BASE, with_(notice="Retracted."), with_(gaps="Much."))["notice"] == "Retracted."
        without = {key: value for key, value in BASE.items() if key != "gaps"}
        assert merged(BASE, without, with_(name="Theirs")) == {**without, "name": "Theirs"}

    def test_the_same_change_twice_is_one(self) -> None:
        assert merged(BASE, with_(name="Both"), with_(name="Both")) == with_(name="Both")

    @pytest.mark.parametrize(
        ("ours", "now", "place"),
        [
            ({"name": "Ours"}, {"name": "Theirs"}, "name"),
            ({"schedule": {"text": "1", "url": None}}, {"schedule": {"text": "2", "url": None}}, "schedule.text"),
            ({"schedule": None}, {"schedule": {"text": "2", "url": None}}, "schedule"),
        ],
    )
    def test_two_changes_of_one_place_are_named(self, ours: Any, now: Any, place: str) -> None:
        with pytest.raises(NotMerged, match=f"^{place}$"):
            merged(BASE, with_(**ours), with_(**now))


class TestLists:
    def test_texts_come_and_go(self) -> None:
        ours, now = with_(notes=["one", "two", "three"]), with_(notes=["nought", "one", "two"])
        assert merged(BASE, ours, now)["notes"] == ["nought", "one", "two", "three"]
        assert merged(BASE, with_(notes=["two"]), now)["notes"] == ["nought", "two"]

    def test_a_cohort_is_known_by_its_arm_wherever_it_stands(self) -> None:
        base = {"results": [arm("A"), arm("B")]}
        ours = {"results": [arm("A"), arm("B", orr=12)]}
        now = {"results": [arm("C"), arm("B", pfs=4), arm("A")]}
        assert merged(base, ours, now) == {"results": [arm("C"), arm("B", orr=12, pfs=4), arm("A")]}

    def test_one_that_they_added_is_added(self) -> None:
        base, now = {"results": [arm("A")]}, {"results": [arm("A", pfs=4)]}
        assert merged(base, {"results": [arm("A"), arm("B")]}, now) == {"results": [arm("A", pfs=4), arm("B")]}

    def test_one_that_they_took_out_is_gone(self) -> None:
        base, now = {"results": [arm("A"), arm("B")]}, {"results": [arm("A", pfs=4), arm("B")]}
        assert merged(base, {"results": [arm("A")]}, now) == {"results": [arm("A", pfs=4)]}

    @pytest.mark.parametrize(
        ("ours", "now"),
        [
            ([arm("A", orr=12)], [arm("A", orr=13)]),  # two figures for one
            ([], [arm("A", orr=13)]),  # taken out, and changed
            ([arm("A", orr=12)], [arm("B")]),  # changed, and taken out
            ([arm("A"), arm("A")], [arm("A", orr=13)]),  # which of the two
        ],
    )
    def test_what_cannot_be_both_is_named(self, ours: Any, now: Any) -> None:
        with pytest.raises(NotMerged, match="results"):
            merged({"results": [arm("A")]}, {"results": ours}, {"results": now})

    def test_a_list_whose_items_have_no_name_is_taken_whole(self) -> None:
        base, ours, now = ({"sites": [{"x": n}]} for n in range(3))
        assert merged(base, ours, base) == ours
        with pytest.raises(NotMerged):
            merged(base, ours, now)

    def test_an_interval_is_one_thing(self) -> None:
        base = {"orr_ci": [None, None]}
        assert merged(base, {"orr_ci": [1, 20]}, base) == {"orr_ci": [1, 20]}
        with pytest.raises(NotMerged):
            merged(base, {"orr_ci": [1, 20]}, {"orr_ci": [1, 21]})

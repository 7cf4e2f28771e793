"""Bundles of either edition of the method, and when two rankings are the same."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from regimens.bundles import FormerEdition, compared, differences
from tests.factories.patients import shown_by_the_first_edition


def of_the_first_edition() -> str:
    """A bundle as the first edition wrote it."""
    result = json.loads(shown_by_the_first_edition()[0])
    kept = {name: result[name] for name in ("release", "preference", "patient")}
    return json.dumps({"format": "necapp ranking bundle 1", **kept, "result": result}, ensure_ascii=False, indent=1)


def test_one_of_the_first_edition_is_not_made_again() -> None:
    with pytest.raises(FormerEdition, match=r"necapp 0\.1\.0 \(commit 668b308\) makes it again"):
        differences(of_the_first_edition())


def test_the_command_says_by_which_version_it_is(tmp_path: Path) -> None:
    path, out = tmp_path / "bundle.json", StringIO()
    path.write_text(of_the_first_edition(), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_bundle", path, stdout=out)
    assert stopped.value.code == 2
    assert "the method's first edition" in out.getvalue() and "necapp 0.1.0 (commit 668b308)" in out.getvalue()


@pytest.mark.parametrize(
    ("then", "now", "places"),
    [
        ({"a": [0.25, 1]}, {"a": [0.25 + 2e-10, 1.0]}, []),
        ({"a": [0.25, 1]}, {"a": [0.2500001, 1]}, ["a[0]"]),
        ({"rank": 1}, {"rank": True}, ["rank"]),
        ({"rank": None}, {}, ["rank"]),
        ({"name": "a"}, {"name": "b", "more": 0}, ["more", "name"]),
        ([1, 2], [1], [""]),
    ],
)
def test_numbers_are_the_same_to_a_billionth_and_all_else_exactly(then: Any, now: Any, places: list[str]) -> None:
    assert [difference.place for difference in compared(then, now)] == places

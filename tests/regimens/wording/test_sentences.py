"""Lists of names in each language: the words between them, and how Spanish changes those before their own sound."""

from __future__ import annotations

import pytest
from django.utils import translation

from regimens.rules.wording import all_of_them, any_of_them, one_of_them
from regimens.wording.sentences import ACTIVE


@pytest.mark.parametrize(
    ("language", "all_", "any_", "one"),
    [
        ("en-gb", "A and B", "A or B", "A, B or C"),
        ("de", "A und B", "A oder B", "A, B oder C"),
        ("fr", "A et B", "A ou B", "A, B ou C"),
        ("es", "A y B", "A o B", "A, B o C"),
    ],
)
def test_names(language: str, all_: str, any_: str, one: str) -> None:
    with translation.override(language):
        assert all_of_them(["A", "B"], ACTIVE) == all_
        assert any_of_them(["A", "B"], ACTIVE) == any_
        assert one_of_them(["A", "B", "C"], ACTIVE) == one
        assert all_of_them(["A"], ACTIVE) == one_of_them(["A"], ACTIVE) == "A"


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (["topotecan", "irinotecan"], "topotecan e irinotecan"),
        (["nivolumab", "Ipilimumab"], "nivolumab e Ipilimumab"),
        (["cirugía", "hierro"], "cirugía y hierro"),
        (["irinotecan", "topotecan"], "irinotecan y topotecan"),
    ],
)
def test_spanish_and(names: list[str], joined: str) -> None:
    with translation.override("es"):
        assert all_of_them(names, ACTIVE) == joined


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        (["cisplatin", "oxaliplatin"], "cisplatin u oxaliplatin"),
        (["cisplatin", "carboplatin", "oxaliplatin"], "cisplatin, carboplatin u oxaliplatin"),
        (["oxaliplatin", "cisplatin"], "oxaliplatin o cisplatin"),
    ],
)
def test_spanish_or(names: list[str], joined: str) -> None:
    with translation.override("es"):
        assert one_of_them(names, ACTIVE) == joined

"""Names that are mistyped, and what must never be taken for another."""

from __future__ import annotations

from itertools import combinations

import pytest

from regimens.wording.names import bare, is_nearly, meant
from tests.factories.evidence import shipped_document

MISTYPED = [
    ("folfri", "FOLFIRI"),
    ("fofliri", "FOLFIRI"),
    ("irinotecn", "irinotecan"),
    ("irinnotecan", "irinotecan"),
    ("opdvio", "Opdivo"),
    ("onivide", "Onivyde"),
    ("keytrudda", "Keytruda"),
    ("nivolumap", "nivolumab"),
    ("pembrolizumba", "pembrolizumab"),
    ("pemrolizumap", "pembrolizumab"),
    ("temozolamid", "temozolomide"),
    ("everolimus.", "everolimus"),
    ("Lutatera", "Lutathera"),
]
OTHERS = [
    ("folfox", "folfiri"),
    ("folfirinox", "folfiri"),
    ("xelox", "xeliri"),
    ("capox", "gemox"),
    ("cisplatin", "carboplatin"),
    ("carboplatin", "oxaliplatin"),
    ("topotecan", "irinotecan"),
    ("docetaxel", "paclitaxel"),
    ("nivolumab", "ipilimumab"),
    ("avelumab", "durvalumab"),
    ("dasatinib", "lapatinib"),
    ("axitinib", "afatinib"),
    ("sunitinib", "surufatinib"),
    ("sorafenib", "regorafenib"),
    ("ret", "ros"),
    ("5fu", "fu"),
    ("tmz", "tmb"),
    ("braf", "brca"),
    ("", "folfiri"),
]


@pytest.mark.parametrize(("typed", "name"), MISTYPED)
def test_a_mistyped_name_is_read_as_the_one_that_was_meant(typed: str, name: str) -> None:
    assert is_nearly(bare(typed), bare(name)) or bare(typed) == bare(name)
    assert meant(bare(typed), [bare(name), "folfox", "cisplatin"]) <= {bare(name)}


@pytest.mark.parametrize(("typed", "name"), OTHERS)
def test_another_name_is_another(typed: str, name: str) -> None:
    assert not is_nearly(typed, name)
    assert not is_nearly(name, typed)


@pytest.mark.parametrize("typed", ["mFOLFOX6", "FOLFOX4", "folfox-7"])
def test_a_schedule_is_read_as_its_regimen(typed: str) -> None:
    assert meant(bare(typed), ["folfox", "folfiri", "xelox"]) == {"folfox"}
    assert meant(bare(typed), ["folfiri", "xelox"]) == frozenset()


def test_what_is_written_as_it_is_means_nothing_else() -> None:
    assert meant("xelox", ["xelox", "xeloz"]) == frozenset()


def test_no_drug_of_the_evidence_base_is_taken_for_another() -> None:
    drugs = shipped_document()["drugs"]
    called = {row["slug"]: {bare(name) for name in (row["slug"], row["name"], *row["synonyms"])} for row in drugs}
    assert len(called) > 50
    taken = [
        (one, other, left, right)
        for (one, lefts), (other, rights) in combinations(called.items(), 2)
        for left in lefts
        for right in rights
        if left != right and is_nearly(left, right)
    ]
    assert taken == []

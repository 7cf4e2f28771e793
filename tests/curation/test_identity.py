"""Which texts are one: by DOI or PMID, else by title, year and first author."""

from __future__ import annotations

from typing import Any

import pytest

from curation.accepted import accepted
from curation.identity import Likeness, identified, likeness, look_alikes, twins

TITLE = "Bevacizumab plus FOLFIRI after failure of platinum-etoposide first-line chemotherapy in patients with NEC"
ENTRY: dict[str, Any] = {
    "key": "walter-2023",
    "title": TITLE,
    "authors": "Walter T, Lievre A, Coriat R, et al.",
    "year": 2023,
    "doi": None,
    "pmid": None,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Likeness.WORDS),
        ({"title": TITLE.upper().replace("-", " ") + "."}, Likeness.WORDS),
        ({"title": TITLE.replace("patients", "patient")}, Likeness.WORDS),
        ({"title": f"{TITLE} (PRODIGE 41-BEVANEC): a randomised phase 2 trial"}, Likeness.WORDS),
        ({"authors": "Wàlter TH"}, Likeness.WORDS),
        ({"authors": None}, Likeness.WORDS),
        ({"year": 2022}, Likeness.WORDS),
        ({"year": None}, Likeness.WORDS),
        ({"doi": "10.1/x", "pmid": "1"}, Likeness.WORDS),
        ({"year": 2020}, None),
        ({"authors": "Lievre A, Walter T"}, None),
        ({"title": "Quality of life of patients in the BEVANEC trial"}, None),
        ({"title": TITLE.replace("Bevacizumab plus FOLFIRI", "Durvalumab")}, None),
        ({"title": None}, None),
    ],
)
def test_a_text_without_an_identifier_is_known_by_its_words(changes: dict[str, Any], expected: Likeness | None) -> None:
    one, other = identified(ENTRY), identified(ENTRY | changes)
    assert (likeness(one, other), likeness(other, one)) == (expected, expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"pmid": "1"}, {"pmid": "1", "title": "Other"}, Likeness.PMID),
        ({"doi": "10.1/x"}, {"doi": "10.1/X", "title": "Other"}, Likeness.DOI),
        ({"doi": "10.1/x", "pmid": "1"}, {"doi": "10.1/x", "pmid": "2"}, Likeness.DOI),
        ({"pmid": "1"}, {"pmid": "2"}, None),
        ({"doi": "10.1/x"}, {"doi": "10.1/y"}, None),
    ],
)
def test_an_identifier_counts_before_the_words(
    one: dict[str, Any], other: dict[str, Any], expected: Likeness | None
) -> None:
    assert likeness(identified(ENTRY | one), identified(ENTRY | other)) == expected


def test_who_says_so_by_an_identifier_comes_first() -> None:
    others = {"by words": identified(ENTRY), "by PMID": identified(ENTRY | {"pmid": "1", "title": "Other"})}
    assert list(look_alikes(identified(ENTRY | {"pmid": "1"}), others)) == ["by PMID", "by words"]


@pytest.mark.django_db
def test_the_evidence_that_is_shipped_holds_no_text_twice_and_each_is_known_again() -> None:
    publications = list(accepted()["publications"].values())
    assert list(twins(publications)) == []
    titled = [entry for entry in publications if entry["title"]]
    assert len(titled) > 150
    for entry in titled:
        again = entry | {"key": "again", "doi": None, "pmid": None}
        assert [pair[:2] for pair in twins([entry, again])] == [(entry["key"], "again")], entry["title"]

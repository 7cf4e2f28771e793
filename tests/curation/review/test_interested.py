"""Declared interests that touch a change."""

from __future__ import annotations

from typing import Any

import pytest

from curation.review.interested import drugs_of, named_in

DRUGS: dict[str, Any] = {
    "irinotecan": {"slug": "irinotecan", "name": "Irinotecan", "synonyms": ["CPT-11", "Onivyde"]},
    "fluorouracil": {"slug": "fluorouracil", "name": "Fluorouracil", "synonyms": ["5-FU"]},
    "cisplatin": {"slug": "cisplatin", "name": "Cisplatin", "synonyms": []},
}
BASE = {
    "drugs": DRUGS,
    "regimens": {"iri": {"drugs": ["irinotecan", {"alternatives": ["fluorouracil", "cisplatin"]}]}},
}


@pytest.mark.parametrize(
    ("kind", "content", "slugs"),
    [
        ("drugs", DRUGS["cisplatin"], {"cisplatin"}),
        ("regimens", BASE["regimens"]["iri"], {"irinotecan", "fluorouracil", "cisplatin"}),
        ("licences", {"regimen": "iri"}, {"irinotecan", "fluorouracil", "cisplatin"}),
        (
            "publications",
            {"results": [{"regimen": "iri"}, {"regimen": None}]},
            {"irinotecan", "fluorouracil", "cisplatin"},
        ),
        ("guidelines", {"regimens": ["iri", "gone"]}, {"irinotecan", "fluorouracil", "cisplatin"}),
        ("biomarkers", {"slug": "msi"}, set()),
    ],
)
def test_the_drugs_of_a_change(kind: str, content: dict[str, Any], slugs: set[str]) -> None:
    assert drugs_of(kind, content, BASE) == slugs


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("Servier, for onivyde in a trial", ["Irinotecan"]),
        ("Lectures on cisplatin and CPT-11", ["Cisplatin", "Irinotecan"]),
        ("Research on 5-FU", ["Fluorouracil"]),
        ("Carbocisplatinum Ltd", []),
        ("none", []),
    ],
)
def test_what_a_statement_names(statement: str, named: list[str]) -> None:
    assert named_in(statement, set(DRUGS), DRUGS) == named

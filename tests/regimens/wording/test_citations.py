"""How sources are named and linked."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.wording.citations import citation, guideline_name, link_to, publication_links
from regimens.wording.readings import how_read


def publication(**values: Any) -> dict[str, Any]:
    ordinary = {
        "key": "walter-2023-bevanec",
        "authors": "Walter T, Lievre A, Coriat R, et al.",
        "title": "Bevacizumab plus FOLFIRI after platinum failure",
        "journal": "Lancet Oncol",
        "year": 2023,
        "doi": None,
        "pmid": None,
        "url": None,
        "study": None,
        "verified": "abstract",
        "verified_at": "https://example.org/page",
        "second_read_at": None,
    }
    return ordinary | values


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "Walter T, Lancet Oncol, 2023"),
        ({"authors": "Kloppel G"}, "Kloppel G, Lancet Oncol, 2023"),
        ({"journal": None, "year": None}, "Walter T"),
        ({"authors": "Not shown on the page", "study": {"name": "HPN328"}}, "HPN328, Lancet Oncol, 2023"),
        ({"authors": None}, "Bevacizumab plus FOLFIRI after platinum failure, Lancet Oncol, 2023"),
        ({"authors": None, "title": None}, "walter-2023-bevanec, Lancet Oncol, 2023"),
    ],
)
def test_a_publication_is_cited_by_what_is_known(values: dict[str, Any], expected: str) -> None:
    assert citation(publication(**values)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "read once, in the abstract"),
        ({"second_read_at": "https://example.org/again"}, "read twice, in the abstract"),
        ({"verified": "secondary"}, "read once, in another paper’s account"),
        ({"verified": "fulltext"}, "read once, in the full text"),
        ({"verified": "none"}, "not read"),
    ],
)
def test_how_figures_were_read_is_said(values: dict[str, Any], expected: str) -> None:
    assert how_read(publication(**values)) == expected


def test_a_publication_is_linked_to_all_the_places_where_it_is() -> None:
    links = publication_links(publication(doi="10.1/x", pmid="36640790", study={"registry_id": "NCT02820857"}))
    assert [(link.text, link.url) for link in links] == [
        ("DOI", "https://doi.org/10.1/x"),
        ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/36640790/"),
        ("NCT02820857", "https://clinicaltrials.gov/study/NCT02820857"),
        ("page read", "https://example.org/page"),
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "", None])
def test_only_addresses_that_a_browser_may_follow_become_links(url: str | None) -> None:
    assert link_to("source", url) is None


@pytest.mark.parametrize(
    ("guideline", "year", "expected"),
    [
        ("ENETS guidance paper on digestive NEC (Sorbye et al.)", 2023, "ENETS guidance paper on digestive NEC, 2023"),
        ("ENETS 2016 consensus (quoted)", 2016, "ENETS 2016 consensus"),
        ("Andreatos et al., review (not a guideline)", 2023, "Andreatos et al., 2023 (not a guideline)"),
    ],
)
def test_a_guideline_has_a_short_name(guideline: str, year: int, expected: str) -> None:
    assert guideline_name({"guideline": guideline, "year": year}) == expected

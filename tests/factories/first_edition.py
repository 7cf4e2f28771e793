"""Entries of the evidence base in the shapes of the first edition, as its files, proposals and releases hold them."""

from __future__ import annotations

from typing import Any

REGIONS = ("US", "EU", "UK", "JP", "CN")


def regimen(slug: str = "cisplatin-novatecan", **given: Any) -> dict[str, Any]:
    """Off-label everywhere, with two drugs, of which no other regimen has the second."""
    availability = dict.fromkeys(REGIONS, "off-label") | given.pop("availability", {})
    return {
        "slug": slug,
        "name": slug.capitalize(),
        "class": "platinum-doublet",
        "drugs": ["cisplatin", "novatecan"],
        "lead_drugs": ["cisplatin-carboplatin"],
        "setting": "later-line",
        "requires": None,
        "availability": availability,
        "schedule": {"text": "Every three weeks.", "url": "https://example.org/schedule"},
        "approvals": [],
        "cautions": [],
        "region_note": None,
        "gaps": None,
    } | given


def caution(when: dict[str, Any], level: str = "caution", text: str = "Read with care.") -> dict[str, Any]:
    return {"when": when, "level": level, "text": text, "url": "https://example.org/caution"}


def approval(region: str, indication: str, year: int | None = 2024) -> dict[str, Any]:
    return {"region": region, "indication": indication, "year": year, "url": "https://example.org/approval"}


def indication(key: str = "novatecan-any", **given: Any) -> dict[str, Any]:
    return {
        "key": key,
        "regimen": "cisplatin-novatecan",
        "when": {"feature": "ecog", "at_most": 1},
        "stance": "consider",
        "regions": None,
        "rechallenge": False,
        "sources": ["approval:US"],
        "rationale": "Licensed.",
    } | given


def trial(nct: str = "NCT09999999", **given: Any) -> dict[str, Any]:
    return {
        "nct": nct,
        "acronym": None,
        "title": "Novatecan after platinum",
        "phase": "2",
        "intervention": "Novatecan",
        "regimen": None,
        "line": "second",
        "histology": "nec",
        "sites": ["gep"],
        "biomarker": None,
        "key_eligibility": [],
        "countries": ["Norway"],
        "status_as_seen": "recruiting",
        "seen_at": f"https://clinicaltrials.gov/study/{nct}",
        "seen_note": None,
    } | given


def statement(key: str = "invented-2024-later-line", **given: Any) -> dict[str, Any]:
    return {
        "key": key,
        "guideline": "Invented guideline",
        "year": 2024,
        "topic": "second-line",
        "statement": "Treat after platinum.",
        "strength": None,
        "regimens": [],
        "applies_to": {"sites": ["gep"]},
        "url": "https://example.org/guideline",
        "verified": "fulltext",
    } | given


def biomarker(slug: str = "novamarker", **given: Any) -> dict[str, Any]:
    return {
        "slug": slug,
        "name": "Novamarker",
        "feature": None,
        "positive": None,
        "values": [],
        "test_methods": ["staining"],
        "why_it_matters": "It is invented.",
        "prevalence": [
            {"population": "NEC", "percent": 4, "n": 50, "url": "https://example.org/prevalence", "chance": None}
        ],
        "actionable_with": [],
        "guideline_keys": [],
    } | given


def publication(key: str = "invented-2024-novatecan", results: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "review_ref": None,
        "review_mark": None,
        "authors": "Invented A, et al.",
        "title": "Novatecan in NEC",
        "journal": "Invented Journal",
        "year": 2024,
        "locator": "1:1-9",
        "doi": None,
        "pmid": None,
        "url": "https://example.org/paper",
        "kind": "results",
        "study_key": key,
        "study": {
            "name": None,
            "registry_id": None,
            "design": "retrospective",
            "comparative": False,
            "line": "second",
            "histology": "nec",
            "sites": ["gep"],
            "population": None,
            "biomarker": None,
            "n": 20,
        },
        "results": [result()] if results is None else results,
        "findings": ["Some responded."],
        "verified": "abstract",
        "verified_at": "https://example.org/paper",
        "second_read_at": None,
        "doubts": None,
    }


def result(**given: Any) -> dict[str, Any]:
    return {
        "arm": "Novatecan",
        "regimen": None,
        "subgroup": None,
        "subgroup_kind": None,
        "where": None,
        "population": None,
        "n": 20,
        "evaluable": 20,
        "responders": 5,
        "orr": 25,
        "orr_ci": [None, None],
        "dcr": None,
        "pfs": 3,
        "pfs_ci": [None, None],
        "os": 8,
        "os_ci": [None, None],
        "dor": None,
        "rates": {},
        "grade3": None,
        "deaths": None,
        "hr": None,
        "note": None,
    } | given

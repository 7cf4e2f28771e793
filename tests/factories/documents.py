"""Small documents made by hand: each function gives one row of the evidence base, ordinary but for what is named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity

# The identities of a document made by hand, and of the shipped one.
IDENTITY = ReleaseIdentity(name="by-hand", published="2026-01-02", sha256="1" * 64)
SHIPPED = ReleaseIdentity(name="test", published="2026-11-25", sha256="0" * 64)
REGIONS = ("US", "EU", "UK", "JP", "CN")

# A median that the response rate does not move, with a mean that is known for sure.
NO_SLOPE = {"b": 0.0, "V_m": 0.0, "V_b": 0.0, "V_mb": 0.0}

# Constants in round numbers: Beta(2, 8) for response, Beta(4, 6) for grade 3; medians of 3 and 8 months.
BENCHMARK: Mapping[str, Mapping[str, float]] = {
    "orr": {"p0": 0.2, "S": 10},
    "grade3": {"p0": 0.4, "S": 10},
    "pfs": {"m0": math.log(3), "s_squared": 0.25, "tau_squared": 0.0, **NO_SLOPE},
    "os": {"m0": math.log(8), "s_squared": 0.25, "tau_squared": 0.1, **NO_SLOPE},
}


def result(regimen: str | None = "drug", **fields: Any) -> dict[str, Any]:
    """The whole arm of 20 patients, without any outcome."""
    ordinary = {
        "arm": "the arm",
        "regimen": regimen,
        "subgroup": None,
        "subgroup_kind": None,
        "where": None,
        "population": None,
        "n": 20,
        "evaluable": None,
        "responders": None,
        "orr": None,
        "orr_ci": [None, None],
        "dcr": None,
        "pfs": None,
        "pfs_ci": [None, None],
        "os": None,
        "os_ci": [None, None],
        "dor": None,
        "rates": {},
        "grade3": None,
        "deaths": None,
        "hr": None,
        "note": None,
    }
    return ordinary | fields


def subgroup(kind: str, regimen: str | None = "drug", **fields: Any) -> dict[str, Any]:
    """A subgroup that stands for every patient, unless `where` says otherwise."""
    return result(regimen, subgroup=f"a {kind} subgroup", subgroup_kind=kind, **fields)


def publication(key: str, *results: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A randomised study in NEC after first line, of colorectal primaries: every factor of its weight is 1.

    `fields` are those of the publication or of its study.
    """
    study = {
        "name": None,
        "registry_id": None,
        "design": "randomised-phase-2",
        "comparative": False,
        "line": "second",
        "histology": "nec",
        "sites": ["colorectal"],
        "population": "patients",
        "biomarker": None,
        "n": 20,
    }
    row = {
        "key": key,
        "study_key": key,
        "year": 2020,
        "kind": "results",
        "title": key,
        "verified": "abstract",
        "notice": None,
    }
    assert fields.keys() <= study.keys() | row.keys()
    return {
        **row,
        **{name: value for name, value in fields.items() if name in row},
        "study": study | {name: value for name, value in fields.items() if name in study},
        "results": list(results),
    }


def regimen(slug: str = "drug", **fields: Any) -> dict[str, Any]:
    """A later-line regimen, off-label everywhere, without cautions; the one drug of its own name leads it."""
    ordinary = {
        "slug": slug,
        "name": slug.title(),
        "class": "other-targeted",
        "drugs": [slug],
        "lead_drugs": [slug],
        "setting": "later-line",
        "requires": None,
        "otherwise": dict.fromkeys(REGIONS, "off-label"),
        "schedule": None,
        "cautions": [],
        "gaps": None,
    }
    return ordinary | fields


def caution(level: str, when: Mapping[str, Any], text: str = "a risk") -> dict[str, Any]:
    return {"level": level, "when": when, "text": text, "url": f"https://example.org/{text.replace(' ', '-')}"}


def drug(slug: str, *cautions: Mapping[str, Any], classes: Iterable[str] = (), **fields: Any) -> dict[str, Any]:
    """A drug known by its slug, without exposure classes."""
    ordinary = {"slug": slug, "name": slug.title(), "synonyms": [], "atc": None, "labels": []}
    return ordinary | {"classes": list(classes), "cautions": list(cautions)} | fields


def exposure_class(slug: str, alone: str = "avoid", combined: str = "caution", *exceptions: str) -> dict[str, Any]:
    return {"slug": slug, "name": slug, "alone": alone, "combined": combined, "exceptions": list(exceptions)}


def licence(regimen: str, when: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A full licence in the US."""
    ordinary = {"region": "US", "covers": "yes", "kind": "full", "since": 2020, "label": "For some."}
    row = ordinary | {"regimen": regimen, "when": when} | fields
    return {"key": f"{regimen}-{row['region'].lower()}"} | row


def indication(stance: str, when: Mapping[str, Any], regimen: str = "drug", **fields: Any) -> dict[str, Any]:
    """An indication that holds everywhere."""
    ordinary = {
        "key": f"{regimen}-{stance}",
        "regimen": regimen,
        "when": when,
        "stance": stance,
        "regions": None,
        "rechallenge": False,
        "sources": ["guideline:one"],
        "rationale": "Because.",
    }
    return ordinary | fields


def biomarker(feature: str | None, *prevalence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "slug": f"{feature}-test",
        "name": f"{feature}",
        "feature": feature,
        "positive": None,
        "prevalence": list(prevalence),
    }


def prevalence(percent: float, *sites: str) -> dict[str, Any]:
    """A figure that is used as the chance at these sites; without sites it is only shown."""
    chance = {"sites": list(sites), "percent": percent} if sites else None
    return {"population": "some", "percent": percent, "n": 100, "url": "https://example.org/figure", "chance": chance}


def document(
    *publications: Mapping[str, Any],
    regimens: Iterable[Mapping[str, Any]] = (),
    indications: Iterable[Mapping[str, Any]] = (),
    biomarkers: Iterable[Mapping[str, Any]] = (),
    trials: Iterable[Mapping[str, Any]] = (),
    drugs: Iterable[Mapping[str, Any]] = (),
    exposure_classes: Iterable[Mapping[str, Any]] = (),
    licences: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A document that was not published yet. Without `regimens` it knows those that its results name.

    Of `drugs` those that its regimens name and that are not given are known by their slug alone.
    """
    named = sorted({row["regimen"] for each in publications for row in each["results"] if row["regimen"]})
    rows = list(regimens) or [regimen(slug) for slug in named]
    known = {row["slug"]: row for row in drugs}
    for row in rows:
        for entry in row["drugs"]:
            for slug in entry["alternatives"] if isinstance(entry, Mapping) else [entry]:
                known.setdefault(slug, drug(slug))
    return {
        "format": 2,
        "publications": list(publications),
        "drugs": list(known.values()),
        "exposure_classes": list(exposure_classes),
        "licences": list(licences),
        "regimens": rows,
        "indications": list(indications),
        "biomarkers": list(biomarkers),
        "guidelines": [],
        "trials": list(trials),
    }


def release(
    *publications: Mapping[str, Any], benchmark: Mapping[str, Mapping[str, float]] = BENCHMARK, **lists: Any
) -> Knowledge:
    """A document in force, with constants that its cohorts do not move."""
    constants = {outcome: dict(found) for outcome, found in benchmark.items()}
    return Knowledge.from_document({**document(*publications, **lists), "constants": constants}, release=IDENTITY)


def published(document: Mapping[str, Any], release: ReleaseIdentity = SHIPPED) -> Knowledge:
    """A document as it would be in force: with the constants that follow from its cohorts."""
    constants = benchmark_constants(document)
    return Knowledge.from_document({**document, "constants": constants}, release=release)

"""The evidence base as one plain document, in the shapes of its files: the shape of what a release stores, and what
the rows say in that shape.

Lists of entries are in the order of their keys; what an entry lists in an order of its own stays in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from django.db.models import Model, QuerySet

from regimens.models import (
    Biomarker,
    Cohort,
    Drug,
    ExposureClass,
    GuidelineStatement,
    Indication,
    Licence,
    Publication,
    Regimen,
    RegimenDrug,
    StudyReport,
    Trial,
)
from regimens.models.cohort_figures import COHORT_FIGURES, NUMBERS, WITH_INTERVAL

FORMAT = 2

# The keys of the files whose field has another name, by kind of entry.
STUDY_FIELDS = MappingProxyType({"n": "patients"})
PUBLICATION_FIELDS = MappingProxyType({"review_ref": "review_reference"})
COHORT_FIELDS = MappingProxyType({figure.key: figure.column for figure in COHORT_FIGURES if figure.column})
COHORT_KEYS = " ".join(["arm subgroup subgroup_kind where", *(figure.key for figure in NUMBERS), "note"])
REGIMEN_FIELDS = MappingProxyType({"class": "drug_class"})
PREVALENCE_FIELDS = MappingProxyType({"n": "tested"})
APPLIES_TO = ("histology", "ki67", "platinum_free_interval_months", "biomarker")
CAUTION_KEYS = "when level text section label extrapolated url read_on"
SOURCED = ("text", "url", "read_on")
NOTICE = ("kind", "text", "url")
OVERRIDES = ("histology", "line", "sites", "biomarker")


def document() -> dict[str, Any]:
    """Every row of the evidence base; a constant number of queries."""
    return {"format": FORMAT} | {name: list(entries(name).values()) for name in ENTRIES}


def entries(name: str) -> dict[str, dict[str, Any]]:
    """The entries of one list of the document, by key, in its order."""
    rows, describe, key = ENTRIES[name]
    found = [describe(row) for row in rows()]
    return {entry[key]: entry for entry in sorted(found, key=lambda entry: str(entry[key]))}


def entry(name: str, key: str) -> dict[str, Any] | None:
    """One entry as its rows describe it; None where there are none."""
    rows, describe, key_name = ENTRIES[name]
    row = rows().filter(**{key_name: key}).first()
    return None if row is None else describe(row)


def _publications() -> QuerySet[Publication]:
    return Publication.objects.select_related("study", "report").prefetch_related(
        "findings", "cohorts__survival_rates", "cohorts__regimen"
    )


def _publication(row: Publication) -> dict[str, Any]:
    keys = (
        "key review_ref review_mark authors title journal year locator doi pmid url read_on kind verified "
        "verified_at second_read_at doubts"
    )
    report = getattr(row, "report", None)
    publication = {
        **_plain(row, keys, PUBLICATION_FIELDS),
        "study_key": row.study.key if row.study else None,
        "study": report and _study(report),
        "results": [_result(cohort) for cohort in row.cohorts.all()],
        "findings": [finding.text for finding in row.findings.all()],
    }
    if row.notice_kind:
        publication["notice"] = {key: getattr(row, f"notice_{key}") for key in NOTICE}
    return publication


def _study(row: StudyReport) -> dict[str, Any]:
    keys = "name registry_id design comparative line histology sites population biomarker n"
    return _plain(row, keys, STUDY_FIELDS)


def _result(row: Cohort) -> dict[str, Any]:
    overrides = {name: getattr(row, f"population_{name}") or None for name in OVERRIDES}
    result = {
        **_plain(row, COHORT_KEYS, COHORT_FIELDS),
        "regimen": row.regimen.slug if row.regimen else None,
        "population": {name: value for name, value in overrides.items() if value is not None} or None,
        **{f"{figure.key}_ci": _interval(row, figure.column) for figure in WITH_INTERVAL},
        "rates": {f"{rate.endpoint}-{rate.months}": rate.percent for rate in row.survival_rates.all()},
        "hr": None,
    }
    if row.hazard_ratio is not None:
        result["hr"] = {
            "endpoint": row.hazard_ratio_endpoint,
            "value": row.hazard_ratio,
            "ci": _interval(row, "hazard_ratio"),
            "versus": row.hazard_ratio_versus,
        }
    if row.confidence_level is not None:
        result["ci_level"] = row.confidence_level
    if row.readings:
        result["readings"] = row.readings
    return result


def _regimens() -> QuerySet[Regimen]:
    return Regimen.objects.prefetch_related("drug_entries__drug", "lead_drugs", "otherwise", "cautions")


def _regimen(row: Regimen) -> dict[str, Any]:
    return {
        **_plain(row, "slug name class setting requires gaps", REGIMEN_FIELDS),
        "drugs": [_given(entries) for _, entries in groupby(row.drug_entries.all(), key=attrgetter("position"))],
        "lead_drugs": [entry.name for entry in row.lead_drugs.all()],
        "otherwise": {entry.region: entry.status for entry in row.otherwise.all()},
        "schedule": _sourced(row, "schedule"),
        "cautions": [_plain(caution, CAUTION_KEYS) for caution in row.cautions.all()],
        "region_note": _sourced(row, "region_note"),
    }


def _given(entries: Iterable[RegimenDrug]) -> str | dict[str, list[str]]:
    """What stands at one position of a regimen: a drug, or alternatives."""
    given = list(entries)
    slugs = [entry.drug.slug for entry in given]
    return slugs[0] if given[0].alternative is None else {"alternatives": slugs}


def _exposure_classes() -> QuerySet[ExposureClass]:
    return ExposureClass.objects.all()


def _exposure_class(row: ExposureClass) -> dict[str, Any]:
    return _plain(row, "slug name alone combined exceptions text sources")


def _drugs() -> QuerySet[Drug]:
    return Drug.objects.prefetch_related("cautions")


def _drug(row: Drug) -> dict[str, Any]:
    return {
        **_plain(row, "slug name synonyms atc classes labels"),
        "cautions": [_plain(caution, CAUTION_KEYS) for caution in row.cautions.all()],
    }


def _licences() -> QuerySet[Licence]:
    return Licence.objects.select_related("regimen")


def _licence(row: Licence) -> dict[str, Any]:
    return {
        **_plain(row, "key region when covers kind label url read_on"),
        "regimen": row.regimen.slug,
        "since": int(row.since) if row.since.isdecimal() else row.since or None,
        "seen_on": row.seen_on.isoformat() if row.seen_on else None,
    }


def _indications() -> QuerySet[Indication]:
    return Indication.objects.select_related("regimen").prefetch_related(
        "sources__statement", "sources__publication", "sources__licence"
    )


def _indication(row: Indication) -> dict[str, Any]:
    return {
        **_plain(row, "key when stance regions rechallenge rationale"),
        "regimen": row.regimen.slug,
        "sources": [str(source) for source in row.sources.all()],
    }


def _biomarkers() -> QuerySet[Biomarker]:
    return Biomarker.objects.prefetch_related("prevalence", "actionable_with", "guideline_statements")


def _biomarker(row: Biomarker) -> dict[str, Any]:
    return {
        **_plain(row, "slug name feature positive values test_methods why_it_matters"),
        "prevalence": [
            {
                **_plain(entry, "population percent n url read_on", PREVALENCE_FIELDS),
                "chance": entry.chance_sites and {"sites": entry.chance_sites, "percent": entry.chance_percent},
            }
            for entry in row.prevalence.all()
        ],
        "actionable_with": sorted(regimen.slug for regimen in row.actionable_with.all()),
        "guideline_keys": sorted(statement.key for statement in row.guideline_statements.all()),
    }


def _statements() -> QuerySet[GuidelineStatement]:
    return GuidelineStatement.objects.prefetch_related("regimens")


def _statement(row: GuidelineStatement) -> dict[str, Any]:
    named = {name: getattr(row, f"applies_{name}") for name in APPLIES_TO}
    return {
        **_plain(row, "key guideline year topic statement strength url read_on verified"),
        "regimens": sorted(regimen.slug for regimen in row.regimens.all()),
        "applies_to": {"sites": row.applies_sites} | {name: value for name, value in named.items() if value},
    }


def _trials() -> QuerySet[Trial]:
    return Trial.objects.select_related("regimen")


def _trial(row: Trial) -> dict[str, Any]:
    keys = (
        "nct acronym title phase intervention line histology sites biomarker key_eligibility countries status_as_seen "
        "url read_on seen_note"
    )
    trial = {**_plain(row, keys), "regimen": row.regimen.slug if row.regimen else None}
    if row.looked_up_on:
        trial["looked_up_on"] = row.looked_up_on.isoformat()
    return trial


# Each list of the document: its rows, how one is described, and the key that it is known by. Those that others name
# come first, which is the order in which they are loaded.
ENTRIES: Mapping[str, tuple[Callable[[], QuerySet[Any]], Callable[[Any], dict[str, Any]], str]] = MappingProxyType(
    {
        "exposure_classes": (_exposure_classes, _exposure_class, "slug"),
        "drugs": (_drugs, _drug, "slug"),
        "regimens": (_regimens, _regimen, "slug"),
        "licences": (_licences, _licence, "key"),
        "guidelines": (_statements, _statement, "key"),
        "publications": (_publications, _publication, "key"),
        "indications": (_indications, _indication, "key"),
        "biomarkers": (_biomarkers, _biomarker, "slug"),
        "trials": (_trials, _trial, "nct"),
    }
)


def _plain(row: Model, keys: str, fields: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Values by the keys of the files; an empty text is null."""
    values = {key: getattr(row, fields.get(key, key)) for key in keys.split()}
    return {key: None if value == "" else value for key, value in values.items()}


def _interval(row: Cohort, field: str) -> list[float | None]:
    return [getattr(row, f"{field}_low"), getattr(row, f"{field}_high")]


def _sourced(row: Regimen, field: str) -> dict[str, str | None] | None:
    """A text of a regimen with where it was read; None where there is neither."""
    fields = {"text": field, "url": f"{field}_url", "read_on": f"{field}_read_on"}
    values = {key: getattr(row, name) or None for key, name in fields.items()}
    return values if any(values.values()) else None

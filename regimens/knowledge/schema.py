"""The shapes of the evidence base's files, as README.md beside this module describes them: keys and types alone.

What values are allowed is for the models to say: `regimens.models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    create_model,
    model_validator,
)

from regimens.models.cohort_figures import COHORT_FIGURES

# No text holds a null character, which PostgreSQL does not store.
Text = Annotated[StrictStr, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]
Filled = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\x00]*$")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Interval = Annotated[list[Number | None], Field(min_length=2, max_length=2)]
Criterion = dict[str, Any]
# A day as 2026-03-01; YAML reads one that stands without quotation marks as a date.
Day = Annotated[
    StrictStr,
    BeforeValidator(lambda value: value.isoformat() if type(value) is date else value),
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
]


class Entry(BaseModel):
    """Every key is known and given; an empty text is the same as null."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_text_is_null(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: None if value == "" else value for key, value in given.items()}


class Read(Entry):
    """Where a fact stands: `url` the address shown, `read_on` the page read, null when it is the same."""

    url: Text | None
    read_on: Text | None


class HazardRatio(Entry):
    endpoint: Filled
    value: Number
    ci: Interval
    versus: Filled


class Population(Entry):
    """What a result overrides of its study: only what differs."""

    histology: Filled | None = None
    line: Filled | None = None
    sites: list[Filled] | None = None
    biomarker: Filled | None = None


class ReadingEntry(Entry):
    """Figures of a result as someone read them: regimens.rules.readings."""

    by: Filled
    on: Day
    at: Filled
    how: Filled
    kind: Filled
    figures: dict[Filled, Number | None]


class _Arm(Entry):
    """Which arm or subgroup a result is of."""

    arm: Filled
    regimen: Filled | None
    subgroup: Text | None
    subgroup_kind: Filled | None
    where: Criterion | Literal["never"] | None = None
    population: Population | None = None


# The type of a figure by its kind, and its default: all but the level of the intervals are always there.
_FIGURES: Mapping[str, tuple[Any, Any]] = {
    "count": (StrictInt | None, ...),
    "percent": (Number | None, ...),
    "months": (Number | None, ...),
    "level": (StrictInt | None, None),
    "rates": (dict[Annotated[StrictStr, StringConstraints(pattern=r"^(os|pfs)-\d{1,3}$")], Number], ...),
}


def _figures() -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for figure in COHORT_FIGURES:
        found |= zip(figure.keys, (_FIGURES[figure.kind], (Interval, ...)), strict=False)
    return found


class Result(create_model("_Figures", __base__=_Arm, **_figures())):  # type: ignore[call-overload, misc]
    hr: HazardRatio | None
    note: Text | None
    readings: list[ReadingEntry] | None = None


class StudyEntry(Entry):
    name: Text | None
    registry_id: Text | None
    design: Filled
    comparative: StrictBool
    line: Filled
    histology: Filled
    sites: list[Filled]
    population: Text | None
    biomarker: Filled | None
    n: StrictInt | None


class Notice(Entry):
    """What was printed against a publication."""

    kind: Filled
    text: Filled
    url: Filled


class PublicationEntry(Read):
    key: Filled
    review_ref: StrictInt | None
    review_mark: Filled | None
    authors: Text | None
    title: Text | None
    journal: Text | None
    year: StrictInt | None
    locator: Text | None
    doi: Text | None
    pmid: Text | None
    kind: Filled
    study_key: Filled | None
    study: StudyEntry | None
    results: list[Result]
    findings: list[Filled]
    verified: Filled
    verified_at: Text | None
    second_read_at: Text | None
    doubts: Text | None
    notice: Notice | None = None


class Sourced(Read):
    text: Text | None


class CautionEntry(Read):
    when: Criterion
    level: Filled
    text: Filled
    section: Text | None
    label: Filled | None
    extrapolated: StrictBool


class LabelEntry(Entry):
    region: Filled
    url: Filled


class DrugEntry(Entry):
    slug: Filled
    name: Filled
    synonyms: list[Filled]
    atc: Filled | None
    classes: list[Filled]
    cautions: list[CautionEntry]
    labels: list[LabelEntry]


class ClassSourceEntry(Entry):
    url: Filled
    finding: Filled
    population: Filled


class ExposureClassEntry(Entry):
    slug: Filled
    name: Filled
    alone: Filled
    combined: Filled
    exceptions: list[Filled]
    text: Filled
    sources: list[ClassSourceEntry]


class Alternatives(Entry):
    """Drugs of which one is given."""

    alternatives: Annotated[list[Filled], Field(min_length=2)]


class LicenceEntry(Read):
    key: Filled
    regimen: Filled
    region: Filled
    when: Criterion
    covers: Filled
    kind: Filled | None
    since: StrictInt | Filled | None
    label: Filled
    seen_on: Day | None


class RegimenEntry(Entry):
    slug: Filled
    name: Filled
    drug_class: Annotated[Filled, Field(alias="class")]
    drugs: list[Filled | Alternatives]
    lead_drugs: list[Filled]
    setting: Filled
    requires: Criterion | None
    otherwise: dict[str, Filled]
    schedule: Sourced | None
    cautions: list[CautionEntry]
    region_note: Sourced | None
    gaps: Text | None


class IndicationEntry(Entry):
    key: Filled
    regimen: Filled
    when: Criterion
    stance: Filled
    regions: list[Filled] | None
    rechallenge: StrictBool
    sources: Annotated[list[Filled], Field(min_length=1)]
    rationale: Filled


class Chance(Entry):
    sites: Annotated[list[Filled], Field(min_length=1)]
    percent: Number


class PrevalenceEntry(Read):
    population: Filled
    percent: Number
    n: StrictInt | None
    chance: Chance | None


class BiomarkerEntry(Entry):
    slug: Filled
    name: Filled
    feature: Filled | None
    positive: StrictBool | StrictInt | StrictStr | Number | None
    values: list[Filled]
    test_methods: list[Filled]
    why_it_matters: Filled
    prevalence: list[PrevalenceEntry]
    actionable_with: list[Filled]
    guideline_keys: list[Filled]


class AppliesTo(Entry):
    """To whom a statement applies: only the keys that its source names."""

    sites: list[Filled] = []
    histology: Filled | None = None
    ki67: Filled | None = None
    platinum_free_interval_months: Filled | None = None
    biomarker: Filled | None = None


class GuidelineEntry(Read):
    key: Filled
    guideline: Filled
    year: StrictInt | None
    topic: Filled
    statement: Filled
    strength: Text | None
    regimens: list[Filled]
    applies_to: AppliesTo
    verified: Filled


class TrialEntry(Read):
    nct: Filled
    acronym: Text | None
    title: Filled
    phase: Filled | None
    intervention: Filled
    regimen: Filled | None
    line: Filled
    histology: Filled
    sites: list[Filled]
    biomarker: Filled | None
    key_eligibility: list[Filled]
    countries: list[Filled] | None
    status_as_seen: Filled
    seen_note: Text | None
    looked_up_on: Day | None = None

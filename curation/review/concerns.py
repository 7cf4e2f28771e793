"""What a publisher should look at before a release: nothing that is forbidden, all of it worth a second look.

What breaks a rule is refused when an entry is proposed; here stands what the rules let through. Documents in, plain
values out. The words are in English, as the evidence base is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain, product
from typing import Any

from curation.identity import twins
from regimens.rules.knowledge import Knowledge, cohorts_by_regimen
from regimens.rules.logic import (
    Criterion,
    as_data,
    comparisons,
    describe,
    evaluate,
    features_named,
    turning_points,
)
from regimens.rules.patient import FEATURES, Feature, PatientError, Value, entered_features, in_scope
from regimens.rules.readings import states_of
from regimens.wording.readings import figure_name, figure_text
from staff.english import said_in_english

from .second_looks import odd_figures, odd_licence

LOOKED_UP_WITHIN_DAYS = 90
MOST_PATIENTS_TRIED = 20_000  # for one criterion; one that asks for more combinations is taken to be possible


@dataclass(frozen=True)
class Concern:
    """Something to look at: in which entry, where in it, and what is odd about it."""

    kind: str
    key: str
    place: str
    text: str


class Topic(StrEnum):
    """What a concern is about, in the order in which they are shown."""

    CONTRADICTIONS = "Cohorts that contradict their own numbers"
    IMPOSSIBLE = "Criteria that can never be true"
    UNSUPPORTED = "Indications without a source that was read"
    IMPLAUSIBLE = "Figures that look like another unit"
    TWINS = "Publications that look like one text"
    LICENCES = "Licences that do not fit together"
    READ_ONCE = "Pooled figures read by one person only"
    WITHDRAWN = "Publications retracted, corrected or superseded"
    OLD_TRIALS = "Trials not looked up for 90 days"


@said_in_english
def concerns_by_topic(
    document: Mapping[str, Any], knowledge: Knowledge, *, today: date
) -> dict[Topic, tuple[Concern, ...]]:
    """Everything worth a second look in the lists of a document, of which `knowledge` is the compiled form."""
    return {
        Topic.CONTRADICTIONS: tuple(_contradictions(document["publications"])),
        Topic.IMPOSSIBLE: tuple(_impossible(document, knowledge)),
        Topic.UNSUPPORTED: tuple(_unsupported(document)),
        Topic.IMPLAUSIBLE: tuple(_implausible(document["publications"])),
        Topic.TWINS: tuple(_twins(document["publications"])),
        Topic.LICENCES: tuple(_licences(document)),
        Topic.READ_ONCE: tuple(_read_once(document)),
        Topic.WITHDRAWN: tuple(_withdrawn(document["publications"])),
        Topic.OLD_TRIALS: tuple(_old_trials(document["trials"], today)),
    }


def concerns_in(document: Mapping[str, Any], knowledge: Knowledge, *, today: date) -> tuple[Concern, ...]:
    """The same in one row."""
    return tuple(chain.from_iterable(concerns_by_topic(document, knowledge, today=today).values()))


def _contradictions(publications: Sequence[Mapping[str, Any]]) -> Iterator[Concern]:
    """Cohorts whose numbers do not fit together, though each is allowed."""
    for publication in publications:
        for index, result in enumerate(publication["results"]):
            for text in _odd_numbers(result):
                yield Concern("publications", publication["key"], f"results[{index}]", text)


def _odd_numbers(result: Mapping[str, Any]) -> Iterator[str]:
    n, rates = result["n"], result["rates"]
    if _above(result["evaluable"], n):
        yield f"{result['evaluable']} evaluable of {n} analysed"
    if _above(result["deaths"], n):
        yield f"{result['deaths']} treatment-related deaths among {n} analysed"
    if _above(result["orr"], result["dcr"]):
        yield f"response rate {result['orr']:g} % above disease control {result['dcr']:g} %"
    if _above(result["pfs"], result["os"]):
        yield f"median PFS {result['pfs']:g} months above median OS {result['os']:g}"
    for name, percent in sorted(rates.items()):
        endpoint, months = name.split("-")
        median = result[endpoint]
        if median is not None and (median - int(months)) * (percent - 50) < 0:
            yield f"{percent:g} % at {months} months, and a median {endpoint.upper()} of {median:g}"
        for other, later_percent in sorted(rates.items()):
            other_endpoint, later = other.split("-")
            if other_endpoint == endpoint and int(later) > int(months) and later_percent > percent:
                yield f"{endpoint.upper()} {later_percent:g} % at {later} months, above {percent:g} % at {months}"
        if endpoint == "pfs" and _above(percent, rates.get(f"os-{months}")):
            yield f"PFS {percent:g} % above OS {rates[f'os-{months}']:g} % at {months} months"


def _implausible(publications: Sequence[Mapping[str, Any]]) -> Iterator[Concern]:
    """Figures that are allowed, and in all likelihood were written in another unit or stand for none."""
    for publication in publications:
        for index, result in enumerate(publication["results"]):
            for figure, text in odd_figures(result):
                yield Concern("publications", publication["key"], f"results[{index}].{figure}", text)


def _twins(publications: Sequence[Mapping[str, Any]]) -> Iterator[Concern]:
    """The same patients would count twice."""
    for key, other, alike in twins(publications):
        yield Concern("publications", key, "", f"looks like {other}: {alike}")


def _above(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit


def _impossible(document: Mapping[str, Any], knowledge: Knowledge) -> Iterator[Concern]:
    """Criteria that no patient fulfils.

    They should hold for someone in scope; but a cohort may stand for tumours out of scope, and a licence name them.
    """
    possible: dict[tuple[str, bool], bool] = {}
    for kind, key, place, criterion in _criteria(document):
        among_scope = kind not in ("publications", "licences")
        asked = as_data(criterion), among_scope
        if asked not in possible:
            possible[asked] = is_possible(criterion, knowledge, among_scope=among_scope)
        if not possible[asked]:
            words = describe(criterion, names=knowledge.names)
            text = f"holds for no patient{' in scope' if among_scope else ''}: {words}"
            yield Concern(kind, key, place, text)


def _criteria(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Criterion]]:
    for regimen in document["regimens"]:
        if regimen["requires"]:
            yield "regimens", regimen["slug"], "requires", regimen["requires"]
    for kind in ("regimens", "drugs"):
        for row in document[kind]:
            for index, caution in enumerate(row["cautions"]):
                yield kind, row["slug"], f"cautions[{index}].when", caution["when"]
    for licence in document["licences"]:
        yield "licences", licence["key"], "when", licence["when"]
    for indication in document["indications"]:
        yield "indications", indication["key"], "when", indication["when"]
    for publication in document["publications"]:
        for index, result in enumerate(publication["results"]):
            if isinstance(result.get("where"), Mapping):
                yield "publications", publication["key"], f"results[{index}].where", result["where"]


def is_possible(criterion: Criterion, knowledge: Knowledge, *, among_scope: bool = True) -> bool:
    """Whether some patient fulfils a criterion, tried out on every combination of values that it can tell apart.

    `among_scope` asks for a patient in scope.
    """
    features = sorted(entered_features(features_named(criterion)))
    values = [_telling_values(FEATURES[name], criterion, knowledge) for name in features]
    combinations = 1
    for found in values:
        combinations *= len(found)
    if combinations > MOST_PATIENTS_TRIED:
        return True
    for combination in product(*values):
        given = {name: value for name, value in zip(features, combination, strict=True) if value is not None}
        try:
            patient = knowledge.patient(given)
        except PatientError:
            continue
        if (not among_scope or in_scope(patient)) and evaluate(criterion, patient.values) is True:
            return True
    return False


def _telling_values(feature: Feature, criterion: Criterion, knowledge: Knowledge) -> Sequence[Any]:
    """Values of a feature that a criterion may tell apart, and none at all."""
    if feature.kind == "choice":
        return [None, *feature.values]
    if feature.kind == "flag":
        return [None, True, False]
    if feature.kind == "set":
        named = {slug for part in comparisons(criterion) for slug in _slugs(part) if part["feature"] == feature.name}
        known = knowledge.drugs.keys() if feature.holds == "drugs" else knowledge.regimens.keys()
        return [None, [], *([slug] for slug in sorted(named & known)), sorted(named)]
    bounds = {
        point for part in comparisons(criterion) if part["feature"] == feature.name for point in turning_points(part)
    }
    # What follows from a number turns at bounds of its own: platinum status at 1, 3 and 6 months, TMB-high at 10.
    bounds |= {"platinum_free_interval_months": {1, 3, 6}, "tmb": {10}}.get(feature.name, set())
    found: set[Value] = {feature.low, feature.high}
    for bound in bounds:
        found |= {
            value for value in (bound - 1, bound - 0.1, bound, bound + 0.1) if feature.low <= value <= feature.high
        }
    if feature.kind == "count":
        return [None, *range(int(feature.low), int(feature.high) + 1)]
    return [None, *sorted(found, key=float)]


def _slugs(comparison: Criterion) -> list[str]:
    named = comparison.get("includes", [])
    return named if isinstance(named, list) else [named]


def _unsupported(document: Mapping[str, Any]) -> Iterator[Concern]:
    """Indications on nobody's word, or on texts alone that nobody read."""
    publications = {row["key"]: row for row in document["publications"]}
    guidelines = {row["key"]: row for row in document["guidelines"]}
    for indication in document["indications"]:
        if not indication["sources"]:
            yield Concern("indications", indication["key"], "sources", "stands on no source")
            continue
        read = []
        for source in indication["sources"]:
            kind, _, key = source.partition(":")
            row = {"publication": publications, "guideline": guidelines}.get(kind, {}).get(key)
            read.append(kind == "licence" or (row is not None and row["verified"] != "none"))
        if not any(read):
            yield Concern("indications", indication["key"], "sources", "every source is a text that nobody read")


def _licences(document: Mapping[str, Any]) -> Iterator[Concern]:
    """Licences without a page, that contradict each other or the regimen's own word, or that lapsed and are cited."""
    regimens = {row["slug"]: row for row in document["regimens"]}
    said: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    withdrawn = set()
    for licence in sorted(document["licences"], key=lambda row: str(row["key"])):
        key, region = licence["key"], licence["region"]
        for place, text in odd_licence(licence, regimens[licence["regimen"]]):
            yield Concern("licences", key, place, text)
        if licence["kind"] == "withdrawn":
            withdrawn.add(key)
        other = said.setdefault((licence["regimen"], region, as_data(licence["when"])), licence)
        if other["covers"] != licence["covers"]:
            text = f"{licence['covers']}, and {other['covers']} by {other['key']} for the same patients"
            yield Concern("licences", key, "covers", text)
    for indication in document["indications"]:
        for index, source in enumerate(indication["sources"]):
            if indication["stance"] != "against" and source.removeprefix("licence:") in withdrawn:
                text = f"stands on a licence that was withdrawn: {source}"
                yield Concern("indications", indication["key"], f"sources[{index}]", text)


def _read_once(document: Mapping[str, Any]) -> Iterator[Concern]:
    """Pooled figures that one person alone read, or on which two readers differ."""
    pooled: dict[str, list[int]] = {}
    for found in cohorts_by_regimen(document).values():
        for cohort in found:
            if cohort.is_usable:
                pooled.setdefault(cohort.publication, []).append(cohort.index)
    for publication in document["publications"]:
        key, places = publication["key"], sorted(pooled.get(publication["key"], ()))
        found_in = {index: states_of(publication, publication["results"][index]) for index in places}
        if places and all(one.state == "once" for states in found_in.values() for one in states.values()):
            yield Concern("publications", key, "second_read_at", "pooled, and read by one person only")
            continue
        for index, states in found_in.items():
            if once := ", ".join(figure_name(name) for name, one in states.items() if one.state == "once"):
                text = f"pooled, and read by one person only: {once}"
                yield Concern("publications", key, f"results[{index}]", text)
            for name, one in states.items():
                if one.state == "differ":
                    read = ", ".join(figure_text(name, reading["figures"][name]) for reading in one.differing)
                    on_record = figure_text(name, one.value)
                    text = f"readings of {figure_name(name)} differ: {on_record} on record, {read} in a second reading"
                    yield Concern("publications", key, f"results[{index}].{name}", text)


def _withdrawn(publications: Sequence[Mapping[str, Any]]) -> Iterator[Concern]:
    """Publications that were retracted or corrected; and results that a later publication of the study supersedes."""
    for publication in publications:
        if notice := publication.get("notice"):
            yield Concern("publications", publication["key"], "notice", f"{notice['kind']}: {notice['text']}")
    pooled: dict[str, list[Mapping[str, Any]]] = {}
    for publication in publications:
        if publication["study_key"] and publication["verified"] != "none" and _pooled_arms(publication):
            pooled.setdefault(publication["study_key"], []).append(publication)
    for rows in pooled.values():
        newest = max(rows, key=lambda row: (row["year"] or 0, row["key"]))
        for row in rows:
            shared = _pooled_arms(row) & _pooled_arms(newest)
            if row is not newest and shared and (row["year"] or 0) < (newest["year"] or 0):
                text = f"{newest['key']} reports the same arms later: {', '.join(sorted(shared))}"
                yield Concern("publications", row["key"], "results", text)


def _pooled_arms(publication: Mapping[str, Any]) -> set[str]:
    return {
        result["regimen"]
        for result in publication["results"]
        if result["regimen"] and result.get("where") != "never" and result["subgroup"] is None
    }


def _old_trials(trials: Sequence[Mapping[str, Any]], today: date) -> Iterator[Concern]:
    for trial in trials:
        looked_up = trial.get("looked_up_on")
        if not looked_up:
            yield Concern(
                "trials", trial["nct"], "looked_up_on", "when it was looked up in the register is not recorded"
            )
        elif (days := (today - date.fromisoformat(looked_up)).days) > LOOKED_UP_WITHIN_DAYS:
            yield Concern("trials", trial["nct"], "looked_up_on", f"last looked up {days} days ago, on {looked_up}")

"""What deserves a second look in one entry, while it is typed and where it is decided on: nothing of it is forbidden.

Figures that look like another unit, by one table for forms, proposals and releases; prose that quotes a figure which a
change makes another; and of drugs, licences and classes what does not fit together. Documents in, plain values out; the
words are in English, as the evidence base is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regimens.models.choices import Region
from regimens.models.cohort_figures import COHORT_FIGURES
from regimens.rules.logic import CriterionError, check_criterion, comparisons, thresholds
from regimens.rules.patient import FEATURES, looks_like
from regimens.rules.readings import figures_of, kind_of, paired
from regimens.wording.names import bare
from regimens.wording.readings import figure_name, figure_text
from staff.english import said_in_english

Content = Mapping[str, Any]
Base = Mapping[str, Any]  # entries by kind and key

LEAST_PERCENT_OF_A_PATIENT = 50  # a rate of one patient stands for half of one at least, however it was rounded
ATC = re.compile(r"[A-Z]\d\d[A-Z]{2}\d\d")
FRACTION_UP_TO = 1.0  # of a percentage: 0.25 is in all likelihood 25 %
# Medians longer than the longest that was printed of these tumours, in months: weeks or days, in all likelihood.
LONGEST_MEDIANS: Mapping[str, float] = {"pfs": 60, "os": 120, "dor": 120}
HIGHEST_RATIO = 10  # the highest hazard ratio that is held is 4.2
PERCENTAGES = {"orr": "evaluable", "dcr": "evaluable", "grade3": "n"}  # each with the figure that it is of


@dataclass(frozen=True)
class SecondLook:
    """Where something is odd, as in the shape of a file such as `results[0].orr`, and what."""

    place: str
    text: str


@said_in_english
def second_looks(kind: str, before: Content | None, after: Content | None, base: Base) -> list[SecondLook]:
    """Of one entry as it would be, on the lists of an evidence base by kind and key."""
    if not after:
        return []
    return [*odd_entry(kind, after, base), *stale_prose(kind, before, after, base)]


@said_in_english
def odd_entry(kind: str, content: Content, base: Base) -> list[SecondLook]:
    """What is odd in what an entry says, whatever it said before; of an entry that is half filled in, what there is."""
    found = list(_odd_bounds(kind, content))
    if kind == "publications":
        for index, result in enumerate(content["results"]):
            found += [SecondLook(f"results[{index}].{figure}", text) for figure, text in odd_figures(result)]
    elif kind == "drugs":
        found += [*_shared_names(content, base, kind), *_repeated_cautions(content), *_odd_shares(content)]
        if (atc := content["atc"]) and not ATC.fullmatch(atc):
            found.append(SecondLook("atc", f"{atc} is no code of a substance, such as L01CE02"))
    elif kind == "regimens":
        found += [*_shared_names(content, base, kind), *_repeated_cautions(content), *_odd_shares(content)]
    elif kind == "licences":
        found += [SecondLook(*one) for one in odd_licence(content, _held("regimens", base).get(content["regimen"]))]
        found += _contradicted(content, base)
    elif kind == "exposure_classes":
        found += [*_shared_names(content, base, kind), *_odd_rule(content, base), *_odd_shares(content)]
    elif kind == "biomarkers":
        found += _odd_prevalences(content)
    elif kind == "guidelines":
        found += _odd_limits(content)
    return found


@said_in_english
def stale_prose(kind: str, before: Content | None, after: Content, base: Base) -> list[SecondLook]:
    """Prose that gives a figure, or the bound of a criterion, as it was before a change."""
    return list(stale_quotes(before, after, base) if kind == "publications" else _stale_bounds(kind, before, after))


def odd_figures(result: Content) -> Iterator[tuple[str, str]]:
    """The figures of a cohort that are allowed, and were probably written in another unit or stand for none."""
    n = result.get("n")
    evaluable = result["evaluable"] if result.get("evaluable") is not None else n
    patients = {name: n if of == "n" else evaluable for name, of in PERCENTAGES.items()}
    rates = {name: result.get(name) for name in patients}
    rates |= {f"rates.{name}": percent for name, percent in (result.get("rates") or {}).items()}
    for figure, percent in rates.items():
        among = patients.get(figure)
        is_of_nobody = bool(among and percent and percent * among < LEAST_PERCENT_OF_A_PATIENT)
        if is_of_nobody or (percent and percent < FRACTION_UP_TO):
            whose = f" of {among}, less than one patient" if is_of_nobody else ""
            name = figure_name(figure.removeprefix("rates."))
            yield figure, f"{name} {percent:g} %{whose}: a fraction in place of a percentage?"
    for figure, longest in LONGEST_MEDIANS.items():
        months = result.get(figure)
        if months == 0:
            yield figure, f"{figure_name(figure)} of 0 months: one that was not given or not reached is left empty"
        elif months is not None and months > longest:
            yield figure, f"{figure_name(figure)} of {months:g} months: weeks or days in place of months?"
    ratio = (result.get("hr") or {}).get("value")
    if ratio == 0:
        yield "hr", "HR of 0: one that was not given is left empty"
    elif ratio is not None and ratio > HIGHEST_RATIO:
        yield "hr", f"HR of {ratio:g}: percent in place of a ratio?"
    for count in ("n", "evaluable"):
        if result.get(count) == 0:
            yield count, "0 patients: a number that was not given is left empty"


def stale_quotes(before: Content | None, after: Content, base: Mapping[str, Any]) -> Iterator[SecondLook]:
    """Prose that gives a figure as it was, where a change makes it another: in the entry, and in indications on it."""
    if before is None:
        return
    changed = list(_changed(before, after))
    if not changed:
        return
    prose = [*_prose_of(after), *_prose_on(after["key"], base)]
    for name, was, becomes in changed:
        for place, text in prose:
            if _quotes(text, name, was) and not _quotes(text, name, becomes):
                then, now = figure_text(name, was), "nothing" if becomes is None else figure_text(name, becomes)
                yield SecondLook(
                    place, f"still gives {figure_name(name)} as {then}, which becomes {now}: “{_around(text, was)}”"
                )


def _changed(before: Content, after: Content) -> Iterator[tuple[str, float, float | None]]:
    """The rates and medians that a change makes others, each once; a count in prose may be of anything."""
    told = set()
    for place, result in zip(paired(before["results"], after["results"]), after["results"], strict=True):
        if place is None:
            continue
        now = figures_of(result)
        for name, was in figures_of(before["results"][place]).items():
            if was is None or now.get(name) == was or name not in _QUOTED or (name, was) in told:
                continue
            told.add((name, was))
            yield name, was, now.get(name)


_QUOTED = {figure.key for figure in COHORT_FIGURES if figure.kind in ("percent", "months")}


def odd_licence(licence: Content, regimen: Content | None) -> Iterator[tuple[str, str]]:
    """Where in a licence something does not fit, and what; `regimen` as the evidence base has it."""
    region, key = licence["region"], str(licence["key"] or "")
    if not licence["url"] and not licence["read_on"]:
        yield "url", "a licence without a page on which it was read"
    is_licensed = licence["kind"] != "withdrawn" and licence["covers"] in ("yes", "arguable")
    if is_licensed and regimen and regimen["otherwise"].get(region) == "unavailable":
        yield "region", f"licensed in {region}, where the regimen is said to be unavailable"
    named = set(key.upper().split("-")) & set(Region.values)
    if region and named and region not in named:
        yield "region", f"{region}, and its key {key} says {', '.join(sorted(named))}"
    since, seen = str(licence["since"] or ""), str(licence["seen_on"] or "")
    if re.fullmatch(r"\d{4}(-\d\d-\d\d)?", since) and seen and since > seen[: len(since)]:
        yield "since", f"licensed since {since}, and its page was read on {seen}, before that"


def _contradicted(licence: Content, base: Base) -> Iterator[SecondLook]:
    """The same said otherwise of the same patients, by another licence of the regimen in the region."""
    for other in _held("licences", base).values():
        same = all(other[name] == licence[name] for name in ("regimen", "region", "when"))
        if same and other["key"] != licence["key"] and other["covers"] != licence["covers"]:
            text = f"{licence['covers']}, and {other['covers']} by {other['key']} for the same patients"
            yield SecondLook("covers", text)


def _shared_names(entry: Content, base: Base, kind: str) -> Iterator[SecondLook]:
    """A name by which another of the kind goes: whoever enters it is understood as one of the two."""
    others = {
        bare(name): other["slug"]
        for other in _held(kind, base).values()
        if other["slug"] != entry["slug"]
        for name in (other["slug"], other["name"], *other.get("synonyms", ()))
    }
    for place, names in (("name", [entry["name"]]), ("synonyms", entry.get("synonyms") or [])):
        for name in filter(None, names):
            if bare(name) in others:
                yield SecondLook(place, f"“{name}” is a name of {others[bare(name)]} too")


def _repeated_cautions(entry: Content) -> Iterator[SecondLook]:
    """A caution that is entered twice for the same patients is shown twice."""
    seen: list[tuple[str, Any]] = []
    for index, caution in enumerate(entry["cautions"]):
        said = bare(caution["text"] or ""), caution["when"]
        if said[0] and said in seen:
            yield SecondLook(f"cautions[{index}].text", "the same caution stands above already")
        seen.append(said)


def _odd_rule(entry: Content, base: Base) -> Iterator[SecondLook]:
    """Of a class: a rule that is stricter where it should be milder, of no drug, or excepts what it is not of."""
    order = ("none", "caution", "avoid")
    alone, combined = entry["alone"], entry["combined"]
    if alone in order and combined in order and order.index(combined) > order.index(alone):
        yield SecondLook(
            "combined",
            f"stricter ({combined}) where the regimen brings another class than where it brings none ({alone})",
        )
    drugs = {slug for slug, drug in _held("drugs", base).items() if entry["slug"] in drug["classes"]}
    if not drugs:
        yield SecondLook("slug", "no drug is of this class yet: it is ticked with each drug")
    regimens = _held("regimens", base)
    for slug in (entry["exceptions"] or ()) if drugs else ():
        given = regimens[slug]["drugs"] if slug in regimens else []
        if not drugs & {name for one in given for name in ([one] if isinstance(one, str) else one["alternatives"])}:
            yield SecondLook("exceptions", f"{slug} holds no drug of the class, so that it is no exception")


def _odd_prevalences(biomarker: Content) -> Iterator[SecondLook]:
    for index, row in enumerate(biomarker["prevalence"]):
        percent, tested = row["percent"], row["n"]
        if percent and tested and percent * tested < LEAST_PERCENT_OF_A_PATIENT:
            text = f"{percent:g} % of {tested}, less than one patient: a fraction in place of a percentage?"
            yield SecondLook(f"prevalence[{index}].percent", text)
        chance = (row["chance"] or {}).get("percent")
        if chance and percent and chance <= FRACTION_UP_TO <= percent:
            text = f"a chance of {chance:g} %, and {percent:g} % positive: a fraction in place of a percentage?"
            yield SecondLook(f"prevalence[{index}].chance.percent", text)


def _odd_limits(statement: Content) -> Iterator[SecondLook]:
    """Comparisons such as ">=55" whose number looks like another unit."""
    for name in ("ki67", "platinum_free_interval_months"):
        for number in re.findall(r"\d+(?:\.\d+)?", str((statement["applies_to"] or {}).get(name) or "")):
            if (other := looks_like(name, float(number))) is not None:
                yield SecondLook(f"applies_to.{name}", f"{FEATURES[name].label} {number}: {other}")


def _odd_shares(entry: Content) -> Iterator[SecondLook]:
    """Percentages in prose that are none."""
    rows = [(f"cautions[{place}].text", row["text"]) for place, row in enumerate(entry.get("cautions") or ())]
    rows += [(f"sources[{place}].finding", row["finding"]) for place, row in enumerate(entry.get("sources") or ())]
    for place, text in rows:
        for found in re.findall(r"(?<![\d.,])(\d{3,}(?:[.,]\d+)?)\s*%", text or ""):
            if float(found.replace(",", ".")) > 100:
                yield SecondLook(place, f"{found} % is more than all")


def _odd_bounds(kind: str, content: Content) -> Iterator[SecondLook]:
    """Bounds of criteria that look like another unit, by the table that the patient's form warns by."""
    for place, criterion, _prose_place, _prose in _criteria(kind, content):
        for comparison in comparisons(criterion):
            feature = comparison["feature"]
            for bound in thresholds(comparison):
                if (other := looks_like(feature, bound)) is not None:
                    yield SecondLook(place, f"{FEATURES[feature].label} {bound:g}: {other}")


def _stale_bounds(kind: str, before: Content | None, after: Content) -> Iterator[SecondLook]:
    """Prose beside a criterion that still gives a bound as it was; a row is the same whose prose is the same."""
    former = {prose: criterion for _place, criterion, _prose_place, prose in _criteria(kind, before or {}) if prose}
    for _place, criterion, place, prose in _criteria(kind, after):
        if prose not in former:
            continue
        was, now = _bounds(former[prose]), _bounds(criterion)
        for feature, bound in sorted(was - now):
            becomes = sorted(other for name, other in now - was if name == feature)
            if becomes and _names(prose, bound) and not any(_names(prose, other) for other in becomes):
                words = " and ".join(f"{other:g}" for other in becomes)
                yield SecondLook(
                    place,
                    f"still says {bound:g}, where {FEATURES[feature].label} becomes {words}: “{_around(prose, bound)}”",
                )


def _criteria(kind: str, content: Content) -> Iterator[tuple[str, Any, str, str]]:
    """The criteria of an entry that can be read: where each stands, and where the prose beside it, and that."""
    rows: list[tuple[str, Any, str, str]] = []
    for index, row in enumerate(content.get("cautions") or ()):
        rows.append((f"cautions[{index}].when", row["when"], f"cautions[{index}].text", row["text"] or ""))
    for index, row in enumerate(content.get("results") or ()):
        rows.append((f"results[{index}].where", row.get("where"), f"results[{index}].note", row.get("note") or ""))
    if kind == "regimens":
        rows.append(("requires", content.get("requires"), "gaps", ""))
    if kind in _PROSE_BESIDE:
        rows.append(("when", content.get("when"), _PROSE_BESIDE[kind], content.get(_PROSE_BESIDE[kind]) or ""))
    for place, criterion, prose_place, prose in rows:
        if isinstance(criterion, Mapping) and criterion:
            try:
                check_criterion(criterion)
            except CriterionError:
                continue
            yield place, criterion, prose_place, prose


_PROSE_BESIDE = {"licences": "label", "indications": "rationale"}


def _bounds(criterion: Any) -> set[tuple[str, float]]:
    return {(one["feature"], bound) for one in comparisons(criterion) for bound in thresholds(one)}


def _names(prose: str, number: float) -> bool:
    whole, _, decimals = f"{number:g}".partition(".")
    written = rf"{whole}[.,·]{decimals}" if decimals else rf"{whole}(?:[.,·]0)?"
    return re.search(rf"(?<![\d.,·]){written}(?![\d])(?![.,·]\d)", prose) is not None


def _held(kind: str, base: Base) -> Mapping[str, Any]:
    held: Mapping[str, Any] = base.get(kind, {})
    return held


def _prose_of(publication: Content) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(publication["findings"]):
        yield f"findings[{index}]", text
    for index, result in enumerate(publication["results"]):
        yield f"results[{index}].note", result["note"] or ""
    yield "doubts", publication["doubts"] or ""
    yield "study.population", (publication["study"] or {}).get("population") or ""


def _prose_on(key: str, base: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What indications say on the word of a publication."""
    held: Any = base.get("indications", {})
    rows: Sequence[Content] = list(held.values()) if isinstance(held, Mapping) else held
    for row in rows:
        if f"publication:{key}" in row["sources"]:
            yield f"indication {row['key']}, rationale", row["rationale"]


def _quotes(text: str, name: str, value: float | None) -> bool:
    return value is not None and _pattern(name, value).search(text) is not None


def _pattern(name: str, value: float) -> re.Pattern[str]:
    """A number with its unit; one with decimals may stand alone."""
    whole, _, decimals = f"{value:g}".partition(".")
    written = rf"(?<![\d.,·]){whole}[.,·]{decimals}" if decimals else rf"(?<![\d.,·]){whole}(?:[.,·]0)?"
    unit = r"\s*%" if kind_of(name) == "percent" else r"\s*(?:months?|mo\b)"
    return re.compile(rf"{written}(?![\d])(?![.,·]\d)" + ("" if decimals else unit))


def _around(text: str, value: float) -> str:
    start = max(0, text.find(f"{value:g}".partition(".")[0]) - 30)
    return f"{'…' if start else ''}{text[start : start + 80].strip()}{'…' if len(text) > start + 80 else ''}"

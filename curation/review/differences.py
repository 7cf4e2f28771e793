"""Changes to an entry in words: what a reviewer and a publisher read side by side.

    differences("publications", before, after)
    -> Difference("results[0].orr", "CAPTEM, Ki-67 ≥ 55 %: response rate", "27.0 %", "28.0 %")

Items of a list are recognised by what they are about (the arm of a cohort, the words of a caution), so that one more
cohort at the top is one difference, and not one in each below it. The words are in English, as the evidence base is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import Choices

from regimens.models import choices
from regimens.models.cohort_figures import COHORT_FIGURES
from regimens.rules.logic import CriterionError, check_criterion, describe
from regimens.wording.citations import arm_words
from regimens.wording.readings import figure_name, figure_text, in_reading_order
from staff.english import said_in_english

Item = Mapping[str, Any]
LONGEST_LABEL = 60


@dataclass(frozen=True)
class Difference:
    """One thing that an entry says otherwise: `before` is empty where it is new, `after` where it is gone.

    place   where it is in the entry, such as "results[0].orr": in the entry after, or before where it is gone
    label   the same in words
    """

    place: str
    label: str
    before: str
    after: str

    @property
    def is_of_reading(self) -> bool:
        """Whether it says who read figures that differ, which whoever changes a figure of the cohort adds to."""
        return self.place.endswith(".readings")

    def __str__(self) -> str:
        return f"{self.label}: {self.before or 'nothing'} → {self.after or 'nothing'}"


def title_of(kind: str, content: Item) -> str:
    """By what an entry is known to people."""
    if kind in ("regimens", "drugs", "exposure_classes", "biomarkers"):
        return str(content["name"])
    if kind == "trials":
        return f"{content['nct']} ({content['acronym']})" if content["acronym"] else str(content["nct"])
    return str(content["key"])


def part_of(kind: str, place: str) -> str:
    """In words the part of an entry in which a place is, such as "cohort" for "results[1].regimen"."""
    name = place.partition(".")[0].partition("[")[0]
    return _LABELS[kind].get(name, name)


@said_in_english
def differences(kind: str, before: Item | None, after: Item | None) -> tuple[Difference, ...]:
    """What differs between two versions of an entry in the shape of its file; None is none such."""
    return tuple(_of_items(_Way(), before or {}, after or {}, _LABELS[kind]))


@dataclass(frozen=True)
class _Way:
    """How one comes to a value: its place, and its label in words."""

    place: str = ""
    label: str = ""

    def to(self, key: str, label: str) -> _Way:
        return _Way(f"{self.place}.{key}" if self.place else key, f"{self.label}: {label}" if self.label else label)

    def into(self, index: int, label: str) -> _Way:
        return _Way(f"{self.place}[{index}]", label)


def _of_items(way: _Way, before: Item, after: Item, labels: Mapping[str, str]) -> Iterator[Difference]:
    """Key by key, in the order of the labels."""
    for key in [*labels, *sorted((before.keys() | after.keys()) - labels.keys())]:
        then, now = before.get(key), after.get(key)
        if then == now:
            continue
        step = way.to(key, labels.get(key, key))
        if key in _LISTS and not _is_list_of_texts(then, now):
            yield from _of_lists(step, then or [], now or [], *_LISTS[key])
        elif key in _PARTS:
            yield from _of_items(step, then or {}, now or {}, _PARTS[key])
        elif _is_list_of_texts(then, now) and key not in _IN_ONE_LINE:
            yield from _of_texts(step, then or [], now or [])
        else:
            yield from _of_values(step, key, then, now, is_whole=not before or not after)


def _of_lists(
    way: _Way, before: Sequence[Item], after: Sequence[Item], name: Callable[[Item], str], labels: Mapping[str, str]
) -> Iterator[Difference]:
    pairs = _paired(before, after, name)
    partners = {now: then for then, now in pairs}
    for index, item in enumerate(after):
        label = f"{way.label}: {name(item)}"
        then = partners.get(index)
        yield from _of_items(way.into(index, label), before[then] if then is not None else {}, item, labels)
    left = {then for then, _ in pairs}
    for index, item in enumerate(before):
        if index not in left:
            yield from _of_items(way.into(index, f"{way.label}: {name(item)}"), item, {}, labels)
    order = [then for then, _ in sorted(pairs, key=lambda pair: pair[1])]
    if order != sorted(order):
        yield Difference(way.place, f"{way.label}: order", _listed(before, name), _listed(after, name))


def _paired(before: Sequence[Item], after: Sequence[Item], name: Callable[[Item], str]) -> list[tuple[int, int]]:
    """Which item has become which: the same, else one of the same name, else one at the same place."""
    pairs: list[tuple[int, int]] = []
    tests: list[Callable[[int, int], bool]] = [
        lambda then, now: before[then] == after[now],
        lambda then, now: name(before[then]) == name(after[now]),
        lambda then, now: then == now and len(before) == len(after),
    ]
    for fits in tests:
        free = [then for then in range(len(before)) if then not in {pair[0] for pair in pairs}]
        for now in range(len(after)):
            if now in {pair[1] for pair in pairs}:
                continue
            then = next((then for then in free if fits(then, now)), None)
            if then is not None:
                free.remove(then)
                pairs.append((then, now))
    return pairs


def _of_texts(way: _Way, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Texts that came and went; one that stands where another stood, beside it."""
    gone = [text for text in before if text not in after]
    new = [text for text in after if text not in before]
    for index, text in enumerate(new):
        yield Difference(f"{way.place}[{after.index(text)}]", way.label, gone[index] if index < len(gone) else "", text)
    for text in gone[len(new) :]:
        yield Difference(f"{way.place}[{before.index(text)}]", way.label, text, "")
    if before and not gone and not new:
        yield Difference(way.place, f"{way.label}: order", "; ".join(before), "; ".join(after))


def _of_values(way: _Way, key: str, before: Any, after: Any, *, is_whole: bool) -> Iterator[Difference]:
    """A value; one that reads the same before and after is told apart as it is stored.

    Where the whole item is new or gone, what it leaves empty is no difference.
    """
    then, now = _in_words(key, before), _in_words(key, after)
    if then == now and not is_whole:
        then, now = _stored(before), _stored(after)
    if then != now:
        yield Difference(way.place, way.label, then, now)


def _is_list_of_texts(*values: Any) -> bool:
    given = [value for value in values if value is not None]
    return all(isinstance(value, list) and all(isinstance(text, str) for text in value) for value in given)


def _stored(value: Any) -> str:
    return "" if value is None else repr(value)


def _in_words(key: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if value in ([], {}, [None, None]) and key != "when":
        return ""
    if key in ("when", "where", "requires"):
        return _criterion(value)
    if key == "kind":
        return _chosen(next((named for named in _KINDS if value in named.values), choices.PublicationKind), value)
    if key in _CHOICES:
        named = _CHOICES[key]
        return ", ".join(_chosen(named, one) for one in value) if isinstance(value, list) else _chosen(named, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in _UNITS and isinstance(value, int | float):
        return f"{value:g}{_UNITS[key]}"
    if key.endswith("_ci") or key == "ci":
        low, high = ("?" if bound is None else f"{bound:g}" for bound in value)
        return f"{low} to {high}"
    if key == "rates":
        return ", ".join(
            f"{name.replace('-', ' at ').upper().replace('AT', 'at')} months {percent:g} %"
            for name, percent in sorted(value.items())
        )
    if key == "otherwise":
        return ", ".join(
            f"{region}: {_chosen(choices.Availability, status)}" for region, status in sorted(value.items())
        )
    if key == "readings":
        return "; ".join(map(_reading, value))
    if isinstance(value, list):
        return ", ".join(_in_words("", one) for one in value)
    if isinstance(value, Mapping) and "alternatives" in value:
        return " or ".join(value["alternatives"])
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_in_words(name, part)}" for name, part in value.items() if part is not None)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _reading(value: Item) -> str:
    """Who read what, and where."""
    figures = ", ".join(
        f"{figure_name(name)} {figure_text(name, value['figures'][name])}"
        for name in sorted(value["figures"], key=in_reading_order)
    )
    kind = _chosen(choices.ReadingKind, value["kind"])
    how = _chosen(choices.Verified, value["how"])
    return f"{kind} by {value['by']} on {value['on']}, {how} ({value['at']}): {figures}"


def _criterion(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "nobody" if value == "never" else str(value)
    try:
        check_criterion(value)
    except CriterionError:
        return repr(value)
    return str(describe(value))


def _chosen(named: type[Choices], value: Any) -> str:
    return str(named(value).label) if value in named.values else str(value)


def _listed(items: Sequence[Item], name: Callable[[Item], str]) -> str:
    return "; ".join(map(name, items))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1].rstrip()}…"


def _figure_labels() -> dict[str, str]:
    """What each figure is called, and its interval after it."""
    labels = {}
    for figure in COHORT_FIGURES:
        labels |= zip(figure.keys, (figure.called, f"interval of the {figure.called}"), strict=False)
    return labels


_UNITS = MappingProxyType(
    {
        **{figure.key: f" {figure.unit}" for figure in COHORT_FIGURES if figure.unit},
        **dict.fromkeys(("percent", "ci_level"), " %"),
    }
)
_CHOICES: Mapping[str, type[Choices]] = MappingProxyType(
    {
        "verified": choices.Verified,
        "review_mark": choices.ReviewMark,
        "design": choices.Design,
        "line": choices.Line,
        "histology": choices.Histology,
        "sites": choices.Site,
        "biomarker": choices.SelectionBiomarker,
        "subgroup_kind": choices.SubgroupKind,
        "setting": choices.Setting,
        "level": choices.CautionLevel,
        "alone": choices.ClassResistance,
        "combined": choices.ClassResistance,
        "covers": choices.Covers,
        "stance": choices.Stance,
        "regions": choices.Region,
        "region": choices.Region,
        "topic": choices.GuidelineTopic,
        "phase": choices.TrialPhase,
        "status_as_seen": choices.TrialStatus,
        "endpoint": choices.HazardRatioEndpoint,
    }
)
# Lists that read as one value, and not as texts that come and go.
_IN_ONE_LINE = frozenset(
    {"sites", "regions", "drugs", "lead_drugs", "classes", "exceptions", "regimens", "countries", "values"}
)
# What a kind may be one of: no two have a word in common.
_KINDS: tuple[type[Choices], ...] = (choices.PublicationKind, choices.NoticeKind, choices.LicenceKind)

_SOURCED = MappingProxyType({"text": "text", "url": "address", "read_on": "read on"})

_COHORT = MappingProxyType(
    {
        "arm": "arm",
        "subgroup": "subgroup",
        "subgroup_kind": "kind of subgroup",
        "regimen": "regimen",
        "where": "stands for",
        "population": "population, where it differs from the study's",
        **_figure_labels(),
        "hr": "hazard ratio",
        "note": "note",
        "readings": "who read the figures",
    }
)
_LISTS: Mapping[str, tuple[Callable[[Item], str], Mapping[str, str]]] = MappingProxyType(
    {
        "results": (arm_words, _COHORT),
        "cautions": (
            lambda item: _shortened(item["text"]),
            {
                "when": "when",
                "level": "level",
                "text": "text",
                "label": "whose label",
                "section": "section",
                "extrapolated": "read of another drug of the class",
                "url": "address",
                "read_on": "read on",
            },
        ),
        "labels": (lambda item: str(item["region"]), {"region": "region", "url": "address"}),
        "sources": (
            lambda item: _shortened(item["finding"]),
            {"url": "address", "finding": "finding", "population": "in whom"},
        ),
        "prevalence": (
            lambda item: _shortened(item["population"]),
            {
                "population": "population",
                "percent": "positive",
                "n": "tested",
                "url": "address",
                "read_on": "read on",
                "chance": "chance of a positive test",
            },
        ),
    }
)
_PARTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "study": {
            "name": "name",
            "registry_id": "registry number",
            "design": "design",
            "comparative": "comparative",
            "line": "line",
            "histology": "histology",
            "sites": "primary sites",
            "population": "population",
            "biomarker": "selected by",
            "n": "patients",
        },
        "schedule": _SOURCED,
        "region_note": _SOURCED,
        "notice": {"kind": "kind", "text": "text", "url": "address"},
        "hr": {"endpoint": "endpoint", "value": "value", "ci": "interval", "versus": "against"},
        "chance": {"sites": "primary sites", "percent": "percent"},
        "applies_to": {
            "sites": "primary sites",
            "histology": "histology",
            "ki67": "Ki-67",
            "platinum_free_interval_months": "platinum-free interval",
            "biomarker": "biomarker",
        },
    }
)
_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "regimens": {
            "slug": "short name",
            "name": "name",
            "class": "class",
            "drugs": "drugs",
            "lead_drugs": "resistance is carried by",
            "setting": "setting",
            "requires": "given only with",
            "otherwise": "where no licence holds",
            "schedule": "schedule",
            "cautions": "caution",
            "region_note": "note on regions",
            "gaps": "what could not be read",
        },
        "drugs": {
            "slug": "short name",
            "name": "name",
            "synonyms": "synonym",
            "atc": "ATC code",
            "classes": "exposure classes",
            "cautions": "caution",
            "labels": "official label",
        },
        "exposure_classes": {
            "slug": "short name",
            "name": "name",
            "alone": "where the regimen brings no other class",
            "combined": "where the regimen brings another class",
            "exceptions": "regimens that it does not touch",
            "text": "what is known",
            "sources": "source",
        },
        "licences": {
            "key": "key",
            "regimen": "regimen",
            "region": "region",
            "when": "when",
            "covers": "a NEC that meets it",
            "kind": "kind",
            "since": "since",
            "label": "licensed for",
            "url": "address",
            "read_on": "read on",
            "seen_on": "seen on",
        },
        "guidelines": {
            "key": "key",
            "guideline": "guideline",
            "year": "year",
            "topic": "topic",
            "statement": "statement",
            "strength": "strength",
            "regimens": "regimens",
            "applies_to": "applies to",
            "url": "address",
            "read_on": "read on",
            "verified": "statement",
        },
        "publications": {
            "key": "key",
            "review_ref": "number in the 2023 review",
            "review_mark": "mark in the 2023 review",
            "authors": "authors",
            "title": "title",
            "journal": "journal",
            "year": "year",
            "locator": "volume and pages",
            "doi": "DOI",
            "pmid": "PubMed id",
            "url": "address",
            "read_on": "read on",
            "kind": "kind",
            "study_key": "study",
            "study": "study",
            "results": "cohort",
            "findings": "finding",
            "verified": "figures",
            "verified_at": "read at",
            "second_read_at": "read a second time at",
            "doubts": "doubts",
            "notice": "notice against it",
        },
        "indications": {
            "key": "key",
            "regimen": "regimen",
            "when": "when",
            "stance": "stance",
            "regions": "regions",
            "rechallenge": "holds although given before",
            "sources": "source",
            "rationale": "rationale",
        },
        "biomarkers": {
            "slug": "short name",
            "name": "name",
            "feature": "feature of the patient",
            "positive": "positive",
            "values": "values",
            "test_methods": "test",
            "why_it_matters": "why it matters",
            "prevalence": "prevalence",
            "actionable_with": "actionable with",
            "guideline_keys": "guideline statement",
        },
        "trials": {
            "nct": "registry number",
            "acronym": "acronym",
            "title": "title",
            "phase": "phase",
            "intervention": "intervention",
            "regimen": "regimen",
            "line": "line",
            "histology": "histology",
            "sites": "primary sites",
            "biomarker": "selected by",
            "key_eligibility": "eligibility",
            "countries": "countries",
            "status_as_seen": "status",
            "url": "address",
            "read_on": "read on",
            "seen_note": "note",
            "looked_up_on": "looked up on",
        },
    }
)

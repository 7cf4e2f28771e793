"""Regimens in the library: what is known of each, and its cohorts as a forest plot for each outcome.

A plot pools as the rules do, for a patient about whom nothing is known but the marker that the regimen needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.drawings import diamond_mark, interval_mark
from display.numbers import interval, number
from regimens.models.choices import CautionLevel, GuidelineTopic, Region, Setting, Stance
from regimens.rules.evidence import Cohort, Outcome, Regimen
from regimens.rules.knowledge import Knowledge, cohorts_by_regimen
from regimens.rules.logic import Criterion
from regimens.rules.patient import Patient
from regimens.rules.synthesis import Synthesis, synthesise
from regimens.wording.availability import Sourced, approval_line, availability_in, sourced
from regimens.wording.cautions import caution_in_words
from regimens.wording.citations import Link, Notice, citation, guideline_name, link_to, lower_first, notice_of
from regimens.wording.cohorts import cohort_in_words
from regimens.wording.estimates import estimate_words
from regimens.wording.indications import NamedSource, criterion_words, indication_words, named_sources
from regimens.wording.outcomes import figure, percent
from regimens.wording.readings import disputes

PLOTTED: Mapping[Outcome, Any] = {
    "orr": gettext_lazy("Objective response rate, %"),
    "pfs": gettext_lazy("Progression-free survival, median, months"),
    "os": gettext_lazy("Overall survival, median, months"),
}
DRUG_CLASSES: Mapping[str, Any] = {
    "alkylator": gettext_lazy("alkylating agent"),
    "anthracycline-combination": gettext_lazy("anthracycline combination"),
    "antimetabolite": gettext_lazy("antimetabolite"),
    "braf-mek-inhibitor": gettext_lazy("BRAF and MEK inhibitor"),
    "checkpoint-combination": gettext_lazy("checkpoint inhibitor combination"),
    "checkpoint-inhibitor": gettext_lazy("checkpoint inhibitor"),
    "dll3-directed": gettext_lazy("directed at DLL3"),
    "fluoropyrimidine-combination": gettext_lazy("fluoropyrimidine combination"),
    "mtor-inhibitor": gettext_lazy("mTOR inhibitor"),
    "other-targeted": gettext_lazy("other targeted treatment"),
    "platinum-doublet": gettext_lazy("platinum doublet"),
    "radioligand": gettext_lazy("radioligand therapy"),
    "supportive": gettext_lazy("supportive care"),
    "taxane": gettext_lazy("taxane"),
    "topoisomerase-inhibitor": gettext_lazy("topoisomerase inhibitor"),
    "vegfr-inhibitor": gettext_lazy("VEGFR inhibitor"),
}


@dataclass(frozen=True)
class OptionEntry:
    """A regimen in the list."""

    slug: str
    name: str
    drugs: str
    given_with: str
    availability: tuple[str, ...]
    cohorts: int
    stances: str


@dataclass(frozen=True)
class OptionGroup:
    title: str
    options: tuple[OptionEntry, ...]


@dataclass(frozen=True)
class SourcedSentence:
    """A statement of the evidence base with its heading and source; `note` says for whom it holds."""

    head: str
    text: str
    sources: tuple[Link, ...]
    note: str = ""


@dataclass(frozen=True)
class ForestRow:
    """One cohort of a plot: as published, and its share of the pooled figure ("" when it is not pooled)."""

    key: str
    citation: str
    arm: str
    who: str
    patients: str
    figure: str
    interval: str
    share: str
    reason: str
    drawing: SafeString
    disputes: tuple[str, ...]
    notice: Notice | None


@dataclass(frozen=True)
class Forest:
    """The cohorts of a regimen for one outcome, the pooled figure, and the benchmark that it is shrunk towards."""

    outcome: Outcome
    title: str
    end: str
    rows: tuple[ForestRow, ...]
    pooled: str
    pooled_interval: str
    pooled_drawing: SafeString | str
    benchmark: str
    benchmark_share: str


@dataclass(frozen=True)
class OptionPage:
    slug: str
    name: str
    drugs: str
    drug_class: str
    setting: str
    given_with: str
    schedule: Sourced | None
    availability: tuple[tuple[str, str], ...]
    region_note: Sourced | None
    approvals: tuple[SourcedSentence, ...]
    cautions: tuple[SourcedSentence, ...]
    indications: tuple[SourcedSentence, ...]
    statements: tuple[SourcedSentence, ...]
    forests: tuple[Forest, ...]
    gaps: str
    notices: tuple[tuple[str, str, Notice], ...]


def option_groups(knowledge: Knowledge, words: str = "") -> tuple[OptionGroup, ...]:
    """Regimens by setting, those that every word of a search is found in."""
    wanted = words.lower().split()
    records = sorted(knowledge.document["regimens"], key=lambda record: record["name"].lower())
    found: dict[str, list[OptionEntry]] = {setting: [] for setting in Setting.values}
    for record in records:
        regimen = knowledge.regimens[record["slug"]]
        text = " ".join([record["slug"], record["name"], record["class"], *record["drugs"]]).lower()
        if all(word in text for word in wanted):
            found[record["setting"]].append(_entry(regimen, record, knowledge))
    return tuple(OptionGroup(str(Setting(key).label), tuple(entries)) for key, entries in found.items() if entries)


def option_page(knowledge: Knowledge, slug: str) -> OptionPage | None:
    """Everything that the release says of one regimen; None when it knows none of that name."""
    regimen = knowledge.regimens.get(slug)
    if regimen is None:
        return None
    record = next(record for record in knowledge.document["regimens"] if record["slug"] == slug)
    cohorts = cohorts_by_regimen(knowledge.document).get(slug, ())
    patient = _patient_who_may_have(regimen, knowledge)
    synthesis = synthesise(regimen.cohorts, patient, knowledge.benchmark)
    return OptionPage(
        slug=slug,
        name=regimen.name,
        drugs=", ".join(regimen.drugs),
        drug_class=str(DRUG_CLASSES.get(regimen.drug_class, regimen.drug_class)),
        setting=lower_first(str(Setting(regimen.setting).label)),
        given_with=criterion_words(regimen.requires, knowledge),
        schedule=sourced(record["schedule"]),
        availability=tuple(_availability(regimen)),
        region_note=sourced(record["region_note"]),
        approvals=tuple(map(_approval, record["approvals"])),
        cautions=tuple(_cautions(regimen, knowledge)),
        indications=tuple(_indications(regimen, record, knowledge)),
        statements=tuple(_statements(slug, knowledge)),
        forests=tuple(
            forest for outcome in PLOTTED if (forest := _forest(outcome, cohorts, synthesis, knowledge)) is not None
        ),
        gaps=record["gaps"] or "",
        notices=tuple(_notices(regimen, knowledge)),
    )


def _entry(regimen: Regimen, record: Mapping[str, Any], knowledge: Knowledge) -> OptionEntry:
    stances = [Stance(indication.stance) for indication in regimen.indications]
    return OptionEntry(
        slug=regimen.slug,
        name=regimen.name,
        drugs=", ".join(regimen.drugs),
        given_with=criterion_words(regimen.requires, knowledge),
        availability=tuple(label for _region, label in _availability(regimen)),
        cohorts=len(regimen.cohorts),
        stances=", ".join(str(stance.label) for stance in Stance if stance in stances),
    )


def _availability(regimen: Regimen) -> Iterator[tuple[str, str]]:
    for region in Region:
        yield str(region.label), availability_in(region.value, regimen)


def _approval(approval: Mapping[str, Any]) -> SourcedSentence:
    line = approval_line(approval)
    return SourcedSentence(line.where, line.indication, _links(line.source))


def _cautions(regimen: Regimen, knowledge: Knowledge) -> Iterator[SourcedSentence]:
    """The gravest first, each with what has to hold for it."""
    for level in CautionLevel:
        for caution in regimen.cautions:
            if caution.level == level:
                line = caution_in_words(caution.level, caution.text, url=caution.url)
                yield SourcedSentence(
                    line.word, line.text, _links(line.source), criterion_words(caution.when, knowledge)
                )


def _indications(regimen: Regimen, record: Mapping[str, Any], knowledge: Knowledge) -> Iterator[SourcedSentence]:
    for indication in regimen.indications:
        words = indication_words(indication, knowledge)
        sources = named_sources(indication.sources, record["approvals"], knowledge)
        links = tuple(link for source in sources for link in _links_of(source))
        note = f"{words.criterion} ({words.regions})" if words.regions else words.criterion
        yield SourcedSentence(words.stance, words.rationale, links, note)


def _links_of(source: NamedSource) -> Iterator[Link]:
    """A publication has a page of its own here."""
    if source.kind == "publication":
        yield Link(citation(source.rows[0]), reverse("publication", args=[source.key]))
    elif source.kind == "guideline":
        yield Link(source.name, source.rows[0]["url"])
    else:
        for approval in source.rows:
            yield from _links(link_to(source.name, approval["url"]))


def _statements(slug: str, knowledge: Knowledge) -> Iterator[SourcedSentence]:
    for statement in knowledge.guidelines.values():
        if slug in statement["regimens"]:
            topic = str(GuidelineTopic(statement["topic"]).label)
            name = guideline_name(statement)
            yield SourcedSentence(topic, statement["statement"], _links(link_to(name, statement["url"])))


def _forest(outcome: Outcome, cohorts: Iterable[Cohort], synthesis: Synthesis, knowledge: Knowledge) -> Forest | None:
    reporting = [(cohort, *_published(outcome, cohort, knowledge)) for cohort in cohorts]
    reporting = [row for row in reporting if row[1] is not None]
    if not reporting:
        return None
    estimate = synthesis.estimates[outcome]
    words = estimate_words(outcome, estimate)
    scale = 100 if outcome == "orr" else 1
    benchmark = knowledge.benchmark.typical(outcome) * scale
    bounds = [bound for _cohort, point, low, high in reporting for bound in (point, high) if bound is not None]
    highest = max([*bounds, benchmark, *([estimate.high * scale] if estimate.has_data else [])])
    step = {"orr": 10, "pfs": 3, "os": 6}[outcome]
    ceiling = step * math.ceil(highest / step)
    shares = {(u.cohort.publication, u.cohort.index): u.shares.get(outcome) for u in synthesis.cohorts}
    rows = [
        _forest_row(outcome, row, shares.get((row[0].publication, row[0].index)), benchmark, ceiling, knowledge)
        for row in reporting
    ]
    return Forest(
        outcome=outcome,
        title=str(PLOTTED[outcome]),
        end=number(ceiling),
        rows=tuple(sorted(rows, key=lambda row: (not row.share, row.citation))),
        pooled=words.median if words.has_data else "",
        pooled_interval=words.interval,
        pooled_drawing=diamond_mark(
            low=estimate.low * scale,
            median=estimate.median * scale,
            high=estimate.high * scale,
            benchmark=benchmark,
            ceiling=ceiling,
        )
        if estimate.has_data
        else "",
        benchmark=figure(outcome, knowledge.benchmark.typical(outcome)),
        benchmark_share=words.benchmark_share,
    )


def _published(outcome: Outcome, cohort: Cohort, knowledge: Knowledge) -> tuple[float | None, ...]:
    """Point and interval as the publication gives them: percent or months."""
    result = knowledge.publications[cohort.publication]["results"][cohort.index]
    point = result[outcome]
    if point is None and outcome == "orr" and result["responders"] is not None and result["evaluable"]:
        point = 100 * result["responders"] / result["evaluable"]
    low, high = result[f"{outcome}_ci"]
    return point, low, high


def _forest_row(
    outcome: Outcome, row: Any, share: float | None, benchmark: float, ceiling: float, knowledge: Knowledge
) -> ForestRow:
    cohort, point, low, high = row
    publication = knowledge.publications[cohort.publication]
    result = publication["results"][cohort.index]
    words = cohort_in_words(cohort, knowledge)
    return ForestRow(
        key=cohort.publication,
        citation=words.citation,
        arm=words.who,
        who=f"{words.kind}; {words.read}",
        patients=number(cohort.size) if cohort.size is not None else "",
        figure=number(point, ".3g"),
        interval=interval(low, high),
        share=percent(share) if share is not None else "",
        reason="" if share is not None else _why_not_pooled(cohort),
        drawing=interval_mark(
            low=point if low is None else low,
            median=point,
            high=point if high is None else high,
            benchmark=benchmark,
            ceiling=ceiling,
            has_data=True,
        ),
        disputes=tuple(disputes(publication, result, outcome)),
        notice=words.notice,
    )


def _notices(regimen: Regimen, knowledge: Knowledge) -> Iterator[tuple[str, str, Notice]]:
    """Notices against publications that report the regimen or that an indication stands on: key, citation, notice."""
    named = {source for indication in regimen.indications for source in indication.sources}
    for key, publication in knowledge.publications.items():
        feeds = any(result["regimen"] == regimen.slug for result in publication["results"])
        if (feeds or f"publication:{key}" in named) and (notice := notice_of(publication)):
            yield key, citation(publication), notice


def _why_not_pooled(cohort: Cohort) -> str:
    """Why a cohort has no share in a pooled figure, in words."""
    if cohort.verified == "none":
        return _("not read")
    if cohort.where == "never":
        return _("shown only: no feature of a patient says who it stands for")
    if cohort.design == "meta-analysis":
        return _("pools studies that are counted themselves")
    if cohort.size is None:
        return _("its size is not known")
    if not cohort.is_usable:
        return _("fewer than five patients")
    if cohort.where is not None or cohort.biomarker is not None:
        return _("for patients of its kind alone")
    return _("another cohort speaks for its study")


def _patient_who_may_have(regimen: Regimen, knowledge: Knowledge) -> Patient:
    """Nothing is known of them but the marker without which the regimen is not given."""
    return knowledge.patient(dict(_fulfilling(regimen.requires or {})))


def _fulfilling(criterion: Criterion) -> Iterator[tuple[str, Any]]:
    """Features that make a criterion true: the first way that it names."""
    if "feature" in criterion:
        for comparison in ("is", "at_least"):
            if comparison in criterion:
                wanted = criterion[comparison]
                yield criterion["feature"], wanted[0] if isinstance(wanted, list) else wanted
    elif "all" in criterion:
        for part in criterion["all"]:
            yield from _fulfilling(part)
    elif "any" in criterion:
        yield from _fulfilling(criterion["any"][0])


def _links(*links: Link | None) -> tuple[Link, ...]:
    return tuple(link for link in links if link)

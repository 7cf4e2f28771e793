"""Regimens in the library: what is known of each, and its cohorts as a forest plot for each outcome.

A plot pools as the rules do, for a patient about whom nothing is known but the marker that the regimen needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.drawings import diamond_mark, interval_mark
from display.numbers import interval, number
from display.punctuation import sign
from regimens.models.choices import Histology, Setting, Stance
from regimens.rules.evidence import OUTCOMES, Caution, Cohort, Outcome, PlacedCaution, Regimen
from regimens.rules.knowledge import Knowledge, cohorts_by_regimen
from regimens.rules.logic import Criterion
from regimens.rules.patient import Patient
from regimens.rules.synthesis import Synthesis, synthesise
from regimens.rules.wording import one_of_them
from regimens.wording.cautions import caution_of
from regimens.wording.citations import Link, Notice, citation, lower_first, notice_of, reported_figures
from regimens.wording.cohorts import BORROWED_FROM, cohort_in_words
from regimens.wording.drugs import drugs_in_words
from regimens.wording.estimates import EstimateWords, PublishedWords, estimate_words, published_words
from regimens.wording.indications import NamedSource, criterion_words, indication_words, named_sources
from regimens.wording.licences import Sourced
from regimens.wording.outcomes import figure, patients, percent
from regimens.wording.readings import disputes
from regimens.wording.sentences import ACTIVE

from .cautions import CautionGroup, caution_groups
from .guidelines import StatementRow, statement_rows
from .kept import once_a_release
from .parts import (
    DrugGroups,
    RegionLicences,
    drug_groups,
    licences_by_region,
    licensed_in_short,
    sourced,
    sources,
)
from .search import Searched, caution_terms, chosen, class_terms, drug_terms, searched

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
    "hormonal": gettext_lazy("hormonal treatment"),
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
    """A regimen in the list; `largest` is what its largest study reported."""

    slug: str
    name: str
    drugs: str
    given_with: str
    licences: tuple[tuple[str, str], ...]
    setting: str
    cohorts: int
    largest: LargestStudy | None
    stances: str
    searched: Searched


@dataclass(frozen=True)
class LargestStudy:
    """The largest cohort of a regimen that reports a figure, one of NEC before all others, as published.

    borrowed  from what other disease it comes; "" for NEC
    """

    key: str
    citation: str
    patients: str
    borrowed: str
    figures: tuple[tuple[str, str], ...]


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
class InShort:
    """An outcome: the figure of the study that weighs most, as published, and the model's estimate beside it.

    published  None where no cohort reports it; estimate: None where none that counts does
    """

    outcome: Outcome
    title: str
    published: PublishedWords | None
    notice: Notice | None
    estimate: EstimateWords | None


@dataclass(frozen=True)
class ForestRow:
    """One cohort of a plot: as published, and its share of the pooled figure ("" when it is not pooled).

    key   of its publication, and `place` its place in it, as the page of that calls it
    """

    key: str
    place: str
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
    """The cohorts of a regimen for one outcome, the pooled figure, and the benchmark that it is shrunk towards.

    rows       those that count, the largest first; then those that are shown only, likewise
    basis      on how many effective patients the pooled figure stands
    response   what of a pooled median the response rate has done, in words; "" for a rate
    mark       that the outcome is not demonstrated; "" where it is
    """

    outcome: Outcome
    title: str
    end: str
    rows: tuple[ForestRow, ...]
    pooled: str
    pooled_interval: str
    pooled_drawing: SafeString | str
    basis: str
    benchmark: str
    benchmark_share: str
    response: str
    mark: str


@dataclass(frozen=True)
class OptionPage:
    slug: str
    name: str
    drugs: DrugGroups
    drug_class: str
    setting: str
    given_with: str
    schedule: Sourced | None
    licences: tuple[RegionLicences, ...]
    region_note: Sourced | None
    cautions: tuple[CautionGroup, ...]
    indications: tuple[SourcedSentence, ...]
    statements: tuple[StatementRow, ...]
    in_short: tuple[InShort, ...]
    forests: tuple[Forest, ...]
    gaps: str
    notices: tuple[tuple[str, str, Notice], ...]


@once_a_release
def all_options(knowledge: Knowledge) -> tuple[OptionEntry, ...]:
    """Every regimen by name."""
    regimens = sorted(knowledge.regimens.values(), key=lambda regimen: regimen.name.lower())
    return tuple(_entry(regimen, knowledge) for regimen in regimens)


def option_groups(knowledge: Knowledge, words: str = "") -> tuple[OptionGroup, ...]:
    """Regimens by setting, those that every word of a search is found in: their names and those of their drugs."""
    found: dict[str, list[OptionEntry]] = {setting: [] for setting in Setting.values}
    for entry in chosen(words, all_options(knowledge)):
        found[entry.setting].append(entry)
    return tuple(OptionGroup(str(Setting(key).label), tuple(entries)) for key, entries in found.items() if entries)


def option_page(knowledge: Knowledge, slug: str, today: date) -> OptionPage | None:
    """Everything that the release says of one regimen; None when it knows none of that name."""
    regimen = knowledge.regimens.get(slug)
    if regimen is None:
        return None
    record = next(record for record in knowledge.document["regimens"] if record["slug"] == slug)
    cohorts = cohorts_by_regimen(knowledge.document).get(slug, ())
    patient = _patient_who_may_have(regimen, knowledge)
    applying = [cohort for cohort in regimen.cohorts if cohort.applies(patient.values)]
    synthesis = synthesise(applying, patient.primary_site, knowledge.benchmark)
    return OptionPage(
        slug=slug,
        name=regimen.name,
        drugs=drug_groups(regimen, knowledge),
        drug_class=_class_words(regimen),
        setting=lower_first(str(Setting(regimen.setting).label)),
        given_with=criterion_words(regimen.requires, knowledge),
        schedule=sourced(record["schedule"]),
        licences=licences_by_region(regimen, knowledge, today),
        region_note=sourced(record["region_note"]),
        cautions=caution_groups(_borne(regimen, knowledge), knowledge),
        indications=tuple(_indications(regimen, knowledge)),
        statements=statement_rows(
            (key for key, row in knowledge.guidelines.items() if slug in row["regimens"]), knowledge
        ),
        in_short=_in_short(cohorts, synthesis, knowledge),
        forests=tuple(
            forest for outcome in PLOTTED if (forest := _forest(outcome, cohorts, synthesis, knowledge)) is not None
        ),
        gaps=record["gaps"] or "",
        notices=tuple(_notices(regimen, knowledge)),
    )


def _searched(regimen: Regimen, knowledge: Knowledge) -> Searched:
    drugs = [knowledge.drugs[slug] for slug in sorted(regimen.all_drugs)]
    terms = [term for drug in drugs for term in (*drug_terms(drug), *class_terms(drug, knowledge))]
    terms += [term for drug in drugs for term in caution_terms(drug, knowledge)]
    needs = criterion_words(regimen.requires, knowledge)
    names = [regimen.slug, regimen.name, *re.split(r"[()]+", regimen.name)]
    if len(drugs) == 1:
        names += drug_terms(drugs[0])
    return searched(names, (*terms, regimen.drug_class, _class_words(regimen), needs))


def _class_words(regimen: Regimen) -> str:
    return str(DRUG_CLASSES.get(regimen.drug_class, regimen.drug_class))


def _entry(regimen: Regimen, knowledge: Knowledge) -> OptionEntry:
    stances = [Stance(indication.stance) for indication in regimen.indications]
    return OptionEntry(
        slug=regimen.slug,
        name=regimen.name,
        drugs=drugs_in_words(regimen, knowledge),
        given_with=criterion_words(regimen.requires, knowledge),
        licences=tuple(licensed_in_short(regimen)),
        setting=regimen.setting,
        cohorts=len(regimen.cohorts),
        largest=_largest(regimen, knowledge),
        stances=", ".join(str(stance.label) for stance in Stance if stance in stances),
        searched=_searched(regimen, knowledge),
    )


def _largest(regimen: Regimen, knowledge: Knowledge) -> LargestStudy | None:
    found: list[tuple[tuple[bool, float], Cohort, tuple[tuple[str, str], ...]]] = []
    for cohort in regimen.cohorts:
        result = knowledge.publications[cohort.publication]["results"][cohort.index]
        if cohort.verified != "none" and (figures := tuple(reported_figures(result))):
            found.append(((cohort.histology == Histology.NEC, cohort.size or 0), cohort, figures))
    if not found:
        return None
    _order, cohort, figures = max(found, key=lambda one: one[0])
    return LargestStudy(
        key=cohort.publication,
        citation=citation(knowledge.publications[cohort.publication]),
        patients="" if cohort.size is None else patients(round(cohort.size)),
        borrowed="" if cohort.histology == Histology.NEC else str(BORROWED_FROM[cohort.histology]),
        figures=figures,
    )


def _borne(regimen: Regimen, knowledge: Knowledge) -> Iterator[tuple[Caution, str, str]]:
    """The cautions that a regimen bears, each with what it is of and what softens it: its own and its drugs'."""
    for placed in regimen.cautions:
        caution = placed.caution
        yield caution, lower_first(caution_of(caution, knowledge)), _softened(placed, regimen, knowledge)


def _softened(placed: PlacedCaution, regimen: Regimen, knowledge: Knowledge) -> str:
    """That another drug may stand in for the one that is ruled out; "" where none may."""
    if placed.softer is None:
        return ""
    group = next(group for group in regimen.drugs if placed.caution.drug in group)
    others = [lower_first(knowledge.drugs[slug].name) for slug in group if slug != placed.caution.drug]
    return _("a caution only where %(drug)s can be given in its place") % {"drug": one_of_them(others, ACTIVE)}


def _indications(regimen: Regimen, knowledge: Knowledge) -> Iterator[SourcedSentence]:
    for indication in regimen.indications:
        words = indication_words(indication, knowledge)
        links = tuple(link for source in named_sources(indication.sources, knowledge) for link in _links_of(source))
        note = f"{words.criterion} ({words.regions})" if words.regions else words.criterion
        yield SourcedSentence(words.stance, words.rationale, links, note)


def _links_of(source: NamedSource) -> Iterator[Link]:
    """A publication has a page of its own here, a licence a row on that of its regimen."""
    if source.kind == "publication":
        yield Link(citation(source.row), reverse("publication", args=[source.key]))
    elif source.kind == "licence":
        address = f"{reverse('option', args=[source.row['regimen']])}#licence-{source.key}"
        yield Link(source.name, address)
    else:
        yield from sources(source.row, name=source.name)


def _in_short(cohorts: Sequence[Cohort], synthesis: Synthesis, knowledge: Knowledge) -> tuple[InShort, ...]:
    """Every outcome, those too that no cohort reports; nothing of a regimen of which no figure is on record.

    Without an estimate the largest study that reports an outcome stands alone.
    """
    behind = {
        outcome: synthesis.estimates[outcome].published or _largest_reporting(outcome, cohorts, knowledge)
        for outcome in OUTCOMES
    }
    if not any(behind.values()):
        return ()
    return tuple(_outcome_in_short(outcome, behind[outcome], synthesis, knowledge) for outcome in OUTCOMES)


def _outcome_in_short(outcome: Outcome, behind: Cohort | None, synthesis: Synthesis, knowledge: Knowledge) -> InShort:
    words = estimate_words(outcome, synthesis.estimates[outcome], demonstrated=knowledge.demonstrated[outcome])
    return InShort(
        outcome=outcome,
        title=words.title,
        published=published_words(outcome, behind.publication, behind.index, knowledge) if behind else None,
        notice=notice_of(knowledge.publications[behind.publication]) if behind else None,
        estimate=words if words.has_data else None,
    )


def _largest_reporting(outcome: Outcome, cohorts: Iterable[Cohort], knowledge: Knowledge) -> Cohort | None:
    """The largest cohort that was read and reports an outcome; one whose size is not known is in the plots alone."""
    found = [
        cohort
        for cohort in cohorts
        if cohort.verified != "none" and cohort.size and _published(outcome, cohort, knowledge)[0] is not None
    ]
    return max(found, key=lambda cohort: (cohort.size or 0, cohort.publication), default=None)


def _forest(outcome: Outcome, cohorts: Iterable[Cohort], synthesis: Synthesis, knowledge: Knowledge) -> Forest | None:
    reporting = [(cohort, *_published(outcome, cohort, knowledge)) for cohort in cohorts]
    reporting = [row for row in reporting if row[1] is not None]
    if not reporting:
        return None
    estimate = synthesis.estimates[outcome]
    words = estimate_words(outcome, estimate, demonstrated=knowledge.demonstrated[outcome])
    scale = 100 if outcome == "orr" else 1
    benchmark = knowledge.benchmark.typical(outcome) * scale
    bounds = [bound for _cohort, point, low, high in reporting for bound in (point, high) if bound is not None]
    highest = max([*bounds, benchmark, *([estimate.high * scale] if estimate.has_data else [])])
    step = {"orr": 10, "pfs": 3, "os": 6}[outcome]
    ceiling = step * math.ceil(highest / step)
    shares = {(u.cohort.publication, u.cohort.index): u.shares.get(outcome) for u in synthesis.cohorts}
    rows = [
        (
            row[0],
            _forest_row(outcome, row, shares.get((row[0].publication, row[0].index)), benchmark, ceiling, knowledge),
        )
        for row in reporting
    ]
    return Forest(
        outcome=outcome,
        title=str(PLOTTED[outcome]),
        end=number(ceiling),
        rows=tuple(row for _cohort, row in sorted(rows, key=_counting_and_largest_first)),
        pooled=words.figure if words.has_data else "",
        pooled_interval=words.interval,
        pooled_drawing=diamond_mark(
            low=estimate.low * scale,
            median=estimate.value * scale,
            high=estimate.high * scale,
            benchmark=benchmark,
            ceiling=ceiling,
        )
        if estimate.has_data
        else "",
        basis=words.basis if words.has_data else "",
        benchmark=figure(outcome, knowledge.benchmark.typical(outcome)),
        benchmark_share=words.benchmark_share,
        response=words.response_words,
        mark=words.mark,
    )


def _counting_and_largest_first(row: tuple[Cohort, ForestRow]) -> tuple[bool, float, str]:
    cohort, words = row
    return not words.share, -(cohort.size or 0), words.citation


def _published(outcome: Outcome, cohort: Cohort, knowledge: Knowledge) -> tuple[float | None, ...]:
    """Point and interval as the publication gives them: percent or months."""
    result = knowledge.publications[cohort.publication]["results"][cohort.index]
    point = result[outcome]
    if point is None and outcome == "orr" and result["responders"] is not None and result["evaluable"]:
        point = 100 * result["responders"] / result["evaluable"]
    low, high = result.get(f"{outcome}_ci") or (None, None)
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
        place=f"cohort-{cohort.index}",
        citation=words.citation,
        arm=words.who,
        who=f"{words.kind}{sign(';')} {words.read}",
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

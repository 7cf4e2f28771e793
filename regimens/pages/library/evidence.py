"""Publications in the library: a list that is searched and filtered, and each with everything that was read in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import interval, number
from display.punctuation import in_series
from display.spreadsheets import BYTE_ORDER_MARK, neutral
from regimens.models.choices import Design, Histology, Line, PublicationKind, SelectionBiomarker, Site, Verified
from regimens.models.cohort_figures import COHORT_FIGURES, NUMBERS, WITH_INTERVAL
from regimens.rules.knowledge import Knowledge, cohorts_by_regimen
from regimens.rules.logic import describe
from regimens.rules.readings import SHOWN_TOGETHER, state_of_publication, state_of_result, states_of, together
from regimens.rules.synthesis import weight
from regimens.wording.citations import (
    Link,
    Notice,
    arm_words,
    citation,
    link_to,
    lower_first,
    notice_of,
    publication_links,
    reported,
    reported_figures,
)
from regimens.wording.outcomes import patients
from regimens.wording.readings import (
    FIGURE_READ,
    WhoRead,
    abbreviation,
    disputes,
    figure_name,
    figure_text,
    how_read,
    how_result_was_read,
    who_read,
)
from regimens.wording.sentences import ACTIVE

from .filters import ANY, Filter
from .kept import once_a_release
from .parts import Named, naming_the_page_read
from .search import Searched, chosen, known_by, searched, terms_of

ORDERS: Mapping[str, str] = {
    "": gettext_lazy("first author"),
    "-year": gettext_lazy("newest first"),
    "year": gettext_lazy("oldest first"),
    "-patients": gettext_lazy("largest first"),
    "design": gettext_lazy("design"),
}
CHECKED = {
    "twice": gettext_lazy("read twice"),
    "partly": gettext_lazy("read twice in part"),
    "differ": gettext_lazy("readings differ"),
    "settled": gettext_lazy("decided between two readings"),
    "once": gettext_lazy("read once"),
    "none": gettext_lazy("not read"),
}


class EvidenceFilter(Filter):
    """What the list is narrowed to; its state is the page's address."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)
    site = forms.ChoiceField(label=gettext_lazy("Primary site"), required=False, choices=[ANY, *Site.choices])
    histology = forms.ChoiceField(label=gettext_lazy("Histology"), required=False, choices=[ANY, *Histology.choices])
    line = forms.ChoiceField(label=gettext_lazy("Line"), required=False, choices=[ANY, *Line.choices])
    design = forms.ChoiceField(label=gettext_lazy("Design"), required=False, choices=[ANY, *Design.choices])
    biomarker = forms.ChoiceField(
        label=gettext_lazy("Selected by"), required=False, choices=[ANY, *SelectionBiomarker.choices]
    )
    checked = forms.ChoiceField(label=gettext_lazy("Figures"), required=False, choices=[ANY, *CHECKED.items()])
    since = forms.IntegerField(label=gettext_lazy("Since"), required=False, min_value=1950, max_value=2100)
    sort = forms.ChoiceField(label=gettext_lazy("Order"), required=False, choices=list(ORDERS.items()))

    def __init__(self, data: Any):
        super().__init__(data)
        self.fields["q"].widget.attrs["placeholder"] = _("title, author and year, regimen, drug, NCT, DOI, PMID")
        self.fields["since"].widget.attrs["placeholder"] = _("year")

    def fits(self, entry: EvidenceEntry) -> bool:
        """Whether an entry is within every filter that is set but the search; one that is not valid filters nothing."""
        wanted = self.wanted()
        since = wanted.pop("since", None)
        wanted.pop("q", None)
        wanted.pop("sort", None)
        if since is not None and (entry.year is None or entry.year < since):
            return False
        return all(value in entry.facets[name] for name, value in wanted.items())


@dataclass(frozen=True)
class EvidenceEntry:
    """A publication in the list; `facets` and `searched` are what filters and search look at.

    largest   what its largest cohort reported, as published
    disputed  whether two who read it differ
    notice    what was printed against it
    """

    key: str
    citation: str
    title: str
    year: int | None
    design: str
    population: str
    patients: int | None
    regimens: tuple[tuple[str, str], ...]
    read: str
    largest: LargestCohort | None
    disputed: bool
    notice: Notice | None
    facets: Mapping[str, frozenset[str]]
    searched: Searched


@dataclass(frozen=True)
class LargestCohort:
    """The largest cohort of a publication that reports a figure: who, in English, how many, and what it reported."""

    arm: str
    patients: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Meant:
    """Drugs and regimens that go by the name that was searched for."""

    drugs: tuple[Named, ...]
    regimens: tuple[Named, ...]

    def __bool__(self) -> bool:
        return bool(self.drugs or self.regimens)


@dataclass(frozen=True)
class Reported:
    """A figure as published; `versus` is what a ratio compares with, in the words of the evidence base.

    read   how it was read, where that is not the same for all figures of the cohort
    """

    label: str
    value: str
    versus: str = ""
    read: str = ""


@dataclass(frozen=True)
class ResultRow:
    """One arm or subgroup of a publication, by its place there, and what it feeds."""

    index: int
    arm: str
    regimen: tuple[str, str] | None
    stands_for: str
    patients: str
    figures: tuple[Reported, ...]
    read: str
    disputes: tuple[str, ...]
    note: str
    weight: str
    use: str


@dataclass(frozen=True)
class CohortReading:
    """A reading on record, and of which arm or subgroup."""

    arm: str
    reading: WhoRead


@dataclass(frozen=True)
class PublicationFact:
    """Something known of a study; `quoted` where it is a text of the evidence base, which is in English."""

    label: str
    value: str
    quoted: bool = False


@dataclass(frozen=True)
class PublicationPage:
    key: str
    citation: str
    reference: str
    title: str
    kind: str
    links: tuple[Link, ...]
    read: str
    readings: tuple[Link, ...]
    study: tuple[PublicationFact, ...]
    same_study: tuple[tuple[str, str], ...]
    results: tuple[ResultRow, ...]
    who_read: tuple[CohortReading, ...]
    not_recorded: str
    findings: tuple[str, ...]
    doubts: str
    notice: Notice | None


@once_a_release
def evidence_entries(knowledge: Knowledge) -> tuple[EvidenceEntry, ...]:
    return tuple(_entry(publication, knowledge) for publication in knowledge.publications.values())


def listed(knowledge: Knowledge, filtered: EvidenceFilter) -> list[EvidenceEntry]:
    """The entries that a filter leaves, in its order."""
    found = [entry for entry in evidence_entries(knowledge) if filtered.fits(entry)]
    return sorted(chosen(filtered.words, found), key=_order(filtered.wanted().get("sort", "")))


def meant_by(knowledge: Knowledge, words: str) -> Meant:
    """What the search is a name of, beside the publications that it finds."""
    drugs, regimens = known_by(words, knowledge)
    return Meant(
        tuple(Named(drug.slug, drug.name) for drug in drugs),
        tuple(Named(regimen.slug, regimen.name) for regimen in regimens),
    )


def as_csv(entries: Iterable[EvidenceEntry], knowledge: Knowledge) -> str:
    """A line for each result of the publications listed, with the figures as published."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    columns = [figure.key for figure in NUMBERS]
    writer = csv.writer(out)
    writer.writerow(
        ["publication", "citation", "doi", "pmid", "url", "read_on", "study", "verified", "arm", "regimen", "subgroup"]
        + columns
        + [bound for figure in WITH_INTERVAL for bound in figure.bounds]
        + ["read", "readings_differ"]
    )
    for entry in entries:
        publication = knowledge.publications[entry.key]
        known = ("doi", "pmid", "url", "read_on", "study_key", "verified")
        start = [entry.key, entry.citation, *(publication[name] for name in known)]
        for result in publication["results"] or [None]:
            if result is None:
                writer.writerow(map(_cell, start))
                continue
            names = [result[name] for name in ("arm", "regimen", "subgroup", *columns)]
            intervals = [bound for figure in WITH_INTERVAL for bound in result[f"{figure.key}_ci"]]
            states = states_of(publication, result)
            differing = " ".join(name for name, one in states.items() if one.state == "differ")
            reading = [state_of_result(publication, result), differing]
            writer.writerow(map(_cell, [*start, *names, *intervals, *reading]))
    return out.getvalue()


def publication_page(knowledge: Knowledge, key: str) -> PublicationPage | None:
    """Everything that the release says of one publication; None when it knows none of that key."""
    publication = knowledge.publications.get(key)
    if publication is None:
        return None
    study_key = publication["study_key"]
    readings = [
        link_to(_("first reading"), publication["verified_at"]),
        link_to(_("second reading"), publication["second_read_at"]),
    ]
    reference = [publication[name] for name in ("authors", "journal", "year", "locator")]
    return PublicationPage(
        key=key,
        citation=citation(publication),
        reference=" ".join(f"{str(part).rstrip('.')}." for part in reference if part),
        title=publication["title"] or "",
        kind=_kind(publication),
        links=naming_the_page_read(publication_links(publication)),
        read=how_read(publication),
        readings=tuple(reading for reading in readings if reading),
        study=tuple(_study(publication)),
        same_study=tuple(
            (other, citation(row))
            for other, row in knowledge.publications.items()
            if study_key and other != key and row["study_key"] == study_key
        ),
        results=tuple(_results(publication, knowledge)),
        who_read=tuple(
            CohortReading(arm_words(result), reading)
            for result in publication["results"]
            for reading in who_read(result)
        ),
        not_recorded=_not_recorded(publication),
        findings=tuple(publication["findings"]),
        doubts=publication["doubts"] or "",
        notice=notice_of(publication),
    )


def _entry(publication: Mapping[str, Any], knowledge: Knowledge) -> EvidenceEntry:
    study = publication["study"] or {}
    populations = [result["population"] or {} for result in publication["results"]]
    slugs = sorted({result["regimen"] for result in publication["results"] if result["regimen"]})
    checked = state_of_publication(publication)

    def values(name: str) -> frozenset[str]:
        return frozenset(filter(None, [study.get(name), *(population.get(name) for population in populations)]))

    sites = {site for found in (study, *populations) for site in found.get("sites") or ()}
    names = [publication[name] for name in ("key", "doi", "pmid", "study_key")]
    names += [study.get("name"), study.get("registry_id"), citation(publication)]
    terms = [publication[name] for name in ("title", "authors", "journal")]
    terms += [str(publication["year"] or ""), *terms_of(slugs, knowledge), *(str(Site(site).label) for site in sites)]
    terms += [result[name] for result in publication["results"] for name in ("arm", "subgroup", "note")]
    return EvidenceEntry(
        key=publication["key"],
        citation=citation(publication),
        title=publication["title"] or "",
        year=publication["year"],
        design=str(Design(study["design"]).label) if study else _kind(publication),
        population=", ".join(
            [str(Histology(study["histology"]).label), str(Line(study["line"]).label)] if study else []
        ),
        patients=study.get("n"),
        regimens=tuple((slug, knowledge.names[slug]) for slug in slugs),
        read=how_read(publication),
        largest=_largest(publication),
        disputed=any(True for result in publication["results"] for _dispute in disputes(publication, result)),
        notice=notice_of(publication),
        facets={
            "site": frozenset(sites),
            "histology": values("histology"),
            "line": values("line"),
            "design": values("design"),
            "biomarker": values("biomarker"),
            "checked": frozenset({checked}),
        },
        searched=searched(names, terms),
    )


def _largest(publication: Mapping[str, Any]) -> LargestCohort | None:
    """Of cohorts of one size the first; none where no figure was read."""
    if publication["verified"] == Verified.NONE:
        return None
    sized = [(result["n"] or result["evaluable"] or 0, result) for result in publication["results"]]
    reporting = [(size, figures, result) for size, result in sized if (figures := tuple(reported_figures(result)))]
    if not reporting:
        return None
    size, figures, result = max(reporting, key=lambda one: one[0])
    return LargestCohort(arm_words(result), patients(size) if size else "", figures)


def _kind(publication: Mapping[str, Any]) -> str:
    return lower_first(str(PublicationKind(publication["kind"]).label))


def _order(sort: str) -> Callable[[EvidenceEntry], tuple[Any, ...]]:
    orders: Mapping[str, Callable[[EvidenceEntry], Any]] = {
        "": lambda entry: 0,
        "-year": lambda entry: -(entry.year or 0),
        "year": lambda entry: entry.year or 9999,
        "-patients": lambda entry: -(entry.patients or 0),
        "design": lambda entry: entry.design,
    }
    return lambda entry: (orders[sort](entry), entry.citation.lower(), entry.key)


def _study(publication: Mapping[str, Any]) -> Iterator[PublicationFact]:
    study = publication["study"]
    if not study:
        return
    names = [part for part in (study["name"], study["registry_id"]) if part]
    yield PublicationFact(_("Study"), ", ".join(names) or publication["study_key"])
    design = str(Design(study["design"]).label)
    if study["comparative"]:
        design = _("%(design)s, arms formally compared") % {"design": design}
    yield PublicationFact(_("Design"), design)
    yield PublicationFact(_("Line"), str(Line(study["line"]).label))
    yield PublicationFact(_("Histology"), str(Histology(study["histology"]).label))
    if study["sites"]:
        yield PublicationFact(_("Primary sites"), ", ".join(str(Site(site).label) for site in study["sites"]))
    if study["biomarker"]:
        yield PublicationFact(_("Selected by"), str(SelectionBiomarker(study["biomarker"]).label))
    if study["n"] is not None:
        yield PublicationFact(_("Patients"), str(study["n"]))
    if study["population"]:
        yield PublicationFact(_("Who"), study["population"], quoted=True)


def _results(publication: Mapping[str, Any], knowledge: Knowledge) -> Iterator[ResultRow]:
    found = cohorts_by_regimen({"publications": [publication]}).values()
    cohorts = {cohort.index: cohort for those in found for cohort in those}
    for index, result in enumerate(publication["results"]):
        cohort, slug = cohorts.get(index), result["regimen"]
        size = result["n"] if result["n"] is not None else result["evaluable"]
        usable = cohort is not None and cohort.is_usable
        yield ResultRow(
            index=index,
            arm=arm_words(result),
            regimen=(slug, knowledge.names[slug]) if slug else None,
            stands_for=_stands_for(result, knowledge),
            patients="" if size is None else str(size),
            figures=tuple(_figures(publication, result)),
            read=how_result_was_read(publication, result),
            disputes=tuple(disputes(publication, result)),
            note=result["note"] or "",
            weight=number(weight(cohort, None).product, ".2f") if cohort and usable else "",
            use=_use(publication, result, usable=usable, knowledge=knowledge),
        )


def _figures(publication: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Reported]:
    """The figures of a result; where some were read otherwise than others, each with how it was read."""
    states = states_of(publication, result) if result.get("readings") else {}
    is_mixed = len({one.state for one in states.values()}) > 1
    shown = [*((name, Reported(label, figure)) for name, label, figure in reported(result)), *_further(result)]
    for name, figure in shown:
        state = together(states[one].state for one in SHOWN_TOGETHER.get(name, (name,)) if one in states)
        yield replace(figure, read=str(FIGURE_READ.get(state, ""))) if is_mixed and state else figure


def _not_recorded(publication: Mapping[str, Any]) -> str:
    """What is not known of the readers of the figures, in words; nothing is said of a publication that nobody read."""
    states = [states_of(publication, result) for result in publication["results"]]
    figures = [one for found in states for one in found.values()]
    if publication["verified"] == Verified.NONE or not figures:
        return ""
    lacks_second = bool(publication["second_read_at"]) and any(not one.seconds and not one.first for one in figures)
    if all(one.first for one in figures):
        return ""
    if lacks_second:
        return _("Who read them first and a second time, and when, is not recorded, except for what is listed below.")
    return _("Who read them first, and when, is not recorded, except for what is listed below.")


def _stands_for(result: Mapping[str, Any], knowledge: Knowledge) -> str:
    where = result["where"]
    if where == "never":
        return _("nobody: shown only")
    words = [describe(where, names=knowledge.names, language=ACTIVE)] if where else []
    population = result["population"] or {}
    for name, labels in (("histology", Histology), ("line", Line), ("biomarker", SelectionBiomarker)):
        if population.get(name):
            words.append(str(labels(population[name]).label))
    if population.get("sites"):
        words.append(", ".join(str(Site(site).label) for site in population["sites"]))
    return in_series(words) or _("everybody")


def _further(result: Mapping[str, Any]) -> Iterator[tuple[str, Reported]]:
    """The figures that `reported` leaves out, those that are not given excepted; its size stands beside a cohort."""
    for figure in COHORT_FIGURES:
        name = figure.key
        if figure.kind == "rates":
            for rate, share in result[name].items():
                yield rate, Reported(figure_name(rate), figure_text(rate, share))
            if hazard := result["hr"]:
                bounds = interval(*hazard["ci"])
                ratio = f"{number(hazard['value'])}{f' ({bounds})' if bounds else ''}"
                yield (
                    "hr",
                    Reported(
                        _("HR %(endpoint)s") % {"endpoint": abbreviation(hazard["endpoint"])},
                        ratio,
                        versus=hazard["versus"],
                    ),
                )
        elif figure.is_number and name not in _REPORTED and result[name] is not None:
            yield name, Reported(figure_name(name), figure_text(name, result[name]))


_REPORTED = frozenset({"grade3"}.union(*SHOWN_TOGETHER.values()))


def _use(publication: Mapping[str, Any], result: Mapping[str, Any], *, usable: bool, knowledge: Knowledge) -> str:
    """Whether it can enter a ranking, in words."""
    if publication["verified"] == Verified.NONE:
        return _("not read, so in no ranking")
    if not result["regimen"]:
        return _("pools several regimens, so in no ranking")
    if not usable:
        return _("in no ranking")
    ranked = knowledge.regimens[result["regimen"]].is_ranked
    return _("can enter a ranking") if ranked else _("its regimen is not ranked")


def _cell(value: Any) -> str:
    """Empty for what is not known; nothing that a spreadsheet would run as a formula."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else neutral(str(value))

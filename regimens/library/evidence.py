"""Publications in the library: a list that is searched and filtered, and each with everything that was read in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from ..models.choices import Design, Histology, Line, PublicationKind, SelectionBiomarker, Site, Verified
from ..rules.knowledge import Knowledge, cohorts_by_regimen
from ..rules.logic import describe
from ..rules.synthesis import weight
from ..sources import Link, citation, how_read, link_to, publication_links, reported_figures

ORDERS: Mapping[str, str] = {
    "": "first author",
    "-year": "newest first",
    "year": "oldest first",
    "-patients": "largest first",
    "design": "design",
}
CHECKED = {
    "twice": "read twice",
    "once": "read once",
    "none": "not read",
}


def _any(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [("", "any"), *choices]


class EvidenceFilter(forms.Form):
    """What the list is narrowed to; its state is the page's address."""

    q = forms.CharField(label="Search", required=False, max_length=100)
    site = forms.ChoiceField(label="Primary site", required=False, choices=_any(Site.choices))
    histology = forms.ChoiceField(label="Histology", required=False, choices=_any(Histology.choices))
    line = forms.ChoiceField(label="Line", required=False, choices=_any(Line.choices))
    design = forms.ChoiceField(label="Design", required=False, choices=_any(Design.choices))
    biomarker = forms.ChoiceField(label="Selected by", required=False, choices=_any(SelectionBiomarker.choices))
    checked = forms.ChoiceField(label="Figures", required=False, choices=_any(CHECKED.items()))
    since = forms.IntegerField(label="Since", required=False, min_value=1950, max_value=2100)
    sort = forms.ChoiceField(label="Order", required=False, choices=list(ORDERS.items()))

    def __init__(self, data: Any):
        super().__init__(data)
        for name, field in self.fields.items():
            kind = (
                "form-select form-select-sm" if isinstance(field, forms.ChoiceField) else "form-control form-control-sm"
            )
            field.widget.attrs["class"] = kind
            if name == "q":
                field.widget.attrs["placeholder"] = "title, author, regimen, NCT, DOI, PMID"
            if name == "since":
                field.widget.attrs["placeholder"] = "year"

    def fits(self, entry: EvidenceEntry) -> bool:
        """Whether an entry is within every filter that is set; one that is not valid filters nothing."""
        wanted = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        words = str(wanted.pop("q", "")).lower().split()
        since = wanted.pop("since", None)
        wanted.pop("sort", None)
        if since is not None and (entry.year is None or entry.year < since):
            return False
        return all(word in entry.text for word in words) and all(
            value in entry.facets[name] for name, value in wanted.items()
        )


@dataclass(frozen=True)
class EvidenceEntry:
    """A publication in the list; `facets` and `text` are what filters and search look at."""

    key: str
    citation: str
    title: str
    year: int | None
    design: str
    population: str
    patients: int | None
    regimens: tuple[tuple[str, str], ...]
    read: str
    facets: Mapping[str, frozenset[str]]
    text: str


@dataclass(frozen=True)
class ResultRow:
    """One arm or subgroup of a publication, and what it feeds."""

    arm: str
    regimen: tuple[str, str] | None
    stands_for: str
    patients: str
    figures: tuple[tuple[str, str], ...]
    note: str
    weight: str
    use: str


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
    study: tuple[tuple[str, str], ...]
    same_study: tuple[tuple[str, str], ...]
    results: tuple[ResultRow, ...]
    findings: tuple[str, ...]
    doubts: str


def evidence_entries(knowledge: Knowledge) -> tuple[EvidenceEntry, ...]:
    return tuple(_entry(publication, knowledge) for publication in knowledge.publications.values())


def listed(knowledge: Knowledge, chosen: EvidenceFilter) -> list[EvidenceEntry]:
    """The entries that a filter leaves, in its order."""
    chosen.is_valid()
    found = [entry for entry in evidence_entries(knowledge) if chosen.fits(entry)]
    return sorted(found, key=_order(chosen.cleaned_data.get("sort") or ""))


def as_csv(entries: Iterable[EvidenceEntry], knowledge: Knowledge) -> str:
    """A line for each result of the publications listed, with the figures as published."""
    out = io.StringIO()
    columns = ["n", "evaluable", "responders", "orr", "dcr", "pfs", "os", "dor", "grade3", "deaths"]
    writer = csv.writer(out)
    writer.writerow(
        ["publication", "citation", "doi", "pmid", "study", "verified", "arm", "regimen", "subgroup", *columns]
        + [f"{name}_{end}" for name in ("orr", "pfs", "os") for end in ("low", "high")]
    )
    for entry in entries:
        publication = knowledge.publications[entry.key]
        start = [entry.key, entry.citation, *(publication[name] for name in ("doi", "pmid", "study_key", "verified"))]
        for result in publication["results"] or [None]:
            if result is None:
                writer.writerow(map(_cell, start))
                continue
            names = [result[name] for name in ("arm", "regimen", "subgroup", *columns)]
            intervals = [bound for name in ("orr", "pfs", "os") for bound in result[f"{name}_ci"]]
            writer.writerow(map(_cell, [*start, *names, *intervals]))
    return out.getvalue()


def publication_page(knowledge: Knowledge, key: str) -> PublicationPage | None:
    """Everything that the release says of one publication; None when it knows none of that key."""
    publication = knowledge.publications.get(key)
    if publication is None:
        return None
    study_key = publication["study_key"]
    readings = [
        link_to("first reading", publication["verified_at"]),
        link_to("second reading", publication["second_read_at"]),
    ]
    reference = [publication[name] for name in ("authors", "journal", "year", "locator")]
    return PublicationPage(
        key=key,
        citation=citation(publication),
        reference=" ".join(f"{str(part).rstrip('.')}." for part in reference if part),
        title=publication["title"] or "Title not known",
        kind=str(PublicationKind(publication["kind"]).label),
        links=publication_links(publication),
        read=how_read(publication),
        readings=tuple(reading for reading in readings if reading),
        study=tuple(_study(publication)),
        same_study=tuple(
            (other, citation(row))
            for other, row in knowledge.publications.items()
            if study_key and other != key and row["study_key"] == study_key
        ),
        results=tuple(_results(publication, knowledge)),
        findings=tuple(publication["findings"]),
        doubts=publication["doubts"] or "",
    )


def _entry(publication: Mapping[str, Any], knowledge: Knowledge) -> EvidenceEntry:
    study = publication["study"] or {}
    populations = [result["population"] or {} for result in publication["results"]]
    slugs = sorted({result["regimen"] for result in publication["results"] if result["regimen"]})
    names = tuple((slug, knowledge.names[slug]) for slug in slugs)
    checked = "none" if publication["verified"] == "none" else "twice" if publication["second_read_at"] else "once"

    def values(name: str) -> frozenset[str]:
        return frozenset(filter(None, [study.get(name), *(population.get(name) for population in populations)]))

    sites = {site for found in (study, *populations) for site in found.get("sites") or ()}
    text = [publication[name] for name in ("key", "title", "authors", "journal", "doi", "pmid", "study_key")]
    text += [study.get("name"), study.get("registry_id"), *slugs, *(name for _, name in names)]
    return EvidenceEntry(
        key=publication["key"],
        citation=citation(publication),
        title=publication["title"] or "Title not known",
        year=publication["year"],
        design=str(Design(study["design"]).label) if study else str(PublicationKind(publication["kind"]).label).lower(),
        population=", ".join(
            [str(Histology(study["histology"]).label), str(Line(study["line"]).label)] if study else []
        ),
        patients=study.get("n"),
        regimens=names,
        read=how_read(publication),
        facets={
            "site": frozenset(sites),
            "histology": values("histology"),
            "line": values("line"),
            "design": values("design"),
            "biomarker": values("biomarker"),
            "checked": frozenset({checked}),
        },
        text=" ".join(str(part) for part in text if part).lower(),
    )


def _order(sort: str) -> Callable[[EvidenceEntry], tuple[Any, ...]]:
    orders: Mapping[str, Callable[[EvidenceEntry], Any]] = {
        "": lambda entry: 0,
        "-year": lambda entry: -(entry.year or 0),
        "year": lambda entry: entry.year or 9999,
        "-patients": lambda entry: -(entry.patients or 0),
        "design": lambda entry: entry.design,
    }
    return lambda entry: (orders[sort](entry), entry.citation.lower(), entry.key)


def _study(publication: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    study = publication["study"]
    if not study:
        return
    yield "Study", ", ".join(part for part in (study["name"], study["registry_id"]) if part) or publication["study_key"]
    comparative = ", arms formally compared" if study["comparative"] else ""
    yield "Design", f"{Design(study['design']).label}{comparative}"
    yield "Line", str(Line(study["line"]).label)
    yield "Histology", str(Histology(study["histology"]).label)
    if study["sites"]:
        yield "Primary sites", ", ".join(str(Site(site).label) for site in study["sites"])
    if study["biomarker"]:
        yield "Selected by", str(SelectionBiomarker(study["biomarker"]).label)
    if study["n"] is not None:
        yield "Patients", str(study["n"])
    if study["population"]:
        yield "Who", study["population"]


def _results(publication: Mapping[str, Any], knowledge: Knowledge) -> Iterator[ResultRow]:
    cohorts = {
        (cohort.publication, cohort.index): cohort
        for found in cohorts_by_regimen(knowledge.document).values()
        for cohort in found
    }
    nobody = knowledge.patient({})
    for index, result in enumerate(publication["results"]):
        cohort, slug = cohorts.get((publication["key"], index)), result["regimen"]
        subgroup = f", {result['subgroup']}" if result["subgroup"] else ""
        size = result["n"] if result["n"] is not None else result["evaluable"]
        usable = cohort is not None and cohort.is_usable
        yield ResultRow(
            arm=f"{result['arm']}{subgroup}",
            regimen=(slug, knowledge.names[slug]) if slug else None,
            stands_for=_stands_for(result, knowledge),
            patients="" if size is None else str(size),
            figures=(*reported_figures(result), *_survival(result)),
            note=result["note"] or "",
            weight=f"{weight(cohort, nobody).product:.2f}" if cohort and usable else "",
            use=_use(publication, result, usable=usable, knowledge=knowledge),
        )


def _stands_for(result: Mapping[str, Any], knowledge: Knowledge) -> str:
    where = result["where"]
    if where == "never":
        return "nobody: shown only"
    words = [describe(where, names=knowledge.names)] if where else []
    population = result["population"] or {}
    for name, labels in (("histology", Histology), ("line", Line), ("biomarker", SelectionBiomarker)):
        if population.get(name):
            words.append(str(labels(population[name]).label))
    if population.get("sites"):
        words.append(", ".join(str(Site(site).label) for site in population["sites"]))
    return "; ".join(words) or "everybody"


def _survival(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if result["dcr"] is not None:
        yield "DCR", f"{result['dcr']:g} %"
    if result["dor"] is not None:
        yield "DOR", f"{result['dor']:g} mo"
    for name, percent in result["rates"].items():
        endpoint, months = name.split("-")
        yield f"{endpoint.upper()} at {months} mo", f"{percent:g} %"
    if hazard := result["hr"]:
        low, high = hazard["ci"]
        interval = f" ({low:g}–{high:g})" if low is not None and high is not None else ""
        yield f"HR {hazard['endpoint'].upper()}", f"{hazard['value']:g}{interval} against {hazard['versus']}"
    if result["deaths"] is not None:
        yield "Treatment-related deaths", str(result["deaths"])


def _use(publication: Mapping[str, Any], result: Mapping[str, Any], *, usable: bool, knowledge: Knowledge) -> str:
    """Whether it can enter a ranking, in words."""
    if publication["verified"] == Verified.NONE:
        return "not read, so in no ranking"
    if not result["regimen"]:
        return "pools several regimens, so in no ranking"
    if not usable:
        return "in no ranking"
    ranked = knowledge.regimens[result["regimen"]].is_ranked
    return "can enter a ranking" if ranked else "its regimen is not ranked"


def _cell(value: Any) -> str:
    """Text that a spreadsheet takes as text: nothing that it would run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "@") or (text[:1] == "-" and not _is_number(text)) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

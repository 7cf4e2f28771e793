"""How sources are named and linked: publications, guideline statements, cohorts, and what a cohort reported."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .models import choices
from .rules.knowledge import Cohort


@dataclass(frozen=True)
class Link:
    text: str
    url: str


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def link_to(text: str, url: str | None) -> Link | None:
    """A link, if the address is one that a browser may safely follow."""
    return Link(text, url) if url and url.startswith(("https://", "http://")) else None


def cohort_words(cohort: Cohort) -> str:
    """Design, histology and line of a cohort: "Randomised phase II, NEC, second line"."""
    words = [
        choices.Design(cohort.design).label,
        choices.Histology(cohort.histology).label,
        choices.Line(cohort.line).label,
    ]
    return ", ".join([str(words[0]), *(lower_first(str(word)) for word in words[1:])])


def lower_first(words: str) -> str:
    """Lower case at the start, unless the first word is an abbreviation."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def citation(publication: Mapping[str, Any]) -> str:
    """First author, journal and year; where no author is known, the study's name or the start of the title."""
    details = [publication["journal"], str(publication["year"]) if publication["year"] else None]
    return ", ".join([_lead(publication), *(detail for detail in details if detail)])


def _lead(publication: Mapping[str, Any]) -> str:
    authors = publication["authors"] or ""
    if authors and "not shown" not in authors.lower():
        return authors.split(",")[0].split(" et al")[0]
    name = (publication["study"] or {}).get("name")
    return name or textwrap.shorten(publication["title"] or publication["key"], 60, placeholder="…")


def publication_links(publication: Mapping[str, Any]) -> tuple[Link, ...]:
    """Where to find a publication: DOI, PubMed, trial register, and the page on which its figures were read."""
    registry_id = (publication["study"] or {}).get("registry_id") or ""
    found = [
        link_to("DOI", publication["doi"] and f"https://doi.org/{publication['doi']}"),
        link_to("PubMed", publication["pmid"] and f"https://pubmed.ncbi.nlm.nih.gov/{publication['pmid']}/"),
        link_to(
            registry_id, f"https://clinicaltrials.gov/study/{registry_id}" if registry_id.startswith("NCT") else None
        ),
        link_to("page read", publication["verified_at"] or publication["url"]),
    ]
    return tuple(link for link in found if link)


def how_read(publication: Mapping[str, Any]) -> str:
    """Where the figures were read, and whether a second reader read the same."""
    if publication["verified"] == "none":
        return "not read"
    where = {"fulltext": "in the full text", "abstract": "in the abstract", "secondary": "in another paper’s account"}
    return f"read {'twice' if publication['second_read_at'] else 'once'}, {where[publication['verified']]}"


def reported_figures(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures as the paper gives them, before any weighting; a confidence level is named where it is not 95 %."""
    if result["responders"] is not None and result["evaluable"]:
        yield "ORR", f"{result['responders']}/{result['evaluable']}{_interval(result, 'orr')}"
    elif result["orr"] is not None:
        yield "ORR", f"{result['orr']:g} %{_interval(result, 'orr')}"
    for outcome in ("pfs", "os"):
        if result[outcome] is not None:
            yield outcome.upper(), f"{result[outcome]:g}{_interval(result, outcome)} mo"
    if result["grade3"] is not None:
        yield "Grade 3+", f"{result['grade3']:g} %"


def _interval(result: Mapping[str, Any], outcome: str) -> str:
    low, high = result[f"{outcome}_ci"] or (None, None)
    if low is None or high is None:
        return ""
    level = f"{result['ci_level']} % CI " if result.get("ci_level") else ""
    return f" ({level}{low:g}–{high:g})"


def guideline_name(statement: Mapping[str, Any]) -> str:
    """The short name of a source: its first words and its year."""
    text = statement["guideline"]
    name = text.split(" (")[0].split(",")[0].split(";")[0]
    year = str(statement["year"] or "")
    named = name if not year or year in name else f"{name}, {year}"
    return f"{named} (not a guideline)" if "not a guideline" in text else named

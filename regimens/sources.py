"""How sources are named and linked: publications, guideline statements, cohorts, and what a cohort reported."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from .figures import interval, number, percent
from .models import choices
from .rules.knowledge import Cohort


@dataclass(frozen=True)
class Link:
    """`is_read` is false for a publication whose figures nobody could read."""

    text: str
    url: str
    is_read: bool = True


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def link_to(text: str, url: str | None) -> Link | None:
    """A link, if the address is one that a browser may safely follow."""
    return Link(text, url) if url and url.startswith(("https://", "http://")) else None


def cohort_words(cohort: Cohort) -> str:
    """Design, histology and line of a cohort: "randomised phase II, NEC, second line"."""
    words = [
        choices.Design(cohort.design).label,
        choices.Histology(cohort.histology).label,
        choices.Line(cohort.line).label,
    ]
    return ", ".join(str(word) for word in words)


def lower_first(words: str) -> str:
    """As within a sentence: lower case at the start, unless it is an abbreviation, or German, whose nouns stay."""
    if (get_language() or "").startswith("de"):
        return words
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
        link_to(_("page read"), publication["verified_at"] or publication["url"]),
    ]
    return tuple(link for link in found if link)


# Where the figures were read: by one reader, by two.
READ = {
    "fulltext": (gettext_lazy("read once, in the full text"), gettext_lazy("read twice, in the full text")),
    "abstract": (gettext_lazy("read once, in the abstract"), gettext_lazy("read twice, in the abstract")),
    "secondary": (
        gettext_lazy("read once, in another paper’s account"),
        gettext_lazy("read twice, in another paper’s account"),
    ),
}


def how_read(publication: Mapping[str, Any]) -> str:
    """Where the figures were read, and whether a second reader read the same."""
    if publication["verified"] == "none":
        return _("not read")
    once, twice = READ[publication["verified"]]
    return str(twice if publication["second_read_at"] else once)


@dataclass(frozen=True)
class Notice:
    """What was printed against a publication: the word for it, where it is printed, and a page that shows it."""

    word: str
    link: Link


def notice_of(publication: Mapping[str, Any]) -> Notice | None:
    """The notice against a publication, retraction before concern before correction; None where none is on record."""
    given = publication.get("notice")
    if not given:
        return None
    link = link_to(given["text"], given["url"]) or Link(given["text"], "")
    return Notice(str(choices.NoticeKind(given["kind"]).label), link)


def reported_figures(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures as the paper gives them, before any weighting; a confidence level is named where it is not 95 %."""
    if result["responders"] is not None and result["evaluable"]:
        yield "ORR", f"{result['responders']}/{result['evaluable']}{_interval(result, 'orr')}"
    elif result["orr"] is not None:
        yield "ORR", f"{percent(result['orr'])}{_interval(result, 'orr')}"
    for outcome in ("pfs", "os"):
        if result[outcome] is not None:
            figure = f"{number(result[outcome])}{_interval(result, outcome)}"
            yield outcome.upper(), _("%(figure)s mo") % {"figure": figure}
    if result["grade3"] is not None:
        yield _("Grade 3+"), percent(result["grade3"])


def _interval(result: Mapping[str, Any], outcome: str) -> str:
    bounds = interval(*(result[f"{outcome}_ci"] or (None, None)))
    if bounds and result.get("ci_level"):
        bounds = _("%(level)s %% CI %(bounds)s") % {"level": result["ci_level"], "bounds": bounds}
    return f" ({bounds})" if bounds else ""


def guideline_name(statement: Mapping[str, Any]) -> str:
    """The short name of a source: its first words and its year."""
    text = statement["guideline"]
    name = text.split(" (")[0].split(",")[0].split(";")[0]
    year = str(statement["year"] or "")
    named = name if not year or year in name else f"{name}, {year}"
    return _("%(name)s (not a guideline)") % {"name": named} if "not a guideline" in text else named

"""How sources are named and linked: publications, guideline statements, cohorts, and what a cohort reported."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from display.numbers import interval, number, percent
from regimens.models import choices

ABBREVIATIONS = {"pfs": gettext_lazy("PFS"), "os": gettext_lazy("OS")}


@dataclass(frozen=True)
class Link:
    """`is_read` is false for a publication whose figures nobody could read; `lang` where its text is not the page's."""

    text: str
    url: str
    is_read: bool = True
    lang: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it leads out of the application."""
        return not self.url.startswith("/")


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '.)')) else '.'}"


def link_to(text: str, url: str | None) -> Link | None:
    """A link, if the address is one that a browser may safely follow."""
    return Link(text, url) if url and url.startswith(("https://", "http://")) else None


def addresses(text: str, url: str | None, read_on: str | None) -> tuple[Link, ...]:
    """The canonical address under `text`, and the page that was read where that is another one."""
    found = (link_to(text, url), link_to(_("page read"), read_on) if read_on != url else None)
    return tuple(link for link in found if link)


def arm_words(result: Mapping[str, Any]) -> str:
    """Which of a publication's cohorts a result is of: its arm, and its subgroup where it is of one."""
    return f"{result['arm']}, {result['subgroup']}" if result["subgroup"] else str(result["arm"])


def lower_first(words: str) -> str:
    """As within a sentence: lower case at the start, unless it is an abbreviation, or German, whose nouns stay."""
    if (get_language() or "").startswith("de"):
        return words
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def citation(publication: Mapping[str, Any]) -> str:
    """First author, journal and year; where no author is known, the study's name or the start of the title."""
    journal, year = publication["journal"] or "", str(publication["year"] or "")
    details = [journal, "" if year in journal else year]
    return ", ".join([_lead(publication), *(detail for detail in details if detail)])


def study_name(publication: Mapping[str, Any]) -> str:
    """As short as a row has room for: the name of the study, else its first author and year."""
    if name := (publication["study"] or {}).get("name"):
        return str(name).split(" (")[0].split(",")[0]
    lead = _author(publication) or publication["journal"] or _lead(publication)
    return " ".join(filter(None, (lead, str(publication["year"] or ""))))


def publication_name(publication: Mapping[str, Any]) -> str:
    """The same, which says so where nobody could read it, or where a notice was printed against it."""
    name = citation(publication)
    if publication["verified"] == "none":
        return _("%(publication)s (not read)") % {"publication": name}
    notice = notice_of(publication)
    return f"{name} ({lower_first(notice.word)})" if notice else name


def _lead(publication: Mapping[str, Any]) -> str:
    if author := _author(publication):
        return author
    name = (publication["study"] or {}).get("name")
    return name or textwrap.shorten(publication["title"] or publication["key"], 60, placeholder="…")


def _author(publication: Mapping[str, Any]) -> str:
    """The first author; "" where no author is known."""
    authors = publication["authors"] or ""
    return authors.split(",")[0].split(" et al")[0] if "not shown" not in authors.lower() else ""


def publication_links(publication: Mapping[str, Any]) -> tuple[Link, ...]:
    """Where to find a publication: DOI, PubMed, trial register, its own page, and that on which its figures were read.

    Each address once, under the first of these names.
    """
    registry_id = (publication["study"] or {}).get("registry_id") or ""
    found = [
        link_to("DOI", publication["doi"] and f"https://doi.org/{publication['doi']}"),
        link_to("PubMed", publication["pmid"] and f"https://pubmed.ncbi.nlm.nih.gov/{publication['pmid']}/"),
        link_to(
            registry_id, f"https://clinicaltrials.gov/study/{registry_id}" if registry_id.startswith("NCT") else None
        ),
        link_to(_("publication"), publication["url"]),
        link_to(_("page read"), publication["verified_at"] or publication.get("read_on")),
    ]
    first: dict[str, Link] = {}
    for link in found:
        if link:
            first.setdefault(link.url.rstrip("/"), link)
    return tuple(first.values())


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
    for _name, label, figure in reported(result):
        yield label, figure


def reported(result: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The same, each with the name of the figure (regimens.rules.readings) before its label."""
    if result["responders"] is not None and result["evaluable"]:
        yield "orr", _("ORR"), f"{result['responders']}/{result['evaluable']}{_interval(result, 'orr')}"
    elif result["orr"] is not None:
        yield "orr", _("ORR"), f"{percent(result['orr'])}{_interval(result, 'orr')}"
    for outcome in ("pfs", "os"):
        if result[outcome] is not None:
            figure = f"{number(result[outcome])}{_interval(result, outcome)}"
            yield outcome, str(ABBREVIATIONS[outcome]), _("%(figure)s mo") % {"figure": figure}
    if result["grade3"] is not None:
        yield "grade3", _("Grade 3+"), percent(result["grade3"])


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

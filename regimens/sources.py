"""How sources are named and linked: publications, guideline statements, cohorts, and what a cohort reported."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from .figures import interval, number, percent
from .models import choices
from .readings import FIGURES, RATE, SHOWN_TOGETHER, State, kind_of, state_of_publication, state_of_result, states_of
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
    details = [publication["journal"], str(publication["year"]) if publication["year"] else None]
    return ", ".join([_lead(publication), *(detail for detail in details if detail)])


def publication_name(publication: Mapping[str, Any]) -> str:
    """The same, which says so where nobody could read it."""
    name = citation(publication)
    return name if publication["verified"] != "none" else _("%(publication)s (not read)") % {"publication": name}


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


# Where the figures were read, and whether by one reader or by two who agree.
READ: Mapping[State, Mapping[str, Any]] = {
    "once": {
        "fulltext": gettext_lazy("read once, in the full text"),
        "abstract": gettext_lazy("read once, in the abstract"),
        "secondary": gettext_lazy("read once, in another paper’s account"),
    },
    "partly": {
        "fulltext": gettext_lazy("read twice in part, in the full text"),
        "abstract": gettext_lazy("read twice in part, in the abstract"),
        "secondary": gettext_lazy("read twice in part, in another paper’s account"),
    },
    "twice": {
        "fulltext": gettext_lazy("read twice, in the full text"),
        "abstract": gettext_lazy("read twice, in the abstract"),
        "secondary": gettext_lazy("read twice, in another paper’s account"),
    },
    "settled": {
        "fulltext": gettext_lazy("read twice, decided where readings differed, in the full text"),
        "abstract": gettext_lazy("read twice, decided where readings differed, in the abstract"),
        "secondary": gettext_lazy("read twice, decided where readings differed, in another paper’s account"),
    },
    "differ": {
        "fulltext": gettext_lazy("readings differ; read in the full text"),
        "abstract": gettext_lazy("readings differ; read in the abstract"),
        "secondary": gettext_lazy("readings differ; read in another paper’s account"),
    },
}
# The same of one figure.
FIGURE_READ: Mapping[State, Any] = {
    "once": gettext_lazy("read once"),
    "partly": gettext_lazy("read twice in part"),
    "twice": gettext_lazy("read twice"),
    "settled": gettext_lazy("decided between two readings"),
    "differ": gettext_lazy("readings differ"),
}
READ_AS: Mapping[str, Any] = {
    "first": gettext_lazy("first reading"),
    "second": gettext_lazy("second reading, without seeing the first"),
    "settling": gettext_lazy("decided between two readings"),
}
READ_IN: Mapping[str, Any] = {
    "fulltext": gettext_lazy("in the full text"),
    "abstract": gettext_lazy("in the abstract"),
    "secondary": gettext_lazy("in another paper’s account"),
}


def how_read(publication: Mapping[str, Any]) -> str:
    """Where the pooled figures were read, and whether a second reader read the same."""
    return _read_as(state_of_publication(publication), publication)


def how_result_was_read(publication: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """The same of the figures of one cohort."""
    return _read_as(state_of_result(publication, result), publication)


def _read_as(state: State, publication: Mapping[str, Any]) -> str:
    return _("not read") if state == "none" else str(READ[state][publication["verified"]])


def disputes(publication: Mapping[str, Any], result: Mapping[str, Any], outcome: str = "") -> Iterator[str]:
    """The figures of a cohort, or of one outcome of it, on which readers differ, each with both values, in words."""
    if not result.get("readings"):
        return
    for one in states_of(publication, result).values():
        if outcome and one.name not in SHOWN_TOGETHER[outcome]:
            continue
        for reading in one.differing:
            yield _("Readings differ, %(figure)s: %(recorded)s on record, %(read)s in the second reading") % {
                "figure": figure_name(one.name),
                "recorded": figure_text(one.name, one.value),
                "read": figure_text(one.name, reading["figures"][one.name]),
            }


@dataclass(frozen=True)
class WhoRead:
    """A reading of a cohort's figures that is on record: as what, by whom, when, where, in what, and the figures."""

    read_as: str
    by: str
    on: str
    source: Link
    read_in: str
    figures: tuple[tuple[str, str], ...]


def who_read(result: Mapping[str, Any]) -> tuple[WhoRead, ...]:
    """The readings of a result that are on record, in their order; of others it is not known who made them."""
    return tuple(
        WhoRead(
            read_as=str(READ_AS[reading["kind"]]),
            by=reading["by"],
            on=date_format(date.fromisoformat(reading["on"])),
            source=link_to(reading["at"], reading["at"]) or Link(reading["at"], ""),
            read_in=str(READ_IN[reading["how"]]),
            figures=tuple(
                (figure_name(name), figure_text(name, reading["figures"][name]))
                for name in sorted(reading["figures"], key=in_reading_order)
            ),
        )
        for reading in result.get("readings") or ()
    )


def readers(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Who read a cohort's figures and when, a line for each reading on record."""
    return tuple(
        _("%(kind)s: %(name)s, %(day)s") % {"kind": one.read_as, "name": one.by, "day": one.on}
        for one in who_read(result)
    )


def in_reading_order(name: str) -> tuple[int, str]:
    """Figures in the order in which a paper is read, rates last."""
    return (list(FIGURES).index(name) if name in FIGURES else len(FIGURES), name)


def figure_name(name: str) -> str:
    """What a figure of a cohort is called on a page."""
    if rate := RATE.fullmatch(name):
        return _("%(endpoint)s at %(months)s mo") % {"endpoint": rate["endpoint"].upper(), "months": rate["months"]}
    base, _bar, end = name.rpartition("_")
    if end == "low":
        return _("%(figure)s, lower bound") % {"figure": base.upper()}
    if end == "high":
        return _("%(figure)s, upper bound") % {"figure": base.upper()}
    return str(FIGURE_NAMES.get(name) or name.upper())


def figure_text(name: str, value: float | None) -> str:
    """A figure of a cohort as a page says it, with its unit."""
    if value is None:
        return _("not given")
    kind = kind_of(name)
    if kind == "months":
        return _("%(figure)s mo") % {"figure": number(value)}
    return number(value) if kind == "count" else percent(value)


FIGURE_NAMES: Mapping[str, Any] = {
    "n": gettext_lazy("Patients"),
    "evaluable": gettext_lazy("Evaluable for response"),
    "responders": gettext_lazy("Responders"),
    "ci_level": gettext_lazy("Level of the intervals"),
    "grade3": gettext_lazy("Grade 3+"),
    "deaths": gettext_lazy("Treatment-related deaths"),
}


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
    """The same, each with the name of the figure (regimens.readings) before its label."""
    if result["responders"] is not None and result["evaluable"]:
        yield "orr", "ORR", f"{result['responders']}/{result['evaluable']}{_interval(result, 'orr')}"
    elif result["orr"] is not None:
        yield "orr", "ORR", f"{percent(result['orr'])}{_interval(result, 'orr')}"
    for outcome in ("pfs", "os"):
        if result[outcome] is not None:
            figure = f"{number(result[outcome])}{_interval(result, outcome)}"
            yield outcome, outcome.upper(), _("%(figure)s mo") % {"figure": figure}
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

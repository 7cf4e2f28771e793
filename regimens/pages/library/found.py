"""One search of the whole library: regimens, drugs, biomarkers, guidelines, trials and publications, by every name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from display.punctuation import in_series
from regimens.rules.knowledge import Knowledge
from regimens.wording.outcomes import patients
from regimens.wording.states import STALE_TRIAL_DAYS, Age, age_of_reading, age_of_year

from .biomarkers import BiomarkerPage, biomarker_pages
from .drugs import DrugEntry, all_drugs
from .evidence import EvidenceEntry, evidence_entries
from .guidelines import StatementRow, all_statements
from .options import OptionEntry, all_options
from .search import HasSearched, best_first, guessed
from .trials import TrialRow, all_trials, likely

MOST_NAMED = 3  # of the names that may have been meant
SHOWN = 6  # of each kind; the rest stands in its own list

E = TypeVar("E", bound=HasSearched)


@dataclass(frozen=True)
class Hit:
    """An entry that was found.

    title, note   in English where `is_english` and `is_note_english` say so
    facts         what tells it from the others, in the page's language
    is_elsewhere  whether its address leads out of the application
    state         a word against it (retracted, readings differ); age: of what it says
    """

    address: str
    title: str
    note: str = ""
    facts: str = ""
    is_english: bool = False
    is_note_english: bool = False
    is_elsewhere: bool = False
    state: str = ""
    age: Age | None = None


@dataclass(frozen=True)
class Found:
    """What was found of a kind: how many, the first of them, and the list that has them all.

    guessed   the names that it was taken for, where nothing of the kind is called so
    """

    key: str
    title: str
    count: int
    hits: tuple[Hit, ...]
    address: str
    guessed: str = ""


def found(knowledge: Knowledge, words: str, today: date) -> tuple[Found, ...]:
    """What a search finds, kind by kind, those left out of which nothing is; nothing at all without a word."""
    if not words.strip():
        return ()
    return tuple(kind for kind in _kinds(knowledge, words, today) if kind.count)


def names_guessed(words: str, entries: Iterable[HasSearched]) -> str:
    """The names that are shown where nothing is called as it was typed, in words; empty where something is."""
    return in_series(guessed(words, entries)[:MOST_NAMED])


def _kinds(knowledge: Knowledge, words: str, today: date) -> Iterator[Found]:
    def of_kind(name: str, title: str, entries: Iterable[E], hit: Callable[[E], Hit]) -> Found:
        every = list(entries)
        entries = best_first(words, every)
        return Found(
            key=name,
            title=title,
            count=len(entries),
            hits=tuple(map(hit, entries[:SHOWN])),
            address=f"{reverse(name)}?{urlencode({'q': words})}",
            guessed=names_guessed(words, every),
        )

    yield of_kind("options", _("Options"), all_options(knowledge), _option)
    yield of_kind("drugs", _("Drugs"), all_drugs(knowledge), _drug)
    yield of_kind("biomarkers", _("Biomarkers"), biomarker_pages(knowledge), _biomarker)
    statements = sorted(all_statements(knowledge).values(), key=lambda row: -(row.year or 0))
    yield of_kind("guidelines", _("Guidelines"), statements, lambda row: _statement(row, today))
    trials = sorted(all_trials(knowledge).values(), key=likely)
    yield of_kind("trials", _("Trials"), trials, lambda row: _trial(row, today))
    publications = sorted(evidence_entries(knowledge), key=lambda entry: -(entry.year or 0))
    yield of_kind("evidence", _("Publications"), publications, _publication)


def _option(entry: OptionEntry) -> Hit:
    facts = [entry.given_with and _("given with %(criterion)s") % {"criterion": entry.given_with}, entry.stances]
    return Hit(
        address=reverse("option", args=[entry.slug]),
        title=entry.name,
        note=entry.drugs,
        facts=" · ".join(filter(None, facts)),
    )


def _drug(entry: DrugEntry) -> Hit:
    return Hit(
        address=reverse("drug", args=[entry.slug]),
        title=entry.name,
        note=entry.synonyms,
        facts=", ".join(entry.cautions),
        is_english=True,
        is_note_english=True,
    )


def _biomarker(page: BiomarkerPage) -> Hit:
    return Hit(
        address=reverse("biomarker", args=[page.slug]),
        title=page.name,
        note=page.why_it_matters,
        is_english=True,
        is_note_english=True,
    )


def _statement(row: StatementRow, today: date) -> Hit:
    return Hit(
        address=f"{reverse('guidelines')}#{row.key}",
        title=row.full_name,
        note=row.statement,
        facts=" · ".join(filter(None, (row.topic, row.applies_to))),
        is_english=True,
        is_note_english=True,
        age=age_of_year(row.year, today),
    )


def _trial(row: TrialRow, today: date) -> Hit:
    return Hit(
        address=f"{reverse('trials')}#{row.nct}",
        title=f"{row.nct} {row.acronym}".strip(),
        note=row.title,
        facts=" · ".join(filter(None, (row.status, row.countries, row.patients))),
        is_english=True,
        is_note_english=True,
        age=age_of_reading(row.looked_up_on, today, most_days=STALE_TRIAL_DAYS),
    )


def _publication(entry: EvidenceEntry) -> Hit:
    size = patients(entry.patients) if entry.patients is not None else ""
    facts = (entry.design, entry.population, size)
    return Hit(
        address=reverse("publication", args=[entry.key]),
        title=entry.citation,
        note=entry.title,
        facts=" · ".join(filter(None, facts)),
        is_note_english=True,
        state=entry.notice.word if entry.notice else _("Readings differ") if entry.disputed else "",
    )

"""Cases as rows of a list, and what a case's page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audit.people import person_name
from boards.choice import Choice, choice_words
from boards.models import AgendaItem, Ballot, Case, CaseVersion, Decision
from boards.models.choices import CaseStatus
from regimens.rules.patient import SITES

from .changes import ChangedField, changed_version, told_again


@dataclass(frozen=True)
class CaseRow:
    """`first` is empty where the ranking may not be shown yet, and `is_hidden` says so."""

    pk: int
    label: str
    board: str
    status: str
    status_key: str
    site: str
    first: str
    is_hidden: bool
    version: int | None
    changed_at: datetime


@dataclass(frozen=True)
class VersionRow:
    """`changes` is what is known of the patient, or asked of the ranking, otherwise than in the version before; `notes`
    are shown of the newest version, and of those before it where they are the same.
    """

    number: int
    at: datetime
    by: str
    release: str
    first: str
    notes: str
    is_current: bool
    changes: tuple[ChangedField, ...]


@dataclass(frozen=True)
class ListedRow:
    """A meeting on whose agenda a case is, with the version it is frozen in and the decision in force."""

    item: int
    meeting: int
    held_on: date
    version: int | None
    decision: str


def case_rows(cases: Iterable[Case]) -> tuple[CaseRow, ...]:
    """Cases with their newest versions, annotated with `is_hidden` (`blindness.cases_known`)."""
    return tuple(case_row(case) for case in cases)


def case_row(case: Case) -> CaseRow:
    version, is_hidden = case.current, case.is_hidden  # type: ignore[attr-defined]
    return CaseRow(
        pk=case.pk,
        label=case_label(case),
        board=case.board.name,
        status=str(CaseStatus(case.status).label),
        status_key=case.status,
        site=site_words(version),
        first="" if is_hidden or version is None else first_words(version),
        is_hidden=is_hidden,
        version=version.number if version else None,
        changed_at=case.changed_at,
    )


def case_label(case: Case) -> str:
    return case.label or _("Case %(number)d, erased") % {"number": case.pk}


def site_words(version: CaseVersion | None) -> str:
    if version is None:
        return ""
    return capfirst(_(SITES[version.primary_site])) if version.primary_site else _("not entered")


def first_words(version: CaseVersion) -> str:
    return version.first_option_name or _("nothing is ranked")


def version_rows(case: Case, versions: Sequence[CaseVersion]) -> tuple[VersionRow, ...]:
    """The newest first, each with its first option, unless the ranking may not be shown yet."""
    return tuple(
        VersionRow(
            number=version.number,
            at=version.created_at,
            by=person_name(version.created_by),
            release=version.release.name,
            first="" if case.is_hidden else first_words(version),  # type: ignore[attr-defined]
            notes=_notes(case, version),
            is_current=version.pk == case.current_id,
            changes=changed_version(before, version) if before else (),
        )
        for version, before in zip_longest(versions, versions[1:])
    )


def _notes(case: Case, version: CaseVersion) -> str:
    is_in_force = case.current is not None and version.notes == case.current.notes
    return told_again(version.notes, is_in_force=is_in_force)


def listed_rows(items: Iterable[AgendaItem]) -> tuple[ListedRow, ...]:
    """Items with their meetings, versions and decisions prefetched."""
    return tuple(
        ListedRow(
            item=item.pk,
            meeting=item.meeting_id,
            held_on=item.meeting.held_on,
            version=item.version.number if item.version else None,
            decision=decision_in_force(item),
        )
        for item in items
    )


def decision_in_force(item: AgendaItem) -> str:
    """The newest of the prefetched decisions in words; empty where there is none."""
    newest = max(item.decisions.all(), key=lambda decision: decision.number, default=None)
    return decided_words(newest) if newest else ""


def decided_words(decision: Decision, *, with_words: bool = True) -> str:
    """What was decided; without what somebody wrote of it where a later version took its place."""
    words = decision.words if with_words else ""
    return choice_words(Choice(decision.kind, decision.option, words), decision.option_name)


def ballot_choice(ballot: Ballot, which: str) -> Choice:
    """The `first` choice of a ballot, or the `final` one."""
    return Choice(*(getattr(ballot, f"{which}_{part}") for part in ("kind", "option", "words")))

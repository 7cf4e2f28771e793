"""A follow-up in words, and what differs between two versions of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.people import person_name
from boards.choice import Choice, choice_words
from boards.models import FollowUp
from boards.models.followup import MONTHS
from boards.models.months import in_words
from boards.outcomes.course import FIELDS

from .changes import ChangedField


@dataclass(frozen=True)
class FollowUpView:
    """A version: what was given, also without what somebody wrote of it, and each fact that is known with its label."""

    number: int
    given: str
    given_alone: str
    facts: tuple[tuple[str, str], ...]
    by: str
    at: datetime


def follow_up_view(row: FollowUp) -> FollowUpView:
    return FollowUpView(
        number=row.number,
        given=choice_words(Choice(row.kind, row.option, row.words), row.option_name),
        given_alone=choice_words(Choice(row.kind, row.option), row.option_name),
        facts=tuple((str(label), said) for name, label in FIELDS.items() if (said := _said(row, name))),
        by=person_name(row.recorded_by),
        at=row.recorded_at,
    )


def history(rows: Iterable[FollowUp]) -> tuple[tuple[FollowUpView, tuple[ChangedField, ...]], ...]:
    """Versions, the newest first, each with what it changed."""
    views = [follow_up_view(row) for row in rows]
    return tuple(
        (view, changes_between(before, view, is_in_force=view is views[0]))
        for view, before in zip(views, [*views[1:], None], strict=False)
    )


def changes_between(
    before: FollowUpView | None, after: FollowUpView, *, is_in_force: bool = True
) -> tuple[ChangedField, ...]:
    """What differs between two versions; all of it where there was none before.

    What somebody wrote is shown of the version in force alone.
    """
    then = dict(before.facts) if before else {}
    now = dict(after.facts)
    given = ChangedField(
        _given(), before.given_alone if before else "", after.given if is_in_force else after.given_alone
    )
    facts = tuple(
        ChangedField(label, then.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys([*now, *then])
        if then.get(label) != now.get(label)
    )
    return facts if before and before.given == after.given else (given, *facts)


def _given() -> str:
    return _("What was given")


def _said(row: FollowUp, name: str) -> str:
    if name in MONTHS:
        return in_words(getattr(row, name))
    return str(getattr(row, f"get_{name}_display")())

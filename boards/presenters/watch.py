"""Decisions that stay watched, as rows: where the plan stands, and what happened since in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.people import person_name
from boards.choice import Choice, choice_words
from boards.models import AgendaItem, Decision, Development, PlanStep
from boards.models.choices import Acknowledged, DevelopmentKind, StepState
from boards.plans import Identity, identity_of, states_of
from boards.shown.developments import GONE, WAITS
from regimens.models.choices import TrialStatus
from regimens.rules.assessment import Band
from regimens.wording.bands import BAND_TITLES

from .cases import case_label, decided_words

ENDED = (StepState.DONE, StepState.NOT_DONE)


@dataclass(frozen=True)
class Linked:
    """Words that lead to a page; `is_english` where the evidence base holds them."""

    words: str
    url: str = ""
    is_english: bool = False


@dataclass(frozen=True)
class Happened:
    """Something that happened since: its kind in words, of what, from what to what.

    weight      "against" where it undermines the decision, "for" where it confirms or leaves it
    answer      what a member answered, with name and day; empty while nobody did
    """

    weight: str
    title: str
    option: str
    said: str
    links: tuple[Linked, ...]
    release: str
    at: datetime
    answer: str


@dataclass(frozen=True)
class OverdueStep:
    what: str
    due_on: date
    said: str
    who: str


@dataclass(frozen=True)
class WatchedRow:
    """A decision that is watched.

    stands_at   how far the plan has come: "1 of 3: Test first: DPD (asked for)"
    open, seen  what nobody answered yet, and what was answered; the newest first
    shown       the keys of `open`, by which an answer says what it was to
    is_undermined   whether something unanswered speaks against the decision
    may_close   whether the watch can be closed now
    """

    item: int
    case: int
    number: int
    label: str
    decided: str
    decided_at: datetime
    stands_at: str
    is_done: bool
    overdue: tuple[OverdueStep, ...]
    open: tuple[Happened, ...]
    seen: tuple[Happened, ...]
    shown: tuple[int, ...]
    is_undermined: bool

    @property
    def may_close(self) -> bool:
        return not self.is_undermined


def watched_rows(items: Iterable[AgendaItem], today: date) -> tuple[WatchedRow, ...]:
    """Items as `shown.watched.for_rows` fetches them; `today` in the board's time zone."""
    return tuple(watched_row(item, today) for item in items)


def watched_row(item: AgendaItem, today: date) -> WatchedRow:
    versions = item.decisions.all()
    decision = max(versions, key=lambda each: each.number)
    states = states_of(versions)
    steps = list(decision.steps.all())
    found = sorted(
        decision.developments.all(), key=lambda each: (not each.undermines, -each.raised_at.timestamp(), each.pk)
    )
    waiting = [each for each in found if not each.acknowledged_as]
    names = option_names(decision)
    return WatchedRow(
        item=item.pk,
        case=item.case_id,
        number=decision.number,
        label=case_label(item.case),
        decided=decided_words(decision),
        decided_at=decision.decided_at,
        stands_at=_stands_at(steps, states) if steps else decided_words(decision),
        is_done=bool(steps) and all(states[identity_of(step)] in ENDED for step in steps),
        overdue=tuple(_overdue(step, today) for step in steps if _is_overdue(step, states, today)),
        open=tuple(happened(each, names) for each in waiting),
        seen=tuple(happened(each, names) for each in found if each.acknowledged_as),
        shown=tuple(each.pk for each in waiting),
        is_undermined=any(each.undermines for each in waiting),
    )


def option_names(decision: Decision) -> dict[str, str]:
    """What the options of a decision and its plan are called, by slug or number."""
    named = [decision, *decision.steps.all()]
    return {each.option: each.option_name or each.option for each in named if each.option}


def happened(development: Development, names: dict[str, str]) -> Happened:
    kind = DevelopmentKind(development.kind)
    answer = ""
    if development.acknowledged_as and development.acknowledged_by:
        answer = _("%(answer)s: %(person)s") % {
            "answer": Acknowledged(development.acknowledged_as).label,
            "person": person_name(development.acknowledged_by),
        }
    return Happened(
        weight="against" if development.undermines else "for",
        title=str(kind.label),
        option="" if kind == DevelopmentKind.OTHER_FIRST else names.get(development.option, development.option),
        said=_said(kind, development.before, development.after),
        links=_links(kind, development),
        release=development.release.name,
        at=development.raised_at,
        answer=answer,
    )


def standing_words(standing: str) -> str:
    """A standing as it is stored in words: "4, in “Supported by evidence in NEC”", or the band alone."""
    band, _space, number = standing.partition(" ")
    if band == GONE:
        return _("not in this release")
    if band == WAITS:
        return _("needs a test")
    if not number:
        return _("in “%(band)s”") % {"band": BAND_TITLES[Band(band)]}
    return _("%(rank)s, in “%(band)s”") % {"rank": number, "band": BAND_TITLES[Band(band)]}


def _said(kind: DevelopmentKind, before: str, after: str) -> str:
    """From what to what; nothing of a case that is erased."""
    if not after:
        return ""
    if kind in (DevelopmentKind.LOST_STANDING, DevelopmentKind.GAINED_STANDING):
        named = {"before": standing_words(before), "after": standing_words(after)}
        return _("Before: %(before)s. Now: %(after)s.") % named
    if kind == DevelopmentKind.OTHER_FIRST:
        if not before:
            return _("Nothing was ranked; now first: %(after)s.") % {"after": after}
        return _("First before: %(before)s. First now: %(after)s.") % {"before": before, "after": after}
    if kind in (DevelopmentKind.TRIAL_CLOSED, DevelopmentKind.TRIAL_OPENED):
        named = {"before": TrialStatus(before).label, "after": TrialStatus(after).label}
        return _("As the register was read before: %(before)s. As it was read last: %(after)s.") % named
    return ""


def _links(kind: DevelopmentKind, development: Development) -> tuple[Linked, ...]:
    if kind == DevelopmentKind.RETRACTED:
        return tuple(
            Linked(key, reverse("publication", args=[key]), is_english=True) for key in development.after.split()
        )
    if kind == DevelopmentKind.NEW_CAUTION and development.after:
        return (Linked(development.after, reverse("option", args=[development.option]), is_english=True),)
    return ()


def _stands_at(steps: Sequence[PlanStep], states: dict[Identity, StepState]) -> str:
    """The first recommendation that is not done, with its place among all."""
    open_ = [step for step in steps if states[identity_of(step)] not in ENDED]
    if not open_:
        return _("done")
    step = open_[0]
    named = {
        "place": step.position,
        "total": len(steps),
        "what": step_words(step),
        "state": states[identity_of(step)].label,
    }
    return _("%(place)d of %(total)d: %(what)s (%(state)s)") % named


def step_words(step: PlanStep) -> str:
    return choice_words(Choice(step.kind, step.option, step.words), step.option_name)


def _is_overdue(step: PlanStep, states: dict[Identity, StepState], today: date) -> bool:
    return bool(step.due_on and step.due_on < today and states[identity_of(step)] not in ENDED)


def _overdue(step: PlanStep, today: date) -> OverdueStep:
    assert step.due_on
    days = (today - step.due_on).days
    said = ngettext("Overdue by %(count)d day", "Overdue by %(count)d days", days) % {"count": days}
    who = person_name(step.owner) if step.owner else step.owner_words
    return OverdueStep(step_words(step), step.due_on, said, who)

"""What a clinician who referred a case is shown of it: the signed outcome, and nothing that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef

from audit.people import person_name
from boards.choice import Choice, choice_words
from boards.models import Case, Decision, PlanStep, Signature
from boards.models.choices import CaseStatus
from display.punctuation import sign


@dataclass(frozen=True)
class ReferralRow:
    pk: int
    label: str
    board: str
    status: str
    status_key: str
    referred_at: datetime


@dataclass(frozen=True)
class StepLine:
    """A recommendation; `condition`, `reason` and `owner` are empty where there is none."""

    what: str
    condition: str
    reason: str
    owner: str
    due_on: date | None


@dataclass(frozen=True)
class Outcome:
    """What a board decided at a meeting, as it was signed; `is_being_changed`: a later version waits for signatures."""

    held_on: date
    what: str
    steps: tuple[StepLine, ...]
    rationale: str
    would_change: str
    signed_at: datetime
    is_being_changed: bool


def referral_row(case: Case) -> ReferralRow:
    return ReferralRow(
        pk=case.pk,
        label=case.label,
        board=case.board.name,
        status=str(CaseStatus(case.status).label),
        status_key=case.status,
        referred_at=case.created_at,
    )


def outcomes_of(case: Case) -> tuple[Outcome, ...]:
    """The newest signed version of each decision on a case, the latest meeting first."""
    last = Signature.objects.filter(decision=OuterRef("pk"), place=OuterRef("signatures_needed"))
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    signed = (
        Decision.objects.filter(item__case=case, signatures__place=F("signatures_needed"))
        .annotate(signed_at=last.values("signed_at")[:1], is_followed=Exists(later))
        .select_related("item__meeting")
        .prefetch_related("steps__owner")
        .order_by("-item__meeting__held_on", "-item_id", "number")
    )
    newest = {decision.item_id: decision for decision in signed}
    return tuple(_outcome(decision) for decision in newest.values())


def _outcome(decision: Decision) -> Outcome:
    return Outcome(
        held_on=decision.item.meeting.held_on,
        what=_words(decision),
        steps=tuple(_step(step) for step in decision.steps.all()),
        rationale=decision.rationale,
        would_change=decision.would_change,
        signed_at=decision.signed_at,
        is_being_changed=decision.is_followed,
    )


def _step(step: PlanStep) -> StepLine:
    owner = person_name(step.owner) if step.owner else step.owner_words
    condition = f"{step.condition}{sign(':')}" if step.condition else ""
    return StepLine(_words(step), condition, step.reason, owner, step.due_on)


def _words(named: Decision | PlanStep) -> str:
    return choice_words(Choice(named.kind, named.option, named.words), named.option_name)

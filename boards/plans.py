"""A plan of care: the recommendations of a decision in their order, and how far each has come.

What was recorded of a recommendation goes with it into a correction of its decision that leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from boards.blindness import decisions_known
from boards.models import AgendaItem, Decision, PlanStep, StepProgress
from boards.models.choices import BEFORE_TREATMENT, StepState
from boards.privacy import guard
from regimens.rules.knowledge import Knowledge

from .choice import LONGEST_WORDS, Choice, checked
from .errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_OWNER = PlanStep._meta.get_field("owner_words").max_length or 0
MOST_STEPS = 20
YEARS_AHEAD = 5
# What can be said of a recommendation when it is planned: whether it was carried out, and why not, is recorded later.
PLANNED = (StepState.AGREED, StepState.ASKED_FOR, StepState.GOING_ON, StepState.DONE)


@dataclass(frozen=True)
class Step:
    """A recommendation as it is written.

    choice      what is to be done
    condition   under which, such as "if DPD is normal"; empty where it is to be done anyway
    owner, owner_words   who sees to it: somebody on the board, or a role in words
    due_on      by when
    state       how far it has come; empty: as it was recorded before, or agreed
    """

    choice: Choice
    condition: str = ""
    reason: str = ""
    owner: User | None = None
    owner_words: str = ""
    due_on: date | None = None
    state: str = ""


Identity = tuple[str, str, str, str]


@dataclass(frozen=True)
class Standing:
    """How far a recommendation has come; agreed, and `record` is None, where nothing was recorded of it."""

    state: StepState
    record: StepProgress | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state not in (StepState.DONE, StepState.NOT_DONE)


AGREED = Standing(StepState.AGREED, None)


def checked_steps(
    steps: Sequence[Step], *, knowledge: Knowledge, held_on: date, people: frozenset[int]
) -> tuple[list[Step], list[Refused]]:
    """The recommendations as they are kept, and everything that is wrong with them, each naming its field.

    A field is named by the place of its recommendation, from 0: "step-1-due". `people`: who can see to it; `held_on`:
    the day of the meeting, before which nothing can be due.
    """
    kept, wrong = [], []
    if not steps:
        wrong.append(Refused(_("Say what is to be done."), "step-0-do"))
    if len(steps) > MOST_STEPS:
        wrong.append(Refused(_("At most %(most)d recommendations.") % {"most": MOST_STEPS}, f"step-{MOST_STEPS}-do"))
    seen: set[Identity] = set()
    for place, step in enumerate(steps):
        try:
            choice = checked(step.choice, knowledge)
        except Refused as refusal:
            wrong.append(Refused(str(refusal), f"step-{place}-{'words' if refusal.field in DETAILS else 'do'}"))
            continue
        texts = {}
        for name, field in TEXTS.items():
            try:
                texts[name] = guard.kept(getattr(step, name), f"planstep.{name}", f"step-{place}-{field}")
            except Refused as refusal:
                wrong.append(refusal)
                texts[name] = ""
        condition = texts["condition"]
        wrong += _refused(step, condition, place, held_on, people)
        identity = (str(choice.kind), choice.option, choice.words, condition)
        if identity in seen:
            wrong.append(Refused(_("The plan says this twice."), f"step-{place}-do"))
        seen.add(identity)
        kept.append(
            Step(
                choice,
                condition,
                texts["reason"],
                step.owner,
                "" if step.owner else texts["owner_words"],
                step.due_on,
                step.state,
            )
        )
    return kept, wrong


DETAILS = ("words", "trial")
# What is written of a recommendation, and the field of the form in which it stands.
TEXTS = {"condition": "when", "reason": "reason", "owner_words": "who"}


def _refused(step: Step, condition: str, place: int, held_on: date, people: frozenset[int]) -> Iterator[Refused]:
    if len(condition) > LONGEST_WORDS:
        yield Refused(_("At most %(most)d characters.") % {"most": LONGEST_WORDS}, f"step-{place}-when")
    if step.owner and step.owner.pk not in people:
        yield Refused(_("Only somebody on the board can be named: write others in words."), f"step-{place}-who")
    if len(step.owner_words) > LONGEST_OWNER:
        yield Refused(_("At most %(most)d characters.") % {"most": LONGEST_OWNER}, f"step-{place}-who")
    latest = held_on.replace(year=held_on.year + YEARS_AHEAD, day=min(held_on.day, 28))
    if step.due_on and not held_on <= step.due_on <= latest:
        said = _(
            "%(day)s is not possible: a recommendation is due from %(first)s, the day of the meeting, to %(last)s."
        )
        named = {"day": step.due_on.isoformat(), "first": held_on.isoformat(), "last": latest.isoformat()}
        yield Refused(said % named, f"step-{place}-due")
    if step.state not in ("", *StepState):
        yield Refused(_("Say how far it has come."), f"step-{place}-state")


def headline(steps: Sequence[Step], *, is_whole: bool) -> Step | None:
    """The first treatment of a plan; its first recommendation where it has no treatment.

    None where only the beginning of the plan can be read, and no treatment is in that.
    """
    treatment = next((step for step in steps if step.choice.kind not in BEFORE_TREATMENT), None)
    return treatment or (steps[0] if steps and is_whole else None)


def identity_of(step: PlanStep) -> Identity:
    """By which a recommendation is the same one in a later version of its decision."""
    return (step.kind, step.option, step.words, step.condition)


def with_plans(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions with all that is said of their plans, in four queries."""
    found = decisions_known(decisions)
    return found.prefetch_related("steps__owner", "steps__progress__recorded_by", "signatures", "presences")


def standings(decisions: Sequence[Decision]) -> dict[Identity, Standing]:
    """How far each recommendation of the newest of an item's decisions has come; the newest first, with their plans.

    Where nothing was recorded of it since, what was recorded of the same recommendation in the version before counts.
    """
    found: dict[Identity, Standing] = {}
    for decision in reversed(decisions):
        there = {}
        for step in decision.steps.all():
            records = sorted(step.progress.all(), key=lambda record: record.number)
            identity = identity_of(step)
            newest = Standing(StepState(records[-1].state), records[-1]) if records else None
            there[identity] = newest or found.get(identity, AGREED)
        found = there
    return found


def states_of(decisions: Iterable[Decision]) -> dict[Identity, StepState]:
    """The same as states alone, of an item's decisions in any order."""
    newest_first = sorted(decisions, key=lambda decision: -decision.number)
    return {identity: standing.state for identity, standing in standings(newest_first).items()}


def of_item(item: AgendaItem) -> Mapping[Identity, Standing]:
    """How far the plan in force has come."""
    return standings(list(with_plans(Decision.objects.filter(item=item)).order_by("-number")))

"""A plan of care in words: of a decision, or of a draft that is being typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from audit.people import person_name
from boards.blindness import is_ranking_hidden
from boards.choice import Choice, choice_words, name_of
from boards.models import AgendaItem, Decision, PlanDraft, PlanStep
from boards.models.choices import ChoiceKind, NotDone, StepState
from boards.plans import AGREED, PLANNED, Identity, Standing, identity_of
from boards.shown.stored_ranking import knowledge_of
from display.punctuation import sign
from regimens.rules.knowledge import Knowledge


@dataclass(frozen=True)
class PlanLine:
    """A recommendation in words.

    pk        of its row; None in a draft, and where the decision is from before plans
    when      its condition; empty where it is to be done anyway
    level, standing   of the option in the frozen ranking: the level of evidence, and where it stood, in words; empty
                      while a vote on the case is open
    who, due  who sees to it, and by when
    state     how far it has come, in words; `state_key` as the code has it, `said` with who recorded it
    is_open   whether something is still to be done; is_late: and the day is over
    is_test   whether a result can be entered for it
    presses   what can be recorded of it with one press: a test is done by its result
    """

    number: int
    pk: int | None
    when: str
    do: str
    reason: str
    level: str
    standing: str
    who: str
    due: date | None
    state: str
    state_key: str
    said: str
    is_open: bool
    is_late: bool
    is_test: bool
    presses: tuple[tuple[str, str], ...] = ()


def plan_lines(
    decision: Decision, standings: Mapping[Identity, Standing], *, today: date | None = None
) -> tuple[PlanLine, ...]:
    """The plan of a decision with its steps and their owners fetched; one of before is a plan of its one choice.

    `standings` says how far each has come (`boards.plans.standings`); without `today` nothing is late.
    """
    lines = tuple(_lines(decision, standings, today))
    return tuple(replace(line, level="", standing="") for line in lines) if is_ranking_hidden(decision) else lines


def _lines(decision: Decision, standings: Mapping[Identity, Standing], today: date | None) -> Iterator[PlanLine]:
    steps = sorted(decision.steps.all(), key=lambda step: step.position)
    for step in steps:
        yield _line(step, standings.get(identity_of(step), AGREED), today)
    if steps:
        return
    choice = Choice(decision.kind, decision.option, decision.words)
    yield PlanLine(
        number=1,
        pk=None,
        when="",
        do=choice_words(choice, decision.option_name),
        reason="",
        level=decision.level,
        standing=standing_words(decision.is_recommended, decision.rank, decision.level),
        who="",
        due=None,
        state="",
        state_key="",
        said="",
        is_open=False,
        is_late=False,
        is_test=False,
    )


def draft_lines(draft: PlanDraft, knowledge: Knowledge) -> tuple[PlanLine, ...]:
    """A plan as it is being typed: what says nothing yet is left out, and nothing is checked."""
    sent = dict(tuple(pair) for pair in draft.fields)
    places = sorted({int(name.split("-")[1]) for name in sent if _is_of_step(name)})
    lines = []
    for place in places:
        given = {part: sent.get(f"step-{place}-{part}", "").strip() for part in ("when", "do", "words", "who", "due")}
        do = _typed(given["do"], given["words"], knowledge)
        if not do and not given["when"]:
            continue
        lines.append(
            PlanLine(
                number=len(lines) + 1,
                pk=None,
                when=given["when"],
                do=do,
                reason=sent.get(f"step-{place}-reason", "").strip(),
                level="",
                standing="",
                who=given["who"],
                due=_day(given["due"]),
                state=_("being typed"),
                state_key="typed",
                said="",
                is_open=False,
                is_late=False,
                is_test=False,
            )
        )
    return tuple(lines)


def step_words(step: PlanStep) -> str:
    """What is to be done."""
    return choice_words(Choice(step.kind, step.option, step.words), step.option_name)


def owner_words(step: PlanStep) -> str:
    return person_name(step.owner) if step.owner else step.owner_words


def standing_words(is_recommended: bool | None, rank: int | None, level: str) -> str:
    """Where an option stood in the frozen ranking; empty for what is no option of it."""
    if is_recommended is None:
        return ""
    words = {"rank": rank, "level": level}
    if rank is None:
        return _("among the recommended") if is_recommended else _("not among the recommended")
    if is_recommended:
        return _("among the recommended; rank %(rank)d, level of evidence %(level)s") % words
    return _("not among the recommended; rank %(rank)d, level of evidence %(level)s") % words


def state_words(standing: Standing) -> str:
    """How far it has come, with the reason where it was not carried out."""
    said = str(standing.state.label)
    record = standing.record
    if record is None:
        return said
    reason = str(NotDone(record.not_done).label) if record.not_done else ""
    parts = [part for part in (reason, record.words) if part]
    return f"{said}{sign(':')} {'; '.join(parts)}" if parts else said


def _line(step: PlanStep, standing: Standing, today: date | None) -> PlanLine:
    record = standing.record
    return PlanLine(
        number=step.position,
        pk=step.pk,
        when=step.condition,
        do=step_words(step),
        reason=step.reason,
        level=step.level,
        standing=standing_words(step.is_recommended, step.rank, step.level),
        who=owner_words(step),
        due=step.due_on,
        state=state_words(standing),
        state_key=str(standing.state.value),
        said=person_name(record.recorded_by) if record else "",
        is_open=standing.is_open,
        is_late=bool(standing.is_open and today and step.due_on and step.due_on < today),
        is_test=step.kind == ChoiceKind.TEST_FIRST,
        presses=_presses(step, standing),
    )


def _presses(step: PlanStep, standing: Standing) -> tuple[tuple[str, str], ...]:
    if not standing.is_open:
        return ()
    states = (StepState.ASKED_FOR,) if step.kind == ChoiceKind.TEST_FIRST else PLANNED
    return tuple((state.value, str(state.label)) for state in states if state not in (standing.state, StepState.AGREED))


def _is_of_step(name: str) -> bool:
    parts = name.split("-")
    return len(parts) == 3 and parts[0] == "step" and parts[1].isascii() and parts[1].isdecimal()


def _typed(do: str, words: str, knowledge: Knowledge) -> str:
    """What somebody types of a recommendation, in words; it may name nothing yet."""
    kind, _colon, option = do.partition(":")
    if kind not in ChoiceKind.values or (kind == ChoiceKind.RANKED and option not in knowledge.names):
        return words
    if kind == ChoiceKind.TRIAL:
        return f"{ChoiceKind.TRIAL.label}{sign(':')} {words}" if words else str(ChoiceKind.TRIAL.label)
    choice = Choice(kind, option, words)
    return choice_words(choice, name_of(choice, knowledge))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def typed_lines(item: AgendaItem) -> tuple[PlanLine, ...]:
    """The plan of an item as it is being typed, for a screen that follows it; nothing where nobody types."""
    found = PlanDraft.objects.filter(item=item).first()
    if found is None or item.version is None:
        return ()
    return tuple(draft_lines(found, knowledge_of(item.version.release_id)))

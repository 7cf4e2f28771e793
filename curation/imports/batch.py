"""What imports write: proposals, all of a batch or none, and none that says what is in force or proposed already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audit.actions import exclusive
from audit.errors import ActionRefused
from curation.accepted import accepted, document_of, text_of, with_changes
from curation.actions import open_proposals, propose
from curation.actions.first_readings import without_readings
from curation.errors import InvalidContent
from curation.models import Entry, Proposal
from regimens.knowledge.loader import LoadError, LoadProblem, problems_in
from regimens.models.choices import ProposalStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Wanted:
    """An entry as an import would have it.

    base         the one in force that this was made of; None for a new one
    told_apart   publications that it looks like and is not, by key
    """

    kind: str
    key: str
    content: Mapping[str, Any]
    base: Mapping[str, Any] | None
    reason: str
    source: str
    told_apart: Collection[str] = ()


@dataclass(frozen=True)
class RecordProposed:
    """A proposal that was made, and how many others were open on the same entry."""

    wanted: Wanted
    proposal: Proposal
    competing: int


@dataclass(frozen=True)
class Left:
    """An entry that was left alone, and why."""

    key: str
    why: str


@dataclass
class RecordOutcome:
    """What became of a batch; `problems` are those of entries that were left alone for them."""

    proposed: list[RecordProposed] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    problems: list[LoadProblem] = field(default_factory=list)


def in_force() -> dict[str, Any]:
    """The entries in force, as one document."""
    return document_of(accepted())


def new_ones_proposed(kind: str) -> dict[str, Mapping[str, Any]]:
    """What open proposals say of entries of a kind that are not there yet, by key; the newest counts."""
    known = Entry.objects.filter(kind=kind).values("key")
    waiting = Proposal.objects.filter(kind=kind, status=ProposalStatus.PROPOSED).exclude(key__in=known).order_by("pk")
    return {proposal.key: proposal.values for proposal in waiting if proposal.values is not None}


def propose_batch(wanted: Sequence[Wanted], *, by: User, each_alone: bool = False) -> RecordOutcome:
    """Propose every entry that differs from what is in force or proposed, in one transaction.

    Raises LoadError with everything that is wrong with any of them; nothing is proposed then. With `each_alone`,
    entries that break a rule by themselves are left alone, with their problems, and the others are proposed.
    """
    outcome = RecordOutcome()
    try:
        with exclusive():
            if each_alone:
                wanted = _without_broken(wanted, outcome)
            _check(wanted)
            for one in wanted:
                if _is_same(one.content, one.base):
                    outcome.left.append(Left(one.key, "as in force"))
                elif same := _open_already(one):
                    outcome.left.append(Left(one.key, f"proposed already: proposal {same.pk}"))
                else:
                    outcome.proposed.append(_proposed(one, by))
    except InvalidContent as error:
        raise LoadError(error.problems) from error
    except ActionRefused as error:
        raise LoadError([LoadProblem("", "", "", None, str(error))]) from error
    return outcome


def _without_broken(wanted: Sequence[Wanted], outcome: RecordOutcome) -> list[Wanted]:
    """Those of which no broken rule names the entry."""
    sound = list(wanted)
    while problems := [problem for problem in _broken_rules(sound) if problem.key in {one.key for one in sound}]:
        broken = {problem.key for problem in problems}
        outcome.problems += problems
        outcome.left += [Left(key, "it breaks rules of the evidence base") for key in sorted(broken)]
        sound = [one for one in sound if one.key not in broken]
    return sound


def _check(wanted: Sequence[Wanted]) -> None:
    """Every problem of the batch at once: entries that changed since they were read, and rules that it would break."""
    evidence = accepted()
    overtaken = [one for one in wanted if not _is_same(evidence[one.kind].get(one.key), one.base)]
    problems = [
        LoadProblem(one.kind, one.key, "", None, "as it was when it was read; it has changed since: import again")
        for one in overtaken
    ]
    problems += _broken_rules(wanted)
    if problems:
        raise LoadError(problems)


def _broken_rules(wanted: Sequence[Wanted]) -> list[LoadProblem]:
    becoming = with_changes(accepted(), [(one.kind, one.key, dict(one.content)) for one in wanted])
    return problems_in(document_of(becoming))


def _proposed(one: Wanted, by: User) -> RecordProposed:
    said = {"reason": one.reason, "source": one.source, "told_apart": one.told_apart}
    made = propose(kind=one.kind, key=one.key, content=one.content, by=by, **said)
    return RecordProposed(one, made.proposal, len(made.competing))


def _open_already(one: Wanted) -> Proposal | None:
    wanted = _compared(one.kind, one.content)
    for found in open_proposals(one.kind, one.key):
        if found.values is not None and _compared(found.kind, found.values) == wanted:
            return found
    return None


def _compared(kind: str, content: Mapping[str, Any]) -> str:
    """What is compared of an entry: who read it is for the proposal to say."""
    return text_of(without_readings(content) if kind == "publications" else content)[0]


def _is_same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return text_of(one) == text_of(other)

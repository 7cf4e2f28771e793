"""What imports write: proposals, all of a batch or none, and none that says what is in force or proposed already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audit.actions import exclusive
from audit.errors import ActionRefused
from curation.accepted import accepted, document_of, text_of, with_changes
from curation.actions import open_proposals, propose
from curation.actions.first_readings import without_readings
from curation.errors import InvalidContent
from regimens.knowledge.loader import LoadError, LoadProblem, problems_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from curation.models import Proposal


@dataclass(frozen=True)
class Wanted:
    """An entry as an import would have it; `base` is the one in force that this was made of, None for a new one."""

    kind: str
    key: str
    content: Mapping[str, Any]
    base: Mapping[str, Any] | None
    reason: str
    source: str


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
    proposed: list[RecordProposed] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def in_force() -> dict[str, Any]:
    """The entries in force, as one document."""
    return document_of(accepted())


def propose_batch(wanted: Sequence[Wanted], *, by: User) -> RecordOutcome:
    """Propose every entry that differs from what is in force or proposed, in one transaction.

    Raises LoadError with everything that is wrong with any of them; nothing is proposed then.
    """
    outcome = RecordOutcome()
    try:
        with exclusive():
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


def _check(wanted: Sequence[Wanted]) -> None:
    """Every problem of the batch at once: entries that changed since they were read, and rules that it would break."""
    evidence = accepted()
    overtaken = [one for one in wanted if not _is_same(evidence[one.kind].get(one.key), one.base)]
    problems = [
        LoadProblem(one.kind, one.key, "", None, "as it was when it was read; it has changed since: import again")
        for one in overtaken
    ]
    becoming = with_changes(evidence, [(one.kind, one.key, dict(one.content)) for one in wanted])
    problems += problems_in(document_of(becoming))
    if problems:
        raise LoadError(problems)


def _proposed(one: Wanted, by: User) -> RecordProposed:
    made = propose(kind=one.kind, key=one.key, content=one.content, reason=one.reason, source=one.source, by=by)
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

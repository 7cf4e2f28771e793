"""Several proposals decided on together: all of them, or none with what stands against each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import ngettext

from audit.actions import exclusive
from audit.errors import ActionRefused
from curation.models import Proposal

from .proposals import accept, ask_for_change, reject, withdraw

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# What is done to each, with what is said of it.
DECISIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"accept": accept, "reject": reject, "ask-for-change": ask_for_change, "withdraw": withdraw}
)


@dataclass(frozen=True)
class Decided:
    """A proposal to decide on, and what its reviewer says of it."""

    proposal: Proposal
    comment: str = ""


class NotDecided(ActionRefused):
    """Nothing was decided, since some of them cannot be; `refusals` are those, each with why."""

    def __init__(self, refusals: Sequence[tuple[Proposal, ActionRefused]]):
        self.refusals = list(refusals)
        count = len(self.refusals)
        said = ngettext(
            "Nothing was decided: %(count)d of them cannot be.",
            "Nothing was decided: %(count)d of them cannot be.",
            count,
        )
        super().__init__(said % {"count": count})


def decide_all(decided: Sequence[Decided], *, how: str, by: User) -> None:
    """Do the same to each, in their order: one transaction, and an event each, as its own action makes it.

    Raises NotDecided with everything that stands against it; then all is as it was.
    """
    act = DECISIONS[how]
    refusals: list[tuple[Proposal, ActionRefused]] = []
    with exclusive():
        for one in decided:
            try:
                with transaction.atomic():
                    act(one.proposal, by=by, comment=one.comment)
            except ActionRefused as error:
                refusals.append((one.proposal, error))
        if refusals:
            raise NotDecided(refusals)

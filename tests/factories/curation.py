"""Changes that two people agreed on, for tests that need the evidence base to be another one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from audit.actions import exclusive
from curation import actions
from curation.models import Entry, InterestStatement, Proposal

REASON = {"reason": "Read again.", "source": "https://example.org/paper"}


def somebody(username: str, role: str = "Curator", *, declares: str = "none") -> User:
    """A person in a role, with a statement of interests unless `declares` is empty."""
    person, is_new = User.objects.get_or_create(username=username, defaults={"is_staff": True})
    if is_new:
        person.groups.add(Group.objects.get(name=role))
        if declares:
            actions.declare_interests(by=person, companies=declares)
    return person


def content(kind: str, key: str, **changes: Any) -> dict[str, Any]:
    """What an entry says, with other values under some of its keys."""
    return copy.deepcopy(Entry.objects.get(kind=kind, key=key).values) | changes


def agree(kind: str, key: str, how: Callable[[dict[str, Any]], Any] | None = None, /, **changes: Any) -> Entry:
    """Change an entry as one person proposes and another accepts: some values, or all that `how` does to it."""
    values = content(kind, key, **changes)
    if how:
        how(values)
    proposed = actions.propose(kind=kind, key=key, content=values, by=somebody("ada"), **REASON)
    return actions.accept(proposed.proposal, by=somebody("ben")).entry


def rename_folfiri(name: str = "FOLFIRI, renamed") -> Entry:
    return agree("regimens", "folfiri", name=name)


def proposed(by: User, kind: str = "regimens", key: str = "folfiri", **changes: Any) -> Proposal:
    """A change of an entry by one person."""
    values = content(kind, key, **(changes or {"name": "FOLFIRI, renamed"}))
    return actions.propose(kind=kind, key=key, content=values, by=by, **REASON).proposal


def declared(person: User, days_ago: int, companies: str = "none") -> InterestStatement:
    """A statement of interests of some days ago."""
    with exclusive():
        day = timezone.now().date() - timedelta(days=days_ago)
        return InterestStatement.objects.create(person=person, declared_on=day, companies=companies)

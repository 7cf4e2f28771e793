"""Events of the audit trail for a hospital's collector of security events, as JSON lines.

They say who did what, when and from where. What it was done to is said of accounts and groups alone, whose names
administrators gave; whatever else somebody typed, and all details, stay in the trail, where `id` leads.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from audit.chain import fields_of
from audit.models import Event

SUBJECT_IS_AN_ACCOUNT = frozenset(
    {
        *("create-account", "change-account", "activate-account", "deactivate-account", "delete-account"),
        *("change-password", "change-account-groups", "change-account-permissions", "invite", "make-link"),
        *("accept-invitation", "set-up-second-factor", "reset-second-factor", "renew-recovery-codes"),
        *("use-recovery-code", "end-sessions", "sign-out-everywhere", "lift-lock-out"),
        *("create-group", "change-group", "delete-group", "change-group-permissions"),
    }
)

log = logging.getLogger("necapp.security")


def line_of(event: Event) -> str:
    fields = fields_of(event)
    told = {name: fields[name] for name in ("id", "at", "action", "address")}
    told["person"] = event.by.get_username() if event.by else None
    told["subject"] = event.subject if event.action in SUBJECT_IS_AN_ACCOUNT else None
    return json.dumps(told, ensure_ascii=False)


def lines_of(events: Iterable[Event]) -> Iterator[str]:
    return (line_of(event) + "\n" for event in events)


def tell(sender: type[Event], instance: Event, created: bool, raw: bool = False, **others: Any) -> None:
    """Of a new event, once it is committed."""
    if created and not raw and log.isEnabledFor(logging.INFO):
        transaction.on_commit(lambda: log.info(line_of(instance)), robust=True)

"""Entries and proposals of the first edition in the database, as a former version of the project left them there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from audit.actions import exclusive
from audit.events import record
from curation.accepted import text_of
from curation.models import Entry, Proposal
from regimens.models.choices import Origin, ProposalStatus

from .curation import somebody

Content = dict[str, Any]


def shipped(kind: str, content: Content, key: str = "") -> Entry:
    """An entry that nobody decided on."""
    key = key or key_of(kind, content)
    with exclusive():
        entry = Entry.objects.filter(kind=kind, key=key).first() or Entry(kind=kind, key=key, origin=Origin.SHIPPED)
        entry.content, entry.sha256 = text_of(content)
        entry.save()
    return entry


def agreed(kind: str, content: Content) -> Entry:
    """An entry that says what two people agreed on."""
    proposal = proposed(kind, content)
    with exclusive():
        proposal.status, proposal.reviewer, proposal.reviewed_at = "accepted", somebody("ben"), timezone.now()
        proposal.save()
        entry = Entry.objects.filter(kind=kind, key=proposal.key).first() or Entry(kind=kind, key=proposal.key)
        entry.content, entry.sha256 = proposal.content, proposal.sha256
        entry.origin, entry.proposal = Origin.CURATED, proposal
        entry.save()
    return entry


def baseline(**contents: list[Content]) -> None:
    """Entries that were loaded as the baseline of the installation, by list."""
    held: dict[str, dict[str, str]] = {}
    with exclusive():
        for kind, listed in contents.items():
            for content in listed:
                text, sha256 = text_of(content)
                key = key_of(kind, content)
                Entry(kind=kind, key=key, content=text, sha256=sha256, origin=Origin.BASELINE).save()
                held.setdefault(kind, {})[key] = sha256
        record("load-baseline", "former", details={"entries": held})


def proposed(
    kind: str,
    content: Content | None,
    *,
    key: str = "",
    by: User | None = None,
    base: str | None = None,
    at: datetime | None = None,
    is_shipped: bool = False,
) -> Proposal:
    """A proposal that waits, on the entry as it is; of nobody where it is what was shipped."""
    key = key or key_of(kind, content or {})
    entry = Entry.objects.filter(kind=kind, key=key).first()
    text, sha256 = (None, "") if content is None else text_of(content)
    with exclusive():
        return Proposal.objects.create(
            kind=kind,
            key=key,
            content=text,
            sha256=sha256,
            base_sha256=(entry.version if entry else "") if base is None else base,
            proposer=None if is_shipped else by or somebody("ada"),
            proposed_at=at or timezone.now() - timedelta(days=3),
            reason="The paper was read again.",
            source="https://example.org/read-again",
            status=ProposalStatus.PROPOSED,
        )


def key_of(kind: str, content: Content) -> str:
    return str(content[{"regimens": "slug", "biomarkers": "slug", "drugs": "slug", "trials": "nct"}.get(kind, "key")])

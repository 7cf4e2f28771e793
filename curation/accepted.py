"""The accepted evidence base: what entries say, and whether each may say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused
from audit.models import Event
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES, FORMAT
from regimens.knowledge.first_edition import is_first_edition
from regimens.knowledge.loader import Evidence, LoadProblem, problems_in
from regimens.models.choices import Origin, ProposalStatus

from .errors import InvalidContent
from .models import Entry, Proposal

UPGRADE = "upgrade-evidence"  # the event of the upgrade to the second edition; triggers know it (migration 0013)


def accepted() -> Evidence:
    """The entries in force, by list and key, each in the shape of its file; one query."""
    found: Evidence = {name: {} for name in ENTRIES}
    for entry in Entry.objects.filter(retired_at__isnull=True):
        found[entry.kind][entry.key] = entry.values
    return found


def document_of(evidence: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """As one document, in the order of its keys: what a release is made of."""
    return {"format": FORMAT} | {name: [evidence[name][key] for key in sorted(evidence[name])] for name in ENTRIES}


def with_changes(evidence: Evidence, changes: Iterable[tuple[str, str, dict[str, Any] | None]]) -> Evidence:
    """The evidence base with entries put in place (kind, key, content) or, where the content is null, left out."""
    changed = {name: dict(entries) for name, entries in evidence.items()}
    for kind, key, content in changes:
        if content is None:
            changed[kind].pop(key, None)
        else:
            changed[kind][key] = content
    return changed


def check(evidence: Evidence) -> None:
    """Raises InvalidContent, with everything that breaks a rule of the evidence base.

    ActionRefused while entries of the first edition are in force, which break hundreds.
    """
    if problems := problems_in(document_of(evidence)):
        if is_of_first_edition(evidence):
            raise ActionRefused(_("The evidence base is not yet of the second edition: load_evidence carries it over."))
        raise InvalidContent(problems)


def is_of_first_edition(evidence: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether some of it waits to be carried over: between `migrate` and `load_evidence`."""
    return any(is_first_edition(kind, content) for kind, held in evidence.items() for content in held.values())


def intruders() -> list[LoadProblem]:
    """Entries that are not as shipped, as the baseline, or as two people agreed on: what got in past the actions.

    One that the upgrade to the second edition carried over says what the upgrade's event tells, made of one of these.
    """
    shipped = _shipped(loader.SHIPPED, loader.stamp(loader.SHIPPED))
    baseline = _baseline()
    upgrade = upgraded()
    newest = {
        (proposal.kind, proposal.key): proposal
        for proposal in Proposal.objects.filter(status=ProposalStatus.ACCEPTED).order_by("pk")
    }
    found = []
    for entry in Entry.objects.all():
        proposal = newest.get((entry.kind, entry.key))
        if proposal is not None and proposal.proposer_id is None:
            proposal = None
        if sha256_of(entry.content) != entry.sha256:
            rule = "its content is not what its SHA-256 says"
        elif proposal is not None:
            held = _agreed(entry, proposal) or _is_carried_over(entry, proposal, upgrade)
            rule = "" if held else "it is not what two people agreed on last"
        elif entry.origin == Origin.SHIPPED:
            rule = _as_shipped(entry, shipped.get((entry.kind, entry.key)))
        elif entry.origin == Origin.BASELINE:
            version = baseline.get(entry.kind, {}).get(entry.key)
            held = entry.version in (version, upgrade.get((entry.kind, entry.key, version)))
            rule = "" if held else "it is not what was loaded as the baseline"
        elif entry.origin == Origin.UPGRADED:
            held = entry.version == upgrade.get((entry.kind, entry.key, None))
            rule = "" if held else "it is not what the upgrade made"
        else:
            rule = "no two people agreed on it"
        if rule:
            found.append(LoadProblem(entry.kind, entry.key, "", None, rule))
    return found


def upgraded() -> Mapping[tuple[str, str, str | None], str]:
    """What the upgrade to the second edition made of entries: the SHA-256 by list, key and the SHA-256 before.

    That is None for an entry that the upgrade added.
    """
    event = Event.objects.filter(action=UPGRADE).order_by("pk").first()
    entries = event.details["entries"] if event else {}
    return {
        (kind, key, before): after
        for kind, versions in entries.items()
        for key, (before, after) in versions.items()
        if after is not None
    }


def text_of(content: Mapping[str, Any]) -> tuple[str, str]:
    """The canonical JSON of an entry, and its SHA-256."""
    text = canonical_json(content).decode()
    return text, sha256_of(text)


def _agreed(entry: Entry, proposal: Proposal) -> bool:
    by_two = proposal.reviewer_id is not None and proposal.reviewer_id != proposal.proposer_id
    if not by_two or entry.origin != Origin.CURATED or entry.proposal_id != proposal.pk:
        return False
    if entry.retired_at is not None:
        return proposal.content is None and proposal.base_sha256 == entry.sha256
    return proposal.content == entry.content and proposal.sha256 == entry.sha256


def _is_carried_over(entry: Entry, proposal: Proposal, upgrade: Mapping[tuple[str, str, str | None], str]) -> bool:
    """Whether the upgrade made it of what two people agreed on."""
    by_two = proposal.reviewer_id is not None and proposal.reviewer_id != proposal.proposer_id
    if not by_two or entry.origin != Origin.CURATED or entry.proposal_id != proposal.pk:
        return False
    return entry.version == upgrade.get((entry.kind, entry.key, proposal.sha256))


@lru_cache(maxsize=2)
def _shipped(directory: Path, stamp: object) -> Mapping[tuple[str, str], str]:
    """What the shipped files hold, as canonical JSON by list and key: read once, and again when they change."""
    files = loader.read(directory)
    return {(name, key): text_of(values)[0] for name, entries in files.items() for key, values in entries.items()}


def _as_shipped(entry: Entry, shipped: str | None) -> str:
    if shipped is None:
        return "" if entry.retired_at else "it is not among the shipped files: run load_evidence"
    if entry.retired_at or shipped != entry.content:
        return "it is not what the shipped files hold: run load_evidence"
    return ""


def _baseline() -> dict[str, dict[str, str]]:
    event = Event.objects.filter(action="load-baseline").order_by("pk").first()
    return event.details.get("entries", {}) if event else {}

"""What the surveillance desk holds of a text or trial: the record, as it was read when a search found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from curation.models import SurveyFinding
from regimens.models.choices import NoticeKind, PublicationKind

from .clinicaltrials import RegisteredTrial
from .identifiers import Identifier, IdentifierKind
from .pubmed import PrintedNotice, PubmedRecord


@dataclass(frozen=True)
class FoundOnDesk:
    """The newest record of an identifier, and when a search found it; a trial's `version` is set."""

    found_on: date
    text: PubmedRecord | None = None
    trial: RegisteredTrial | None = None


def found_on_desk(identifier: Identifier) -> FoundOnDesk | None:
    """What searches found under an identifier, whatever was decided on it; None where no record was kept of it."""
    named = {
        IdentifierKind.PMID: {"pmid": identifier.value},
        IdentifierKind.DOI: {"doi__iexact": identifier.value},
        IdentifierKind.NCT: {"nct": identifier.value},
    }[identifier.kind]
    for finding in SurveyFinding.objects.filter(**named).exclude(record={}).order_by("-pk"):
        found_on = finding.found_at.date()
        if text := citation_of(finding.record):
            return FoundOnDesk(found_on, text=text)
        if trial := trial_of(finding.record):
            return FoundOnDesk(found_on, trial=replace(trial, version=trial.version or found_on))
    return None


def trial_of(stored: Mapping[str, Any]) -> RegisteredTrial | None:
    """The trial that was stored with something found."""
    given = stored.get("trial")
    if not given:
        return None
    names = ("countries", "criteria", "conditions", "arms", "interventions")
    lists = {name: tuple(given[name]) for name in names}
    version = date.fromisoformat(given["version"]) if given["version"] else None
    return RegisteredTrial(**{**given, **lists, "version": version})


def citation_of(stored: Mapping[str, Any]) -> PubmedRecord | None:
    """The record of PubMed that was stored with something found."""
    given = stored.get("citation")
    if not given:
        return None
    names = ("authors", "journals", "years", "trials", "preprints", "bad_dois", "dois")
    lists = {name: tuple(given.get(name, ())) for name in names}
    notices = tuple(PrintedNotice(NoticeKind(one["kind"]), one["text"], one["url"]) for one in given["notices"])
    kind = PublicationKind(given["kind"]) if given["kind"] else None
    return PubmedRecord(**{**given, **lists, "kind": kind, "notices": notices, "against": (), "notice": None})

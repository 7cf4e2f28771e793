"""From the files of the evidence base to its entries: as shipped, as proposals, or as the baseline of an installation.

The files inside the app are as trusted as its code: what they say of an entry that nobody decided on is in force.
Anybody's files make proposals, but for the baseline of an empty evidence base, which has to be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from curation.accepted import accepted, check, text_of, with_changes
from curation.models import Entry, Proposal
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.loader import Evidence
from regimens.models.choices import Origin, ProposalStatus

from .projection import refresh
from .proposals import Change, propose_all, propose_as_shipped
from .upgrading import Upgrade, carry_over_proposals, upgrade_entries

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Keys = dict[str, list[str]]


def _nothing() -> Keys:
    return {name: [] for name in ENTRIES}


@dataclass
class LoadReport:
    """What loading did, by list of the evidence base: the keys of entries.

    added, changed   in force as the files say
    left             as the files say already
    proposed         for people to decide on
    retired          no longer among the shipped files, and nobody decided on them
    database_only    which the files do not hold, and that stay
    upgrade          what became of what is of the first edition, the one time that something is
    """

    added: Keys = field(default_factory=_nothing)
    changed: Keys = field(default_factory=_nothing)
    left: Keys = field(default_factory=_nothing)
    proposed: Keys = field(default_factory=_nothing)
    retired: Keys = field(default_factory=_nothing)
    database_only: Keys = field(default_factory=_nothing)
    upgrade: Upgrade | None = None


def load() -> LoadReport:
    """The shipped files, in one transaction. Raises LoadError, InvalidContent.

    Entries of the first edition of the evidence base are carried over to the second first.
    """
    files = loader.read(loader.SHIPPED)
    report = LoadReport()
    with exclusive():
        report.upgrade = upgrade_entries(files)
        present = {(entry.kind, entry.key): entry for entry in Entry.objects.all()}
        to_propose = _compare(files, present, report)
        _settle(files, present, report)
        if report.upgrade:
            check(accepted())
            carry_over_proposals(files, report.upgrade)
        _say_proposed(
            report,
            propose_as_shipped(to_propose, "The evidence base as shipped says so now.", "The shipped files."),
        )
        refresh()
        if any(report.added.values()) or any(report.changed.values()) or any(report.retired.values()):
            record("load", details={"added": report.added, "changed": report.changed, "retired": report.retired})
    return report


def load_proposals(directory: Path, *, by: User, reason: str = "", source: str = "") -> LoadReport:
    """What the files of a directory would change, as proposals of a person. Raises LoadError, ActionRefused."""
    files = loader.read(directory)
    report = LoadReport()
    with exclusive():
        present = accepted()
        changes = []
        for name, entries in files.items():
            report.database_only[name] = sorted(present[name].keys() - entries.keys())
            for key in sorted(entries):
                is_there = key in present[name] and text_of(entries[key]) == text_of(present[name][key])
                if is_there:
                    report.left[name].append(key)
                else:
                    changes.append(Change(name, key, entries[key]))
        reason = reason.strip() or "Loaded from files."
        _say_proposed(report, propose_all(changes, reason=reason, source=source.strip() or str(directory), by=by))
    return report


def load_baseline(directory: Path) -> LoadReport:
    """The files of a directory, in force as they are, into an evidence base without a single entry or proposal.

    Whoever may run the command is trusted with it once; its event keeps what was loaded. Raises LoadError and
    ActionRefused.
    """
    files = loader.read(directory)
    report = LoadReport()
    with exclusive():
        if Entry.objects.exists() or Proposal.objects.exists():
            raise ActionRefused(_("A baseline is loaded into an empty evidence base, and this one is not."))
        report.added = {name: sorted(entries) for name, entries in files.items()}
        made = _create(((name, key, files[name][key]) for name in files for key in report.added[name]), Origin.BASELINE)
        held: dict[str, dict[str, str]] = {name: {} for name in ENTRIES}
        for entry in made:
            held[entry.kind][entry.key] = entry.sha256
        record("load-baseline", directory, details={"entries": held})
        refresh()
    return report


def _compare(files: Evidence, present: Mapping[tuple[str, str], Entry], report: LoadReport) -> list[Change]:
    """Sort the keys of the shipped files into a report; what is for people to decide."""
    to_propose = []
    for name, entries in files.items():
        for key in sorted(entries):
            entry = present.get((name, key))
            if entry is None:
                report.added[name].append(key)
            elif entry.content == text_of(entries[key])[0] and not (
                entry.origin == Origin.SHIPPED and entry.retired_at
            ):
                report.left[name].append(key)
            elif entry.origin == Origin.SHIPPED:
                report.changed[name].append(key)
            elif entry.retired_at or _was_decided(name, key, entries[key]):
                report.left[name].append(key)
            else:
                to_propose.append(Change(name, key, entries[key]))
        for key in sorted(key for kind, key in present if kind == name and key not in entries):
            entry = present[name, key]
            if entry.retired_at is None:
                (report.retired if entry.origin == Origin.SHIPPED else report.database_only)[name].append(key)
    return to_propose


def _was_decided(name: str, key: str, content: dict[str, Any]) -> bool:
    """The entry said just this before people changed it, or they said no to it: they are not asked at every start."""
    sha256 = text_of(content)[1]
    declined = Proposal.objects.filter(
        kind=name,
        key=key,
        proposer__isnull=True,
        sha256=sha256,
        status__in=(ProposalStatus.REJECTED, ProposalStatus.CHANGE_ASKED),
    )
    return declined.exists() or Entry.history.filter(kind=name, key=key, sha256=sha256).exists()


def _settle(files: Evidence, present: Mapping[tuple[str, str], Entry], report: LoadReport) -> None:
    """Write the entries that nobody decided on."""
    settled = [(name, key) for keys in (report.added, report.changed) for name in ENTRIES for key in keys[name]]
    gone = [(name, key) for name in ENTRIES for key in report.retired[name]]
    changes = [(name, key, files[name][key]) for name, key in settled] + [(name, key, None) for name, key in gone]
    if not changes:
        return
    check(with_changes(accepted(), changes))
    _create(((name, key, files[name][key]) for name in ENTRIES for key in report.added[name]), Origin.SHIPPED)
    for name in ENTRIES:
        for key in report.changed[name]:
            entry = present[name, key]
            entry.content, entry.sha256 = text_of(files[name][key])
            entry.retired_at, entry.retired_because = None, ""
            _save(entry)
        for key in report.retired[name]:
            entry = present[name, key]
            entry.retired_at = timezone.now()
            entry.retired_because = "No longer among the shipped files."
            _save(entry)


def _save(entry: Entry) -> None:
    entry._change_reason = "As shipped."
    entry.save()


def _create(entries: Iterable[tuple[str, str, dict[str, Any]]], origin: Origin) -> list[Entry]:
    rows = []
    for kind, key, content in entries:
        text, sha256 = text_of(content)
        rows.append(Entry(kind=kind, key=key, content=text, sha256=sha256, origin=origin))
    return bulk_create_with_history(rows, Entry, batch_size=100, default_change_reason=str(origin.label))


def _say_proposed(report: LoadReport, proposed: Iterable[Any]) -> None:
    for one in proposed:
        report.proposed[one.proposal.kind].append(one.proposal.key)

"""Work packages: the entries of one piece of work are drafted together, and proposed, decided and withdrawn as one.

Each action is one transaction with one event, so that a process that is killed leaves all of a package or none.
Decision: docs/adr/0028-work-packages.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.canonical import canonical_json
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted, check, with_changes
from curation.errors import AlreadyDecided, NothingToChange, StaleProposal
from curation.mail import tell_of_asked_change
from curation.models import Entry, PackageEntry, Proposal, WorkPackage
from curation.permissions import PROPOSE
from regimens.models.choices import EntryKind, PackageStatus, ProposalStatus

from .interests import reviewing
from .proposals import (
    Change,
    Proposed,
    close,
    decide,
    draft_again,
    is_on_what_is_in_force,
    propose_together,
    put_in_force,
    refuse_if_twin,
    supersede_rivals,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Content = Mapping[str, Any]

MOST_ENTRIES = 30  # of one package: what one person can read in one sitting
LONGEST_CONTENT = 200_000  # characters of one entry; the largest of the shipped ones has some 40,000


@dataclass(frozen=True)
class Drafted:
    """An entry as it is to stand in a package; `base_sha256` of the one in force that it was made of."""

    kind: str
    key: str
    content: Content
    base_sha256: str = ""


@dataclass(frozen=True)
class PackageAccepted:
    """The entries as they are now, and the open proposals on them that were superseded."""

    entries: list[Entry]
    superseded: list[Proposal]


def begin_package(
    *, title: str, identifier: str = "", source: str = "", entries: Iterable[Drafted] = (), by: User
) -> WorkPackage:
    """A draft with what is known of its entries already, and of its source.

    Raises NotAllowed; ActionRefused without a title.
    """
    person = permitted(by, PROPOSE)
    title = title.strip()[:200]
    if not title:
        raise ActionRefused(_("Say what the work package is about."))
    with exclusive():
        package = WorkPackage.objects.create(
            title=title, identifier=identifier.strip()[:200], source=source.strip(), begun_by=person
        )
        kept = [_keep(package, one) for one in entries]
        details = {"package": package.pk, "identifier": package.identifier, "entries": _by_kind(kept)}
        record("begin-package", title, by=person, details=details)
    return package


def keep_in_package(
    package: WorkPackage,
    *,
    drafted: Drafted,
    in_place_of: PackageEntry | None = None,
    told_apart: Collection[str] = (),
    reason: str = "",
    source: str = "",
    by: User,
) -> PackageEntry:
    """Put an entry into a draft, or change it there. Nothing is judged but its size: a draft may be unfinished.

    `in_place_of`: the same entry under the key that it had before.
    Raises NotAllowed, AlreadyDecided; ActionRefused for too many entries, or one that is too long.
    """
    with exclusive():
        person, row = _in_work(package, by)
        if in_place_of is not None and in_place_of.key != drafted.key:
            row.entries.filter(pk=in_place_of.pk, proposal=None).delete()
        kept = _keep(row, drafted, told_apart)
        row.reason, row.source = reason.strip() or row.reason, source.strip() or row.source
        row.save()
        record("keep-in-package", row.title, by=person, details={"package": row.pk, "entries": _by_kind([kept])})
    return kept


def fill_package(package: WorkPackage, *, title: str, entries: Iterable[Drafted], by: User) -> list[PackageEntry]:
    """Put what was found of its identifier into a draft that has no entry yet. Raises as `keep_in_package` does."""
    with exclusive():
        person, row = _in_work(package, by)
        if row.entries.exists():
            raise AlreadyDecided(_("This work package has been filled in already."))
        row.title = title.strip()[:200] or row.title
        row.save()
        kept = [_keep(row, one) for one in entries]
        record("keep-in-package", row.title, by=person, details={"package": row.pk, "entries": _by_kind(kept)})
    return kept


def take_out_of_package(entry: PackageEntry, *, by: User) -> None:
    """Take an entry out of a draft. Raises NotAllowed, AlreadyDecided."""
    with exclusive():
        person, row = _in_work(entry.package, by)
        held = row.entries.filter(pk=entry.pk).first()
        if held is None:
            raise AlreadyDecided(_("It is no longer in this work package."))
        told = _by_kind([held])
        held.delete()
        record("take-out-of-package", row.title, by=person, details={"package": row.pk, "entries": told})


def propose_package(package: WorkPackage, *, reason: str = "", source: str = "", by: User) -> list[Proposed]:
    """Propose every entry of a package, all or none: another person decides on all of them at once.

    Reason and source are those given before, unless given. Raises NotAllowed, AlreadyDecided, InvalidContent,
    LooksAlike; NothingToChange where an entry says nothing new; StaleProposal where one changed since it was drafted.
    """
    with exclusive():
        person, row = _in_work(package, by)
        entries = list(row.entries.select_related("proposal"))
        if not entries:
            raise ActionRefused(_("There is no entry in this work package yet."))
        _refuse_moved(entries)
        row.reason, row.source = reason.strip() or row.reason, source.strip() or row.source
        asked = {
            (one.kind, one.key): one.proposal
            for one in entries
            if one.proposal is not None and one.proposal.status == ProposalStatus.CHANGE_ASKED
        }
        made = propose_together(
            [Change(one.kind, one.key, one.values) for one in entries],
            reason=row.reason,
            source=row.source,
            person=person,
            replaces=asked,
            told_apart=[key for one in entries for key in one.told_apart.split()],
        )
        proposals = {(one.proposal.kind, one.proposal.key): one.proposal for one in made}
        if unchanged := [one.key for one in entries if (one.kind, one.key) not in proposals]:
            raise NothingToChange(
                _("%(keys)s: the evidence base already says this, or the same is proposed. Take it out first.")
                % {"keys": ", ".join(unchanged)}
            )
        for one in entries:
            one.proposal = proposals[one.kind, one.key]
            one.save()
        row.status, row.reviewer, row.decided_at, row.comment = PackageStatus.PROPOSED, None, None, ""
        row.save()
        details = {
            "package": row.pk,
            "proposals": [one.pk for one in proposals.values()],
            "entries": _by_kind(entries),
            "reason": row.reason,
        }
        record("propose-package", row.title, by=person, details=details)
    return made


def accept_package(
    package: WorkPackage, *, by: User, comment: str = "", told_apart: Collection[str] = ()
) -> PackageAccepted:
    """Put every entry of a package in force, or none: by somebody else, with a current statement of interests.

    Raises NotAllowed, AlreadyDecided, InvalidContent, LooksAlike; StaleProposal where an entry changed since: the
    package is a draft again then.
    """
    stale = ""
    with exclusive():
        person, row = _reviewed(package, by)
        proposals = in_order(one.proposal for one in row.entries.select_related("proposal__proposer") if one.proposal)
        held = {(one.kind, one.key): one for one in Entry.objects.filter(key__in=[one.key for one in proposals])}
        for one in proposals:
            if not one.is_open or not is_on_what_is_in_force(one, held.get((one.kind, one.key))):
                stale = one.key
                if one.is_open:
                    close(one, ProposalStatus.SUPERSEDED)
                draft_again(one, f"{one.key} changed since it was proposed.")
                record("supersede-package", row.title, by=person, details={"package": row.pk, "because": one.key})
                break
        else:
            entries, superseded = _accepted(row, proposals, held, person, comment, told_apart)
    if stale:
        raise StaleProposal(
            _("%(entry)s changed since this was proposed; the work package is a draft again.") % {"entry": stale}
        )
    return PackageAccepted(entries, superseded)


def reject_package(package: WorkPackage, *, by: User, comment: str) -> WorkPackage:
    """Say no to all of it, and why. Raises NotAllowed, AlreadyDecided; ActionRefused without a comment."""
    return _answer(package, ProposalStatus.REJECTED, PackageStatus.REJECTED, "reject-package", by, comment)


def ask_for_change_of_package(package: WorkPackage, *, by: User, comment: str) -> WorkPackage:
    """Ask who made it for a change; it is edited again, and proposed whole. Raises as `reject_package` does."""
    status = ProposalStatus.CHANGE_ASKED, PackageStatus.CHANGE_ASKED
    row = _answer(package, *status, "ask-for-change-of-package", by, comment)
    told = {"what": str(row), "page": "work-package", "number": row.pk, "comment": row.comment}
    tell_of_asked_change(row.begun_by, **told, by=row.reviewer)
    return row


def withdraw_package(package: WorkPackage, *, by: User) -> WorkPackage:
    """Take back one's own package, draft or proposed, with all its proposals. Raises NotAllowed, AlreadyDecided."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = _mine(package, person)
        if not row.is_in_work and not row.is_open:
            raise AlreadyDecided(_("This work package is already %(status)s.") % {"status": row.get_status_display()})
        for one in Proposal.objects.filter(package_entry__package=row, status=ProposalStatus.PROPOSED):
            close(one, ProposalStatus.WITHDRAWN)
        row.status, row.reviewer, row.decided_at = PackageStatus.WITHDRAWN, None, timezone.now()
        row.save()
        record("withdraw-package", row.title, by=person, details={"package": row.pk})
    return row


def in_order(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Entries before those that name them, as the lists of the evidence base are loaded."""
    kinds = list(EntryKind.values)
    return sorted(proposals, key=lambda one: (kinds.index(one.kind), one.pk))


def _accepted(
    package: WorkPackage,
    proposals: list[Proposal],
    held: Mapping[tuple[str, str], Entry],
    person: User,
    comment: str,
    told_apart: Collection[str],
) -> tuple[list[Entry], list[Proposal]]:
    evidence = accepted()
    check(with_changes(evidence, [(one.kind, one.key, one.values) for one in proposals]))
    for one in proposals:
        refuse_if_twin(one, evidence, told_apart)
    # In this order, which the triggers ask for: the package, its proposals, their entries.
    package.status, package.reviewer, package.decided_at = PackageStatus.ACCEPTED, person, timezone.now()
    package.comment = comment.strip()
    package.save()
    for one in proposals:
        decide(one, ProposalStatus.ACCEPTED, person, comment)
    entries = [put_in_force(one, held.get((one.kind, one.key)), person) for one in proposals]
    superseded = [rival for one in proposals for rival in supersede_rivals(one)]
    details = {
        "package": package.pk,
        "proposals": [one.pk for one in proposals],
        "entries": _by_kind(proposals),
        "superseded": [one.pk for one in superseded],
    }
    record("accept-package", package.title, by=person, details=details)
    return entries, superseded


def _answer(
    package: WorkPackage, of_proposals: ProposalStatus, status: PackageStatus, action: str, by: User, comment: str
) -> WorkPackage:
    with exclusive():
        person, row = _reviewed(package, by)
        if not comment.strip():
            raise ActionRefused(_("A comment is required."))
        for one in Proposal.objects.filter(package_entry__package=row, status=ProposalStatus.PROPOSED):
            decide(one, of_proposals, person, comment)
        row.status, row.reviewer, row.decided_at, row.comment = status, person, timezone.now(), comment.strip()
        row.save()
        record(action, row.title, by=person, details={"package": row.pk, "comment": row.comment})
    return row


def _keep(package: WorkPackage, drafted: Drafted, told_apart: Collection[str] = ()) -> PackageEntry:
    if drafted.kind not in EntryKind.values:
        raise ActionRefused(_("%(kind)s is not a list of the evidence base.") % {"kind": drafted.kind})
    if not drafted.key or len(drafted.key) > 80:
        raise ActionRefused(_("An entry needs its key, of 80 characters at most."))
    text = canonical_json(dict(drafted.content)).decode()
    if len(text) > LONGEST_CONTENT:
        raise ActionRefused(_("The entry is too long to be kept."))
    held = package.entries.filter(kind=drafted.kind, key=drafted.key).first()
    if held is None:
        if package.entries.count() >= MOST_ENTRIES:
            raise ActionRefused(_("A work package holds %(most)s entries at most.") % {"most": MOST_ENTRIES})
        held = PackageEntry(package=package, kind=drafted.kind, key=drafted.key)
    held.content, held.base_sha256 = text, drafted.base_sha256
    held.told_apart = " ".join(sorted({*held.told_apart.split(), *told_apart}))
    held.save()
    return held


def _refuse_moved(entries: Iterable[PackageEntry]) -> None:
    """Raises StaleProposal where an entry is no longer what it was drafted on, or a new one is there by now."""
    versions = {(one.kind, one.key): one.version for one in Entry.objects.all()}
    for one in entries:
        if versions.get((one.kind, one.key), "") != one.base_sha256:
            raise StaleProposal(
                _("%(entry)s changed since it was drafted: open it again and look at what it says now.")
                % {"entry": one.key}
            )


def _in_work(package: WorkPackage, by: User) -> tuple[User, WorkPackage]:
    person = permitted(by, PROPOSE)
    row = _mine(package, person)
    if not row.is_in_work:
        raise AlreadyDecided(_("This work package is already %(status)s.") % {"status": row.get_status_display()})
    return person, row


def _mine(package: WorkPackage, person: User) -> WorkPackage:
    row = _locked(package)
    if row.begun_by_id != person.pk:
        raise NotAllowed(_("Only the person who began it may change it."))
    return row


def _reviewed(package: WorkPackage, by: User) -> tuple[User, WorkPackage]:
    person = reviewing(by)
    row = _locked(package)
    if not row.is_open:
        raise AlreadyDecided(_("This work package is already %(status)s.") % {"status": row.get_status_display()})
    if row.begun_by_id == person.pk:
        raise NotAllowed(_("Somebody other than the proposer has to decide."))
    return person, row


def _locked(package: WorkPackage) -> WorkPackage:
    return WorkPackage.objects.select_for_update(of=("self",)).get(pk=package.pk)


def _by_kind(entries: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in entries:
        found.setdefault(str(one.kind), []).append(one.key)
    return found

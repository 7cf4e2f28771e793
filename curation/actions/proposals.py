"""A change is a proposal by one person, and takes effect when another accepts it.

Each action is one transaction with its event. All of it is refused or none: see `curation.errors`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted, check, text_of, with_changes
from curation.errors import AlreadyDecided, InvalidContent, NothingToChange, StaleProposal
from curation.mail import tell_of_asked_change
from curation.models import Entry, PackageEntry, Proposal, WorkPackage
from curation.permissions import PROPOSE
from regimens.knowledge import loader
from regimens.models.choices import EntryKind, Origin, PackageStatus, ProposalStatus

from .duplicates import refuse_twin
from .first_readings import record_first_reading, with_first_readings
from .interests import reviewing
from .projection import project
from .upgrading import in_this_edition

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """An entry as it is to be, in the shape of its file; without content it is to be retired."""

    kind: str
    key: str
    content: Content | None


@dataclass(frozen=True)
class Proposed:
    """A proposal that was made, and the open ones on the same entry that were there before: the first accepted wins."""

    proposal: Proposal
    competing: list[Proposal] = field(default_factory=list)


@dataclass(frozen=True)
class Accepted:
    """The entry as it is now, and the open proposals on it that were superseded."""

    entry: Entry
    superseded: list[Proposal] = field(default_factory=list)


def propose(
    *,
    kind: str,
    key: str,
    content: Content,
    reason: str,
    source: str,
    told_apart: Collection[str] = (),
    by: User,
) -> Proposed:
    """Propose an entry, new or changed. `reason`: why; `source`: an address or a citation.

    `told_apart` are publications that it looks like and is not, by key. Raises NotAllowed, InvalidContent,
    NothingToChange; LooksAlike for a publication that is here already; ActionRefused where reason or source is missing.
    """
    return _propose_one(Change(kind, key, content), reason, source, by, told_apart)


def propose_retirement(*, kind: str, key: str, reason: str, source: str, by: User) -> Proposed:
    """Propose that an entry be retired: it stays with its history, and enters no release. Raises as `propose` does."""
    return _propose_one(Change(kind, key, None), reason, source, by)


def propose_all(changes: Iterable[Change], *, reason: str, source: str, by: User) -> list[Proposed]:
    """Propose several changes that hold together, such as a regimen and its indication; each is decided on its own.

    What the entries or open proposals say already is left out, so that the same import twice proposes nothing new.
    Raises InvalidContent for all of them at once, and otherwise as `propose` does.
    """
    reason, source = _given(reason, source)
    person = permitted(by, PROPOSE)
    with exclusive():
        return _propose(list(changes), reason, source, person)


def propose_former(version: Any, *, reason: str, source: str, by: User) -> Proposed:
    """Propose the content of a former version of an entry (of `entry.history`). Raises as `propose` does.

    Its figures come back as they were read then: who proposes it does not read them.
    """
    former = Entry(kind=version.kind, key=version.key, content=version.content)
    content = in_this_edition(former.kind, former.key, former.values)
    return propose_as_read(Change(former.kind, former.key, content), reason=reason, source=source, by=by)


def propose_as_read(change: Change, *, reason: str, source: str, by: User) -> Proposed:
    """Propose an entry with the readings that it says: for `readings` and former versions alone.

    Raises as `propose` does.
    """
    reason, source = _given(reason, source)
    person = permitted(by, PROPOSE)
    with exclusive():
        return _made(_propose([change], reason, source, person, is_read=True))


def revise(
    proposal: Proposal,
    *,
    content: Content | None,
    reason: str = "",
    source: str = "",
    told_apart: Collection[str] = (),
    by: User,
) -> Proposed:
    """Propose again what a change was asked for: by its proposer, once. Reason and source stay unless given.

    Raises as `propose` does; AlreadyDecided where no change was asked for, or it was revised.
    """
    person = permitted(by, PROPOSE)
    with exclusive():
        former = Proposal.objects.get(pk=proposal.pk)
        if former.proposer_id != person.pk:
            raise NotAllowed(_("Only the proposer may revise it."))
        if former.status != ProposalStatus.CHANGE_ASKED or hasattr(former, "revision"):
            raise AlreadyDecided(_("No change is asked for: it is %(status)s.") % {"status": _status_of(former)})
        refuse_part_of_package(former)
        change = Change(former.kind, former.key, content)
        given = reason or former.reason, source or former.source
        return _made(_propose([change], *given, person, former, told_apart=told_apart))


def accept(proposal: Proposal, *, by: User, comment: str = "", told_apart: Collection[str] = ()) -> Accepted:
    """Put a proposal in force: the entry says it from now on, and the next release will.

    By somebody other than its proposer, with the permission and a current statement of interests, while the entry is
    what it was made on and all rules of the evidence base hold. Competing proposals are superseded.
    Raises NotAllowed, AlreadyDecided, InvalidContent, LooksAlike; StaleProposal when the entry changed, which
    supersedes it; ActionRefused where it is part of a work package, which is decided whole.
    """
    with exclusive():
        person, row = reviewed(proposal, by)
        refuse_part_of_package(row)
        entry = Entry.objects.filter(kind=row.kind, key=row.key).first()
        is_stale = not is_on_what_is_in_force(row, entry)
        if is_stale:
            close(row, ProposalStatus.SUPERSEDED)
            record("supersede", row, by=person, details={"proposal": row.pk, "because": "the entry changed"})
        else:
            evidence = accepted()
            check(with_changes(evidence, [(row.kind, row.key, row.values)]))
            refuse_if_twin(row, evidence, told_apart)
            decide(row, ProposalStatus.ACCEPTED, person, comment)
            entry = put_in_force(row, entry, person)
            rivals = supersede_rivals(row)
            details = {"proposal": row.pk, "sha256": row.sha256, "superseded": [rival.pk for rival in rivals]}
            record("accept", row, by=person, details=details)
    if is_stale:
        raise StaleProposal(_("The entry changed since this was proposed; the proposal is superseded."))
    return Accepted(entry, rivals)


def reject(proposal: Proposal, *, by: User, comment: str) -> Proposal:
    """Say no, and why. Raises NotAllowed, AlreadyDecided; ActionRefused without a comment."""
    return _answer(proposal, ProposalStatus.REJECTED, "reject", by, comment)


def ask_for_change(proposal: Proposal, *, by: User, comment: str) -> Proposal:
    """Ask its proposer for a change, which `revise` makes, and tell them. Raises as `reject` does."""
    row = _answer(proposal, ProposalStatus.CHANGE_ASKED, "ask-for-change", by, comment)
    told = {"what": str(row), "page": "regimens_proposal_change", "number": row.pk, "comment": row.comment}
    tell_of_asked_change(row.proposer, **told, by=row.reviewer)
    return row


def withdraw(proposal: Proposal, *, by: User, comment: str = "") -> Proposal:
    """Take back one's own proposal; `comment` says why, where that helps others. Raises NotAllowed, AlreadyDecided."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = _open(proposal)
        if row.proposer_id != person.pk:
            raise NotAllowed(_("Only the proposer may withdraw it."))
        refuse_part_of_package(row)
        row.comment = comment.strip()
        close(row, ProposalStatus.WITHDRAWN)
        said = {"comment": row.comment} if row.comment else {}
        record("withdraw", row, by=person, details={"proposal": row.pk, **said})
    return row


def open_proposals(kind: str, key: str) -> list[Proposal]:
    """The proposals on an entry that wait for a decision, the first made first."""
    return list(Proposal.objects.filter(kind=kind, key=key, status=ProposalStatus.PROPOSED).order_by("pk"))


def propose_as_shipped(changes: Iterable[Change], reason: str, source: str) -> list[Proposed]:
    """For the loader alone: what the shipped files now say of entries that people decided on; nobody's proposal."""
    with exclusive():
        return _propose(list(changes), reason, source, None)


def propose_together(
    changes: Iterable[Change],
    *,
    reason: str,
    source: str,
    person: User,
    replaces: Mapping[tuple[str, str], Proposal],
    told_apart: Collection[str],
) -> list[Proposed]:
    """For `packages` alone, within its transaction: the proposals of one piece of work, which its event tells of.

    `replaces` are those for which a change was asked, by list and key. Raises as `propose` does.
    """
    reason, source = _given(reason, source)
    return _propose(list(changes), reason, source, person, replaces, told_apart=told_apart, is_told=False)


def reviewed(proposal: Proposal, by: User) -> tuple[User, Proposal]:
    """The person and the open proposal of somebody else on which they may decide. Raises NotAllowed, AlreadyDecided."""
    person = reviewing(by)
    row = _open(proposal)
    if row.proposer_id == person.pk:
        raise NotAllowed(_("Somebody other than the proposer has to decide."))
    return person, row


def is_on_what_is_in_force(row: Proposal, entry: Entry | None) -> bool:
    """Whether the entry is still what a proposal was made on."""
    return row.base_sha256 == (entry.version if entry else "") and _is_still_shipped(row)


def refuse_part_of_package(row: Proposal) -> None:
    """Raises ActionRefused for a proposal of a work package: one of it is never decided without the others."""
    part = PackageEntry.objects.select_related("package").filter(proposal=row).first()
    if part is not None:
        raise ActionRefused(
            _("It is part of work package %(number)s, which is decided as a whole.") % {"number": part.package_id}
        )


def refuse_if_twin(row: Proposal, evidence: loader.Evidence, told_apart: Collection[str]) -> None:
    """Raises LooksAlike for a publication that looks like one in force by now."""
    if row.kind == EntryKind.PUBLICATIONS and row.values is not None:
        publications = evidence["publications"]
        refuse_twin(row.key, row.values, publications, before=publications.get(row.key), told_apart=told_apart)


def put_in_force(row: Proposal, entry: Entry | None, person: User) -> Entry:
    """The entry as an accepted proposal has it, with its rows and who read its figures first."""
    if row.kind == EntryKind.PUBLICATIONS:
        record_first_reading(row, entry.values if entry and not entry.retired_at else None)
    entry = _put_in_force(entry, row, person)
    project(row.kind, row.key, row.values)
    return entry


def supersede_rivals(row: Proposal) -> list[Proposal]:
    """The open proposals on the entry of one that was accepted, closed; a package that one is of is a draft again."""
    rivals = list(Proposal.objects.filter(kind=row.kind, key=row.key, status=ProposalStatus.PROPOSED))
    for rival in rivals:
        close(rival, ProposalStatus.SUPERSEDED, by=row)
        draft_again(rival, f"{rival.key} was changed by another proposal.")
    return rivals


def draft_again(row: Proposal, why: str) -> None:
    """Where a proposal is of an open package, that one becomes a draft again, and its other proposals are closed.

    `why` is kept, so that it is in English, whoever accepted.
    """
    package = WorkPackage.objects.filter(entries__proposal=row, status=PackageStatus.PROPOSED).first()
    if package is None:
        return
    for other in Proposal.objects.filter(package_entry__package=package, status=ProposalStatus.PROPOSED):
        close(other, ProposalStatus.SUPERSEDED)
    package.status, package.comment = PackageStatus.DRAFT, why
    package.save()


def _propose_one(change: Change, reason: str, source: str, by: User, told_apart: Collection[str] = ()) -> Proposed:
    reason, source = _given(reason, source)
    person = permitted(by, PROPOSE)
    with exclusive():
        return _made(_propose([change], reason, source, person, told_apart=told_apart))


def _made(proposed: list[Proposed]) -> Proposed:
    if not proposed:
        raise NothingToChange(_("The evidence base already says this, or the same has already been proposed."))
    return proposed[0]


def _propose(
    changes: list[Change],
    reason: str,
    source: str,
    person: User | None,
    replaces: Proposal | Mapping[tuple[str, str], Proposal] | None = None,
    *,
    is_read: bool = False,
    told_apart: Collection[str] = (),
    is_told: bool = True,
) -> list[Proposed]:
    """What is new of some changes, checked as a whole and proposed.

    `is_read`: they say themselves who read their figures; else the person is the first reader of those that change.
    `is_told`: each has its event.
    """
    former = replaces if isinstance(replaces, Mapping) else {(one.kind, one.key): one for one in (replaces,) if one}
    given = [Change(change.kind, change.key, _normal(change)) for change in changes]
    evidence = accepted()
    if person is not None and not is_read:
        given = [_read_by(person, change, evidence, source, former) for change in given]
    for change in given:
        if change.content is None and change.key not in evidence[change.kind]:
            raise NothingToChange(
                _("There is no %(kind)s %(key)s in force.") % {"kind": EntryKind(change.kind).label, "key": change.key}
            )
    if person is not None:
        _check_days(given)
    check(with_changes(evidence, [(change.kind, change.key, change.content) for change in given]))
    versions = {(entry.kind, entry.key): entry.version for entry in Entry.objects.all()}
    waiting: dict[tuple[str, str], list[Proposal]] = {}
    for proposal in Proposal.objects.filter(status=ProposalStatus.PROPOSED).order_by("pk"):
        waiting.setdefault((proposal.kind, proposal.key), []).append(proposal)
    if person is not None and not is_read:
        _refuse_twins(given, evidence, waiting, told_apart)
    made = []
    for change in given:
        text, sha256 = (None, "") if change.content is None else text_of(change.content)
        base = versions.get((change.kind, change.key), "")
        competing = waiting.get((change.kind, change.key), [])
        if sha256 == base or any(_is_same(one, change, sha256, base, person) for one in competing):
            continue
        proposal = Proposal.objects.create(
            kind=change.kind,
            key=change.key,
            content=text,
            sha256=sha256,
            base_sha256=base,
            proposer=person,
            reason=reason,
            source=source,
            replaces=former.get((change.kind, change.key)),
        )
        if is_told:
            details = {"proposal": proposal.pk, "sha256": sha256, "reason": reason}
            record("propose", proposal, by=person, details=details)
        made.append(Proposed(proposal, competing))
    return made


def _check_days(changes: Iterable[Change]) -> None:
    """Raises InvalidContent, where something is said to have been looked up on a day to come."""
    found = [
        problem
        for change in changes
        if change.content is not None
        for problem in loader.days_to_come(change.kind, change.key, change.content)
    ]
    if found:
        raise InvalidContent(found)


def _refuse_twins(
    changes: Iterable[Change],
    evidence: loader.Evidence,
    waiting: Mapping[tuple[str, str], list[Proposal]],
    told_apart: Collection[str],
) -> None:
    """Raises LooksAlike for a publication that is in force or proposed already, or given twice."""
    texts = [one for one in changes if one.kind == EntryKind.PUBLICATIONS and one.content is not None]
    if not texts:
        return
    known = dict(evidence["publications"])
    for (kind, key), proposals in waiting.items():
        if kind == EntryKind.PUBLICATIONS and key not in known and proposals[-1].values is not None:
            known[key] = proposals[-1].values
    for one in texts:
        refuse_twin(one.key, one.content, known, before=evidence[one.kind].get(one.key), told_apart=told_apart)
        known[one.key] = one.content


def _read_by(
    person: User,
    change: Change,
    evidence: loader.Evidence,
    source: str,
    replaces: Mapping[tuple[str, str], Proposal],
) -> Change:
    former = replaces.get((change.kind, change.key))
    if change.kind != EntryKind.PUBLICATIONS or change.content is None:
        return change
    content = with_first_readings(
        change.content,
        evidence[change.kind].get(change.key),
        by=person,
        on=timezone.now().date(),
        at=source,
        former=former.values if former else None,
    )
    return Change(change.kind, change.key, _normal(Change(change.kind, change.key, content)))


def _is_same(one: Proposal, change: Change, sha256: str, base: str, person: User | None) -> bool:
    """Whether an open proposal says the same; from the same person, on whatever day it was read."""
    if one.base_sha256 != base:
        return False
    if one.sha256 == sha256:
        return True
    if change.kind != EntryKind.PUBLICATIONS or one.values is None or change.content is None or person is None:
        return False
    return one.proposer_id == person.pk and _undated(one.values) == _undated(change.content)


def _undated(content: Content) -> str:
    results = [
        {**result, "readings": [{**reading, "on": None} for reading in result.get("readings", [])]}
        for result in content["results"]
    ]
    return text_of({**content, "results": results})[0]


def _given(reason: str, source: str) -> tuple[str, str]:
    reason, source = reason.strip(), source.strip()
    if not reason:
        raise ActionRefused(_("Say why it should change."))
    if not source:
        raise ActionRefused(_("Say on what source it stands: an address or a citation."))
    return reason, source


def _normal(change: Change) -> dict[str, Any] | None:
    if change.kind not in EntryKind.values:
        raise ActionRefused(_("%(kind)s is not a list of the evidence base.") % {"kind": change.kind})
    if change.content is None:
        return None
    try:
        return loader.normal(change.kind, change.key, dict(change.content))
    except loader.LoadError as error:
        raise InvalidContent(error.problems) from error


def _open(proposal: Proposal) -> Proposal:
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if not row.is_open:
        raise AlreadyDecided(_("This proposal is already %(status)s.") % {"status": _status_of(row)})
    return row


def _answer(proposal: Proposal, status: ProposalStatus, action: str, by: User, comment: str) -> Proposal:
    with exclusive():
        person, row = reviewed(proposal, by)
        refuse_part_of_package(row)
        if not comment.strip():
            raise ActionRefused(_("A comment is required."))
        decide(row, status, person, comment)
        record(action, row, by=person, details={"proposal": row.pk, "comment": row.comment})
    return row


def decide(row: Proposal, status: ProposalStatus, person: User, comment: str) -> None:
    row.status, row.reviewer, row.reviewed_at, row.comment = status, person, timezone.now(), comment.strip()
    row.save()


def close(row: Proposal, status: ProposalStatus, by: Proposal | None = None) -> None:
    row.status, row.reviewed_at, row.superseded_by = status, timezone.now(), by
    row.save()


def _put_in_force(entry: Entry | None, row: Proposal, person: User) -> Entry:
    entry = entry or Entry(kind=row.kind, key=row.key)
    entry.proposal = row
    entry.origin = Origin.CURATED if row.proposer_id else Origin.SHIPPED
    if row.content is None:
        entry.retired_at, entry.retired_because = row.reviewed_at, row.reason
    else:
        entry.content, entry.sha256 = row.content, row.sha256
        entry.retired_at, entry.retired_because = None, ""
    entry._history_user, entry._change_reason = person, row.reason
    entry.save()
    return entry


def _is_still_shipped(row: Proposal) -> bool:
    """What nobody proposed may become an entry while it is what the shipped files hold."""
    if row.proposer_id is not None:
        return True
    shipped = loader.read(loader.SHIPPED)[row.kind].get(row.key)
    return shipped is not None and text_of(shipped)[0] == row.content


def _status_of(row: Proposal) -> str:
    return row.get_status_display()

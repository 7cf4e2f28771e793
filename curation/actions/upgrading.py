"""From the first edition of the evidence base to the second: the entries in force, and the proposals that are open.

Loading starts with it, once, in its own transaction (`curation.actions.loading`). What is as shipped becomes what is
shipped now; what people decided on, or loaded as the baseline, keeps what it says in its new shape, and what is shipped
now is proposed to them. One event tells each entry before and after by its SHA-256, and triggers let nothing else
through (migration 0013). What was decided, read or recorded is never touched. See decision 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from audit.events import record
from curation.accepted import UPGRADE, accepted, document_of, text_of, with_changes
from curation.errors import InvalidContent
from curation.models import Entry, Proposal
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.first_edition import Converted, SecondEdition, as_second_edition, is_first_edition
from regimens.knowledge.loader import Evidence, LoadProblem, problems_in
from regimens.models.choices import EntryKind, Origin, ProposalStatus

from .merging import NotMerged, merged

Place = tuple[str, str]  # the list of the evidence base and the key
Content = dict[str, Any]

CHANGE_REASON = "Carried over to the second edition."
IS_OVERTAKEN = "the entry had changed since it was proposed"
IS_SHIPPED_ANEW = "what is shipped with the second edition is proposed in its place"
IS_SAID = "the second edition says it already"
IS_THERE = "the second edition ships an entry of this key"
IS_GONE = "the entry is not in force"


@dataclass
class Upgrade:
    """What the upgrade did, by list and key.

    versions    what proposals were made on: the SHA-256 of each entry in force before
    carried     entries that people decided on, or loaded as the baseline, in their new shape
    added       entries that those give rise to: licences, and drugs that had no entry
    notes       what curators have to look at, by entry
    proposals   open proposals in their new shape, former and new
    given_back  those that could not be carried over, and why
    """

    versions: dict[Place, str] = field(default_factory=dict)
    carried: list[Place] = field(default_factory=list)
    added: list[Place] = field(default_factory=list)
    notes: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    proposals: list[tuple[Proposal, Proposal]] = field(default_factory=list)
    given_back: list[tuple[Proposal, str]] = field(default_factory=list)


def upgrade_entries(files: Evidence) -> Upgrade | None:
    """Carry over the entries in force; None where none is of the first edition. Within `exclusive`.

    `files` are the shipped ones. Raises InvalidContent where an entry in its new shape breaks a rule.
    """
    entries = list(Entry.objects.filter(retired_at__isnull=True).order_by("kind", "key"))
    former = [entry for entry in entries if is_first_edition(entry.kind, entry.values)]
    if not former:
        return None
    upgrade = Upgrade(versions={(entry.kind, entry.key): entry.version for entry in entries})
    own = [entry for entry in former if entry.origin != Origin.SHIPPED]
    contents, added = _carried_over(own, files, upgrade)
    told: dict[str, dict[str, list[str | None]]] = {kind: {} for kind in ENTRIES}
    for entry in entries:
        content = contents.get((entry.kind, entry.key))
        if content is None and entry.origin == Origin.SHIPPED:
            content = files[entry.kind].get(entry.key)
        elif content is None:
            continue
        after = text_of(content)[1] if content else None
        if after != entry.sha256:
            told[entry.kind][entry.key] = [entry.sha256, after]
    for (kind, key), content in added.items():
        told[kind][key] = [None, text_of(content)[1]]
    notes = {f"{kind} {key}": list(said) for (kind, key), said in upgrade.notes.items()}
    record(UPGRADE, details={"entries": told, "notes": notes})
    for entry in own:
        entry.content, entry.sha256 = text_of(contents[entry.kind, entry.key])
        _save(entry)
        upgrade.carried.append((entry.kind, entry.key))
    for (kind, key), content in added.items():
        text, sha256 = text_of(content)
        _save(Entry(kind=kind, key=key, content=text, sha256=sha256, origin=Origin.UPGRADED))
        upgrade.added.append((kind, key))
    return upgrade


def carry_over_proposals(files: Evidence, upgrade: Upgrade) -> None:
    """Put each open proposal into its new shape, on the entry as it is now, or give it back with the reason.

    The proposals of people stay theirs, with their reason and source. Within `exclusive`, once the entries are settled.
    """
    known = second_edition(files)
    # For what names licences: those in force, and those that the proposals on regimens bring.
    in_force = Entry.objects.filter(kind=EntryKind.LICENCES, retired_at__isnull=True)
    with_all = known.with_licences({entry.key: entry.values for entry in in_force})
    waiting = Proposal.objects.filter(status=ProposalStatus.PROPOSED).select_related("proposer")
    carrying = []
    for row in sorted(waiting, key=lambda row: (row.kind != EntryKind.REGIMENS, row.pk)):
        one = _Carrying(row, known if row.kind == EntryKind.REGIMENS else with_all, upgrade)
        with_all = with_all.with_licences(one.licences)
        if not one.stays:
            carrying.append(one)
    refused = _refused([one for one in carrying if not one.why_not])
    for one in carrying:
        if why_not := one.why_not or refused.get(one.row.pk, ""):
            _give_back(one.row, why_not)
            upgrade.given_back.append((one.row, why_not))
        else:
            upgrade.proposals.append((one.row, _propose_anew(one)))


def second_edition(files: Evidence) -> SecondEdition:
    """What entries of the first edition may come to name."""
    return SecondEdition(drugs=files["drugs"], licences=files["licences"], regimens=files["regimens"])


def in_this_edition(kind: str, key: str, content: Mapping[str, Any]) -> Content:
    """What an entry said, or a proposal of it, in the shape of this edition: to propose it again.

    What of a regimen are licences now is among the licences.
    """
    if not is_first_edition(kind, content):
        return dict(content)
    return as_second_edition(kind, content, second_edition(accepted()), as_shipped=as_shipped(kind, key)).content


def as_shipped(kind: str, key: str) -> Content | None:
    """An entry as the first edition shipped it last; None where it did not."""
    rows = Entry.history.filter(kind=kind, key=key, origin=Origin.SHIPPED).order_by("-history_id")
    versions = (Entry(content=row.content).values for row in rows)
    return next((values for values in versions if is_first_edition(kind, values)), None)


def _carried_over(
    entries: Sequence[Entry], files: Evidence, upgrade: Upgrade
) -> tuple[dict[Place, Content], dict[Place, Content]]:
    """Entries in their new shape, and those that they give rise to. Raises InvalidContent."""
    known = second_edition(files)
    contents: dict[Place, Content] = {}
    added: dict[Place, Content] = {}
    problems: list[LoadProblem] = []
    order = list(ENTRIES)  # an indication names the licences that a regimen gives rise to
    for entry in sorted(entries, key=lambda entry: order.index(entry.kind)):
        place = (entry.kind, entry.key)
        found = as_second_edition(entry.kind, entry.values, known, as_shipped=as_shipped(*place))
        if found.notes:
            upgrade.notes[place] = found.notes
        _put_together(added, found.more)
        licences = {key: content for (kind, key), content in found.more.items() if kind == "licences"}
        known = known.with_licences(licences)
        contents[place] = found.content
    for made in (contents, added):
        for (kind, key), content in made.items():
            try:
                made[kind, key] = loader.normal(kind, key, content)
            except loader.LoadError as error:
                problems += error.problems
    if problems:
        raise InvalidContent(problems)
    return contents, added


def _put_together(added: dict[Place, Content], more: Mapping[Place, Content]) -> None:
    """A drug that several regimens bring has the classes that any of them says."""
    for place, content in more.items():
        if place in added and place[0] == "drugs":
            classes = dict.fromkeys([*added[place]["classes"], *content["classes"]])
            content = {**content, "classes": list(classes)}
        added[place] = content


def _save(entry: Entry) -> None:
    entry._change_reason = CHANGE_REASON
    entry.save()


class _Carrying:
    """An open proposal on its way into the second edition.

    stays     it is of no entry that changed, and of no former shape
    changes   what it proposes now, itself first
    why_not   why it cannot be carried over; empty where it can
    """

    def __init__(self, row: Proposal, known: SecondEdition, upgrade: Upgrade) -> None:
        self.row = row
        self.place = (row.kind, row.key)
        self.entry = Entry.objects.filter(kind=row.kind, key=row.key).first()
        self.version = self.entry.version if self.entry else ""
        self.former_version = upgrade.versions.get(self.place, "")
        self.changes: list[tuple[str, str, Content | None]] = []
        self.why_not = ""
        is_former = row.values is not None and is_first_edition(row.kind, row.values)
        self.stays = not is_former and self.version == self.former_version
        if not self.stays:
            self._carry(known)

    @property
    def licences(self) -> dict[str, Content]:
        """Those that it brings in, by key."""
        changes = self.changes if not self.why_not else ()
        return {key: content for kind, key, content in changes if kind == EntryKind.LICENCES and content is not None}

    def _carry(self, known: SecondEdition) -> None:
        row = self.row
        if row.proposer_id is None:
            self.why_not = IS_SHIPPED_ANEW
        elif row.base_sha256 != self.former_version:
            self.why_not = IS_OVERTAKEN
        elif row.values is None:
            self.why_not = "" if self.version else IS_GONE
            self.changes = [(*self.place, None)]
        elif not row.base_sha256 and self.version:
            self.why_not = IS_THERE
        elif row.base_sha256 and not self.version:
            self.why_not = IS_GONE
        else:
            self._put_into_shape(known)

    def _put_into_shape(self, known: SecondEdition) -> None:
        former = as_shipped(*self.place)
        theirs = as_second_edition(self.row.kind, self.row.values, known, as_shipped=former)
        base = self._base(known, former)
        try:
            content = theirs.content
            if base is not None and self.entry is not None:
                content = merged(base.content, theirs.content, self.entry.values)
            content = loader.normal(*self.place, content)
        except NotMerged as error:
            self.why_not = f"the second edition says otherwise what it would change ({error})"
        except loader.LoadError as error:
            self.why_not = "; ".join(map(str, error.problems))
        else:
            more = list(_more(theirs, base))
            self.changes = [(*self.place, content), *more]
            if text_of(content)[1] == self.version and not more:
                self.why_not = IS_SAID

    def _base(self, known: SecondEdition, former: Content | None) -> Converted | None:
        version = Entry.history.filter(kind=self.row.kind, key=self.row.key, sha256=self.row.base_sha256).first()
        if version is None or not self.row.base_sha256:
            return None
        values = Entry(content=version.content).values
        return as_second_edition(self.row.kind, values, known, as_shipped=former)


def _more(theirs: Converted, base: Converted | None) -> Iterator[tuple[str, str, Content | None]]:
    """What the proposal brings in besides its entry, or leaves out: licences, and drugs that have no entry."""
    held = {(entry.kind, entry.key): entry for entry in Entry.objects.filter(kind__in=("licences", "drugs"))}
    was = base.more if base else {}
    for place, content in theirs.more.items():
        there = held.get(place)
        if place[0] == "drugs" and there is not None:
            continue
        content = loader.normal(*place, content)
        if was.get(place) != content and not (there and there.content == text_of(content)[0]):
            yield (*place, content)
    for kind, key in was.keys() - theirs.more.keys():
        if kind == "licences" and (kind, key) in held and held[kind, key].retired_at is None:
            yield kind, key, None


def _refused(wanted: Iterable[_Carrying]) -> dict[int, str]:
    """Those that would break a rule, by number, and which: each with all new entries that are proposed with it."""
    wanted = list(wanted)
    evidence = accepted()
    changes = [change for one in wanted for change in one.changes]
    evidence = with_changes(evidence, [(kind, *rest) for kind, *rest in changes if rest[0] not in evidence[kind]])
    is_one_each = len({change[:2] for change in changes}) == len(changes)
    if is_one_each and not problems_in(document_of(with_changes(evidence, changes))):
        return {}
    before = set(map(str, problems_in(document_of(evidence))))
    found = {}
    for one in wanted:
        places = {change[:2] for change in one.changes}
        problems = problems_in(document_of(with_changes(evidence, one.changes)))
        own = [each for each in problems if str(each) not in before or (each.file, each.key) in places]
        if own:
            found[one.row.pk] = "; ".join(map(str, own))
    return found


def _propose_anew(one: _Carrying) -> Proposal:
    """The same proposal of the same person on the entry as it is now; what it brings in besides comes with it."""
    former, made = one.row, []
    for kind, key, content in one.changes:
        entry = Entry.objects.filter(kind=kind, key=key).first()
        text, sha256 = (None, "") if content is None else text_of(content)
        made.append(
            Proposal.objects.create(
                kind=kind,
                key=key,
                content=text,
                sha256=sha256,
                base_sha256=entry.version if entry else "",
                proposer=former.proposer,
                proposed_at=former.proposed_at,
                reason=former.reason,
                source=former.source,
            )
        )
    former.status, former.reviewed_at, former.superseded_by = ProposalStatus.SUPERSEDED, timezone.now(), made[0]
    former.save()
    for proposal in made:
        details = {"proposal": proposal.pk, "carried_from": former.pk, "sha256": proposal.sha256}
        record("carry-over", proposal, details=details)
    return made[0]


def _give_back(row: Proposal, why: str) -> None:
    """What its proposer may propose anew; readings that it brought in stay to be proposed again."""
    is_overtaken = row.proposer_id is None or why == IS_OVERTAKEN
    keeps_readings = row.readings.exists() or row.reading_tasks.exists()
    row.status = ProposalStatus.SUPERSEDED if is_overtaken or keeps_readings else ProposalStatus.WITHDRAWN
    row.reviewed_at = timezone.now()
    row.save()
    record("give-back", row, details={"proposal": row.pk, "because": why})

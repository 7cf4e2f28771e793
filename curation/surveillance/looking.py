"""A look of a saved search: what a source or a file gives becomes findings, in one transaction, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted
from curation.actions import open_proposals
from curation.imports.batch import new_ones_proposed
from curation.models import FindingReason, SavedSearch, SearchLook, SurveyFinding
from curation.permissions import PROPOSE
from regimens.models import ReportedNotice, SearchedUntil
from regimens.models.choices import EntryKind, FindingKind, FindingState, SurveySource

from .known import Known
from .notices import pinned
from .records import Answer, Record, words_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class LookedMeanwhile(ActionRefused):
    """Another look of the same search was recorded since this one began: what it found is there already."""


@dataclass(frozen=True)
class Looked:
    """What came of a look."""

    look: SearchLook
    findings: tuple[SurveyFinding, ...]
    notices: tuple[ReportedNotice, ...]


def newest_look(search: SavedSearch) -> SearchLook | None:
    """Of the query as it is now."""
    return search.looks.filter(query=search.query).first()


def record_look(
    search: SavedSearch,
    answer: Answer,
    *,
    until: date,
    after: SearchLook | None,
    came_from: str = "",
    by: User | None,
    now: datetime,
) -> Looked:
    """Write what a source or a file gave: what is new, why it was found, what is held and says something else now.

    `after` is the newest look when the source was asked: of two that ask at once, one is recorded. `by` needs the
    permission to propose; None is whoever runs manage.py. Raises LookedMeanwhile, NotAllowed, ActionRefused.
    """
    if by is not None:
        permitted(by, PROPOSE)
    if until > now.date():
        raise ActionRefused(_("%(day)s is to come: nothing was searched until then.") % {"day": until})
    with exclusive():
        search = SavedSearch.objects.get(pk=search.pk)
        newest = newest_look(search)
        if (newest.pk if newest else None) != (after.pk if after else None):
            raise LookedMeanwhile(_("%(search)s was looked at meanwhile.") % {"search": search})
        known = _known()
        notices = pinned(answer.notices, known, found_by=came_from or str(search.get_source_display()), now=now)
        against = {notice.publication for notice in notices}
        made = _compared(search, answer.records, known, until, now)
        look = SearchLook.objects.create(
            search=search,
            query=search.query,
            at=now,
            until=until,
            came_from=came_from[:200],
            answered=len(answer.records) + answer.skipped,
            known=made.known,
            unchanged=sorted(made.unchanged - against),
            by=by,
        )
        has_reason = set(
            FindingReason.objects.filter(search=search, finding__in=made.found).values_list("finding_id", flat=True)
        )
        for pk, words in made.found.items():
            if pk not in has_reason:
                FindingReason.objects.create(finding_id=pk, search=search, look=look, words=words)
        move_searched_until([search])
        details = {
            "search": search.key,
            "until": until.isoformat(),
            "file": came_from,
            "answered": look.answered,
            "unread": sorted({problem.key for problem in answer.problems}),
            "found": len(made.new),
            "notices": [str(notice) for notice in notices],
        }
        record("survey", search.name, by=by, details=details)
    return Looked(look, tuple(made.new), tuple(notices))


def move_searched_until(searches: Sequence[SavedSearch] | None = None) -> None:
    """Move the days until which searches were seen through, forward alone, and those of their sources.

    A look counts once all that it found first was looked at by a person; what nobody has seen holds it where it was.
    """
    for search in SavedSearch.objects.all() if searches is None else searches:
        seen = None
        undecided = set(
            FindingReason.objects.filter(search=search, finding__state=FindingState.UNDECIDED).values_list(
                "look_id", flat=True
            )
        )
        for look in search.looks.filter(query=search.query).order_by("pk"):
            if look.pk in undecided:
                break
            seen = max(seen or look.until, look.until)
        if seen and (search.searched_until is None or seen > search.searched_until):
            search.searched_until = seen
            search.save()
    _tell_sources()


def _tell_sources() -> None:
    """A source was searched until the earliest day of those of its active searches that were ever seen through."""
    for source in SurveySource:
        days = SavedSearch.objects.filter(source=source, is_active=True, searched_until__isnull=False)
        until = min(days.values_list("searched_until", flat=True), default=None)
        row = SearchedUntil.objects.filter(source=source).first()
        if until is None:
            if row:
                row.delete()
        elif row is None or row.until != until:
            row = row or SearchedUntil(source=source)
            row.until = until
            row.save()


def _known() -> Known:
    proposed = {kind: new_ones_proposed(kind) for kind in ("publications", "trials")}
    return Known(accepted(), proposed, SurveyFinding.objects.defer("text", "record", "note"))


@dataclass
class _Compared:
    """What a look makes of the records of an answer.

    found        findings by id, with the words of the search that occur in each; of which `new` are new
    unchanged    keys of held entries of which the source says what they say
    known        how many records were known
    """

    found: dict[int, list[str]]
    new: list[SurveyFinding]
    unchanged: set[str]
    known: int = 0

    def add(self, finding: SurveyFinding, words: list[str], known: Known) -> None:
        finding.save()
        known.add_found(finding)
        self.new.append(finding)
        self.found[finding.pk] = words


def _compared(search: SavedSearch, records: Sequence[Record], known: Known, until: date, now: datetime) -> _Compared:
    made = _Compared({}, [], set())
    for each in records:
        words = words_in(search.words, f"{each.title} {each.text}")
        if search.source == SurveySource.FEED and not words:
            continue
        if each.nct in known.trials:
            status = _status_now(each, known.trials[each.nct], until)
            if status is None:
                made.unchanged.add(each.nct)
                made.known += 1
            elif _is_told(each, status):
                made.known += 1
            else:
                identity = _identity_of_change(each, status, until)
                finding = _finding(each, known, now, kind=FindingKind.CHANGED, identity=identity, held=each.nct)
                made.add(finding, words, known)
            continue
        if not each.nct and (held := known.held.find(each.identified)):
            made.unchanged.add(held[0])
        if known.is_held_or_proposed(each):
            made.known += 1
        elif (pk := known.before(each)) is not None:
            made.known += 1
            made.found.setdefault(pk, words)
        else:
            made.add(_finding(each, known, now), words, known)
    return made


def _status_now(record_: Record, entry: Mapping[str, Any], until: date) -> str | None:
    """How the register says that a held trial stands, where it is not as the entry says; an older look says nothing."""
    if record_.trial is None or (entry.get("looked_up_on") or "") > until.isoformat():
        return None
    status = record_.trial.status
    return None if status == entry["status_as_seen"] else status


def _identity_of_change(record_: Record, status: str, until: date) -> str:
    return f"nct:{record_.nct}@{status}@{until.isoformat()}"


def _is_told(record_: Record, status: str) -> bool:
    """Whether somebody has it on the desk, or proposed it, that the trial stands so."""
    told = SurveyFinding.objects.filter(identity__startswith=f"nct:{record_.nct}@{status}@")
    if told.filter(state__in=(FindingState.UNDECIDED, FindingState.LATER)).exists():
        return True
    waiting = open_proposals(EntryKind.TRIALS, record_.nct)
    return any(one.values is not None and one.values["status_as_seen"] == status for one in waiting)


def _finding(
    record_: Record, known: Known, now: datetime, *, kind: str = FindingKind.NEW, identity: str = "", held: str = ""
) -> SurveyFinding:
    text = record_.identified
    return SurveyFinding(
        kind=kind,
        identity=(identity or record_.identity)[:300],
        title=record_.title,
        author=(text.author or "")[:120],
        year=record_.year,
        pmid=record_.pmid,
        doi=record_.doi[:200],
        nct=record_.nct,
        place=record_.place[:300],
        url=record_.url[:500],
        text=record_.text,
        record=record_.stored(),
        same_study="" if held else known.same_study(record_)[:80],
        held=held,
        found_at=now,
    )

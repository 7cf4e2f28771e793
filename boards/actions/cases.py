"""Cases: saved, gone on with in new versions, put away, erased."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from audit.records import sealed
from boards import members
from boards.errors import AskedFirst, ChangedMeanwhile, Refused
from boards.models import (
    GUARD,
    AgendaItem,
    Ballot,
    Board,
    Case,
    CaseVersion,
    Decision,
    Development,
    PlanDraft,
    PlanStep,
    Signature,
    StepProgress,
)
from boards.models.choices import CaseStatus
from boards.privacy.guard import kept
from boards.sealing import VERSION, of_erased
from boards.shown.snapshot import Snapshot
from display.privacy.look_alikes import appearance

from .followup import empty_follow_up

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_LABEL = Case._meta.get_field("label").max_length or 0


def save_case(
    *,
    board: Board,
    label: str,
    snapshot: Snapshot,
    notes: str = "",
    wish: str = "",
    is_another: bool = False,
    by: User,
) -> Case:
    """A case with its first version, which is referred where the person is not on the board; the one that is there
    already where the same person sends the same form again.

    `is_another` says that it is another patient than that of a label which differs in capitals, spaces, signs or
    leading zeros alone. Raises NotAllowed; Refused for a label that looks as if it identified somebody, or like that of
    another case of the board; AskedFirst.
    """
    person = members.bringer(by, board)
    referred_by = None if members.membership(person, board) else person
    label, notes = checked_label(label), kept(notes, "caseversion.notes")
    wish = kept(wish, "caseversion.wish")
    with writing(GUARD):
        board = locked(board)
        if sent_before := _sent_before(board, label, snapshot, notes, person):
            return sent_before
        _tell_apart(board, label, is_another=is_another)
        case = Case.objects.create(board=board, label=label, created_by=person, referred_by=referred_by, salt=_salt())
        version = add_next(case, snapshot, notes, wish, person)
        details = _details(case) | sealed({VERSION: [version.pk]})
        record("refer-case" if referred_by else "save-case", case, by=person, details=details)
    return case


def add_version(
    case: Case, *, based_on: int, snapshot: Snapshot, notes: str = "", wish: str = "", by: User
) -> CaseVersion:
    """The case as it is now.

    `based_on` is the number of the version that the writer went on from. Raises ChangedMeanwhile where there is a newer
    one by now; NotAllowed; Refused for a case that is archived or erased.
    """
    person = members.preparer(by, case.board)
    notes, wish = kept(notes, "caseversion.notes"), kept(wish, "caseversion.wish")
    with writing(GUARD):
        row = open_case(case)
        latest = row.versions.select_related("created_by").latest("number")
        if latest.number != based_on:
            said = _("%(person)s saved version %(number)d of this case while you were writing.")
            raise ChangedMeanwhile(said % {"person": person_name(latest.created_by), "number": latest.number}, latest)
        version = add_next(row, snapshot, notes, wish, person)
        record("add-version", row, by=person, details=_details(row) | sealed({VERSION: [version.pk]}))
    return version


def relabel(case: Case, *, label: str, is_another: bool = False, by: User) -> Case:
    """Raises NotAllowed, Refused and AskedFirst as `save_case` does."""
    person = members.preparer(by, case.board)
    label = checked_label(label)
    with writing(GUARD):
        locked(case.board)
        row = open_case(case)
        _tell_apart(row.board, label, is_another=is_another, besides=row)
        row.label, row.changed_at = label, timezone.now()
        row.save()
        record("relabel-case", row, by=person, details=_details(row))
    return row


def archive(case: Case, *, even_if_waiting: bool = False, by: User) -> Case:
    """Put a case away: it is found when asked for, and nothing is added.

    Raises NotAllowed; Refused for a case that waits for a meeting unless `even_if_waiting`.
    """
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = open_case(case)
        if _undecided(row).exists():
            raise Refused(_("The case waits on an agenda: decide on it or take it off first."))
        if row.status == CaseStatus.WAITING and not even_if_waiting:
            raise Refused(
                _("The case waits for the next meeting: confirm that it need not be discussed any more."),
                "even_if_waiting",
            )
        _save_as(row, CaseStatus.ARCHIVED)
        record("archive-case", row, by=person, details=_details(row))
    return row


def restore(case: Case, *, by: User) -> Case:
    """Take a case out of the archive. Raises NotAllowed, Refused."""
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board")
        if row.status != CaseStatus.ARCHIVED:
            raise Refused(_("The case is not in the archive."))
        _save_as(row, standing(row))
        record("restore-case", row, by=person, details=_details(row))
    return row


def erase(case: Case, *, even_if_decided: bool = False, by: User) -> Case:
    """Delete what is known of the patient, for good: label, versions, notes, and every word written on the case.

    What stays: the number, the board, days, what was chosen with its coded reason, votes and signatures. A case with a
    signed decision is erased by another person than asked for it (`ask_erasure`). Raises NotAllowed; Refused for a case
    that was decided unless `even_if_decided`.
    """
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board", "erasure_asked_by")
        if row.is_erased:
            raise Refused(_("The case has already been erased."))
        if is_signed(row):
            if row.erasure_asked_by is None:
                raise Refused(_("The decision is signed: one person asks that the case be erased, another erases it."))
            if row.erasure_asked_by_id == person.pk:
                raise Refused(_("You asked that it be erased: another person does it."))
        was_decided = Decision.objects.filter(item__case=row).exists()
        if was_decided and not even_if_decided:
            raise Refused(_("The case was decided: confirm that you know it."), "even_if_decided")
        details = _details(row) | {"versions": row.versions.count(), "decided": was_decided}
        row.label, row.status, row.current, row.erased_at = "", CaseStatus.ERASED, None, timezone.now()
        row.salt = _salt()
        versions = list(row.versions.values_list("pk", flat=True))
        row.referred_by = row.waiting_since = row.waits_with = row.erasure_asked_at = row.erasure_asked_by = None
        row.save()
        _empty(row)
        record("erase-case", row, by=person, details=details | of_erased(row, versions))
    return row


def ask_erasure(case: Case, *, by: User) -> Case:
    """Ask that a case with a signed decision be erased, which another person does. Raises NotAllowed, Refused."""
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board", "erasure_asked_by")
        if row.is_erased:
            raise Refused(_("The case has already been erased."))
        if not is_signed(row):
            raise Refused(_("Nothing on the case is signed: it can be erased at once."))
        if row.erasure_asked_by is not None:
            said = _("%(person)s has asked already that it be erased.")
            raise Refused(said % {"person": person_name(row.erasure_asked_by)})
        row.erasure_asked_at, row.erasure_asked_by = timezone.now(), person
        row.save()
        record("ask-erasure", row, by=person, details=_details(row))
    return row


def keep_case(case: Case, *, by: User) -> Case:
    """Take back that a case be erased, whoever asked for it. Raises NotAllowed, Refused."""
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board")
        if row.erasure_asked_at is None:
            raise Refused(_("Nobody asks that it be erased."))
        row.erasure_asked_at = row.erasure_asked_by = None
        row.save()
        record("keep-case", row, by=person, details=_details(row))
    return row


def is_signed(case: Case) -> bool:
    """Whether a decision on the case bears a signature."""
    return Signature.objects.filter(decision__item__case=case).exists()


def checked_label(label: str) -> str:
    """A label as it is kept. Raises Refused, which names what looks as if it identified somebody."""
    text = kept(label, "case.label")
    if not text:
        raise Refused(_("A case has a label, such as “Colon 7”."), "label")
    if len(text) > LONGEST_LABEL:
        raise Refused(_("A label has at most %(most)d characters.") % {"most": LONGEST_LABEL}, "label")
    return text


def standing(case: Case) -> CaseStatus:
    """The status that follows from agendas, from waiting for one, and from decisions."""
    if _undecided(case).exists():
        return CaseStatus.LISTED
    if case.waiting_since is not None:
        return CaseStatus.WAITING
    if Decision.objects.filter(item__case=case).exists():
        return CaseStatus.DECIDED
    return CaseStatus.PREPARED


def settle(case: Case) -> None:
    """Bring the status in line with agendas and decisions, unless the case is put away; within an action."""
    row = locked(case)
    if row.status not in (CaseStatus.ARCHIVED, CaseStatus.ERASED):
        _save_as(row, standing(row))


def _undecided(case: Case) -> QuerySet[AgendaItem]:
    """Where the case stands on an agenda and waits to be decided: not at a meeting that is finished."""
    return AgendaItem.objects.filter(case=case, decisions__isnull=True, meeting__finished_at__isnull=True)


def wait(case: Case, *, since: date, item: AgendaItem) -> Case:
    """A case that is on no agenda, which waits for the next one from now on; within an action."""
    row = locked(case)
    if row.status != CaseStatus.WAITING:
        row.waiting_since, row.waits_with = since, item
        _save_as(row, CaseStatus.WAITING)
    return row


def _save_as(row: Case, status: CaseStatus) -> None:
    row.status, row.changed_at = status, timezone.now()
    if status != CaseStatus.WAITING:
        row.waiting_since = row.waits_with = None
    row.save()


def _sent_before(board: Board, label: str, snapshot: Snapshot, notes: str, person: User) -> Case | None:
    """The case that a person made of the very same form, such as by pressing twice, while it has one version."""
    cases = Case.objects.filter(board=board, label=label, created_by=person, current__number=1, current__notes=notes)
    for case in cases.filter(current__release=snapshot.release).select_related("current"):
        if case.current and case.current.entered == snapshot.entered:
            return case
    return None


def _tell_apart(board: Board, label: str, *, is_another: bool, besides: Case | None = None) -> None:
    """Refuse a label that looks like that of another case of the board, and ask about one that is said alike."""
    others = Case.objects.filter(board=board).exclude(label="").exclude(pk=besides.pk if besides else None)
    mine, alike = appearance(label), None
    for other in others.only("label", "created_at"):
        theirs = appearance(other.label)
        if theirs.look == mine.look:
            said = _("“%(label)s” of %(day)s looks the same: give one of the two patients another label.")
            raise Refused(said % _named(other), "label")
        if theirs.spoken == mine.spoken:
            alike = alike or other
    if alike and not is_another:
        raise AskedFirst(
            _("“%(label)s” of %(day)s exists: is this another patient?") % _named(alike), "label", "another"
        )


def _named(case: Case) -> dict[str, str]:
    return {"label": case.label, "day": date_format(timezone.localtime(case.created_at), "DATE_FORMAT")}


def open_case(case: Case) -> Case:
    """The case, of which something may be written; within an action. Raises Refused."""
    row = locked(case, "board")
    if row.is_erased:
        raise Refused(_("The case is erased."))
    if row.status == CaseStatus.ARCHIVED:
        raise Refused(_("The case is in the archive: take it out first."))
    return row


def add_next(case: Case, snapshot: Snapshot, notes: str, wish: str, person: User) -> CaseVersion:
    """The next version of a case; within an action."""
    newest = case.versions.order_by("-number").values_list("number", flat=True).first() or 0
    first = snapshot.first
    version = CaseVersion(
        case=case,
        number=newest + 1,
        entered=snapshot.entered,
        features=snapshot.features,
        notes=notes,
        wish=wish,
        release=snapshot.release,
        preference=snapshot.preference,
        evidence=snapshot.evidence,
        primary_site=snapshot.primary_site,
        first_option=first.regimen if first else "",
        first_option_name=first.name if first else "",
        created_by=person,
    )
    version.keep(snapshot.ranking)
    version.save()
    case.current, case.changed_at = version, timezone.now()
    case.save()
    return version


def _empty(case: Case) -> None:
    """Everything written on an erased case."""
    AgendaItem.objects.filter(case=case).update(version=None, question="", options=[])
    Ballot.objects.filter(item__case=case).update(first_words="", final_words="")
    Decision.objects.filter(item__case=case).update(
        words="", rationale="", guests="", dissent="", reason_words="", correction="", would_change="", shown={}
    )
    PlanStep.objects.filter(decision__item__case=case).update(words="", condition="", reason="", owner_words="")
    StepProgress.objects.filter(step__decision__item__case=case).update(words="")
    PlanDraft.objects.filter(item__case=case).delete()
    Development.objects.filter(decision__item__case=case).update(before="", after="")
    empty_follow_up(case)
    case.versions.all().delete()


def _salt() -> str:
    return secrets.token_hex(16)


def _details(case: Case) -> dict[str, object]:
    """What an event says of a case: numbers alone."""
    return {"board": case.board_id, "version": case.current.number if case.current else None}

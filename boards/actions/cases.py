"""Cases: saved, gone on with in new versions, put away, erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from boards import members
from boards.errors import ChangedMeanwhile, Refused
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
    StepProgress,
)
from boards.models.choices import CaseStatus
from boards.privacy.identifiers import findings, plain_text
from boards.shown.snapshot import Snapshot
from display.punctuation import in_series

from .followup import empty_follow_up

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_LABEL = Case._meta.get_field("label").max_length or 0


def save_case(*, board: Board, label: str, snapshot: Snapshot, notes: str = "", by: User) -> Case:
    """A case with its first version; one that is referred, where the person is not on the board.

    Raises NotAllowed; Refused for a label that looks as if it identified somebody.
    """
    person = members.bringer(by, board)
    referred_by = None if members.membership(person, board) else person
    label = checked_label(label)
    with writing(GUARD):
        case = Case.objects.create(board=board, label=label, created_by=person, referred_by=referred_by)
        _add(case, snapshot, notes, person)
        record("refer-case" if referred_by else "save-case", case, by=person, details=_details(case))
    return case


def add_version(case: Case, *, based_on: int, snapshot: Snapshot, notes: str = "", by: User) -> CaseVersion:
    """The case as it is now.

    `based_on` is the number of the version that the writer went on from. Raises ChangedMeanwhile where there is a newer
    one by now; NotAllowed; Refused for a case that is archived or erased.
    """
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = _open(case)
        latest = row.versions.select_related("created_by").latest("number")
        if latest.number != based_on:
            said = _("%(person)s saved version %(number)d of this case while you were writing.")
            raise ChangedMeanwhile(said % {"person": person_name(latest.created_by), "number": latest.number}, latest)
        version = _add(row, snapshot, notes, person)
        record("add-version", row, by=person, details=_details(row))
    return version


def relabel(case: Case, *, label: str, by: User) -> Case:
    """Raises NotAllowed; Refused for a label that looks as if it identified somebody."""
    person = members.preparer(by, case.board)
    label = checked_label(label)
    with writing(GUARD):
        row = _open(case)
        row.label, row.changed_at = label, timezone.now()
        row.save()
        record("relabel-case", row, by=person, details=_details(row))
    return row


def archive(case: Case, *, by: User) -> Case:
    """Put a case away: it is found when asked for, and nothing is added. Raises NotAllowed, Refused."""
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = _open(case)
        if AgendaItem.objects.filter(case=row, decisions__isnull=True).exists():
            raise Refused(_("The case waits on an agenda: decide on it or take it off first."))
        row.status, row.changed_at = CaseStatus.ARCHIVED, timezone.now()
        row.save()
        record("archive-case", row, by=person, details=_details(row))
    return row


def restore(case: Case, *, by: User) -> Case:
    """Take a case out of the archive. Raises NotAllowed, Refused."""
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board")
        if row.status != CaseStatus.ARCHIVED:
            raise Refused(_("The case is not in the archive."))
        row.status, row.changed_at = standing(row), timezone.now()
        row.save()
        record("restore-case", row, by=person, details=_details(row))
    return row


def erase(case: Case, *, even_if_decided: bool = False, by: User) -> Case:
    """Delete what is known of the patient, for good: label, versions, notes, and every word written on the case.

    What stays: the number, the board, days, what was chosen with its coded reason, votes and signatures. Raises
    NotAllowed; Refused for a case that was decided unless `even_if_decided`.
    """
    person = members.preparer(by, case.board)
    with writing(GUARD):
        row = locked(case, "board")
        if row.is_erased:
            raise Refused(_("The case has already been erased."))
        was_decided = Decision.objects.filter(item__case=row).exists()
        if was_decided and not even_if_decided:
            raise Refused(_("The case was decided: confirm that you know it."), "even_if_decided")
        details = _details(row) | {"versions": row.versions.count(), "decided": was_decided}
        row.label, row.status, row.current, row.erased_at = "", CaseStatus.ERASED, None, timezone.now()
        row.referred_by = row.waiting_since = row.waits_with = row.erasure_asked_at = row.erasure_asked_by = None
        row.save()
        _empty(row)
        record("erase-case", row, by=person, details=details)
    return row


def checked_label(label: str) -> str:
    """A label as it is kept. Raises Refused, which names what looks as if it identified somebody."""
    text = plain_text(label)
    if not text:
        raise Refused(_("A case has a label, such as “Colon 7”."), "label")
    if len(text) > LONGEST_LABEL:
        raise Refused(_("A label has at most %(most)d characters.") % {"most": LONGEST_LABEL}, "label")
    if found := findings(text):
        said = in_series(_("“%(text)s” %(what)s") % {"text": each.text, "what": each.words} for each in found)
        raise Refused(_("A label must not identify the patient: %(said)s.") % {"said": said}, "label")
    return text


def standing(case: Case) -> CaseStatus:
    """The status that follows from agendas and decisions."""
    if AgendaItem.objects.filter(case=case, decisions__isnull=True).exists():
        return CaseStatus.LISTED
    if Decision.objects.filter(item__case=case).exists():
        return CaseStatus.DECIDED
    return CaseStatus.PREPARED


def settle(case: Case) -> None:
    """Bring the status in line with agendas and decisions, unless the case is put away; within an action."""
    row = locked(case)
    if row.status not in (CaseStatus.ARCHIVED, CaseStatus.ERASED):
        row.status, row.changed_at = standing(row), timezone.now()
        row.save()


def _open(case: Case) -> Case:
    row = locked(case, "board")
    if row.is_erased:
        raise Refused(_("The case is erased."))
    if row.status == CaseStatus.ARCHIVED:
        raise Refused(_("The case is in the archive: take it out first."))
    return row


def _add(case: Case, snapshot: Snapshot, notes: str, person: User) -> CaseVersion:
    newest = case.versions.order_by("-number").values_list("number", flat=True).first() or 0
    first = snapshot.first
    version = CaseVersion(
        case=case,
        number=newest + 1,
        entered=snapshot.entered,
        features=snapshot.features,
        notes=notes.strip(),
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


def _details(case: Case) -> dict[str, object]:
    """What an event says of a case: numbers alone."""
    return {"board": case.board_id, "version": case.current.number if case.current else None}

"""The letter to the clinician who referred a case: what the board recommends and why, without any name.

It goes out once the decision is signed. Whose it is stands on it by the case's label alone: the hospital adds the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from boards.errors import Refused
from boards.models import AgendaItem, Decision, PlanStep
from boards.models.choices import Discipline
from boards.models.decision import SIGNATURES
from boards.presenters.meetings import decision_view
from boards.shown.stored_ranking import Frozen
from boards.times import day_of
from display.moments import moment_words
from display.punctuation import sign

from .parts import PatientWords, Provenance, StepWords, decision_words, patient_words, provenance, shown_of, tests
from .report import decisions_of, meeting_words
from .words import Words, report_words


@dataclass(frozen=True)
class Letter:
    """A letter in plain values; `signed` says by how many and when, and names nobody."""

    title: str
    board: str
    header: tuple[str, ...]
    label: str
    meeting: str
    opening: str
    patient: PatientWords
    question: str
    chosen: str
    standing: str
    plan: tuple[StepWords, ...]
    rationale: str
    reason: str
    would_change: str
    wish: str
    tests: tuple[str, ...]
    signed: str
    provenance: Provenance
    made: str
    words: Words
    template: str = "boards/documents/templates/letter.typ"


def letter(item: AgendaItem, *, at: datetime) -> Letter:
    """The letter as of now, dated `at`. Raises Refused unless the decision is signed, while a vote on the
    case is open, and for an erased case."""
    if item.version is None or item.case.is_erased:
        raise Refused(_("The case is erased: nothing is left to report."))
    if item.is_hidden:
        said = _("A vote on the case is open: the letter, which tells of the ranking, is made once it is closed.")
        raise Refused(said)
    decisions = decisions_of(item)
    words = decision_words(decisions, item.meeting.time_zone)
    if words is None or not words.is_signed:
        raise Refused(_("The letter is made once the decision is signed."))
    newest, frozen = decisions[0], Frozen(item.version)
    shown = shown_of(item, newest)
    owners = {step.position: _owner(step, newest) for step in newest.steps.all()}
    return Letter(
        title=_("Recommendation of the tumour board: %(label)s") % {"label": shown.label},
        board=shown.board,
        header=shown.header,
        label=shown.label,
        meeting=meeting_words(item.meeting.held_on, shown.place),
        opening=_("Dear colleague, the board recommends for the patient whom you know under this label:"),
        patient=patient_words(frozen),
        question=shown.question,
        chosen=words.chosen,
        standing=words.standing,
        plan=tuple(_without_name(step, owners.get(step.number, "")) for step in words.plan),
        rationale=words.rationale,
        reason=words.reason,
        would_change=words.would_change,
        wish=item.version.wish,
        tests=tests(frozen),
        signed=_signed(newest),
        provenance=provenance(frozen),
        made=moment_words(at, item.meeting.time_zone),
        words=report_words(),
    )


def in_text(document: Letter) -> str:
    """The letter as text to copy into another system."""
    w, not_known = document.words, document.patient.not_known
    lines = [document.board, *document.header, "", document.title, document.meeting, "", document.opening, ""]
    for step in document.plan:
        when = f"{step.when}{sign(':')} " if step.when else ""
        more = "; ".join(filter(None, (step.standing, step.who, step.due and f"{w['due']} {step.due}")))
        lines.append(f"{step.number}. {when}{step.do}" + (f" ({more})" if more else ""))
        if step.reason:
            lines.append(f"   {step.reason}")
    told = (
        (w["rationale"], document.rationale),
        (w["reason"], document.reason),
        (w["would_change"], document.would_change),
        (w["wish"], document.wish),
        (w["patient"], document.patient.line + (f"\n{not_known}." if not_known else "")),
        (w["question"], document.question),
    )
    for title, text in told:
        if text:
            lines += ["", f"{title}{sign(':')} {text}"]
    if document.tests:
        lines += ["", f"{w['tests']}{sign(':')}", *(f"- {test}" for test in document.tests)]
    release = document.provenance
    lines += [
        "",
        document.signed,
        f"{w['release']} {release.release}",
        f"{w['sha256']}{sign(':')} {release.sha256}",
        "",
        w["disclaimer"],
    ]
    return "\n".join(lines) + "\n"


def _without_name(step: StepWords, who: str) -> StepWords:
    return StepWords(step.number, step.when, step.do, step.standing, step.reason, who, step.due)


def _owner(step: PlanStep, decision: Decision) -> str:
    """Who sees to it: words as they stand, and somebody on the board by their discipline."""
    if step.owner is None:
        return step.owner_words
    board = decision.item.meeting.board
    held = board.memberships.filter(person=step.owner).order_by("-since").first()
    return str(Discipline(held.discipline).label) if held and held.discipline else _("the board")


def _signed(decision: Decision) -> str:
    view = decision_view(decision)
    last = max(line.at for line in view.signatures)
    day = date_format(day_of(last, decision.item.meeting.time_zone), "DATE_FORMAT")
    if decision.signatures_needed < SIGNATURES:
        return _("Decided without discussion and signed by the chair on %(day)s.") % {"day": day}
    said = ngettext(
        "Signed by %(count)d member of the board, at last on %(day)s.",
        "Signed by %(count)d members of the board, at last on %(day)s.",
        SIGNATURES,
    )
    return said % {"count": SIGNATURES, "day": day}

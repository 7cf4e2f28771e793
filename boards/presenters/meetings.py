"""Agendas, votes and decisions as pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.people import person_name
from boards.blindness import is_ranking_hidden
from boards.choice import Choice, choice_words, name_of
from boards.models import AgendaItem, Ballot, Decision, Meeting
from boards.models.choices import Ballots, Reason
from boards.models.decision import SIGNATURES
from boards.plans import Identity, Standing
from boards.shown.stored_ranking import Frozen, knowledge_of
from boards.times import begins, time_words
from regimens.rules.knowledge import Knowledge

from .cases import ballot_choice, case_label, decided_words, decision_in_force, first_words, site_words
from .changes import ChangedField, told_again
from .plan import PlanLine, plan_lines, standing_words


@dataclass(frozen=True)
class AgendaRow:
    """`has_newer` says that the case has a version after the one that is frozen."""

    pk: int
    position: int
    label: str
    case: int
    site: str
    question: str
    first: str
    is_hidden: bool
    version: int | None
    has_newer: bool
    is_first: bool
    is_last: bool
    votes: str
    decision: str
    is_erased: bool
    starts: str
    waiting_since: date | None
    needs_discussion: bool


@dataclass(frozen=True)
class VoteRow:
    """A ballot once the vote is closed; `who` is empty where ballots are anonymous."""

    who: str
    first: str
    final: str
    is_changed: bool


@dataclass(frozen=True)
class TallyLine:
    """How many chose an option first, and who, unless ballots are anonymous."""

    choice: str
    count: int
    who: str


@dataclass(frozen=True)
class VotePage:
    """The votes on an item: how many, in words; rows and counts only when the vote is closed."""

    turnout: str
    rows: tuple[VoteRow, ...]
    tally: tuple[TallyLine, ...]
    changed: str
    is_anonymous: bool


@dataclass(frozen=True)
class SignatureLine:
    who: str
    at: datetime


@dataclass(frozen=True)
class DecisionView:
    """A version of a decision in words; `standing` says where the option stood in the ranking.

    While a vote on the case is open, `standing`, `reason`, `reason_words` and `options`, which tell of the ranking, are
    empty, and `is_blind` says so.

    plan         its recommendations
    label, question, board, place   as they were when it was recorded; empty once the case is erased
    options      the slugs of those that stood side by side then
    signed_as    how it is signed, in words; what is missing where it is not
    is_discussed false where the chair's signature alone decides
    chosen_alone   what was chosen without what somebody wrote of it
    """

    number: int
    chosen: str
    chosen_alone: str
    standing: str
    rationale: str
    reason: str
    reason_words: str
    present: str
    guests: str
    dissent: str
    correction: str
    by: str
    at: datetime
    signatures: tuple[SignatureLine, ...]
    is_signed: bool
    plan: tuple[PlanLine, ...]
    would_change: str
    label: str
    question: str
    board: str
    place: str
    options: tuple[str, ...]
    signed_as: str
    is_discussed: bool
    is_blind: bool

    @property
    def plan_words(self) -> str:
        """The plan in a few lines, to lay two versions side by side."""
        return "; ".join(" ".join(filter(None, (line.when and f"{line.when}:", line.do))) for line in self.plan)

    @property
    def is_under_signature(self) -> bool:
        return bool(self.signatures)


def agenda_rows(items: Sequence[AgendaItem]) -> tuple[AgendaRow, ...]:
    """Items in order, with case, version and decisions fetched, annotated with how many `voted`."""
    return tuple(
        AgendaRow(
            pk=item.pk,
            position=item.position,
            label=case_label(item.case),
            case=item.case_id,
            site=site_words(item.version),
            question=item.question,
            first="" if item.is_hidden or item.version is None else first_words(item.version),
            is_hidden=item.is_hidden,
            version=item.version.number if item.version else None,
            has_newer=item.version_id is not None and item.case.current_id != item.version_id,
            is_first=place == 0,
            is_last=place == len(items) - 1,
            votes=_votes(item),
            decision=decision_in_force(item),
            is_erased=item.case.is_erased,
            starts=starts,
            waiting_since=item.waiting_since,
            needs_discussion=item.needs_discussion,
        )
        for place, (item, starts) in enumerate(zip(items, start_words(items), strict=True))
    )


def start_words(items: Sequence[AgendaItem]) -> Iterator[str]:
    """When each item of an agenda is to begin, in the board's zone; empty where the meeting has no time of day."""
    moment = begins(items[0].meeting) if items else None
    for item in items:
        yield time_words(moment, item.meeting.time_zone) if moment else ""
        if moment and item.needs_discussion:
            moment += timedelta(minutes=item.meeting.minutes_each)


def _votes(item: AgendaItem) -> str:
    if not item.meeting.blind_first:
        return ""
    count: int = item.voted  # type: ignore[attr-defined]
    if item.vote_closed_at is None:
        return ngettext("%(count)d vote so far", "%(count)d votes so far", count) % {"count": count}
    return ngettext("%(count)d vote, closed", "%(count)d votes, closed", count) % {"count": count}


def vote_page(item: AgendaItem, ballots: Iterable[Ballot], members: int) -> VotePage:
    """The votes on an item, of `members` who may vote; what they say only once the vote is closed."""
    cast = list(ballots)
    turnout = ngettext(
        "%(voted)d of %(members)d member has voted", "%(voted)d of %(members)d members have voted", members
    ) % {"voted": len(cast), "members": members}
    is_anonymous = item.meeting.ballots == Ballots.ANONYMOUS
    if item.is_hidden or item.version is None:
        return VotePage(turnout, (), (), "", is_anonymous)
    knowledge = knowledge_of(item.version.release_id)
    rows = [
        VoteRow(
            person_name(ballot.voter) if ballot.voter else "",
            _words(ballot_choice(ballot, "first"), knowledge),
            _words(ballot_choice(ballot, "final"), knowledge),
            ballot.is_changed,
        )
        for ballot in cast
    ]
    rows.sort(key=lambda row: (row.who.lower(), row.first.lower()))
    return VotePage(
        turnout=turnout,
        rows=tuple(rows),
        tally=_tally(rows),
        changed=_changed(rows),
        is_anonymous=is_anonymous,
    )


def _tally(rows: Sequence[VoteRow]) -> tuple[TallyLine, ...]:
    """First choices, the most frequent first."""
    counts = Counter(row.first for row in rows)
    return tuple(
        TallyLine(choice, count, ", ".join(row.who for row in rows if row.who and row.first == choice))
        for choice, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].lower()))
    )


def _words(choice: Choice, knowledge: Knowledge) -> str:
    return choice_words(choice, name_of(choice, knowledge))


def _changed(rows: Sequence[VoteRow]) -> str:
    """The share of members whose choice changed."""
    changed = sum(row.is_changed for row in rows)
    if not rows:
        return _("Nobody voted.")
    return ngettext(
        "%(changed)d of %(count)d member changed the choice after the ranking was shown.",
        "%(changed)d of %(count)d members changed the choice after the ranking was shown.",
        len(rows),
    ) % {"changed": changed, "count": len(rows)}


def decision_view(
    decision: Decision, standings: Mapping[Identity, Standing] | None = None, *, today: date | None = None
) -> DecisionView:
    """A version with its signatures, presences and steps prefetched; `standings`: how far its plan has come."""
    signatures = tuple(
        SignatureLine(person_name(each.person), each.signed_at)
        for each in sorted(decision.signatures.all(), key=lambda each: each.place)
    )
    is_blind = is_ranking_hidden(decision)
    return DecisionView(
        number=decision.number,
        chosen=decided_words(decision),
        chosen_alone=decided_words(decision, with_words=False),
        standing="" if is_blind else _standing(decision),
        rationale=decision.rationale,
        reason=str(Reason(decision.reason).label) if decision.reason and not is_blind else "",
        reason_words="" if is_blind else decision.reason_words,
        present=", ".join(sorted(person_name(each.person) for each in decision.presences.all())),
        guests=decision.guests,
        dissent=decision.dissent,
        correction=decision.correction,
        by=person_name(decision.decided_by),
        at=decision.decided_at,
        signatures=signatures,
        is_signed=len(signatures) == decision.signatures_needed,
        plan=plan_lines(decision, standings or {}, today=today),
        would_change=decision.would_change,
        label=decision.shown.get("label", ""),
        question=decision.shown.get("question", ""),
        board=decision.shown.get("board", ""),
        place=decision.shown.get("place", ""),
        options=() if is_blind else tuple(decision.shown.get("options", ())),
        signed_as=_signed_as(len(signatures), decision.signatures_needed),
        is_discussed=decision.signatures_needed == SIGNATURES,
        is_blind=is_blind,
    )


def _signed_as(count: int, needed: int) -> str:
    if needed == 1:
        return _("signed by the chair") if count else _("not signed by the chair yet")
    if count == needed:
        return _("signed by two members")
    return ngettext("%(count)d signature of two", "%(count)d signatures of two", count) % {"count": count}


def _standing(decision: Decision) -> str:
    if decision.is_recommended is None:
        return _("a test comes first: no option is decided on")
    return standing_words(decision.is_recommended, decision.rank, decision.level)


def changes_between(
    before: DecisionView | None, after: DecisionView, *, is_in_force: bool = True
) -> tuple[ChangedField, ...]:
    """What differs between two versions of a decision; all of it where there was none before.

    What members wrote is shown of the version in force and of those that two signed.
    """
    fields = {
        "chosen": _("Decision"),
        "plan_words": _("Care plan"),
        "question": _("Question to the board"),
        "rationale": _("Rationale"),
        "reason": _("Reason"),
        "reason_words": _("The reason in words"),
        "present": _("Present"),
        "guests": _("Guests"),
        "dissent": _("Dissent"),
        "would_change": _("What would change it"),
        "correction": _("Correction"),
    }
    if not before or (before.plan_words, after.plan_words) == (before.chosen, after.chosen):
        del fields["plan_words"]  # the decision says it all
    return tuple(
        ChangedField(
            label, _told(before, name, is_in_force=False) if before else "", _told(after, name, is_in_force=is_in_force)
        )
        for name, label in fields.items()
        if (getattr(before, name) if before else "") != getattr(after, name)
    )


WRITTEN = ("plan_words", "question", "rationale", "reason_words", "guests", "dissent", "would_change", "correction")


def _told(view: DecisionView, name: str, *, is_in_force: bool) -> str:
    is_shown = is_in_force or view.is_signed
    if name == "chosen":
        return view.chosen if is_shown else view.chosen_alone
    text: str = getattr(view, name)
    return told_again(text, is_in_force=is_shown) if name in WRITTEN else text


def prepared_beside(
    item: AgendaItem, question: str, options: Sequence[str] | None, frozen: Frozen
) -> tuple[ChangedField, ...]:
    """What one person wrote of an item beside what somebody else did; `options` is None where none may be chosen."""

    def names(slugs: Sequence[str]) -> str:
        return ", ".join(frozen.name(slug) for slug in slugs)

    rows = [ChangedField(_("Question to the board"), question.strip(), item.question)]
    if options is not None:
        theirs = item.options or frozen.usual_options()
        rows.append(ChangedField(_("Options side by side"), names(options), names(theirs)))
    return tuple(row for row in rows if row.before != row.after)


def meeting_words(meeting: Meeting) -> str:
    """How a meeting votes."""
    if not meeting.blind_first:
        return _("The ranking is shown from the start.")
    if meeting.is_anonymous:
        return _("Members vote before the ranking is shown; votes are anonymous.")
    return _("Members vote before the ranking is shown; votes are shown by name.")

"""Agendas, votes and decisions as pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.people import person_name
from boards.choice import Choice, choice_words, name_of
from boards.models import AgendaItem, Ballot, Decision, Meeting
from boards.models.choices import Ballots, Reason
from boards.models.decision import SIGNATURES
from boards.shown.stored_ranking import Frozen, knowledge_of
from boards.times import begins, time_words
from regimens.rules.knowledge import Knowledge

from .cases import ballot_choice, case_label, decided_words, decision_in_force, first_words, site_words
from .changes import ChangedField


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
    """A version of a decision in words; `standing` says where the option stood in the ranking."""

    number: int
    chosen: str
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


def decision_view(decision: Decision) -> DecisionView:
    """A version with its signatures and presences prefetched."""
    signatures = tuple(
        SignatureLine(person_name(each.person), each.signed_at)
        for each in sorted(decision.signatures.all(), key=lambda each: each.place)
    )
    return DecisionView(
        number=decision.number,
        chosen=decided_words(decision),
        standing=_standing(decision),
        rationale=decision.rationale,
        reason=str(Reason(decision.reason).label) if decision.reason else "",
        reason_words=decision.reason_words,
        present=", ".join(sorted(person_name(each.person) for each in decision.presences.all())),
        guests=decision.guests,
        dissent=decision.dissent,
        correction=decision.correction,
        by=person_name(decision.decided_by),
        at=decision.decided_at,
        signatures=signatures,
        is_signed=len(signatures) == SIGNATURES,
    )


def _standing(decision: Decision) -> str:
    if decision.is_recommended is None:
        return _("a test comes first: no option is decided on")
    words = {"rank": decision.rank, "level": decision.level}
    if decision.rank is None:
        return _("among the recommended") if decision.is_recommended else _("not among the recommended")
    if decision.is_recommended:
        return _("among the recommended; rank %(rank)d, level of evidence %(level)s") % words
    return _("not among the recommended; rank %(rank)d, level of evidence %(level)s") % words


def changes_between(before: DecisionView | None, after: DecisionView) -> tuple[ChangedField, ...]:
    """What differs between two versions of a decision; all of it where there was none before."""
    fields = {
        "chosen": _("Decision"),
        "rationale": _("Rationale"),
        "reason": _("Reason"),
        "reason_words": _("The reason in words"),
        "present": _("Present"),
        "guests": _("Guests"),
        "dissent": _("Dissent"),
        "correction": _("Correction"),
    }
    pairs = ((label, getattr(before, name) if before else "", getattr(after, name)) for name, label in fields.items())
    return tuple(ChangedField(label, then, now) for label, then, now in pairs if then != now)


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

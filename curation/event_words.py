"""What the events of curation are called, and by what people know the entries that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in
from regimens.event_words import pages_of_releases
from regimens.models.choices import EntryKind

from .models import Entry, Proposal
from .review.differences import title_of

_PHRASES = {
    "propose": "proposed a change of {}",
    "accept": "accepted the proposal on {}",
    "reject": "rejected the proposal on {}",
    "ask-for-change": "asked for a change of the proposal on {}",
    "withdraw": "withdrew the proposal on {}",
    "supersede": "found the proposal on {} overtaken by another",
    "begin-package": "began the work package {}",
    "keep-in-package": "kept entries in the work package {}",
    "take-out-of-package": "took entries out of the work package {}",
    "propose-package": "proposed the work package {}",
    "accept-package": "accepted the work package {}",
    "reject-package": "rejected the work package {}",
    "ask-for-change-of-package": "asked for a change of the work package {}",
    "withdraw-package": "withdrew the work package {}",
    "supersede-package": "found the work package {} overtaken by another change",
    "ask-questions": "put {} questions of an import to curators",
    "answer-question": "answered a question on {}",
    "declare-interests": "declared the interests of {}",
    "read-second": "read figures of {} a second time",
    "settle-readings": "decided between readings of {}",
    "reopen-reading-task": "asked anew which reading is right of {}",
    "load": "loaded the evidence base as shipped",
    "load-baseline": "loaded the baseline from {}",
    "upgrade-evidence": "carried the evidence base over to the second edition",
    "carry-over": "carried over the proposal on {} to the second edition",
    "give-back": "gave back the proposal on {}",
    "publish": "published release {}",
    "import-release": "imported release {}",
    "ask-to-reinstate": "asked that release {} be put in force",
    "reinstate": "confirmed that release {} be in force",
    "report-error": "reported that something is wrong with {}",
    "take-up-report": "began to look into a report on {}",
    "answer-report": "answered a report on {} for everybody",
    "decline-report": "declined a report on {}",
    "let-go-of-report-words": "deleted what was typed in a report on {}",
    "load-searches": "brought in the searches as shipped",
    "keep-search": "changed the search {}",
    "survey": "looked at the search {}",
    "include-found": "included {}",
    "exclude-found": "excluded {}",
    "defer-found": "put off {}",
    "reopen-found": "put {} back among those to decide",
    "report-notices": "reported notices from {}",
    "settle-notice": "said why a notice is not against {}",
    "check-unchanged": "saw {} unchanged at the source",
}
_LABELS = {
    "proposal": None,
    "package": None,
    "proposals": None,
    "import_question": None,
    "reading": None,
    "task": None,
    "report": None,
    "published": "What was reported, as published",
    "tasks": "Figures in dispute",
    "by_a_reader": "By one of the two readers",
    "because": "Because",
    "companies": "Companies",
    "superseded": "Superseded proposals",
    "former": "In force before",
    "carried_from": "In place of proposal",
    "as_baseline": "As the baseline",
    "retired": "Retired",
    "entries": "Entries",
    "notes": "To look at",
    "answered": "Records that the source gave",
    "notice": None,
    "url": "Address",
    "later_until": "Until",
}
_RETIREMENT = "proposed to retire {}"
_ADDITION = "proposed to add {}"
_OF_REPORTS = frozenset({"report-error", "take-up-report", "answer-report", "decline-report", "let-go-of-report-words"})
_OF_RELEASES = frozenset({"publish", "import-release", "ask-to-reinstate", "reinstate"})


def register() -> None:
    sentences.register("curation", _PHRASES, labels=_LABELS, subjects=_subjects)


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    """The entries of proposals and the pages of releases; three queries at most, however many events there are."""
    proposals = Proposal.objects.in_bulk({pk for event in events if (pk := number_in(event, "proposal"))})
    titles = _titles(proposals.values())
    found = pages_of_releases(events, _OF_RELEASES)
    for event in events:
        if event.action in _OF_REPORTS and (report := number_in(event, "report")):
            found[event.pk] = Subject(page=("admin:report", report))
        proposal = proposals.get(number_in(event, "proposal") or 0)
        if proposal is not None:
            page = ("admin:regimens_proposal_change", proposal.pk)
            found[event.pk] = Subject(titles[proposal.pk], page, _phrase(event, proposal))
        elif package := number_in(event, "package"):
            found[event.pk] = Subject(page=("admin:work-package", package))
    return found


def _phrase(event: Event, proposal: Proposal) -> str | None:
    """Of a proposal, what it would do where that is not a change."""
    if event.action != "propose":
        return None
    if proposal.is_retirement:
        return _RETIREMENT
    return None if proposal.base_sha256 else _ADDITION


def _titles(proposals: Iterable[Proposal]) -> dict[int, str]:
    """By what people know the entries, with their kind; of a retirement, what the entry says."""
    listed = list(proposals)
    retired = {proposal.key for proposal in listed if proposal.is_retirement}
    entries = {(one.kind, one.key): one.values for one in Entry.objects.filter(key__in=retired)} if retired else {}
    titles = {}
    for one in listed:
        content = one.values or entries.get((one.kind, one.key))
        title = title_of(one.kind, content) if content else one.key
        titles[one.pk] = f"{title} ({EntryKind(one.kind).label.lower()})"
    return titles

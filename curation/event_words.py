"""What the events of curation are called, and by what people know the entries that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in
from regimens.event_words import pages_of_releases
from regimens.models.choices import EntryKind

from .models import Entry, Proposal
from .review.differences import title_of

_PHRASES = {
    "propose": _("proposed a change of {}"),
    "accept": _("accepted the proposal on {}"),
    "reject": _("rejected the proposal on {}"),
    "ask-for-change": _("asked for a change of the proposal on {}"),
    "withdraw": _("withdrew the proposal on {}"),
    "supersede": _("found the proposal on {} overtaken by another"),
    "begin-package": _("began the work package {}"),
    "keep-in-package": _("kept entries in the work package {}"),
    "take-out-of-package": _("took entries out of the work package {}"),
    "propose-package": _("proposed the work package {}"),
    "accept-package": _("accepted the work package {}"),
    "reject-package": _("rejected the work package {}"),
    "ask-for-change-of-package": _("asked for a change of the work package {}"),
    "withdraw-package": _("withdrew the work package {}"),
    "supersede-package": _("found the work package {} overtaken by another change"),
    "ask-questions": _("put {} questions of an import to curators"),
    "answer-question": _("answered a question on {}"),
    "declare-interests": _("declared the interests of {}"),
    "read-second": _("read figures of {} a second time"),
    "settle-readings": _("decided between readings of {}"),
    "reopen-reading-task": _("asked anew which reading is right of {}"),
    "load": _("loaded the evidence base as shipped"),
    "load-baseline": _("loaded the baseline from {}"),
    "upgrade-evidence": _("carried the evidence base over to the second edition"),
    "carry-over": _("carried over the proposal on {} to the second edition"),
    "give-back": _("gave back the proposal on {}"),
    "publish": _("published release {}"),
    "import-release": _("imported release {}"),
    "ask-to-reinstate": _("asked that release {} be put in force"),
    "reinstate": _("confirmed that release {} be in force"),
    "report-error": _("reported that something is wrong with {}"),
    "take-up-report": _("began to look into a report on {}"),
    "answer-report": _("answered a report on {} for everybody"),
    "decline-report": _("declined a report on {}"),
    "let-go-of-report-words": _("deleted what was typed in a report on {}"),
    "load-searches": _("brought in the searches as shipped"),
    "keep-search": _("changed the search {}"),
    "survey": _("looked at the search {}"),
    "include-found": _("included {}"),
    "exclude-found": _("excluded {}"),
    "defer-found": _("put off {}"),
    "reopen-found": _("put {} back among those to decide"),
    "report-notices": _("reported notices from {}"),
    "settle-notice": _("said why a notice is not against {}"),
    "check-unchanged": _("saw {} unchanged at the source"),
}
_LABELS = {
    "proposal": None,
    "package": None,
    "proposals": None,
    "import_question": None,
    "reading": None,
    "task": None,
    "report": None,
    "published": _("What was reported, as published"),
    "tasks": _("Figures in dispute"),
    "by_a_reader": _("By one of the two readers"),
    "because": _("Because"),
    "companies": _("Companies"),
    "superseded": _("Superseded proposals"),
    "former": _("In force before"),
    "carried_from": _("In place of proposal"),
    "as_baseline": _("As the baseline"),
    "retired": _("Retired"),
    "entries": _("Entries"),
    "notes": _("To look at"),
    "answered": _("Records that the source gave"),
    "notice": None,
    "url": _("Address"),
    "later_until": _("Until"),
    "until": _("Until"),
    "summary": _("What is new"),
    "found": _("Found"),
    "before": _("Before"),
    "search": _("Search"),
    "searches": _("Searches"),
}
_RETIREMENT = _("proposed to retire {}")
_ADDITION = _("proposed to add {}")
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


def _phrase(event: Event, proposal: Proposal) -> Promise | None:
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
        titles[one.pk] = f"{title} ({EntryKind(one.kind).label})"
    return titles

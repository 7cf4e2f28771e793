"""Reports that something is wrong: made by anybody, answered by curators.

What a stranger typed is judged as a board's texts are, seen by curators alone, and public only as a curator words it.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING

from django.db.models import F, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.events import coming_from, record
from audit.people import permitted
from curation.errors import AlreadyDecided, TextRefused, TooMany
from curation.models import Report, ReportCount
from curation.models.report import REFERENCE_LENGTH, REFERENCE_LETTERS
from curation.permissions import PROPOSE
from curation.reported import About
from display.privacy.identifiers import Reading, findings
from display.privacy.refusals import identifying, refusal
from display.texts import readable
from regimens.models.choices import ReportState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST = 2000  # characters that a reporter, or a curator, writes
LONGEST_SOURCE = 300
# In an hour: from one address, and from all of them together.
MOST_OF_ONE, MOST_OF_ALL = 6, 60
# Known to nobody else on the same database, so that strangers never hold up curators: SHA-256("necapp reports").
_LOCK = 0x6E657265
_SOURCE = re.compile(
    r"https?://\S+|(?:doi:?\s*)?10\.\d{4,9}/\S+|(?:pmid:?\s*)?\d{4,9}|pmc\d{3,9}|nct\d{8}|"
    r"\d{4}-\d{6}-\d{2}(?:-\d{2})?|(?:isrctn|drks|jrcts?|umin|chictr)[\w-]{4,20}",
    re.IGNORECASE,
)


def report(*, about: About, words: str, source: str, address: str | None, at: datetime | None = None) -> Report:
    """What seems wrong, from anybody; nothing of who it was is kept, and the event carries no address.

    Raises TextRefused for a text that is missing, too long or looks as if it identified a person, and TooMany.
    """
    words = judged(words, "words")
    source = _judged_source(source)
    now = at or timezone.now()
    with coming_from(None), exclusive(_LOCK):
        _count(address, now)
        made = Report.objects.create(
            reference=_reference(),
            kind=about.kind,
            key=about.key,
            title=about.title[:300],
            place=about.place,
            place_words=about.place_words[:300],
            release=about.release,
            release_name=about.release_name,
            words=words,
            source=source,
            reported_at=now,
        )
        record("report-error", about.title, details={"report": made.pk, "release": about.release})
    return made


def take_up(report: Report, *, by: User) -> Report:
    """Look into a report. Raises NotAllowed; AlreadyDecided where somebody does, or did."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = _locked(report)
        if row.state != ReportState.OPEN:
            raise AlreadyDecided(_("This report is already %(state)s.") % {"state": row.get_state_display()})
        _take(row, person)
        row.save()
        record("take-up-report", row.title, by=person, details={"report": row.pk})
    return row


def answer(report: Report, *, published: str, answer: str, by: User) -> Report:
    """Answer for everybody: what was reported, in a curator's words, and what came of it.

    Raises NotAllowed, AlreadyDecided, TextRefused.
    """
    texts = {"published": judged(published, "published"), "answer": judged(answer, "answer")}
    return _decide(report, ReportState.ANSWERED, "answer-report", texts, by)


def decline(report: Report, *, answer: str, by: User) -> Report:
    """Say to its reporter alone why nothing comes of it. Raises as `answer` does."""
    return _decide(report, ReportState.DECLINED, "decline-report", {"answer": judged(answer, "answer")}, by)


def let_go_of_words(report: Report, *, by: User) -> Report:
    """Delete what was typed, such as what the rules did not know to identify a person. Raises NotAllowed."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = _locked(report)
        if row.words or row.source:
            row.words = row.source = ""
            row.save()
            record("let-go-of-report-words", row.title, by=person, details={"report": row.pk})
    return row


def judged(text: str, field: str) -> str:
    """A text as it is kept: readable, and nothing in it looks as if it identified a person. Raises TextRefused."""
    plain = readable(text).strip()
    if not plain:
        raise TextRefused(_("Say it in a sentence or two."), field)
    if len(plain) > LONGEST:
        raise TextRefused(_("At most %(most)d characters.") % {"most": LONGEST}, field)
    if said := refusal(plain, Reading.PROSE):
        raise TextRefused(said, field)
    return plain


def _judged_source(text: str) -> str:
    """Nothing, or an address or a number by which anybody finds it: its digits file nobody."""
    plain = readable(text).strip()
    if plain and (len(plain) > LONGEST_SOURCE or not _SOURCE.fullmatch(plain)):
        raise TextRefused(_("Give an address, a DOI, a PMID or a trial’s number, or leave it empty."), "source")
    found = tuple(each for each in findings(plain, Reading.PROSE) if each.kind != "number")
    if found:
        raise TextRefused(identifying(found, Reading.PROSE), "source")
    return plain


def _decide(report: Report, state: ReportState, action: str, texts: dict[str, str], by: User) -> Report:
    person = permitted(by, PROPOSE)
    with exclusive():
        row = _locked(report)
        if row.is_decided:
            raise AlreadyDecided(_("This report is already %(state)s.") % {"state": row.get_state_display()})
        if row.state == ReportState.OPEN:
            _take(row, person)
        row.state, row.answered_by, row.answered_at = state, person, timezone.now()
        for name, text in texts.items():
            setattr(row, name, text)
        row.save()
        record(action, row.title, by=person, details={"report": row.pk, **texts})
    return row


def _take(row: Report, person: User) -> None:
    row.state, row.taken_by, row.taken_at = ReportState.IN_WORK, person, timezone.now()


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _reference() -> str:
    return "".join(secrets.choice(REFERENCE_LETTERS) for _place in range(REFERENCE_LENGTH))


def _count(address: str | None, now: datetime) -> None:
    """Count a report within the lock; former hours are forgotten. Raises TooMany."""
    hour = int(now.timestamp()) // 3600
    ReportCount.objects.exclude(hour=hour).delete()
    caller = _caller(address, hour)
    row, _is_new = ReportCount.objects.get_or_create(caller=caller, hour=hour, defaults={"reports": 0})
    of_all = ReportCount.objects.aggregate(all=Sum("reports"))["all"] or 0
    if row.reports >= MOST_OF_ONE or of_all >= MOST_OF_ALL:
        raise TooMany(_("Too much was reported in this hour: try again in the next one. What you wrote is still here."))
    ReportCount.objects.filter(pk=row.pk).update(reports=F("reports") + 1)


def _caller(address: str | None, hour: int) -> str:
    """A keyed hash that is another one each hour; of IPv6, of the network that a connection is given whole."""
    if address and ":" in address:
        address = str(ip_network(f"{address}/64", strict=False))
    return salted_hmac(f"reports {hour}", address or "nowhere", algorithm="sha256").hexdigest()

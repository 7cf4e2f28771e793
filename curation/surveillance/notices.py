"""Notices against publications that are held: matched, pinned on the desk, proposed, and settled.

A notice that is reported stands on every page until the release in force says the same, or somebody says why it is not
against it. It changes no ranking: that takes a proposal, another person and a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted
from curation.actions import NothingToChange, Proposed, propose
from curation.errors import AlreadyDecided
from curation.identity import Identified
from curation.imports.pubmed import PrintedNotice, with_notice
from curation.models import Entry
from curation.permissions import PROPOSE
from regimens.models import ReportedNotice
from regimens.models.choices import EntryKind, NoticeKind
from staff.english import said_in_english

from .known import Known
from .records import ReportedAgainst

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_ADDRESS = 500


def report_notices(
    notices: Iterable[ReportedAgainst], *, found_by: str, by: User | None, now: datetime
) -> list[ReportedNotice]:
    """Pin the notices of a file that are against publications held here. None is whoever runs manage.py.

    Raises NotAllowed.
    """
    if by is not None:
        permitted(by, PROPOSE)
    with exclusive():
        known = Known(accepted(), {"publications": {}, "trials": {}}, ())
        made = pinned(notices, known, found_by=found_by, now=now)
        if made:
            details = {"file": found_by, "notices": [str(one) for one in made]}
            record("report-notices", found_by, by=by, details=details)
    return made


def pinned(notices: Iterable[ReportedAgainst], known: Known, *, found_by: str, now: datetime) -> list[ReportedNotice]:
    """The same within a transaction that is under way; once a publication and notice, however often it is reported."""
    here = set(ReportedNotice.objects.values_list("publication", "kind", "url"))
    is_open = set(ReportedNotice.objects.filter(settled_at__isnull=True).values_list("publication", "kind"))
    made = []
    for one in _joined(notices):
        found = known.held.find(one.text) or known.held.find_title(one.text)
        if found is None:
            continue
        key, matched = found
        notice = one.notice
        url = notice.url[:LONGEST_ADDRESS]
        if (key, notice.kind, url) in here:
            continue
        # A retraction is one whoever reports it; a text may have several errata.
        if (key, notice.kind) in is_open and notice.kind != NoticeKind.ERRATUM:
            continue
        if _says_so_already(known.publications[key], notice):
            continue
        row = ReportedNotice.objects.create(
            publication=key,
            kind=notice.kind,
            text=notice.text,
            url=url,
            found_by=found_by[:200],
            matched=str(matched),
            reported_at=now,
        )
        here.add((key, notice.kind, url))
        is_open.add((key, notice.kind))
        made.append(row)
    return made


def _joined(notices: Iterable[ReportedAgainst]) -> Iterator[ReportedAgainst]:
    """Errata that one page shows as one: those without a page of their own have that of the text."""
    texts: dict[tuple[Identified, str], list[str]] = {}
    several = list(notices)
    for one in several:
        if one.notice.kind is NoticeKind.ERRATUM:
            texts.setdefault((one.text, one.notice.url), []).append(one.notice.text)
    for one in several:
        if one.notice.kind is not NoticeKind.ERRATUM:
            yield one
        elif said := texts.pop((one.text, one.notice.url), None):
            yield replace(one, notice=replace(one.notice, text="; ".join(dict.fromkeys(said))))


def waiting_notices() -> list[ReportedNotice]:
    """Those that the evidence base does not say yet and nobody settled, the gravest and newest first."""
    rows = list(ReportedNotice.objects.filter(settled_at__isnull=True).order_by("-pk"))
    keys = {row.publication for row in rows}
    entries = Entry.objects.filter(kind=EntryKind.PUBLICATIONS, key__in=keys, retired_at__isnull=True) if keys else ()
    held = {entry.key: entry.values for entry in entries}
    order = list(NoticeKind)
    found = [row for row in rows if row.publication in held and not _says_so_already(held[row.publication], _of(row))]
    return sorted(found, key=lambda row: order.index(NoticeKind(row.kind)))


def propose_notice(row: ReportedNotice, *, by: User) -> Proposed:
    """Propose that the publication bear the notice. Raises as `propose` does."""
    content = accepted()["publications"].get(row.publication)
    if content is None:
        raise ActionRefused(_("The publication is not in force."))
    wanted = with_notice(dict(content), [_of(row)])
    if wanted == content:
        raise NothingToChange(_("The publication bears such a notice already, or a graver one."))
    return propose(
        kind=EntryKind.PUBLICATIONS, key=row.publication, content=wanted, reason=_reason(row), source=row.url, by=by
    )


def settle_notice(row: ReportedNotice, *, because: str, by: User, now: datetime) -> ReportedNotice:
    """Say why a notice is not against the publication: it is on no page any more. Raises NotAllowed, AlreadyDecided.

    ActionRefused where no reason is given.
    """
    person = permitted(by, PROPOSE)
    because = because.strip()
    if not because:
        raise ActionRefused(_("Say why the notice is not against this publication."))
    with exclusive():
        found = ReportedNotice.objects.get(pk=row.pk)
        if found.settled_at is not None:
            raise AlreadyDecided(_("Somebody said already why it is not against this publication."))
        found.settled_at, found.settled_by, found.settled_because = now, person, because
        found.save()
        details = {"notice": found.pk, "url": found.url, "because": because}
        record("settle-notice", found, by=person, details=details)
    return found


@said_in_english
def _reason(row: ReportedNotice) -> str:
    """Of its proposal; it is stored."""
    return f"{row.get_kind_display()}, reported by {row.found_by} (known by {row.matched}): {row.text}"


def _of(row: ReportedNotice) -> PrintedNotice:
    return PrintedNotice(NoticeKind(row.kind), row.text, row.url)


def _says_so_already(entry: Mapping[str, Any], notice: PrintedNotice) -> bool:
    return with_notice(dict(entry), [notice]) == dict(entry)

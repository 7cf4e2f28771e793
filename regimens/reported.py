"""What became known about a release since it was made: notices reported against its publications, and until when
sources were searched.

It stands beside a release and never enters a ranking: decision 27 (docs/adr/0027-surveillance.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Max, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from .models import ReportedNotice, SearchedUntil
from .models.choices import NoticeKind, SurveySource

_GRAVEST_FIRST = list(NoticeKind)
# A correction of a spelling stands against nothing that a ranking says; curators see it on their desk.
NOTHING_REPORTED = "/"  # the stamp of an empty table
TOLD = (NoticeKind.RETRACTION, NoticeKind.EXPRESSION_OF_CONCERN)


@dataclass(frozen=True)
class Reported:
    """A notice against a publication that a release does not know of yet.

    on   the day on which it was reported
    """

    publication: str
    kind: NoticeKind
    text: str
    url: str
    on: date


def open_notices() -> tuple[Reported, ...]:
    """Notices that nobody settled, the gravest first; one query."""
    rows = ReportedNotice.objects.filter(settled_at__isnull=True, kind__in=TOLD).order_by("pk")
    found = [Reported(row.publication, NoticeKind(row.kind), row.text, row.url, row.reported_at.date()) for row in rows]
    return tuple(sorted(found, key=lambda one: _GRAVEST_FIRST.index(one.kind)))


def unknown_to(notices: Iterable[Reported], publications: Mapping[str, Mapping[str, Any]]) -> tuple[Reported, ...]:
    """Those against publications of a release, by key, that bear no notice as grave there."""
    return tuple(
        one
        for one in notices
        if (publication := publications.get(one.publication)) is not None
        and not is_as_grave(publication.get("notice"), one.kind)
    )


def is_as_grave(held: Mapping[str, Any] | None, kind: NoticeKind) -> bool:
    """Whether the notice that a publication bears says as much as one of a kind, or more."""
    return bool(held) and _GRAVEST_FIRST.index(NoticeKind(held["kind"])) <= _GRAVEST_FIRST.index(kind)


def stamp() -> Subquery:
    """For a query that is made anyhow: a text that is another one whenever the open notices are others."""
    rows: QuerySet = ReportedNotice.objects.order_by().annotate(all=Value(1)).values("all")
    parts = (Cast(Max("pk"), CharField()), Value(NOTHING_REPORTED), Cast(Max("settled_at"), CharField()))
    newest = rows.annotate(stamp=Concat(*parts, output_field=CharField()))
    return Subquery(newest.values("stamp")[:1])


def searched_until() -> tuple[tuple[str, date], ...]:
    """Until which day each source was searched and what was found there looked at, in words; one query."""
    rows = dict(SearchedUntil.objects.values_list("source", "until"))
    return tuple((str(source.label), rows[source]) for source in SurveySource if source in rows)

"""When the source of each entry was last seen to say what the entry says, and what is due to be seen again.

An entry's own day (of a trial and a licence) counts, and so does a person's “seen, unchanged”; of a publication also
that the look-up asked whether a notice was printed against it. How often each kind is due: `regimens.wording.states`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from curation.accepted import text_of
from curation.models import Entry, EntryCheck, SearchLook
from curation.review.differences import title_of
from regimens.knowledge.loader import DAYS, Evidence
from regimens.models.choices import SurveySource
from regimens.wording.states import CHECK_EVERY_DAYS, how_long_ago

# Whose own checks by the look-up count as a reading: all that is asked of a publication is whether it still stands.
ASKED = {SurveySource.PUBMED_HELD: "publications", SurveySource.TRIALS_HELD: "trials"}

TITLES = {
    "trials": gettext_lazy("Trials, in the register"),
    "licences": gettext_lazy("Licences, in labels and rulings"),
    "drugs": gettext_lazy("Labels of drugs, for their cautions"),
    "guidelines": gettext_lazy("Guideline statements"),
    "publications": gettext_lazy("Publications, for notices against them"),
}


@dataclass(frozen=True)
class Freshness:
    """Of one entry.

    last       the day on which its source was last seen to say this; None where none is on record
    asked      the day on which the look-up found the source unchanged, where that is later
    due        from which day it is to be seen again; None where no day is on record: it is due
    address    of the source
    """

    kind: str
    key: str
    title: str
    version: str
    last: date | None
    asked: date | None
    due: date | None
    age: str
    address: str
    is_due: bool


@dataclass(frozen=True)
class OfKind:
    """All entries of a kind: how many there are, how many are due, and after how many days each is."""

    kind: str
    every_days: int
    entries: tuple[Freshness, ...]

    @property
    def title(self) -> str:
        return str(TITLES[self.kind])

    @property
    def due(self) -> tuple[Freshness, ...]:
        """Those with no day on record last, since nothing says that they are old."""
        due = [one for one in self.entries if one.is_due]
        return tuple(sorted(due, key=lambda one: (one.last is None, one.last or date.min, one.key)))


def freshness(today: date) -> tuple[OfKind, ...]:
    """Of every entry of the kinds that are looked at again; three queries."""
    checks, asked = _checks(), _asked()
    rows = Entry.objects.filter(kind__in=CHECK_EVERY_DAYS, retired_at__isnull=True).order_by("key")
    found: dict[str, list[Freshness]] = {kind: [] for kind in CHECK_EVERY_DAYS}
    for row in rows:
        found[row.kind].append(_of(row, checks, asked, today))
    return tuple(OfKind(kind, every, tuple(found[kind])) for kind, every in CHECK_EVERY_DAYS.items())


def count_due(today: date) -> int:
    return sum(len(one.due) for one in freshness(today))


def as_checked(evidence: Evidence) -> Evidence:
    """The evidence base with the days on which trials and licences were last seen unchanged, for a release.

    A check counts for the content that was seen, and for no other.
    """
    checks = _checks(kinds=tuple(DAYS))
    changed: dict[str, dict[str, dict[str, Any]]] = {}
    for (kind, key, version), day in checks.items():
        content = evidence[kind].get(key)
        if content is None or day <= (_day(content.get(DAYS[kind])) or date.min):
            continue
        if text_of(content)[1] == version:
            changed.setdefault(kind, {})[key] = {**content, DAYS[kind]: day.isoformat()}
    return {kind: {**entries, **changed.get(kind, {})} for kind, entries in evidence.items()}


def is_a_day_alone(kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Whether two versions of an entry differ in the day on which it was seen and in nothing else."""
    if kind not in DAYS or before is None or after is None:
        return False
    return {**before, DAYS[kind]: None} == {**after, DAYS[kind]: None}


def _of(
    row: Entry,
    checks: Mapping[tuple[str, str, str], date],
    asked: Mapping[tuple[str, str], date],
    today: date,
) -> Freshness:
    kind, key, content = row.kind, row.key, row.values
    every = timedelta(days=CHECK_EVERY_DAYS[kind])
    days = [checks.get((kind, key, row.sha256)), _own_day(kind, content)]
    by_look_up = asked.get((kind, key))
    if kind == "publications":
        days.append(by_look_up)
    last = max((day for day in days if day), default=None)
    return Freshness(
        kind=kind,
        key=key,
        title=_title(kind, content),
        version=row.sha256,
        last=last,
        asked=by_look_up if by_look_up and (last is None or by_look_up > last) else None,
        due=last + every if last else None,
        age=how_long_ago(last, today) if last else "",
        address=_address(kind, content),
        is_due=last is None or last + every < today,
    )


def _own_day(kind: str, content: Mapping[str, Any]) -> date | None:
    """The day that an entry itself holds: of its look-up, or of the newest reading of its figures."""
    if kind in DAYS:
        return _day(content.get(DAYS[kind]))
    if kind == "publications":
        days = [reading["on"] for result in content["results"] for reading in result.get("readings") or ()]
        return max(map(date.fromisoformat, days), default=None)
    return None


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


def _checks(kinds: Sequence[str] = ()) -> dict[tuple[str, str, str], date]:
    """The newest check of each content, by kind, key and SHA-256."""
    rows = EntryCheck.objects.order_by("checked_on")
    rows = rows.filter(kind__in=kinds) if kinds else rows
    return {(kind, key, sha): day for kind, key, sha, day in rows.values_list("kind", "key", "sha256", "checked_on")}


def _asked() -> dict[tuple[str, str], date]:
    """The newest day on which the look-up found an entry's source unchanged, by kind and key."""
    looks = SearchLook.objects.filter(search__source__in=ASKED).order_by("until")
    return {
        (ASKED[SurveySource(source)], key): until
        for source, until, keys in looks.values_list("search__source", "until", "unchanged")
        for key in keys
    }


def _title(kind: str, content: Mapping[str, Any]) -> str:
    if kind == "guidelines":
        return f"{content['guideline'].split(' (')[0]}: {content['key']}"
    return title_of(kind, content)


def _address(kind: str, content: Mapping[str, Any]) -> str:
    """Where to look: the entry's own address, of a drug its first label."""
    if kind == "drugs":
        return next((label["url"] for label in content["labels"]), "")
    return content.get("url") or ""

"""A decided case then and now: rankings side by side, what moved, and the change in the knowledge that moved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.people import person_name
from boards.models import AgendaItem
from boards.shown.replay import Account, MovedSince, PlacesOnRelease, Reproduction, Tracing
from boards.shown.stored_ranking import Frozen
from curation.accepted import text_of
from curation.models import Proposal
from curation.review import differences as words
from curation.review.differences import Difference
from curation.review.effect import DECIDING, EntryChange
from regimens.knowledge.document import ENTRIES
from regimens.models.choices import EntryKind, ProposalStatus
from regimens.releases import edition_of
from regimens.rules.first_edition import MADE_AGAIN_WITH
from regimens.rules.knowledge import EDITION, Knowledge, ReleaseIdentity
from regimens.rules.patient import FEATURES, Problem
from regimens.rules.rank_changes import Place
from regimens.wording.bands import BAND_TITLES

from .asked_again import AskedAgain, asked_again
from .cases import case_label, decision_in_force

# How many differences of one entry are shown, and how many entries that moved nothing are named.
MOST_DIFFERENCES, MOST_NAMED = 12, 40


@dataclass(frozen=True)
class ReleaseRefusal:
    """Why a release cannot rank the patient, in words; `detail` is what the rules say, in English."""

    words: str
    detail: str = ""


@dataclass(frozen=True)
class Column:
    """A release that the case is shown on.

    is_former   whether nothing is ranked on it any more, since it is of the method's first edition
    """

    title: str
    release: ReleaseIdentity
    refusal: tuple[ReleaseRefusal, ...]
    is_former: bool


@dataclass(frozen=True)
class Cell:
    """Where an option stands: its rank, its band, and a mark where that is another place than then."""

    rank: str
    band_key: str
    band: str
    mark: str
    mark_words: str


@dataclass(frozen=True)
class Row:
    slug: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Cause:
    """A change that moved something; `number` is where it stands in the list of changes."""

    number: int
    title: str


@dataclass(frozen=True)
class MoveLine:
    """An option that moved: from where to where, and the changes of which each alone moves it."""

    name: str
    before: str
    after: str
    causes: tuple[Cause, ...]
    without_cause: str


@dataclass(frozen=True)
class Agreed:
    """A proposal by which an entry changed."""

    reason: str
    source: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class ChangeCard:
    number: int
    kind: str
    title: str
    url: str
    what: str
    differences: tuple[Difference, ...]
    further: int
    agreed: tuple[Agreed, ...]


@dataclass(frozen=True)
class ReplayPage:
    """Everything that the page of a replay shows.

    said       whether the first option is another one, in a sentence
    asked      what `moves` and `changes` compare with the ranking then: a column's title
    reproduction, tracing   what the template calls whether the ranking is made again, and how far a move is traced
    made_again_with   the version that makes a ranking of the method's first edition again
    asked_again  what today's method asks and the patient of then does not say
    unmoved    how many options are in no row, since none of the columns ranks or moves them
    others     further entries that changed and moved nothing, by name, and how many more
    """

    columns: tuple[Column, ...]
    said: str
    asked: str
    reproduction: str
    tracing: str
    made_again_with: str
    asked_again: tuple[AskedAgain, ...]
    rows: tuple[Row, ...]
    unmoved: int
    moves: tuple[MoveLine, ...]
    changes: tuple[ChangeCard, ...]
    others: tuple[str, ...]
    others_more: int
    untried: int


@dataclass(frozen=True)
class ChangedRow:
    """A case for which the first option changed; `now` is empty where nothing is ranked.

    is_method_changed   whether the ranking then was made by the method's first edition
    """

    item: int
    label: str
    held_on: Any
    decision: str
    then: str
    now: str
    is_refused: bool
    is_method_changed: bool


def replay_page(
    frozen: Frozen,
    columns: Sequence[Column],
    standings: Sequence[PlacesOnRelease],
    found: Account,
    *,
    reproduced: Reproduction,
) -> ReplayPage:
    """The page for columns of which the second is compared with the first, the ranking then."""
    then, now = standings[0], standings[1]
    cards = _cards(frozen, found, now)
    numbers = {(card_change.kind, card_change.key): card.number for card_change, card in cards}
    rows = tuple(_rows(frozen, standings))
    slugs = {slug for standing in standings for slug in standing.places}
    moving = {(change.kind, change.key) for change, _card in cards}
    others = [f"{_kind(c.kind)} {_title(frozen, c)}" for c in found.changes if (c.kind, c.key) not in moving]
    return ReplayPage(
        columns=tuple(columns),
        said=_said(then, now),
        asked=columns[1].title,
        reproduction=reproduced.name.lower(),
        tracing=found.tracing.name.lower(),
        made_again_with=MADE_AGAIN_WITH,
        asked_again=asked_again(frozen.version.features),
        rows=rows,
        unmoved=len(slugs) - len(rows),
        moves=tuple(
            _move(frozen, then, now, moved, numbers, is_method_changed=found.tracing is Tracing.METHOD_CHANGED)
            for moved in _in_order(found.moved)
            if not _Stand.of(now, moved.slug).is_as(_Stand.of(then, moved.slug))
        ),
        changes=tuple(card for _change, card in cards),
        others=tuple(others[:MOST_NAMED]),
        others_more=max(0, len(others) - MOST_NAMED),
        untried=sum(c.kind in DECIDING for c in found.changes) - len(found.tried) if found.moved else 0,
    )


def column(frozen: Frozen, title: str, standing: PlacesOnRelease) -> Column:
    refusal = tuple(_refusal(frozen, standing.knowledge, problem) for problem in standing.refusal)
    is_former = not standing.is_ranked and not standing.refusal
    return Column(title, standing.knowledge.release, refusal, is_former)


def changed_rows(items: Iterable[AgendaItem]) -> tuple[ChangedRow, ...]:
    """Items as `replay.changed_items` gives them, with case, meeting, version, its release and decisions at hand."""
    return tuple(
        ChangedRow(
            item=item.pk,
            label=case_label(item.case),
            held_on=item.meeting.held_on,
            decision=decision_in_force(item),
            then=item.version.first_option_name if item.version else "",
            now=item.now_first or "",  # type: ignore[attr-defined]
            is_refused=item.is_refused,  # type: ignore[attr-defined]
            is_method_changed=bool(item.version and edition_of(item.version.release.sha256) != EDITION),
        )
        for item in items
    )


def list_words(pending: int, hidden: int) -> tuple[str, ...]:
    """What a list of changed cases does not hold, in words."""
    said = []
    if pending:
        text = ngettext(
            "%(count)d decided case is not replayed yet: reload the page to go on.",
            "%(count)d decided cases are not replayed yet: reload the page to go on.",
            pending,
        )
        said.append(text % {"count": pending})
    if hidden:
        text = ngettext(
            "%(count)d case is left out until the vote on it is closed.",
            "%(count)d cases are left out until the votes on them are closed.",
            hidden,
        )
        said.append(text % {"count": hidden})
    return tuple(said)


def _said(then: PlacesOnRelease, now: PlacesOnRelease) -> str:
    if now.refusal:
        return _("This release cannot rank the patient as entered then.")
    if not now.is_ranked:
        return _("Nothing is ranked on this release: no release of today’s method is in force.")
    if then.first == now.first:
        if not then.first:
            return _("Nothing was ranked then, and nothing is.")
        return _("The first option is the same: %(first)s.") % {"first": now.first_name}
    names = {"then": then.first_name, "now": now.first_name}
    if not then.first:
        return _("Nothing was ranked then; the first option is %(now)s.") % names
    if not now.first:
        return _("The first option was %(then)s; nothing is ranked any more.") % names
    return _("The first option was %(then)s and is %(now)s.") % names


def _refusal(frozen: Frozen, knowledge: Knowledge, problem: Problem) -> ReleaseRefusal:
    name, features = problem.features[-1], frozen.version.features
    if name not in FEATURES:
        return ReleaseRefusal(_("“%(feature)s” is not a feature that the rules know today.") % {"feature": name})
    gone = sorted(set(features[name]) - knowledge.regimens.keys()) if isinstance(features.get(name), list) else []
    label = capfirst(_(FEATURES[name].label))
    if gone:
        names = ", ".join(frozen.name(slug) for slug in gone)
        return ReleaseRefusal(
            _("%(feature)s: the release does not know %(regimens)s.") % {"feature": label, "regimens": names}
        )
    return ReleaseRefusal(
        _("%(feature)s: what was entered then is not accepted.") % {"feature": label}, problem.message
    )


@dataclass(frozen=True)
class _Stand:
    """Where an option stands on a release, and that place as a table has it; "" where it carries none."""

    place: Place | None
    number: str

    @classmethod
    def of(cls, standing: PlacesOnRelease, slug: str) -> _Stand:
        place = standing.places.get(slug)
        rank = str(place.rank) if place and place.rank is not None else ""
        return cls(place, standing.numbers.get(slug, rank))

    def is_as(self, other: _Stand) -> bool:
        """Whether a reader sees the same: another order within a shared place is none."""
        if self.place is None or other.place is None:
            return self.place is other.place
        return (self.place.band, self.number) == (other.place.band, other.number)


def _rows(frozen: Frozen, standings: Sequence[PlacesOnRelease]) -> Iterator[Row]:
    """Options that a column ranks, or that stand elsewhere in one; in the order of the ranking then, new ones last."""
    then = standings[0].places
    known = dict.fromkeys([*then, *(slug for standing in standings for slug in standing.places)])
    for slug in known:
        stands = [_Stand.of(standing, slug) for standing in standings]
        shown = [stand for stand, standing in zip(stands, standings, strict=True) if standing.is_ranked]
        if any(stand.number for stand in stands) or any(stand.place != stands[0].place for stand in shown):
            cells = tuple(
                _cell(stand, stands[0], is_first=index == 0, is_ranked=standings[index].is_ranked)
                for index, stand in enumerate(stands)
            )
            yield Row(slug, _name(frozen, standings, slug), cells)


def _cell(stand: _Stand, then: _Stand, *, is_first: bool, is_ranked: bool) -> Cell:
    if not is_ranked:
        return Cell("", "", "–", "", "")
    mark, words_ = ("", "") if is_first or stand.is_as(then) else _mark(then, stand)
    place = stand.place
    key = place.band.value if place and place.band else "waiting"
    return Cell(stand.number, key, _band(place), mark, words_)


def _mark(then: _Stand, now: _Stand) -> tuple[str, str]:
    """Up, down or across, and from where in words."""
    if then.place is None:
        return "across", _("new since then")
    if now.place is None:
        return "across", _("was %(place)s") % {"place": _place(then)}
    before, after = then.place.rank, now.place.rank
    if before is not None and after is not None and then.place.band is now.place.band:
        return ("up" if after < before else "down"), _("was %(rank)s") % {"rank": then.number}
    return "across", _("was %(place)s") % {"place": _place(then)}


def _place(stand: _Stand) -> str:
    """ "1, in “Recommended for this patient”", or the band alone."""
    place = stand.place
    if place is None or place.rank is None:
        return _("in “%(band)s”") % {"band": _band(place)} if place else _band(place)
    return _("%(rank)s, in “%(band)s”") % {"rank": stand.number, "band": _band(place)}


def _band(place: Place | None) -> str:
    if place is None:
        return _("not in this release")
    return str(BAND_TITLES[place.band]) if place.band else _("Needs a test")


def _in_order(moved: Sequence[MovedSince]) -> list[MovedSince]:
    """By the best rank before or after."""

    def best(option: MovedSince) -> tuple[int, str]:
        ranks = [place.rank for place in (option.move.before, option.move.after) if place and place.rank is not None]
        return min(ranks, default=10**6), option.slug

    return sorted(moved, key=best)


def _move(
    frozen: Frozen,
    then: PlacesOnRelease,
    now: PlacesOnRelease,
    moved: MovedSince,
    numbers: Mapping[tuple[str, str], int],
    *,
    is_method_changed: bool,
) -> MoveLine:
    """Where the method changed, no cause is named and none is said to be missing."""
    causes = tuple(Cause(numbers[c.kind, c.key], _title(frozen, c)) for c in moved.by)
    if causes or is_method_changed:
        without_cause = ""
    elif moved.is_software:
        without_cause = _("today’s rules, on the evidence of then")
    else:
        without_cause = _("no change alone, only several together")
    return MoveLine(
        name=now.knowledge.names.get(moved.slug) or frozen.name(moved.slug),
        before=_place(_Stand.of(then, moved.slug)) if moved.move.before else _("not in the release of then"),
        after=_place(_Stand.of(now, moved.slug)),
        causes=causes,
        without_cause=without_cause,
    )


def _name(frozen: Frozen, standings: Sequence[PlacesOnRelease], slug: str) -> str:
    known = (standing.knowledge.names[slug] for standing in standings if slug in standing.knowledge.names)
    return next(known, frozen.name(slug))


def _cards(frozen: Frozen, found: Account, now: PlacesOnRelease) -> list[tuple[EntryChange, ChangeCard]]:
    """The changes that moved something; each said in words, with the proposals that made it."""
    moving = {(change.kind, change.key) for moved in found.moved for change in moved.by}
    changes = [change for change in found.changes if (change.kind, change.key) in moving]
    agreed = _agreed(changes, frozen.release.published, now.knowledge.release.published)
    return [(c, _card(frozen, number, c, agreed.get((c.kind, c.key), []))) for number, c in enumerate(changes, 1)]


def _card(frozen: Frozen, number: int, change: EntryChange, agreed: list[Proposal]) -> ChangeCard:
    before = _before(frozen, change)
    if before is not None and change.content is not None:
        differences, what = words.differences(change.kind, before, change.content), _("changed since then")
    else:
        differences, what = (), _("new since then") if before is None else _("taken out since then")
    return ChangeCard(
        number=number,
        kind=capfirst(_kind(change.kind)),
        title=_title(frozen, change),
        url=_url(change),
        what=what,
        differences=differences[:MOST_DIFFERENCES],
        further=max(0, len(differences) - MOST_DIFFERENCES),
        agreed=tuple(
            Agreed(each.reason, each.source, person_name(each.proposer) if each.proposer else "", each.reviewed_at)
            for each in agreed
        ),
    )


def _agreed(changes: Sequence[EntryChange], since: str, until: str) -> dict[tuple[str, str], list[Proposal]]:
    """The accepted proposals of these entries between two releases, and the one that says what is said now."""
    digests = {(c.kind, c.key): text_of(c.content)[1] if c.content is not None else "" for c in changes}
    rows = Proposal.objects.filter(
        status=ProposalStatus.ACCEPTED, proposer__isnull=False, key__in=[key for _kind, key in digests]
    ).select_related("proposer")
    found: dict[tuple[str, str], list[Proposal]] = {}
    for row in rows.order_by("reviewed_at") if digests else ():
        entry = (row.kind, row.key)
        day = row.reviewed_at.date().isoformat()
        if entry in digests and (row.sha256 == digests[entry] or since <= day <= until):
            found.setdefault(entry, []).append(row)
    return found


def _before(frozen: Frozen, change: EntryChange) -> Mapping[str, Any] | None:
    key_name = ENTRIES[change.kind][2]
    rows = frozen.knowledge.document[change.kind]
    return next((row for row in rows if row[key_name] == change.key), None)


def _title(frozen: Frozen, change: EntryChange) -> str:
    content = change.content if change.content is not None else _before(frozen, change)
    return words.title_of(change.kind, content) if content else change.key


def _kind(kind: str) -> str:
    return str(EntryKind(kind).label)


def _url(change: EntryChange) -> str:
    """Its page in the library, where it is in the evidence base."""
    if change.content is None:
        return ""
    if change.kind == EntryKind.PUBLICATIONS:
        return reverse("publication", args=[change.key])
    if change.kind == EntryKind.REGIMENS:
        return reverse("option", args=[change.key])
    return reverse("option", args=[change.content["regimen"]]) if change.kind == EntryKind.INDICATIONS else ""

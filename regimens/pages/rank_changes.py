"""What another preference, or leaving out borrowed evidence, moved: a mark beside each option and a line above all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regimens.rules.rank_changes import Move, Place
from regimens.rules.ranking import Ranking
from regimens.wording.bands import BAND_TITLES


@dataclass(frozen=True)
class MoveMark:
    """Where an option stood: `direction` is up, down or across (another band, or not ranked)."""

    direction: str
    words: str


def move_marks(moves: Mapping[str, Move]) -> Mapping[str, MoveMark]:
    """A mark for each option that stands elsewhere than in the usual ranking, by slug."""
    marks = {slug: _mark(move) for slug, move in moves.items()}
    return {slug: mark for slug, mark in marks.items() if mark}


def moves_note(usual: Ranking, ranking: Ranking, count: int) -> str:
    """How many options stand elsewhere than with the usual preference and all evidence, and whether the first does."""
    if not count:
        return _("Compared with “Balanced” and all evidence, no option stands elsewhere.")
    before, after = usual.first, ranking.first
    if before and before.regimen.slug != (after and after.regimen.slug):
        return ngettext(
            "Compared with “Balanced” and all evidence, %(count)d option stands elsewhere; %(first)s was first.",
            "Compared with “Balanced” and all evidence, %(count)d options stand elsewhere; %(first)s was first.",
            count,
        ) % {"count": count, "first": before.regimen.name}
    return ngettext(
        "Compared with “Balanced” and all evidence, %(count)d option stands elsewhere; the first is the same.",
        "Compared with “Balanced” and all evidence, %(count)d options stand elsewhere; the first is the same.",
        count,
    ) % {"count": count}


def _mark(move: Move) -> MoveMark | None:
    before, after = move.before, move.after
    if before is None or after is None:
        return None
    if before.rank is None:
        return MoveMark("across", _("was in “%(band)s”") % {"band": _band(before)})
    if after.rank is not None and after.band is before.band:
        direction = "up" if after.rank < before.rank else "down"
        return MoveMark(direction, _("was %(rank)d") % {"rank": before.rank})
    return MoveMark("across", _("was %(rank)d, in “%(band)s”") % {"rank": before.rank, "band": _band(before)})


def _band(place: Place) -> str:
    return str(BAND_TITLES[place.band]) if place.band else _("Needs a test")

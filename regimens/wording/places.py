"""Where an option stands, in words: "1st", "joint 4th", or the band of one that is not ranked."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regimens.rules.rank_changes import Stand

from .bands import BAND_TITLES


def ordinal(number: int) -> str:
    """ "1st", "2nd", "11th", as the page's language writes it."""
    if number == 1:
        return _("1st")
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    message = {1: _("%(number)dst"), 2: _("%(number)dnd"), 3: _("%(number)drd")}.get(last, _("%(number)dth"))
    return message % {"number": number}


def stand_words(stand: Stand) -> str:
    """ "1st", "joint 4th", "“Not suitable”"."""
    if stand.rank is None:
        return _("“%(band)s”") % {"band": BAND_TITLES[stand.band] if stand.band else _("Needs a test")}
    place = ordinal(stand.rank)
    return _("joint %(place)s") % {"place": place} if stand.is_joint else place

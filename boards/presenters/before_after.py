"""A case before and after something was learnt of it: what is known otherwise, and what moved in its ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from boards.models import CaseVersion
from boards.shown.stored_ranking import Frozen
from regimens.wording.bands import BAND_TITLES

from .changes import ChangedField, changed_version


@dataclass(frozen=True)
class MovedOption:
    """Where an option stood and where it stands, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class BeforeAfter:
    """Two versions of a case: `first_before` and `first_after` are what was ranked first, in words."""

    before: int
    after: int
    release_before: str
    release_after: str
    changes: tuple[ChangedField, ...]
    first_before: str
    first_after: str
    moved: tuple[MovedOption, ...]


def before_after(before: CaseVersion, after: CaseVersion) -> BeforeAfter:
    """From the stored rankings of both, each as it was shown."""
    then, now = Frozen(before), Frozen(after)
    places = _places(then), _places(now)
    moved = [slug for slug in {**places[1], **places[0]} if places[0].get(slug) != places[1].get(slug)]
    return BeforeAfter(
        before=before.number,
        after=after.number,
        release_before=then.release.name,
        release_after=now.release.name,
        changes=changed_version(before, after),
        first_before=_first(then),
        first_after=_first(now),
        moved=tuple(
            MovedOption(
                now.knowledge.names.get(slug) or then.name(slug),
                places[0].get(slug) or _("not in the ranking"),
                places[1].get(slug) or _("not in the ranking"),
            )
            for slug in moved
        ),
    )


def _places(frozen: Frozen) -> Mapping[str, str]:
    """Where each option stands, in words, in the order of the ranking."""
    found = {
        option.regimen: (
            _("%(place)s · %(band)s") % {"place": frozen.places[option.regimen], "band": BAND_TITLES[option.band]}
            if option.regimen in frozen.places
            else str(BAND_TITLES[option.band])
        )
        for option in frozen.options
    }
    return found | dict.fromkeys(frozen.waiting, _("waits for a test"))


def _first(frozen: Frozen) -> str:
    ranked = [option for option in frozen.options if option.rank is not None]
    places = frozen.places
    first = [option.name for option in ranked if places[option.regimen] == places[ranked[0].regimen]]
    return ", ".join(first) or _("nothing is ranked")

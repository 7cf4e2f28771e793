"""A release that came into force after a case was ranked, and what it moves for it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from boards.models import AgendaItem
from boards.shown.newer import InForce, Newer, newer_than
from boards.shown.stored_ranking import Frozen

MOST_NAMED = 4


@dataclass(frozen=True)
class NewerRelease:
    """`then` and `now` are the names of the releases; `moved` what the newer one moves, empty while hidden."""

    then: str
    now: str
    moved: str

    @property
    def words(self) -> str:
        said = _("This case is shown on release %(then)s, and release %(now)s is in force.")
        return " ".join(filter(None, (said % {"then": self.then, "now": self.now}, self.moved)))


def newer_release(
    item: AgendaItem, at: datetime | None = None, history: Sequence[InForce] | None = None
) -> NewerRelease | None:
    """Of an item whose version is fetched with its ranking, now or `at` a moment of the releases' history.

    None where it is ranked on the release that is, or was, in force.
    """
    if item.version is None:
        return None
    found = newer_than(item.version, at, history)
    if found is None:
        return None
    frozen = Frozen(item.version)
    moved = "" if item.is_hidden else _moved(frozen, found)
    return NewerRelease(frozen.release.name, found.now.knowledge.release.name, moved)


def _moved(frozen: Frozen, found: Newer) -> str:
    if not found.now.is_ranked:
        return _("It cannot rank the patient as entered: look at the case.")
    then = frozen.first.regimen if frozen.first else ""
    if then == found.now.first:
        said = [_("The first option is the same.")]
    elif not found.now.first:
        said = [_("Nothing is ranked first on it.")]
    else:
        names = {"now": found.now.first_name, "then": frozen.name(then) if then else _("none")}
        said = [_("Another option is first: %(now)s, and no longer %(then)s.") % names]
    known = found.now.knowledge.names
    names = sorted((known.get(slug) or frozen.name(slug) for slug in found.moves), key=str.lower)
    if not names:
        return " ".join([*said, _("No option stands elsewhere.")])
    words = ngettext(
        "%(count)d option stands elsewhere: %(names)s", "%(count)d options stand elsewhere: %(names)s", len(names)
    )
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else ".")
    return " ".join([*said, words % {"count": len(names), "names": shown}])

"""Names by which people are told apart: no account is made, or renamed, so that it looks like another.

Votes, decisions, signatures and events are shown by these names. An administrator who gives a second account of theirs
the name of somebody else, or one in letters that only look the same, would speak in their name.
"""

from __future__ import annotations

import unicodedata

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from audit.people import person_name
from display.privacy.look_alikes import appearance

from .administering import AccountError


def refuse_look_alike(*, username: str, first_name: str, last_name: str, besides: int | None = None) -> None:
    """Raises AccountError for names that are, or look like, those of another account."""
    if _mixes_scripts(username):
        raise AccountError(_("A user name has letters of one alphabet: “%(name)s” mixes several.") % {"name": username})
    given = User(username=username, first_name=first_name, last_name=last_name)
    looks = _looks_of(given)
    for other in User.objects.exclude(pk=besides).only("username", "first_name", "last_name").iterator():
        if looks & _looks_of(other):
            said = _(
                "This name cannot be told apart from that of the account %(username)s: add a second first name or a "
                "department."
            )
            raise AccountError(said % {"username": other.get_username()})


def _looks_of(person: User) -> set[str]:
    """Of both names, as they are written and without capitals: I and l look alike, and so do I and i to a reader. Of
    the user name besides without dots and other signs.
    """
    names = (person.get_username(), person_name(person))
    looks = {appearance(each).look.casefold() for name in names for each in (name, name.casefold())}
    return looks | {appearance(person.get_username()).spoken}


def _mixes_scripts(text: str) -> bool:
    scripts = {unicodedata.name(sign, "").partition(" ")[0] for sign in text if sign.isalpha()}
    return len(scripts) > 1

"""What was entered in a form, carried through a sign-in by the pages of the sign-in themselves.

It is kept nowhere else: neither in the database, nor in the session, nor in the browser's storage. It is signed, so
that nobody can have another person send what they did not enter, names whose it is, and is good for half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, QueryDict

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SALT = "necapp.accounts.kept"  # the first name of this module, so that forms sealed under it can be opened
# Of a sealed form; a sign-in with more than this would be refused as too large.
LONGEST = 200_000
NOT_KEPT = ("csrfmiddlewaretoken", "language")


@dataclass(frozen=True)
class Kept:
    """A form that was sent: to where, by whom (None: nobody was signed in), its fields in order."""

    path: str
    person: int | None
    fields: tuple[tuple[str, str], ...]

    def is_for(self, person: User) -> bool:
        return self.person is None or self.person == person.pk


def keep(request: HttpRequest, path: str, person: int | None) -> str:
    """A form that was sent, sealed; empty where it is too long. Files are left out: browsers do not send them twice."""
    sent = request.POST.copy()
    for name in NOT_KEPT:
        sent.pop(name, None)
    sealed = signing.dumps([path, person, sent.urlencode()], salt=SALT, compress=True)
    return sealed if len(sealed) <= LONGEST else ""


def opened(sealed: str) -> Kept | None:
    """What was sealed; None where it is not ours, or too old."""
    try:
        path, person, sent = signing.loads(sealed, salt=SALT, max_age=settings.SESSION_KEEP_SECONDS)
    except signing.BadSignature:
        return None
    fields = QueryDict(sent)
    return Kept(path, person, tuple((name, value) for name, values in fields.lists() for value in values))

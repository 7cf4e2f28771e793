"""Links with which a person sets a password: of an invitation, or where the password is forgotten.

A link is good until a password is set with it or another link is made, and for a week. It holds nothing but the number
of the account and a signature over what the account is now, so that there is nothing to store, to steal or to tidy.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from .identity_provider import is_local
from .sessions import CLOCKS_DIFFER


class _Tokens(PasswordResetTokenGenerator):
    key_salt = "necapp.accounts.links"  # the first name of this module, so that links made under it stay good

    def check_token(self, user: User | None, token: str | None) -> bool:
        """None from the future either: made by a clock that was wrong, it would be good for longer than its week."""
        if not super().check_token(user, token):
            return False
        made = base36_to_int(str(token).partition("-")[0])
        return bool(made <= self._num_seconds(self._now()) + CLOCKS_DIFFER.total_seconds())


_tokens = _Tokens()


def path_for(person: User) -> str:
    number = urlsafe_base64_encode(str(person.pk).encode())
    return reverse("invitation", args=[number, _tokens.make_token(person)])


def person_of(number: str, token: str, *, lock: bool = False) -> User | None:
    """Whose link this is; None where it is used, too old, forged, or the account is closed."""
    try:
        pk = int(urlsafe_base64_decode(number))
    except (ValueError, OverflowError):
        return None
    people = User.objects.select_for_update() if lock else User.objects
    person = people.filter(pk=pk, is_active=True).first() if pk < 2**63 else None
    return person if person and is_local(person.get_username()) and _tokens.check_token(person, token) else None

"""Passwords that are tried first: known from breaches, or made of such with a digit here and a capital there.

The lists are inside the package zxcvbn, so that no part of a password leaves the server. A hospital may lay the
whole list of Pwned Passwords beside the app: docs/deploy.md.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Of the five steps of zxcvbn, 0 to 4: below the last, fewer than 10^10 guesses find it.
LEAST_SCORE = 4
# What zxcvbn reads: what follows makes a password longer, and not easier to guess.
LONGEST_READ = 72
SHA1_DIGITS = 40


class BreachedPasswordValidator:
    """Refuses what whoever has the lists of breaches finds soon, and what is itself in the list of a hospital."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if is_soon_guessed(password, _words_of(user)):
            raise ValidationError(
                _(
                    "This password is among the first that are tried: it is made of passwords known from breaches, of "
                    "names, or of keys and digits in a row. A few words that do not belong together are better."
                ),
                code="password_soon_guessed",
            )
        if settings.BREACHED_PASSWORDS and is_listed(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError(
                _("This password was found in a breach: others have used it, and it is on lists. Choose another one."),
                code="password_breached",
            )

    def get_help_text(self) -> Any:
        return gettext_lazy("Your password must not be known from breaches.")


def is_soon_guessed(password: str, known: list[str]) -> bool:
    from zxcvbn import zxcvbn  # some megabytes of lists, for who chooses a password alone

    return int(zxcvbn(password[:LONGEST_READ], user_inputs=known)["score"]) < LEAST_SCORE


def is_listed(password: str, path: Path) -> bool:
    """Whether a file holds the SHA-1 of a password: lines in order, each 40 digits, with or without `:` and a count.

    It may be of any size: a few dozen places of it are read. Raises OSError where the file is not there.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # the rest of a line, whose beginning is before
            line = file.readline()
            if line and line[:SHA1_DIGITS].upper() < wanted:
                low = middle + 1
            else:
                high = middle
        file.seek(low)
        if low:
            file.readline()
        return file.readline()[:SHA1_DIGITS].upper() == wanted or _first_line(file)[:SHA1_DIGITS].upper() == wanted


def _first_line(file: Any) -> bytes:
    file.seek(0)
    return bytes(file.readline())


def _words_of(user: AbstractBaseUser | None) -> list[str]:
    """What is known of a person; the name of the app; and what a hospital says of itself."""
    names = ("username", "first_name", "last_name", "email")
    given = [str(getattr(user, name, "") or "") for name in names]
    words = [word for text in given for word in text.replace("@", " ").replace(".", " ").split()]
    return ["necapp", *words, *map(str.lower, settings.PASSWORD_WORDS)]

"""The language of the page, for what the rules say: Django's catalogue and Django's way to write numbers."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext

from .rules.wording import Language


def _number(value: float, spec: str) -> str:
    return str(number_format(format(value, spec)))


# Whichever is active where something is said.
ACTIVE = Language(text=gettext, number=_number)

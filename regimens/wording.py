"""The language of the page, for what the rules say: Django's catalogue and Django's way to write numbers."""

from __future__ import annotations

from django.utils.translation import gettext

from .figures import number
from .rules.wording import Language

# Whichever is active where something is said.
ACTIVE = Language(text=gettext, number=number)

"""Django's system check of a hospital's own codes (INTEROP_LOCAL_CODES): every fault of the file, before it is used."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def local_codes(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    if not settings.INTEROP_LOCAL_CODES:
        return []
    from .terminology import TerminologyError, read

    try:
        read(settings.INTEROP_LOCAL_CODES)
    except TerminologyError as error:
        hint = "docs/interop.md says what the file of INTEROP_LOCAL_CODES may hold."
        return [Error(fault, hint=hint, id="interop.E001") for fault in error.faults]
    return []

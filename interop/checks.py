"""Django's system checks of a hospital's own files (INTEROP_LOCAL_CODES, INTEROP_CLIENTS): every fault, before use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
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


def allowed_systems(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    if not settings.INTEROP_CLIENTS:
        return []
    from .clients import ClientsError, read

    hint = "docs/interop.md says what the file of INTEROP_CLIENTS may hold."
    try:
        found = read(settings.INTEROP_CLIENTS)
    except ClientsError as error:
        return [Error(fault, hint=hint, id="interop.E002") for fault in error.faults]
    if found.test:
        words = f"{settings.INTEROP_CLIENTS}: test: true lets systems be asked without encryption: never on a server"
        return [checks.Warning(words, hint=hint, id="interop.W001")]
    if len(found.smart) > 1:
        words = "%s is one of several servers and has no redirect address of its own: answers can be mixed up"
        return [
            checks.Warning(words % server.name, hint="Register `callback` there: docs/interop.md", id="interop.W002")
            for server in found.smart
            if server.callback is None
        ]
    return []

"""The codes that the FHIR reader understands, as data: one YAML file a subject, and a hospital's own laid over them.

A code that is not here is not read. `terminology()` is what the process reads with; `Terminology` answers what a code
means for one purpose (`reads`). Source: INTEROP, sections 3 and 4.
"""

from __future__ import annotations

from functools import lru_cache

from .codes import Code, Coding, Terminology
from .loader import TerminologyError, read

__all__ = ["Code", "Coding", "Terminology", "TerminologyError", "read", "terminology"]


@lru_cache(maxsize=1)
def terminology() -> Terminology:
    """The codes shipped with those of INTEROP_LOCAL_CODES over them. Raises TerminologyError."""
    from django.conf import settings

    return read(settings.INTEROP_LOCAL_CODES)

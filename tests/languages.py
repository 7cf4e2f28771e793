"""The language and the time zone that a test leaves behind, in the thread of those after it: Django keeps both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation


@contextmanager
def left_as_found() -> Iterator[None]:
    """Afterwards language and time zone are those of the settings, whatever was activated, by a request too."""
    try:
        yield
    finally:
        translation.deactivate()
        timezone.deactivate()

"""What every page knows of the session of the person who looks at it; nothing where nobody is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def account(request: HttpRequest) -> dict[str, Any]:
    """Read by templates/accounts/_session.html: seconds, and whether the page shows what was sent to it."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return {}
    return {
        "session_seconds": request.session.seconds_left,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "warn_seconds": settings.SESSION_WARN_SECONDS,
        "keep_seconds": settings.SESSION_KEEP_SECONDS,
        "holds_entries": request.method == "POST",
    }

"""What every page knows of the session of the person who looks at it; nothing where nobody is signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from audit.models import Event

from .identity_provider import is_by_provider

# For so long the use of a break-glass account is shown to those who may read events.
SHOWN = timedelta(days=30)


def account(request: HttpRequest) -> dict[str, Any]:
    """Read by templates/accounts/_session.html: seconds, and whether the page shows what was sent to it."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return {}
    is_local_session = bool(settings.OIDC_ISSUER) and not is_by_provider(request)
    return {
        "is_break_glass": is_local_session,
        "signs_in_by_provider": bool(settings.OIDC_ISSUER) and not is_local_session,
        "break_glass_uses": SimpleLazyObject(_break_glass_uses),
        "session_seconds": request.session.seconds_left,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "warn_seconds": settings.SESSION_WARN_SECONDS,
        "keep_seconds": settings.SESSION_KEEP_SECONDS,
        "holds_entries": request.method == "POST",
    }


def _break_glass_uses() -> list[Event]:
    used = Event.objects.filter(action="use-break-glass", at__gt=timezone.now() - SHOWN)
    return list(used.select_related("by").order_by("-at")[:10])

"""What a page says once, after a redirect, in a cookie whose name holds for this host alone where there is HTTPS."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class MessagesCookie(CookieStorage):
    cookie_name = f"{settings.HOST_COOKIE}messages"


class Messages(FallbackStorage):
    """In the cookie, and in the session what it has no room for."""

    storage_classes = (MessagesCookie, SessionStorage)

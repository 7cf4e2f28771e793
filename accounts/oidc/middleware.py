"""Whose second factor the identity provider answers for has passed it, as far as every page is concerned."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.identity_provider import is_by_provider


class AnsweredFor:
    """Stands after django-otp's, which knows of the apps of this project alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.OIDC_ISSUER and settings.OIDC_SECOND_FACTOR == "provider":
            request.user = SimpleLazyObject(partial(_answered_for, request, request.user))  # type: ignore[assignment]
        return self.get_response(request)


def _answered_for(request: HttpRequest, user: Any) -> Any:
    if user.is_authenticated and is_by_provider(request):
        user.is_verified = lambda: True
    return user

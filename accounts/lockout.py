"""The lock-out of django-axes: what it asks of this project."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import ngettext


@receiver(pre_save, sender=AccessAttempt)
def keep_nothing_that_was_sent(instance: AccessAttempt, **rest: Any) -> None:
    """Axes would store the fields of the form: a new password may be among them, or what was entered of a patient."""
    instance.get_data = instance.post_data = ""


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """In place of any answer to those who failed too often: the same whether or not there is such an account."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    words = ngettext(
        "Too many attempts failed. Try again in %(count)d minute.",
        "Too many attempts failed. Try again in %(count)d minutes.",
        minutes,
    ) % {"count": minutes}
    if request.accepts("text/html"):
        return render(request, "accounts/locked_out.html", {"words": words}, status=429)
    return JsonResponse({"error": words}, status=429)


def lift(username: str) -> int:
    """Forget the failures of a person from everywhere; how many records there were."""
    return int(AxesProxyHandler.reset_attempts(username=username))

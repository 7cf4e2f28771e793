"""“Fill from a record” (`/fill/`): upload or paste, confirm field by field, rank. And the codes that are understood.

Nothing of a record is stored, logged or sent back but what is to be confirmed. Of FHIR nothing is imported before it is
asked for.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regimens import releases
from regimens.pages.prefilled import entered
from regimens.pages.region import remembered
from regimens.pages.views import patient_and_options, with_release
from regimens.rules.knowledge import Knowledge

from .limits import READING_SECONDS, Busy, reading_slot
from .uploads import MULTIPART, TooLarge, WrongKind, take

RECORDS = (".json", ".ndjson")


@csrf_exempt  # the token is looked at once the body was taken in memory: `_fill` is protected
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest) -> HttpResponse:
    parts: dict[str, bytes] = {}
    if request.method == "POST" and request.content_type == MULTIPART:
        from .reading.input import MOST_BYTES

        try:
            parts = take(request, MOST_BYTES, RECORDS)
        except TooLarge:
            return _asking(request, status=413, refused=_("The record is larger than 2 MB. Nothing was read."))
        except WrongKind:
            said = _("A record is a file whose name ends in .json or .ndjson. Nothing was read.")
            return _asking(request, status=415, refused=said)
    return _fill(request, parts)


@csrf_protect
@with_release
def _fill(request: HttpRequest, knowledge: Knowledge, parts: dict[str, bytes]) -> HttpResponse:
    if request.method != "POST":
        return _asking(request)
    data = parts.get("file") or parts.get("record") or request.POST.get("record", "").encode()
    if not data:
        return _asking(request, status=422, refused=_("Choose a file, or paste a record."))
    from .reading import Refused, read
    from .record_table import table
    from .terminology import terminology

    try:
        with reading_slot():
            reading = read(data, knowledge=knowledge, terms=terminology())
    except Busy:
        response = _asking(request, status=503, refused=_("Several records are being read just now. Try again."))
        response.headers["Retry-After"] = str(READING_SECONDS)
        return response
    except Refused as refused:
        return _asking(request, status=refused.status, refused=_refusal(refused))
    context = {"table": table(reading, knowledge, timezone.localdate()), "release": knowledge.release}
    return render(request, "interop/confirm.html", context | {"section": "patient"})


@never_cache
@require_POST
def take_values(request: HttpRequest) -> HttpResponse:
    """The page `/` with the fields of the rows that were ticked, as a clinician would have entered them.

    The region is the one that was chosen last, or is to be chosen there: no record says where licences are looked up.
    """
    from .record_table import confirmed

    fields = entered(confirmed(request.POST, request.POST.getlist))
    if mark := request.POST.get("decimal_mark"):
        fields["decimal_mark"] = mark
    if region := remembered(request):
        fields["region"] = region
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    request.POST = data  # type: ignore[misc]
    return patient_and_options(request)


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Every code that is understood, searchable, so that a hospital can check its own."""
    from .code_table import rows

    words = request.GET.get("q", "")[:100]
    found = rows(words)
    context: dict[str, Any] = {"rows": found, "q": words, "section": "interop"}
    with suppress(releases.NoRelease):
        context["release"] = releases.current().release
    return render(request, "interop/codes.html", context)


def _asking(request: HttpRequest, *, status: int = 200, refused: str = "") -> HttpResponse:
    """The form that takes a record; what was sent is not sent back."""
    context: dict[str, Any] = {"refused": refused, "section": "patient", "has_servers": False}
    if settings.INTEROP_CLIENTS:
        from .clients import clients

        context["has_servers"] = bool(clients().smart)
    return render(request, "interop/fill.html", context, status=status)


def _refusal(refused: Any) -> str:
    if refused.reason == "several-patients":
        return _("Resources of several patients stand together. Send those of one patient. Nothing was read.")
    if refused.status == 413:
        message = _("The record is larger than what is read at once (2 MB, 5,000 resources): %(message)s.")
        return message % {"message": refused.message}
    message = _("The record cannot be read: %(message)s. Nothing was read.")
    return message % {"message": str(refused)}

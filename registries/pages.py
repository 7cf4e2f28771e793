"""Reports of registries (`/registries/`), for administrators: a manifest is read in memory, shown, and nowhere kept.

A manifest holds counts and nothing of a patient; small counts are hidden. Nothing that draws or reads one is imported
before somebody asks.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from interop.limits import Busy, reading_slot
from interop.uploads import MULTIPART, TooLarge, WrongKind, take

from .models import SEE


@csrf_exempt  # the token is looked at once the body was taken in memory: `_registry` is protected
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(SEE, raise_exception=True)
def registry(request: HttpRequest) -> HttpResponse:
    parts: dict[str, bytes] = {}
    if request.method == "POST" and request.content_type == MULTIPART:
        from .report.manifest import MOST_BYTES

        try:
            parts = take(request, MOST_BYTES, (".json",))
        except TooLarge:
            return _asking(request, status=413, refused=_("The file is larger than 4 MB. Nothing was read."))
        except WrongKind:
            said = _("A manifest is a file whose name ends in .json. Nothing was read.")
            return _asking(request, status=415, refused=said)
    return _registry(request, parts)


@csrf_protect
def _registry(request: HttpRequest, parts: dict[str, bytes]) -> HttpResponse:
    if request.method != "POST":
        return _asking(request)
    data = parts.get("manifest")
    if not data:
        return _asking(request, status=422, refused=_("Choose the file manifest.json of a ranked registry."))
    from .report.manifest import ManifestError, manifest_of
    from .report.sections import report

    try:
        with reading_slot():
            document = report(manifest_of(data), at=timezone.now())
    except Busy:
        return _asking(request, status=503, refused=_("Several files are being read just now. Try again."))
    except ManifestError as error:
        refused = _("This is no manifest of a ranked registry: %(why)s. Nothing was read.") % {"why": error}
        return _asking(request, status=422, refused=refused)
    return render(request, "registries/report.html", {"document": document, "section": "registries"})


def _asking(request: HttpRequest, *, status: int = 200, refused: str = "") -> HttpResponse:
    return render(request, "registries/upload.html", {"refused": refused, "section": "registries"}, status=status)

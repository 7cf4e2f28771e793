"""The list of regimens and drugs that the form fetches when somebody opens it: the same for every patient.

Its address holds the release's SHA-256, so that a browser keeps it for good. Names are evidence, in no language.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from regimens.rules.knowledge import Knowledge

from .received import offered
from .views import with_release

ONE_YEAR = 365 * 24 * 3600


@require_safe
@with_release
def treatment_list(request: HttpRequest, knowledge: Knowledge, sha256: str) -> HttpResponse:
    """Rows of (0 for a regimen or 1 for a drug, slug, name, every name that it is searched by).

    A page that was opened before there was a newer release gets that one's list, to be asked for again next time.
    """
    response = _listed(request, knowledge=knowledge)
    if sha256 == knowledge.release.sha256:
        patch_cache_control(response, public=True, max_age=ONE_YEAR, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


def _tag(request: HttpRequest, knowledge: Knowledge) -> str:
    return f'"{knowledge.release.sha256}"'


@condition(etag_func=_tag)
def _listed(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    choice = offered(knowledge)
    rows: list[Any] = [
        (kind, each.slug, each.name, each.words)
        for kind, listed in enumerate((choice.regimens, choice.drugs))
        for each in listed
    ]
    return JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})

"""The addresses of the interfaces. What answers them is imported with the first call, so that a worker that serves
pages alone keeps its memory and starts as fast as without."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from . import pages


@csrf_exempt  # an interface reads no cookie: there is nothing to forge
def api(request: HttpRequest, rest: str) -> HttpResponse:
    from .api import service

    return service.answer(request, rest)


def ranking(request: HttpRequest) -> HttpResponse:
    from .taken_along import ranking_file

    return ranking_file(request)


def decision(request: HttpRequest, pk: int) -> HttpResponse:
    from .taken_along import decision_file

    return decision_file(request, pk)


@csrf_exempt
def hooks(request: HttpRequest, rest: str) -> HttpResponse:
    from .hooks import service

    return service.answer(request, rest)


@require_safe
def problems(request: HttpRequest, code: str = "") -> HttpResponse:
    from .api.pages import problems as page

    return page(request, code)


def smart_servers(request: HttpRequest) -> HttpResponse:
    from .smart import pages as smart

    return smart.servers(request)


def smart_launch(request: HttpRequest) -> HttpResponse:
    from .smart import pages as smart

    return smart.launch(request)


def smart_callback(request: HttpRequest, own: str = "") -> HttpResponse:
    from .smart import pages as smart

    return smart.callback(request, own=own)


def board_systems(request: HttpRequest, pk: int) -> HttpResponse:
    from .board_systems import board_systems as page

    return page(request, pk)


urlpatterns = [
    path("boards/<int:pk>/systems/", board_systems, name="board-systems"),
    path("fill/", pages.fill, name="fill"),
    path("fill/take/", pages.take_values, name="fill-take"),
    path("interop/", pages.codes, name="interop-codes"),
    path("ranking.fhir.json", ranking, name="ranking-fhir"),
    path("agenda/<int:pk>/decision.fhir.json", decision, name="decision-fhir"),
    path("smart/", smart_servers, name="smart-servers"),
    path("smart/launch", smart_launch, name="smart-launch"),
    path("smart/callback", smart_callback, name="smart-callback"),
    path("smart/callback/<slug:own>", smart_callback, name="smart-callback-own"),
    path("api/v1/", api, {"rest": ""}, name="api"),
    path("api/v1/<path:rest>", api, name="api-call"),
    path("cds-services", hooks, {"rest": ""}, name="cds-services"),
    path("cds-services/<path:rest>", hooks, name="cds-service"),
    path("api/problems/", problems, name="problems"),
    path("api/problems/<slug:code>/", problems, name="problem"),
]

"""The JSON API: its calls, and how each is answered, whatever happens. Imported with the first call."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.urls.resolvers import RegexPattern, URLResolver
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import ValidationError

from audit.canonical import sha256_of
from staff.english import said_in_english

from . import answers, decisions, document, fhir, knowledge, pages, rankings
from .failures import problem_of
from .outcomes import refused
from .parameters import from_pydantic
from .problems import Problem

ABOUT = (
    "Later-line treatment options in extrapulmonary neuroendocrine carcinoma, ranked with their evidence. "
    "Decision support for clinicians: it supports and does not replace judgement. A feature of a patient that is not "
    "known is left out or null; nothing that is sent is kept."
)

api = NinjaAPI(title="necapp", version="1", description=ABOUT, openapi_url=None, docs_url=None)
api.add_router("", rankings.router)
api.add_router("", fhir.router)
api.add_router("", knowledge.router)
api.add_router("", decisions.router)


@said_in_english
def answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    """What is answered at an address under /api/v1/. Raises nothing."""
    is_head = request.method == "HEAD"
    if is_head:
        request.method = "GET"
    response = _answer(request, rest)
    if is_head:
        request.method = "HEAD"
        _without_body(response)
    return response


def _answer(request: HttpRequest, rest: str) -> HttpResponseBase:
    try:
        match = _resolver().resolve(f"/{rest}")
        request.route = f"api:{match.url_name}"  # type: ignore[attr-defined]
        response = match.func(request, *match.args, **match.kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response = refused(request, Problem("method", headers={"Allow": response.headers["Allow"]}))
        return answers.with_release(response)
    except Http404:  # no such address, Resolver404, too
        return answers.with_release(Problem("not-found").as_response())
    except Exception as failure:
        return _failed(request, failure)


def _without_body(response: HttpResponseBase) -> None:
    if not response.streaming and isinstance(response, HttpResponse):
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    tag = f'"{sha256_of(_document())}"'
    response = answers.tagged(request, _document(), tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


@api.exception_handler(Problem)
def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    return refused(request, problem)


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return refused(request, Problem("parameters", errors=from_pydantic(error.errors)))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, failure: Exception) -> HttpResponse:
    return refused(request, problem_of(failure))


@cache
def _document() -> bytes:
    return document.document_of(api)


@cache
def _resolver() -> URLResolver:
    own: list[URLPattern] = [
        path("openapi.json", openapi, name="openapi"),
        path("docs/", pages.docs, name="docs"),
    ]
    return URLResolver(RegexPattern(r"^/"), [*own, *api.urls[0]])

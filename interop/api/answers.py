"""What every answer carries: the release that it rests on, a tag to ask for it again, how long it may be kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from audit.canonical import sha256_of
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.rules.knowledge import Knowledge, KnowledgeError, ReleaseIdentity

from .bodies import JSON
from .problems import Problem

RELEASE = "necapp-release"
# A release in a header: its name may hold any letter, a header none but ASCII's.
_PLAIN = " !#$&'()*+,-./:<=>?@[]^_`{|}~"
_TAG = re.compile(r'(?:W/)?("[^"]*")')

# Releases that are not in force and were asked for: a few, since each is some megabytes.
_COMPILED = 2


def knowledge_for(name: str | None, *, to_rank: bool = False) -> Knowledge:
    """The release of that name or SHA-256, else the one in force. Raises Problem."""
    if name is None:
        return _in_force(to_rank=to_rank)
    row = release_named(name)
    try:
        if row == releases.in_force():
            return _in_force(to_rank=to_rank)
        knowledge = _compiled(row.pk, row.name, row.sha256)
    except releases.ReleaseError as error:
        raise Problem("no-release", str(error)) from None
    if to_rank:
        _check_edition(knowledge)
    return knowledge


def release_named(name: str) -> KnowledgeRelease:
    """Raises Problem."""
    try:
        if not name.isprintable():
            raise releases.ReleaseError
        return releases.find(name)
    except releases.ReleaseError:
        raise Problem("not-found", "No release has this name or SHA-256.") from None


def json_answer(
    request: HttpRequest, content: Any, *, release: ReleaseIdentity | None, tag: str | None = None
) -> HttpResponse:
    """A JSON answer that a caller may keep, and asks for again by its tag: that of the release, else of the answer."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    response = tagged(request, text.encode(), tag or f'"{sha256_of(text)}"')
    response.headers["Cache-Control"] = "private, no-cache"
    if release is not None:
        response.headers[RELEASE] = release_header(release.name, release.sha256)
    return response


def tagged(request: HttpRequest, content: bytes, tag: str) -> HttpResponse:
    """The answer; nothing but its tag where the caller says that it has it."""
    wanted = request.headers.get("If-None-Match", "")
    has_it = wanted.strip() == "*" or tag in _TAG.findall(wanted)
    response = HttpResponse(status=304) if has_it else HttpResponse(content, JSON)
    response.headers["ETag"] = tag
    return response


def release_header(name: str, sha256: str) -> str:
    return f"{quote(name, safe=_PLAIN)}; sha256={sha256}"


def with_release(response: HttpResponseBase) -> HttpResponseBase:
    """Every answer names a release: the one that it rests on, else the one in force."""
    if RELEASE not in response.headers:
        newest = releases.newest_in_force()
        if newest is not None:
            response.headers[RELEASE] = release_header(newest.release.name, newest.release.sha256)
    return response


def identities() -> Iterator[tuple[ReleaseIdentity, bool]]:
    """Every release, the newest first, and whether it is in force; without what they hold."""
    newest = releases.newest_in_force()
    rows = KnowledgeRelease.objects.values_list("pk", "name", "published_at", "sha256")
    for pk, name, published_at, sha256 in rows:
        is_in_force = newest is not None and newest.release_id == pk
        yield ReleaseIdentity(name, published_at.date().isoformat(), sha256), is_in_force


def _in_force(*, to_rank: bool) -> Knowledge:
    try:
        return releases.current()
    except releases.FormerEdition as error:
        if to_rank:
            raise Problem("no-release", str(error)) from None
        row = releases.in_force()
        assert row is not None
        return _compiled(row.pk, row.name, row.sha256)
    except releases.ReleaseError as error:
        raise Problem("no-release", str(error)) from None


def _check_edition(knowledge: Knowledge) -> None:
    try:
        knowledge.check_edition()
    except KnowledgeError as error:
        raise Problem("former-edition", str(error)) from None


@lru_cache(maxsize=_COMPILED)
def _compiled(pk: int, name: str, sha256: str) -> Knowledge:
    """Raises ReleaseError."""
    return releases.compiled(KnowledgeRelease.objects.get(pk=pk, name=name, sha256=sha256))

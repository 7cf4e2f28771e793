"""Pages inside one process: the answer beside a bare view of the same bytes, and the queries that a page takes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from itertools import islice
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path
from django.utils import timezone

from audit.canonical import canonical_json
from audit.guard import RECORDS
from necapp import urls
from regimens import releases
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import InForceBy
from regimens.rules.knowledge import Knowledge
from tests.pages import LIBRARY

from .patients import Entered, cases, entered, sent, sent_again
from .rules import larger
from .timing import interleaved_ms, say
from .visitor import LIVE

PLAIN_STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WARMED_UP_BY, TIMED = 60, 120  # patients


def measure_pages(knowledge: Knowledge) -> None:
    """A whole page and a live answer, each of a patient not seen before, beside a bare view of the same bytes."""
    with override_settings(STORAGES=PLAIN_STATIC):
        client = Client()
        patients = sent(knowledge, 21)
        for what, forms, headers in (
            ("the ranking page, whole, in one process", patients, {}),
            ("the answer alone, as htmx asks for it", sent_again(knowledge, 22, _page_of(client)), LIVE),
        ):
            some = list(islice(forms, WARMED_UP_BY + TIMED))
            for fields in some[:WARMED_UP_BY]:
                body = _sent(client, "/", fields, headers)
            _say_beside_bare(what, client, some[WARMED_UP_BY:], headers, body)


def _page_of(client: Client) -> Callable[[Entered], bytes]:
    return lambda fields: _sent(client, "/", fields, {})


def _sent(client: Client, address: str, fields: Entered, headers: dict[str, str]) -> bytes:
    """What a form is answered with that is sent as a browser sends it."""
    body = urlencode(fields, doseq=True)
    return client.post(address, body, content_type="application/x-www-form-urlencoded", headers=headers).content


def _say_beside_bare(what: str, client: Client, some: list[Entered], headers: dict[str, str], body: bytes) -> None:
    urls.urlpatterns.append(path("bare/", lambda request: HttpResponse(body)))
    ours, bare = iter(some), iter(some)
    try:
        taken = interleaved_ms(
            lambda: _sent(client, "/", next(ours), headers),
            lambda: _sent(client, "/bare/", next(bare), headers),
            rounds=len(some) - 1,
        )
    finally:
        urls.urlpatterns.pop()
    say(what, f"{taken[0]:.1f} ms", f"{len(body) / 1024:.0f} KiB; a bare view of them {taken[1]:.2f} ms")


def measure_queries() -> None:
    """The queries of each page, with the release as it is and with one of ten times the evidence."""
    as_it_is = _queries()
    _put_in_force(larger(dict(releases.current().document), 10))
    ten_times = _queries()
    for page, count in as_it_is.items():
        say(f"queries of {page}", f"{count}, {ten_times[page]}", "with the evidence as it is, and ten times as much")


def _queries() -> dict[str, int]:
    client, patient = Client(), entered(cases()[0])
    asked = {"/": lambda: client.post("/", patient)}
    asked |= {page: lambda page=page: client.get(page) for page in LIBRARY}
    counts = {}
    with override_settings(STORAGES=PLAIN_STATIC):
        client.get("/")  # compiles the release
        for page, ask in asked.items():
            with CaptureQueriesContext(connection) as queries:
                status = ask().status_code
            if status != 200:
                raise RuntimeError(f"{page} was answered with {status}")
            counts[page] = len(queries)
    return counts


def _put_in_force(document: dict[str, object]) -> None:
    text = canonical_json(document)
    content, sha256 = zlib.compress(text), hashlib.sha256(text).hexdigest()
    now = timezone.now()
    with RECORDS.open():
        release = KnowledgeRelease(name="ten times", published_at=now, sha256=sha256, content=content)
        release.save()
        ReleaseInForce.objects.create(release=release, how=InForceBy.PUBLISHING, asked_at=now, confirmed_at=now)

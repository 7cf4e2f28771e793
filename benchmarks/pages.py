"""Pages inside one process: the answer beside a bare view of the same bytes, and the queries that a page takes."""

from __future__ import annotations

import hashlib
import zlib

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
from tests.pages import LIBRARY

from .patients import cases, entered
from .rules import larger
from .timing import interleaved_ms, median_ms, say

PLAIN_STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def measure_pages() -> None:
    patient = entered(cases()[0])
    with override_settings(STORAGES=PLAIN_STATIC):
        client = Client()
        body = client.post("/", patient).content
        urls.urlpatterns.append(path("bare/", lambda request: HttpResponse(body)))
        try:
            ours, bare = interleaved_ms(lambda: client.post("/", patient), lambda: client.post("/bare/", patient))
        finally:
            urls.urlpatterns.pop()
        live = median_ms(lambda: client.post("/", patient, headers={"HX-Request": "true"}))
    say("the ranking page, whole, in one process", f"{ours:.1f} ms", f"{len(body) / 1024:.0f} KiB")
    say("a bare view that returns the same bytes", f"{bare:.2f} ms", f"the page takes {ours / bare:.1f} x")
    say("the answer alone, as htmx asks for it", f"{live:.1f} ms")


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

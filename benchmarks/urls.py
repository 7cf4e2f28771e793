"""The project's addresses, and under `bare/` a view that does nothing but return what a page returned.

It passes through the same middleware and the same server: what a page takes longer than it is the page's own work.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from necapp.urls import handler400, handler500  # noqa: F401 - Django looks for them here

BODIES = "NECAPP_BARE_BODIES"  # names the folder in which the pages' bodies lie


@csrf_exempt
def bare(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(_body(name))


@cache
def _body(name: str) -> bytes:
    return (Path(os.environ[BODIES]) / name).read_bytes()


urlpatterns = [path("bare/<slug:name>/", bare), path("", include("necapp.urls"))]

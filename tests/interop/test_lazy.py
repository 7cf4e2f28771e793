"""A worker that serves no FHIR keeps its memory and its start-up: nothing of it is imported before it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.databases import ROOT

ASKED = """
import sys
import django
django.setup()
from unittest.mock import patch
from django.test import Client
from tests.factories.documents import published
from tests.factories.evidence import shipped_document
with patch("regimens.releases.current", return_value=published(shipped_document())):
    status = Client().get("/", secure=True, headers={"host": "localhost"}).status_code
FHIR = ("interop.reading", "interop.terminology", "interop.writing")
loaded = [name for name in sys.modules if name.startswith(FHIR)]
print(status, "interop.pages" in sys.modules, loaded)
"""


def test_nothing_of_fhir_is_imported() -> None:
    settings = {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings"}
    asked = os.environ | settings | {"ALLOWED_HOSTS": "localhost", "DEBUG": "true"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=asked, check=True, capture_output=True, text=True
    )
    assert done.stdout.split("\n")[0] == "200 True []", done.stderr

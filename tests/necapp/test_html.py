"""Every page is valid HTML as a parser of the standard reads it: nothing to mend, no id twice, no heading skipped."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories.patients import colorectal
from tests.pages import LIBRARY
from tests.valid_html import check, faults

pytestmark = pytest.mark.django_db

COMPARED = colorectal(compare=["folfiri", "topotecan"])
# What is sent to the patient page: nothing yet, a patient, one tried out, one out of scope, and entries that are wrong.
SENT = {
    "a patient": colorectal(),
    "a patient of whom much is known": colorectal(msi="high", received=["folfiri"], others_absent="on"),
    "a value tried out": colorectal() | {"try": "msi:high"},
    "another preference": colorectal(preference="survival", evidence="nec"),
    "out of scope": {"primary_site": "lung", "region": "EU"},
    "wrong entries": {"ki67": "180", "lines_received": "x", "first_line_platinum": "not-given"},
}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
@pytest.mark.parametrize("path", ["/", *LIBRARY, "/no-such-page/"])
def test_a_page(client: Client, path: str, language: str) -> None:
    check(client.get(path, headers={"Accept-Language": language}), status=404 if "no-such" in path else 200)


@pytest.mark.parametrize("entered", SENT.values(), ids=SENT)
def test_the_ranking_of(client: Client, entered: dict[str, Any]) -> None:
    check(client.post("/", entered))


def test_options_side_by_side(client: Client) -> None:
    check(client.post("/compare/", COMPARED))


def test_a_page_without_a_release(client: Client, without_releases: None) -> None:
    check(client.get("/"), status=503)


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<p>a<div>b</div></p>", "unexpected-end-tag"),
        ('<p id="a"></p><p id="a"></p>', "a"),
        ('<label for="b">c</label>', "b"),
        ("<h1>a</h1><h3>b</h3>", "h3"),
        ("<h1>a</h1><span><div>b</div></span>", "holds"),
    ],
)
def test_what_is_wrong_is_found(markup: str, found: str) -> None:
    page = f'<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>{markup}</body></html>'
    assert found in str(faults(page))

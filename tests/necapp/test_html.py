"""Every page is valid HTML as a parser of the standard reads it: nothing to mend, no id twice, no heading skipped."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from tinyhtml5.parser import HTMLParser

from tests.regimens.pages.library.test_pages import PAGES
from tests.regimens.pages.test_ranking import COLORECTAL

pytestmark = pytest.mark.django_db

COMPARED = COLORECTAL | {"compare": ["folfiri", "topotecan"]}
# What is sent to the patient page: nothing yet, a patient, one tried out, one out of scope, and entries that are wrong.
SENT = {
    "a patient": COLORECTAL,
    "a patient of whom much is known": COLORECTAL | {"msi": "high", "received": ["folfiri"], "others_absent": "on"},
    "a value tried out": COLORECTAL | {"try": "msi:high"},
    "another preference": COLORECTAL | {"preference": "survival", "evidence": "nec"},
    "out of scope": {"primary_site": "lung"},
    "wrong entries": {"ki67": "180", "lines_received": "x", "first_line_platinum": "not-given"},
}
# What holds words and never a block, and the blocks that a parser would let stand in it.
OF_WORDS = {"span", "strong", "em", "abbr", "label", "button", "code", "h1", "h2", "h3", "h4", "h5", "p"}
BLOCKS = {"address", "article", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "h4", "h5", "ol", "p", "section"}
BLOCKS |= {"table", "ul", "details"}
POINTING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", ["/", *PAGES, "/no-such-page/"])
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


def check(response: HttpResponse, *, status: int = 200) -> None:
    assert response.status_code == status
    assert faults(response.content.decode()) == []


def faults(page: str) -> list[Any]:
    """What a browser has to mend, ids that stand twice or are missing, blocks within words, and levels left out."""
    parser = HTMLParser(namespace_html_elements=False)
    tree = parser.parse(page.encode(), transport_encoding="utf-8")
    lines = page.splitlines()
    found: list[Any] = [(code, data, lines[position[0] - 1].strip()[:100]) for position, code, data in parser.errors]
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id") is not None)
    found += [f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1 or not name.split()]
    for element in tree.iter():
        for attribute in POINTING:
            pointed = (element.get(attribute) or "").split()
            found += [f"{attribute}={name!r} points at nothing" for name in pointed if name not in ids]
        inner = {str(below.tag) for below in element.iter()} & BLOCKS - {element.tag}
        if element.tag in OF_WORDS and inner:
            found.append(f"{element.tag} holds {sorted(inner)}")
    levels = [int(element.tag[1]) for element in tree.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    if levels[:1] != [1] or levels.count(1) != 1:
        found.append(f"the headings start with {levels[:3]}")
    found += [f"h{below} follows h{above}" for above, below in pairwise(levels) if below > above + 1]
    return found

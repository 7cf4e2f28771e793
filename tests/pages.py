"""Pages as tests address and read them."""

from __future__ import annotations

import html as markup
import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

# One page of each kind in the library.
LIBRARY = [
    "/options/",
    "/options/folfiri/",
    "/drugs/",
    "/drugs/irinotecan/",
    "/evidence/",
    "/evidence/walter-2023-bevanec/",
    "/biomarkers/",
    "/biomarkers/msi-mmr/",
    "/guidelines/",
    "/trials/",
    "/method/",
    "/method/validation/",
    "/about/",
    "/search/?q=keytruda",
]


def html(response: HttpResponse) -> str:
    return response.content.decode()


def text(response: HttpResponse) -> str:
    """What a reader sees, space collapsed."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(response.content.decode())
    return " ".join(" ".join(found).split())


def shown(response: Any) -> str:
    """What the main part of a page says, without tags, space collapsed."""
    page = response.content.decode()
    main = page[page.index("<main") :] if "<main" in page else page
    return " ".join(markup.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def post(client: Client, *, live: bool = False, **values: Any) -> HttpResponse:
    """Send a patient to the page `/`, by himself one in the US; `live` as the form does while it is filled in."""
    return client.post("/", {"region": "US", **values}, headers={"HX-Request": "true"} if live else {})

"""Whether a page is valid HTML as a parser of the standard reads it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from django.http import HttpResponse
from tinyhtml5.parser import HTMLParser

# What holds words and never a block, and the blocks that a parser would let stand in it.
OF_WORDS = {"span", "strong", "em", "abbr", "label", "button", "code", "h1", "h2", "h3", "h4", "h5", "p"}
BLOCKS = {"address", "article", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "h4", "h5", "ol", "p", "section"}
BLOCKS |= {"table", "ul", "details"}
POINTING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


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

"""RSS and Atom: the items of a feed as records. Nothing that an item says is markup, and no address is followed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .records import DOI, NCT_NUMBER, Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PUBMED_PAGE = re.compile(r"pubmed\.ncbi\.nlm\.nih\.gov/(\d{1,8})(?:/|\?|$)")
LONGEST_TITLE = 500
LONGEST_ADDRESS = 500
TAG = re.compile(r"<[^<>]*>")


def is_feed(root: Element) -> bool:
    """RSS (0.9, 1.0, 2.0) or Atom."""
    return _name(root) in ("rss", "feed", "RDF")


def feed_items(root: Element) -> Iterator[Record]:
    """The items of a feed; those without a title say nothing that a person could decide on."""
    channel = next((_text(one, "title") for one in root.iter() if _name(one) in ("channel", "feed")), "")
    for item in root.iter():
        if _name(item) not in ("item", "entry"):
            continue
        title = _text(item, "title")[:LONGEST_TITLE]
        if not title:
            continue
        url = _address(item)
        parts = (_text(item, name) for name in ("description", "summary", "content", "encoded", "subject"))
        said = " ".join(filter(None, parts))
        identifiers = " ".join([url, _text(item, "identifier"), _text(item, "guid"), _text(item, "id"), said])
        pmid = PUBMED_PAGE.search(identifiers)
        doi = DOI.search(identifiers)
        days = " ".join(_text(item, name) for name in ("pubDate", "published", "date", "updated"))
        year = re.search(r"\b(?:19|20)\d\d\b", days)
        registers = tuple(dict.fromkeys(NCT_NUMBER.findall(f"{title} {identifiers}")))
        yield Record(
            title=title,
            author=_text(item, "creator").split(",")[0] or _text(item, "author").split(",")[0],
            year=int(year[0]) if year else None,
            pmid=pmid[1] if pmid else "",
            doi=doi[0].rstrip(".,;)") if doi else "",
            place=channel,
            url=url,
            text=said[:6000],
            registers=registers,
        )


def _address(item: Element) -> str:
    """Where an item leads: an address of the web, or none."""
    found = [one.get("href", "") or (one.text or "") for one in item if _name(one) in ("link", "guid", "id")]
    for url in map(str.strip, found):
        if urlsplit(url).scheme in ("http", "https") and len(url) <= LONGEST_ADDRESS:
            return url
    return ""


def _text(item: Element, name: str) -> str:
    """What an element of that name says, in plain words."""
    for one in item:
        if _name(one) == name:
            # Feeds escape markup once or twice over.
            text = html.unescape(html.unescape("".join(one.itertext())))
            return " ".join(TAG.sub(" ", text).split())
    return ""


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""

"""RSS and Atom: the items of a feed as records. Nothing that an item says is markup, and no address is followed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .records import DOI, NCT_NUMBER, Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# As an address, and as PubMed's own feeds name a record ("pubmed:1", "pmid:1").
PUBMED_ID = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|\b(?:pubmed|pmid):)(\d{1,8})(?![\d.])")
IDENTIFIERS = ("identifier", "doi", "guid", "id")
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
        # What an item names in its prose may be another text, of which it says something.
        identifiers = " ".join([url, *(text for name in IDENTIFIERS for text in _texts(item, name))])
        pmid = PUBMED_ID.search(identifiers)
        doi = DOI.search(unquote(identifiers))
        days = " ".join(_text(item, name) for name in ("pubDate", "published", "date", "updated"))
        year = re.search(r"\b(?:19|20)\d\d\b", days)
        registers = tuple(dict.fromkeys(NCT_NUMBER.findall(f"{title} {identifiers} {said}")))
        yield Record(
            title=title,
            author=(_text(item, "creator") or _name_of_author(item)).split(",")[0],
            year=int(year[0]) if year else None,
            pmid=pmid[1] if pmid else "",
            doi=doi[0].rstrip(".,;)") if doi else "",
            place=channel,
            url=url,
            text=said[:6000],
            registers=registers,
        )


def _address(item: Element) -> str:
    """Where an item leads: an address of the web, or none. Of several links, not the one to the item itself as XML."""
    links = [one for one in item if _name(one) in ("link", "guid", "id")]
    links.sort(key=lambda one: one.get("rel", "alternate") != "alternate")
    found = [one.get("href", "") or (one.text or "") for one in links]
    for url in map(str.strip, found):
        if urlsplit(url).scheme in ("http", "https") and len(url) <= LONGEST_ADDRESS:
            return url
    return ""


def _text(item: Element, name: str) -> str:
    """What the first element of that name says that says anything, in plain words."""
    return next(filter(None, _texts(item, name)), "")


def _texts(item: Element, name: str) -> Iterator[str]:
    for one in item:
        if _name(one) == name:
            # Feeds escape markup once or twice over.
            text = html.unescape(html.unescape("".join(one.itertext())))
            yield " ".join(TAG.sub(" ", text).split())


def _name_of_author(item: Element) -> str:
    """Atom gives an author a name beside an address; RSS gives one text."""
    author = next((one for one in item if _name(one) == "author"), None)
    if author is None:
        return ""
    return _text(author, "name") or _text(item, "author")


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""

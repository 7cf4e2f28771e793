"""Whether two entries are the same text: by what identifies it, else by title, year and first author.

DOI, PMID and the text's own words identify a text; a study key and a registry number say only that two texts are of the
same patients. Nothing is decided here: what looks alike is shown to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from rapidfuzz import fuzz

# Of 100: titles of one text in two sources differ by a subtitle's punctuation, a spelling or a cut end.
ALIKE = 92
YEARS_APART = 1  # a text is dated by its first appearance or by its issue
# A shorter title that another one begins with counts from this length on: a registered title without its subtitle.
LONG_ENOUGH = 40

# What publishers and registers write before a title, or behind it, once something was printed against the text.
_AGAINST = r"(?:retracted|withdrawn|removed)(?: (?:article|paper|publication|chapter))?"
_MARK = re.compile(
    rf"^\W*(?:{_AGAINST}(?:\s*:|\s+[–—-]\s|\.\s)|[\[(]\s*{_AGAINST}\s*[\])]:?"
    r"|(?:editorial )?expression of concern\s*:)\s*"
    rf"|\s*[\[(]\s*{_AGAINST}\s*[\])]\W*$",
    re.IGNORECASE,
)
# How what is printed about a text begins, before that text's own title.
_ABOUT = re.compile(
    r"(?:re|(?:a |authors? |in )?reply(?: to)?|response to|comments? on|letter to the editor|editorial"
    r"|(?:author |publisher )?correction|corrigendum|erratum|addendum|retraction|expression of concern)\b"
)
# Letters that have no mark to take off, as PubMed and the evidence base write them without.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "þ": "th"})


class Likeness(StrEnum):
    """By what two texts are taken for one."""

    PMID = "the same PMID"
    DOI = "the same DOI"
    WORDS = "title, year and first author alike"
    OTHERWISE = "the same title, year and first author, with another PMID or DOI"
    TITLE = "the same title and year, with another PMID, DOI or author"


@dataclass(frozen=True)
class Identified:
    """What identifies a text; None or empty where it is not known.

    author   the first author's surname in plain letters
    title    in plain words
    """

    pmid: str | None
    doi: str | None
    title: str
    year: int | None
    author: str


def identified(entry: Mapping[str, Any]) -> Identified:
    """A publication of the evidence base."""
    return of_citation(
        pmid=entry["pmid"],
        doi=entry["doi"],
        title=entry["title"],
        year=entry["year"],
        author=(entry["authors"] or "").split(",")[0],
    )


def of_citation(*, pmid: str | None, doi: str | None, title: str | None, year: int | None, author: str) -> Identified:
    """A text by its citation; `author` is the first one, surname and initials."""
    surname = re.sub(r"(?: [A-Z](?:[A-Z-]){0,3})$", "", author.strip())
    told = " ".join(words(unmarked(title or "")))
    return Identified(pmid or None, (doi or "").lower() or None, told, year, plain(surname))


def likeness(one: Identified, other: Identified) -> Likeness | None:
    """By what the two are one text; None where nothing says so, or identifiers say that they are two."""
    if one.pmid and one.pmid == other.pmid:
        return Likeness.PMID
    if one.doi and one.doi == other.doi:
        return Likeness.DOI
    are_two = bool(one.pmid and other.pmid) or bool(one.doi and other.doi)
    return Likeness.WORDS if not are_two and _is_alike(one, other) else None


def bears_the_title(one: Identified, other: Identified) -> bool:
    """Whether two texts have one long title, of one year or the next, whatever else says that they are two.

    Enough to ask a person about a retraction, which may be printed with wrong identifiers; not to take two for one.
    """
    is_near = one.year is None or other.year is None or abs(one.year - other.year) <= YEARS_APART
    return is_near and len(one.title) >= LONG_ENOUGH and one.title == other.title


def suspected(one: Identified, other: Identified) -> Likeness | None:
    """The same, and of two that identifiers tell apart, whether one of these may be mistyped: for a person to say."""
    if found := likeness(one, other):
        return found
    is_of_one = not (one.author and other.author) or one.author == other.author
    return Likeness.OTHERWISE if is_of_one and bears_the_title(one, other) else None


def look_alikes(one: Identified, others: Mapping[str, Identified]) -> Iterator[str]:
    """The keys of those that are the same text, those that say so by an identifier first."""
    found = {key: alike for key, other in others.items() if (alike := likeness(one, other))}
    yield from sorted(found, key=lambda key: found[key] is Likeness.WORDS)


def suspects(one: Identified, others: Mapping[str, Identified]) -> list[str]:
    """The keys of those that are the same text or may be, the surest first."""
    order = list(Likeness)
    found = {key: alike for key, other in others.items() if (alike := suspected(one, other))}
    return sorted(found, key=lambda key: order.index(found[key]))


def twins(publications: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Likeness]]:
    """Pairs of publications of the evidence base that are the same text or may be, by key."""
    by_key = {entry["key"]: identified(entry) for entry in publications}
    # Only those of one year or the next are compared: the titles of all of them would be 20,000 pairs.
    by_year: dict[int | None, list[str]] = {}
    for key, one in by_key.items():
        by_year.setdefault(one.year, []).append(key)
    seen = set()
    for year in by_year:
        near = [key for y in ({year, year + 1} if year else {None}) for key in by_year.get(y, [])]
        for pair in combinations(near, 2):
            if pair in seen:
                continue
            seen.add(pair)
            if found := suspected(by_key[pair[0]], by_key[pair[1]]):
                yield *pair, found


def unmarked(title: str) -> str:
    """A title as it was before it was marked, as in “RETRACTED: …”."""
    return _MARK.sub("", title)


def is_marked_retracted(title: str) -> bool:
    mark = _MARK.search(title)
    return mark is not None and "concern" not in mark[0].lower()


def plain(text: str) -> str:
    """Small letters without marks."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text))


def _is_alike(one: Identified, other: Identified) -> bool:
    if not one.title or not other.title or (one.author and other.author and one.author != other.author):
        return False
    if one.year is not None and other.year is not None and abs(one.year - other.year) > YEARS_APART:
        return False
    if bool(_ABOUT.match(one.title)) != bool(_ABOUT.match(other.title)):
        return False
    shorter, longer = sorted((one.title, other.title), key=len)
    begins = len(shorter) >= LONG_ENOUGH and longer.startswith(f"{shorter} ")
    return begins or fuzz.ratio(one.title, other.title) >= ALIKE

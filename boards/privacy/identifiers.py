"""What a label of a case may not say: whatever looks like a name, a date, or a number under which someone is filed.

Rules, not understanding. Refused is, in any language of the form:

- a full date ("3.4.1957", "1957-04-03", "3 April 1957", "den 3. April", "3 avril", "3 de abril"), and words for a birth
  ("born", "geb.", "née", "nacido", "DOB");
- five digits or more in a row, also with spaces, points, slashes or hyphens between them; not a trial's NCT number, nor
  a year from 2020 on with a month or a running number ("2026-14");
- a word for a record ("MRN", "Pat.-Nr.", "Fallnummer", "NHS no.", "IPP", "NHC") before anything with a digit;
- a title before a word ("Mr Weiss", "Frau Weiss", "Mme Weiss", "Sra. Weiss", "Dr. Weiss");
- a common given name, in any case; a pair of initials ("A. S."); an initial beside a capitalised word ("Weiss, A.");
- two capitalised words side by side, if neither is a common word of this field; two words in capitals with a comma;
- an e-mail address.

In prose, such as notes, two capitalised words side by side are no sign of anything, above all in German.

A single rare surname passes, and so does a nickname: the form says what a label is for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .word_lists import COMMON_WORDS, GIVEN_NAMES

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    "januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|mrz|okt|dez|"
    "janvier|f[ée]vrier|mars|avril|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|janv|f[ée]vr?|avr|juil|déc|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|se[pt]?tiembre|octubre|noviembre|diciembre|ene|abr|ago|dic"
)
DATES = re.compile(
    rf"""(?<![\w-])(?:
        \d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?(?:\d{{4}}|\d{{2}})\b   # 3.4.1957, 3/4/57
        | \d{{4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{1,2}}\b             # 1957-04-03
        | \d{{1,2}}(?:st|nd|rd|th|er|\.)?[\s-]+(?:(?:of|de)\s+)?(?:{MONTHS})\b  # 3 April, 3. April, 1er avril
        | (?:{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,|\b(?!\d))     # April 3, April 3rd, 1957
    )""",
    re.IGNORECASE | re.VERBOSE,
)
BIRTH = re.compile(
    r"\b(?:born|birth\w*|d\.?o\.?b\b|geb(?:\.|oren\w*|\b)|geburts\w*|née?\b|naissance|ddn\b|naci(?:d[oa]|miento|ó)\b|f\.?\s?nac\b)"
    r"|\*\s?\d",
    re.IGNORECASE,
)
DIGITS = re.compile(r"\d(?:[\s./-]?\d){4,}")
# Numbers that file nobody: a trial, and a year of this board with a month or a running number.
TRIAL = re.compile(r"\bNCT\d{8}\b", re.IGNORECASE)
RUNNING = re.compile(r"(?<!\d)(?:20[2-4]\d\s?[-/]\s?\d{1,3}|\d{1,3}\s?[-/]\s?20[2-4]\d)(?!\s?[\d./-])")
# "Dossier n° 12", "número de historia 12"; a plain "dossier 12" is a case of a board.
_NUMBER = r"(?:n\.?[°o]\.?|num[ée]ro|n[úu]m(?:ero)?\.?)"
_FILE = (
    r"(?:dossier(?:\s+m[ée]dical|\s+patient)?|patiente?|s[ée]jour|s[ée]curit[ée]\s+sociale|"
    r"historia|expediente|paciente|seguridad\s+social|afiliaci[óo]n)"
)
RECORD = re.compile(
    r"\b(?:m\.?r\.?n|p\.?i\.?d|ssn|nhs|kvnr|upn|"
    r"(?:pat(?:ient(?:en)?)?|fall|akten|kranken\w*|versicherten|versicherungs|aufnahme|hospital|record|chart|case\s+file|file)"
    r"[\s.-]*(?:id|no|nr|num(?:ber|mer)|record\s+num(?:ber)?)|"
    r"patienten-?id|fallnummer|aktenzeichen|"
    r"ipp|nip|nir|nhc|nuhsa|cip|dni|nie|nass|historia\s+cl[ií]nica|"
    rf"{_NUMBER}\s*(?:(?:de|du)\s+)?(?:(?:la|del)\s+)?{_FILE}|{_FILE}[\s.-]*{_NUMBER})(?:\b|(?<=°))[\s.:#°-]*[a-z]{{0,3}}[\s.-]*\d",
    re.IGNORECASE,
)
TITLES = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|sir|dr|prof|herrn?|frau|hr|fr|fräulein|dame|"
    r"monsieur|madame|mademoiselle|mme|mlle|docteur|professeur|(?-i:Pr)|"
    r"sr|sra|srta|señor|señora|señorita|don|doña|dña|dra|doctora?|profesora?)\b\.?\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
MAIL = re.compile(r"\S@\S")
INITIALS = re.compile(r"(?<![^\W\d_]\.)(?<![^\W\d_]\.\s)(?<![^\W_])[^\W\d_]\.\s?[^\W\d_]\.(?!\s?[^\W\d_]\.)(?![^\W_])")
# A word as a person writes one: letters, perhaps joined by hyphens or apostrophes.
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True)
class IdentifierFound:
    """Something that looks as if it identified a person: what kind of thing, and the words."""

    kind: str
    text: str

    @property
    def words(self) -> Promise:
        return WORDS[self.kind]


WORDS: dict[str, Promise] = {
    "date": _("looks like a date"),
    "birth": _("speaks of a birth"),
    "number": _("looks like a number under which someone is filed"),
    "record": _("looks like a record number"),
    "name": _("looks like a person’s name"),
    "address": _("looks like an e-mail address"),
}


def findings(text: str, *, is_prose: bool = False) -> tuple[IdentifierFound, ...]:
    """What in a text looks as if it identified a person."""
    plain = plain_text(text)
    found: dict[IdentifierFound, None] = {}
    for look in (*LOOKS, _initials_beside_names if is_prose else _pairs):
        for finding in look(plain):
            found.setdefault(finding)
    return tuple(found)


def plain_text(text: str) -> str:
    """The text as a reader sees it: full-width letters and digits as plain ones, invisible characters gone."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(seen.split())


def _matches(kind: str, pattern: re.Pattern[str]) -> Callable[[str], Iterator[IdentifierFound]]:
    def look(text: str) -> Iterator[IdentifierFound]:
        for match in pattern.finditer(text):
            yield IdentifierFound(kind, match.group().strip())

    return look


def _long_numbers(text: str) -> Iterator[IdentifierFound]:
    without = RUNNING.sub(" ", DATES.sub(" ", TRIAL.sub(" ", text)))
    yield from _matches("number", DIGITS)(without)


def _titles(text: str) -> Iterator[IdentifierFound]:
    for match in TITLES.finditer(text):
        following = WORD.match(text, match.end())
        if following and following.group()[0].isupper() and not _is_common(following.group()):
            yield IdentifierFound("name", f"{match.group().strip()} {following.group()}")


def _given_names(text: str) -> Iterator[IdentifierFound]:
    for match in WORD.finditer(text):
        for part in re.split(r"[-'’]", match.group()):
            if part.casefold() in GIVEN_NAMES:
                yield IdentifierFound("name", match.group())
                break


def _pairs(text: str) -> Iterator[IdentifierFound]:
    """Two capitalised words side by side, or in capitals with a comma; a capitalised word beside an initial."""
    for pair, left, right, between in _neighbours(text):
        is_written_as_name = all(map(_is_proper, (left, right))) and between.strip() in ("", ",")
        is_filed_as_name = all(map(_is_capitals, (left, right))) and "," in between
        if (is_written_as_name or is_filed_as_name) and not any(map(_is_common, (left, right))):
            yield IdentifierFound("name", pair)
    yield from _initials_beside_names(text)


def _initials_beside_names(text: str) -> Iterator[IdentifierFound]:
    for pair, left, right, between in _neighbours(text):
        for initial, other, point in ((left, right, between), (right, left, pair)):
            is_initial = len(initial) == 1 and initial.isupper() and (point.startswith(".") or point.endswith("."))
            if is_initial and _is_proper(other) and not _is_common(other):
                yield IdentifierFound("name", pair)


def _neighbours(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Each two words with only a point, a comma or a space between: both together, the words, what is between."""
    for left, right in pairwise(WORD.finditer(text)):
        between = text[left.end() : right.start()]
        if re.fullmatch(r"\.?,?\s+|[.,]", between):
            end = right.end() + (text[right.end() : right.end() + 1] == ".")
            yield text[left.start() : end], left.group(), right.group(), between


def _is_proper(word: str) -> bool:
    """As names are written: "Weiss", "O’Neill", "Müller-Lüdenscheidt", "McKay"."""
    parts = re.split(r"[-'’]", word)
    return len(word) > 2 and word[0].isupper() and any(len(part) > 1 and part[1:] != part[1:].upper() for part in parts)


def _is_capitals(word: str) -> bool:
    return len(word) > 2 and word == word.upper() and word != word.lower()


def _is_common(word: str) -> bool:
    """A word of this field, or one made of such words with a hyphen, or a compound that ends in one."""
    folded = word.casefold()
    parts = [part for part in re.split(r"[-'’]", folded) if part]
    return all(part in COMMON_WORDS or part.endswith(ENDINGS) for part in parts)


# What compounds of this field end in: no surname does, or hardly any.
ENDINGS = (
    "karzinom", "karzinome", "tumor", "tumore", "tumour", "metastase", "metastasen", "therapie", "resektion",
    "rezidiv", "progress", "progression", "befund", "patient", "patientin", "studie", "linie", "diagnose", "marker",
    "carcinoma", "metastasis", "metastases", "therapy", "resection", "platin", "zumab", "limab", "tecan", "mutation",
    "carcinome", "carcinomes", "tumeur", "tumeurs", "métastases", "thérapie", "résection", "récidive", "platine",
    "metástasis", "terapia", "resección", "recidiva", "progresión", "platino", "mutación", "técan", "tecán",
)  # fmt: skip
LOOKS: tuple[Callable[[str], Iterator[IdentifierFound]], ...] = (
    _matches("address", MAIL),
    _matches("birth", BIRTH),
    _matches("date", DATES),
    _matches("record", RECORD),
    _long_numbers,
    _titles,
    _matches("name", INITIALS),
    _given_names,
)

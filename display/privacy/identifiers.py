"""What a text of a board may not say: whatever looks like a name, a date, or a number under which someone is filed.

Rules and lists, not understanding. Refused is, in any language of the form:

- a full date ("3.4.1957", "1957-04-03", "3 April 1957", "den 3. April", "3 avril", "3 de abril"), and words for a birth
  ("born", "geb.", "née", "nacido", "DOB");
- five digits or more in a row, also with spaces, points, slashes or hyphens between them; not a trial's number, nor
  a year from 2020 on with a month or a running number ("2026-14"). In prose figures, ranges and doses pass;
- a word for a record ("MRN", "Pat.-Nr.", "Fallnummer", "NHS no.", "IPP", "NHC") or a telephone before a digit;
- a street with its number, a British postcode, an e-mail address;
- a title before a name ("Mr Weiss", "Frau von Weiss", "Mme Weiss", "Sra. Weiss", "Dr. Weiss", "田中様"), and a word for
  a patient before one ("Patient Weiss");
- a common given name, in any case; a pair of initials ("A. S."); an initial beside a capitalised word ("Weiss, A.");
- in a label: a frequent surname, two capitalised words side by side, if neither is a common word of this field, or two
  words in capitals with a comma.

In prose, such as notes, capitalised words side by side are no sign of anything, above all in German, unless the first
is a given name or the second a frequent surname; an initial counts beside one, and in German so does a patient's word.
What a hospital says of itself, its letterhead and its rooms, holds its own numbers, addresses and doctors; guests are
named by their offices, with academic titles or without.

A surname that stands alone in prose passes, and so do a rare one and a nickname in a label: pages say so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from display.texts import INVISIBLE

from .word_lists import COMMON_WORDS, FIRST_NAMES, GERMAN_WORDS, GIVEN_NAMES, SURNAMES


class Reading(Enum):
    """As what a text is read: what identifies a patient in one is ordinary in another.

    LABEL    a few words by which a board knows a case
    PROSE    sentences on a patient
    GUESTS   people who came to a meeting, by their offices
    HOUSE    what a hospital says of itself
    """

    LABEL = "label"
    PROSE = "prose"
    GUESTS = "guests"
    HOUSE = "house"


MONTHS = (
    "january|february|march|april|(?-i:May|MAY)|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    "januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|mrz|okt|dez|"
    "janvier|f[ée]vrier|mars|avril|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|janv|f[ée]vr?|avr|juil|déc|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|se[pt]?tiembre|octubre|noviembre|diciembre|ene|abr|ago|dic"
)
# 3.4.1957, 3/4/57; 1957-04-03
FIGURES = re.compile(
    r"(?<![\w.,*-])(?:(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(?:\d{4}|\d{2})|\d{4}\s?([./-])\s?(\d{1,2})\s?\4\s?(\d{1,2}))\b"
)
# "Days 1/8/15": not of a month.
OF_A_CYCLE = re.compile(r"\b(?:d|days?|tage?n?|j|jours?|d[ií]as?)\.?\s*$", re.IGNORECASE)
DATES_IN_WORDS = re.compile(
    rf"""(?<![\w-])(?:
        \d{{1,2}}(?:st|nd|rd|th|er|\.)?[\s-]+(?:(?:of|de)\s+)?(?:{MONTHS})\b(?!\s+(?:be|need|have|not|also|well)\b)
        | (?:{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,|\b(?!\d))     # April 3, April 3rd, 1957
    )""",
    re.IGNORECASE | re.VERBOSE,
)
BIRTH = re.compile(
    r"\b(?:born\b|birth(?:day|date|place)?s?\b|d\.?o\.?b\b|geb(?:\.|oren\w*|\b)|geburts(?:tag|datum|jahr|ort|name)\w*"
    r"|née?\b(?=\s+(?:en\b|le\b|[àa]\b|au\b|(?-i:[A-ZÉ])|\d))|naissance|ddn\b|naci(?:d[oa]|miento|ó)\b|f\.?\s?nac\b)"
    r"|(?<!\w)\*\s?(?:\d{1,2}\.\s?\d|(?:19|20)\d\d\b)",
    re.IGNORECASE,
)
DIGITS = re.compile(r"\d(?:[\s./-]?\d){4,}")
# Numbers that file nobody: of trials, articles, variants and new drugs, and a year of this board with a month or a
# running number.
PUBLIC = re.compile(
    r"\b(?:NCT|ISRCTN|jRCT[a-z]*|UMIN|ChiCTR|ACTRN|DRKS|JapicCTI-?|PMID:?\s?|PMC|rs|COSM|[NX][MP]_|ENS[TGP])\d+(?:\.\d+)?\b"
    r"|\b(?:ABBV|AMG|AZD|BAY|BI|BL|BMS|BNT|DS|GSK|HLX|HRS|IBI|INCB|JNJ|LY|MK|ONO|PF|QLS|RG|RO|SAR|SHR|SKB|TAK|ZG|ZL)[\s-]?[A-Z]?\d+\b"
    r"|\b20\d\d-\d{6}-\d\d(?:-\d\d)?\b|\b10\.\d{4,9}/\S+|\bchr\w{1,2}:\d+",
    re.IGNORECASE,
)
RUNNING = re.compile(r"(?<!\d)(?:20[2-4]\d\s?[-/]\s?\d{1,3}|\d{1,3}\s?[-/]\s?20[2-4]\d)(?!\s?[\d./-])")
# In prose: a figure with its unit, two or more figures of a range, a dose or a period, and days of a cycle.
_UNIT = (
    r"(?:/\s?(?:[µμu]l|mm|l|nl)|[µμmnkpf]?(?:g|l|mol|IU|IE|UI|U|E|Gy|Bq|m|Sv|kat)\b|%|G/l|Zellen|cells?|cellules?|células?|"
    r"copies|Kopien|Euro|EUR|€)"
)
MEASURED = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:[ .,]?\d{{3}})*(?:[.,]\d+)?\s?{_UNIT}", re.IGNORECASE)
SERIES = re.compile(
    r"(?<![\d.,/-])(?!0\d)\d{1,4}(?:[.,]\d+)?(?:\s?[-–]\s?(?!0\d)\d{1,4}(?:[.,]\d+)?"
    r"|(?:\s?/\s?(?!0\d)\d{1,4}(?:[.,]\d+)?){1,4}|(?:\s(?!0\d)\d{1,2}){1,5})(?!\s?[-/.]?\d)"
)
MONTH_AND_YEAR = re.compile(r"(?<![\d./-])(?:0?[1-9]|1[0-2])\s?[./-]\s?(?:19|20)\d\d(?!\s?[./-]?\d)")
# "Dossier n° 12", "número de historia 12"; a plain "dossier 12" is a case of a board.
_NUMBER = r"(?:n\.?[°o]\.?|num[ée]ro|n[úu]m(?:ero)?\.?)"
_FILE = (
    r"(?:dossier(?:\s+m[ée]dical|\s+patient)?|patiente?|s[ée]jour|s[ée]curit[ée]\s+sociale|"
    r"historia|expediente|paciente|seguridad\s+social|afiliaci[óo]n)"
)
RECORD = re.compile(
    r"\b(?:m\.?r\.?n|p\.?i\.?d|ssn|(?-i:NHS)|kvnr|upn|"
    r"(?:pat(?:ient(?:en)?)?|fall|akten|kranken\w*|versicherten|versicherungs|aufnahme|insurance|policy|member|hospital|"
    r"record|chart|case\s+file|file|medicare|sozialversicherungs)"
    r"[\s.-]*(?:id|no|nr|num(?:ber|mer)|record\s+num(?:ber)?)|"
    r"patienten-?id|fallnummer|aktenzeichen|"
    r"(?-i:IPP|NIP|NIR|CIP|NIE)|nhc|nuhsa|dni|nass|historia\s+cl[ií]nica|"
    rf"{_NUMBER}\s*(?:(?:de|du)\s+)?(?:(?:la|del)\s+)?{_FILE}|{_FILE}[\s.-]*{_NUMBER})(?:\b|(?<=°))"
    r"[\s.:#°-]*[a-z]{0,3}[\s.-]*\d(?![\d.,]*\s?(?:mg|g|ml|µg|x|%))",
    re.IGNORECASE,
)
TELEPHONE = re.compile(
    r"\b(?:tel(?:efon|ephone)?|phone|fon|fax|mobile?|handy|t[ée]l(?:[ée]phone|[ée]fono)?|portable|m[óo]vil|whatsapp)\b[\s.:]*[+(]?\d",
    re.IGNORECASE,
)
STREET = re.compile(
    r"\b[A-ZÄÖÜ][\w-]*(?:straße|strasse|str\.|gasse|allee|platz|damm)\s\d+"
    r"|\b[A-ZÄÖÜ][\w-]+(?:er|es|e)\s(?:Straße|Str\.|Allee|Weg|Platz|Ring|Gasse)\s\d+"
    r"|\b\d+[a-z]?,?\s(?:[A-Z][\w'’]+\s){1,3}(?:Street|Road|Avenue|Lane|Drive|Square|Crescent)\b"
    r"|\b\d+,?\s(?:bis,?\s|ter,?\s)?(?:rue|avenue|boulevard|all[ée]e|impasse|chemin|quai)\s(?:de|du|des|d['’]|la|les|l['’]|[A-ZÉ])"
    r"|\b(?:[Cc]alle|[Aa]venida|[Aa]vda\.?|[Pp]aseo|[Pp]laza|C/)\s?(?:de(?:l|\sla|\slos)?\s)?[A-ZÁÉÍÓÚÑ][\w]+(?:\s[A-ZÁÉÍÓÚÑ]\w+)?,?\s(?:n\.?º\s?)?\d+"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}\b"
)
_PARTICLE = (
    r"(?:(?:von|van|vom|zu|zum|zur|de|du|del|della|di|da|dos|das|el|al|ben|bin|ibn|le|la|st|saint)"
    r"\s(?:der|den|la|las|los|le)?\s?)"
)
# In short ones capitals are abbreviations: MR is a scan, HR a ratio, SR strontium.
TITLES = re.compile(
    r"(?<![\w.])(?:(?:Mr|Mrs|Ms|Mx|Hr|Fr|Sr|Sra|Srta|Mme|Mlle|MME|MLLE|mr|mrs|mme|mlle|hr|sra|srta|Dña|Pr)\b\.?"
    r"|(?i:miss|sir|herrn?|frau|fräulein|dame|monsieur|madame|mademoiselle|"
    r"señora?|señorita|don|doña)\b)\s+(?=[^\W\d_])"
)
ACADEMIC = re.compile(
    r"(?<![\w.])(?:(?:Dr|DR|dr|Dra|Prof)\b\.?|(?i:prof|docteure?|professeure?|doctora?|profesora?|professor)\b)\s+(?=[^\W\d_])"
)
FURTHER_TITLES = frozenset(("dr", "prof", "professor", "professorin", "docteur", "professeur", "doctor", "doctora"))
AFTER_TITLE = re.compile(rf"{_PARTICLE}{{0,2}}", re.IGNORECASE)
# A word for a patient, or for a name, directly before one.
PATIENT = re.compile(r"\b(?:patient(?:in|en|e)?|paciente|pat\.?|pt\.?)(?::?\s+)(?=[^\W\d_])", re.IGNORECASE)
NAMED = re.compile(
    r"\b(?:(?:(?:family|last|first|sur|nach|vor|familien|ehe|geburts|given)?[\s-]?name|nom|pr[ée]nom|apellidos?|nombre)\s*[:=]"
    r"|named|namens|called|llamad[oa]|appelée?)\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
# In Chinese, Japanese and Korean a title follows: 田中様, 王先生, 김철수 님; and 患者 comes before.
EAST_ASIAN = re.compile(
    r"(?<![\u4e00-\u9fff])(?!患者|主治|担当|紹介|家族|医生|医師)[\u4e00-\u9fff]{1,4}(?:さん|様|氏|殿|先生|女士|小姐|太太)"
    r"|(?:患者|姓名|氏名)[:は]?\s?(?:[王李张張刘劉陈陳杨楊黄赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭肖蔡潘田董袁于余叶蒋杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鍾姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎薛尹段雷黎史龙龍陶贺賀顾顧毛郝龚龔邵万萬覃武钱錢]|佐藤|鈴木|高橋|田中|伊藤|渡辺|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|斎藤|清水|山崎|池田|橋本|阿部|石川|山下|中島|石井|小川|前田|岡田)[\u4e00-\u9fff]{0,2}"
    r"|(?!환자|선생|의사)[가-힣]{2,4}\s?(?:님|씨)(?=[은는이가을를의께도]|[^가-힣]|$)"
)
MAIL = re.compile(r"\S@\S+\.\w|\S@\S*[^\W\d]")
INITIALS = re.compile(r"(?<![^\W\d_]\.)(?<![^\W\d_]\.\s)(?<![^\W_])[^\W\d_]\.\s?[^\W\d_]\.(?!\s?[^\W\d_]\.)(?![^\W_])")
ABBREVIATIONS = frozenset(
    [
        "iv",
        "po",
        "sc",
        "im",
        "pr",
        "ob",
        "us",
        "uk",
        "eu",
        "ua",
        "nb",
        "ps",
        "db",
        "ev",
        "bd",
        "bb",
        "vo",
        "ec",
        "cf",
        "ie",
        "eg",
        "am",
        "pm",
        "ni",
        "sl",
        "id",
    ]
)
# A word as a person writes one: letters, perhaps joined by hyphens or apostrophes.
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
# Of a disease that bears the name of who described it.
EPONYM = re.compile(
    r"\b(?:syndrom\w*|s[íi]ndrome|morbus|maladie|enfermedad|krankheit|disease|sign|zeichen|nodule|knoten|wort|et al)\b",
    re.IGNORECASE,
)
ALSO_WORDS = frozenset(("vera", "maxime", "angel", "robin", "pepa", "solange"))  # in small letters they are no names
AROUND = 22  # characters on each side of a given name in which such a word makes it an eponym


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
    "street": _("looks like an address"),
    "telephone": _("looks like a telephone number"),
}


def findings(text: str, reading: Reading = Reading.LABEL) -> tuple[IdentifierFound, ...]:
    """What in a text looks as if it identified a person."""
    plain = plain_text(text)
    found: dict[IdentifierFound, None] = {}
    for look in LOOKS[reading]:
        for finding in look(plain):
            found.setdefault(finding)
    return tuple(found)


def plain_text(text: str) -> str:
    """The text as a reader sees it: full-width letters and digits as plain ones, invisible characters gone."""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in folded).split())


Look = Callable[[str], Iterator[IdentifierFound]]


def _matches(kind: str, pattern: re.Pattern[str]) -> Look:
    def look(text: str) -> Iterator[IdentifierFound]:
        for match in pattern.finditer(text):
            yield IdentifierFound(kind, match.group().strip())

    return look


def _dates(text: str) -> Iterator[IdentifierFound]:
    for match in _dates_in_figures(text):
        yield IdentifierFound("date", match.group().strip())
    yield from _matches("date", DATES_IN_WORDS)(text)


def _dates_in_figures(text: str) -> Iterator[re.Match[str]]:
    """Of figures those that can be a day and a month, in either order, and are no days of a cycle."""
    for match in FIGURES.finditer(text):
        one, other = (int(part) for part in (match[1], match[3], match[5], match[6]) if part)
        is_day_of_month = 1 <= min(one, other) <= 12 and max(one, other) <= 31
        if is_day_of_month and not OF_A_CYCLE.search(text[: match.start()]):
            yield match


def _without_dates(text: str) -> str:
    kept = list(text)
    for match in _dates_in_figures(text):
        kept[match.start() : match.end()] = " " * len(match.group())
    return DATES_IN_WORDS.sub(" ", "".join(kept))


def _long_numbers(text: str) -> Iterator[IdentifierFound]:
    without = RUNNING.sub(" ", _without_dates(PUBLIC.sub(" ", text)))
    yield from _matches("number", DIGITS)(without)


def _long_numbers_in_prose(text: str) -> Iterator[IdentifierFound]:
    without = RUNNING.sub(" ", _without_dates(PUBLIC.sub(" ", text)))
    for figures in (MONTH_AND_YEAR, MEASURED, SERIES):
        without = figures.sub(" ; ", without)
    yield from _matches("number", DIGITS)(without)


def _titled(pattern: re.Pattern[str]) -> Look:
    """A title before a name, which is capitalised, a frequent surname in any case, or an initial."""

    def look(text: str) -> Iterator[IdentifierFound]:
        for match in pattern.finditer(text):
            title = match.group().strip()
            if title.rstrip(".") == "Fr" and text[: match.start()].rstrip()[-1:].isdecimal():
                continue  # the width of a catheter
            particle = AFTER_TITLE.match(text, match.end())
            start = particle.end() if particle else match.end()
            following = WORD.match(text, start)
            if following and following.group().casefold() in FURTHER_TITLES:
                continue  # as of a doctor: `ACADEMIC` looks at the name
            if following and (_is_after_title(following.group()) or _is_initial(text, following)):
                yield IdentifierFound("name", text[match.start() : following.end()])

    return look


def _is_after_title(word: str) -> bool:
    """A capitalised word that is no common one, or a frequent surname, such as Klein or Brown."""
    if word.casefold() in SURNAMES:
        return word[0].isupper() or not _is_common(word)
    return word[0].isupper() and (len(word) > 1 or not word.isascii()) and not _is_common(word)


def _is_initial(text: str, word: re.Match[str]) -> bool:
    return len(word.group()) == 1 and word.group().isupper() and text[word.end() : word.end() + 1] == "."


def _patients(text: str) -> Iterator[IdentifierFound]:
    """A word for a patient before a name: in German, where every noun is capitalised, before a frequent surname."""
    is_german = not GERMAN_WORDS.isdisjoint(word.casefold() for word in WORD.findall(text))
    for pattern in (PATIENT, NAMED):
        for match in pattern.finditer(text):
            following = WORD.match(text, match.end())
            if following is None or not _is_proper(following.group()) or _is_common(following.group()):
                continue
            if pattern is NAMED or not is_german or following.group().casefold() in SURNAMES:
                yield IdentifierFound("name", text[match.start() : following.end()])


def _given_names(text: str) -> Iterator[IdentifierFound]:
    for match in WORD.finditer(text):
        parts = re.split(r"[-'’]", match.group())
        if any(part.casefold() in GIVEN_NAMES for part in parts):
            yield IdentifierFound("name", match.group())


def _given_names_in_prose(text: str) -> Iterator[IdentifierFound]:
    """Short capitals are abbreviations (ANA, EVA), and some diseases bear a given name (Gilbert)."""
    for match in WORD.finditer(text):
        word, parts = match.group(), re.split(r"[-'’]", match.group())
        is_abbreviation = word.isupper() and len(word) <= 4
        if not any(part.casefold() in GIVEN_NAMES for part in parts) or is_abbreviation or word in ALSO_WORDS:
            continue
        if not _is_eponym(text, match.start(), len(word)) and word.casefold() not in COMMON_WORDS:
            yield IdentifierFound("name", word)


def _is_eponym(text: str, start: int, length: int) -> bool:
    return EPONYM.search(text[max(start - AROUND, 0) : start + length + AROUND]) is not None


def _surnames(text: str) -> Iterator[IdentifierFound]:
    for match in WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and word.casefold() in SURNAMES and not _is_common(word):
            yield IdentifierFound("name", word)


def _initials(text: str) -> Iterator[IdentifierFound]:
    """In prose: two capitals with points that are no abbreviation, such as "i. v." or "z. B."."""
    for match in INITIALS.finditer(text):
        letters = "".join(filter(str.isalpha, match.group()))
        if letters.isupper() and letters.casefold() not in ABBREVIATIONS:
            yield IdentifierFound("name", match.group())


def _pairs(text: str) -> Iterator[IdentifierFound]:
    """Two capitalised words side by side, or in capitals with a comma; a capitalised word beside an initial."""
    for pair, left, right, between in _neighbours(text):
        is_written_as_name = all(map(_is_proper, (left, right))) and between.strip() in ("", ",")
        is_filed_as_name = all(map(_is_capitals, (left, right))) and "," in between
        if (is_written_as_name or is_filed_as_name) and not any(map(_is_common, (left, right))):
            yield IdentifierFound("name", pair)
    yield from _beside_initials(text, lambda word: _is_proper(word) and not _is_common(word))


def _pairs_in_prose(text: str) -> Iterator[IdentifierFound]:
    """A given name before a capitalised word, or a capitalised word before a frequent surname."""
    for pair, left, right, between in _neighbours(text):
        if between.strip() or not all(map(_is_proper, (left, right))) or any(map(_is_common, (left, right))):
            continue
        first = re.split(r"[-'’]", left.casefold())[0]
        if (first in FIRST_NAMES or right.casefold() in SURNAMES) and not _is_eponym(text, text.index(pair), len(pair)):
            yield IdentifierFound("name", pair)


def _surnames_beside_initials(text: str) -> Iterator[IdentifierFound]:
    yield from _beside_initials(
        text, lambda word: _is_proper(word) and word.casefold() in SURNAMES and not _is_common(word)
    )


def _beside_initials(text: str, is_name: Callable[[str], bool]) -> Iterator[IdentifierFound]:
    for pair, left, right, between in _neighbours(text):
        for initial, other, point in ((left, right, between), (right, left, pair)):
            is_initial = len(initial) == 1 and initial.isupper() and (point.startswith(".") or point.endswith("."))
            if is_initial and is_name(other):
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
    if len(parts[0]) > 1 and parts[0] == parts[0].upper():
        return False  # "MSI-high"
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
_EVERYWHERE: tuple[Look, ...] = (
    _matches("birth", BIRTH),
    _dates,
    _matches("record", RECORD),
    _titled(TITLES),
    _patients,
    _matches("name", EAST_ASIAN),
)
_OF_PATIENTS: tuple[Look, ...] = (
    _matches("address", MAIL),
    _matches("telephone", TELEPHONE),
    _matches("street", STREET),
)
_PROSE: tuple[Look, ...] = (
    *_EVERYWHERE,
    *_OF_PATIENTS,
    _long_numbers_in_prose,
    _initials,
    _given_names_in_prose,
    _pairs_in_prose,
    _surnames_beside_initials,
)
LOOKS: dict[Reading, tuple[Look, ...]] = {
    Reading.LABEL: (
        *_EVERYWHERE,
        *_OF_PATIENTS,
        _long_numbers,
        _titled(ACADEMIC),
        _matches("name", INITIALS),
        _given_names,
        _surnames,
        _pairs,
    ),
    Reading.PROSE: (*_PROSE, _titled(ACADEMIC)),
    Reading.GUESTS: (*_EVERYWHERE, *_OF_PATIENTS, _long_numbers_in_prose),
    Reading.HOUSE: _EVERYWHERE,
}

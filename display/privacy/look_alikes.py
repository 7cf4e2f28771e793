"""Whether two labels or names can be told apart: by the eye, and by whoever says them aloud.

Unicode's confusables (UTS #39, section 4) say which characters look alike; the package `confusable-homoglyphs` lists
them, each beside the one that stands for all of its kind and back.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

from display.privacy.identifiers import plain_text
from display.texts import readable

ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


@dataclass(frozen=True)
class Appearance:
    """What a label looks like, alike for those that nobody can tell apart on paper; and what of it is said, without
    capitals, spaces, signs and leading zeros.
    """

    look: str
    spoken: str


def appearance(label: str) -> Appearance:
    seen = plain_text(readable(label))
    said = "".join(sign for sign in ZEROS.sub("", seen).casefold() if sign.isalnum())
    return Appearance(_drawn(seen), _drawn(said).casefold())


def _drawn(text: str) -> str:
    drawn = "".join(_stands_for(sign) for sign in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", drawn)


@cache
def _stands_for(sign: str) -> str:
    """The character that stands for all that look like this one.

    It is the one that its whole kind is listed beside; of a pair the longer one, or else the first in Unicode.
    """
    beside = [row["c"] for row in confusables_data.get(sign, ())]
    if not beside:
        return sign
    kin = max(beside, key=lambda each: (len(confusables_data.get(each, ())), len(each), -ord(each[0])))
    own = (len(beside), len(sign), -ord(sign[0]))
    return sign if own >= (len(confusables_data.get(kin, ())), len(kin), -ord(kin[0])) else kin

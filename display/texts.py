"""Texts that people write or paste: what of them cannot be seen, and what Word leaves in them.

`readable` makes of a text what a reader sees of it: it is used before a text is kept, and before one is printed.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

# Unicode's Default_Ignorable_Code_Point with the marks of interlinear notes: nothing of
# them is drawn, and some turn the direction of what stands around them.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Those that shape a letter of some scripts: they join it to the next or keep it apart, or choose its form.
SHAPING = re.compile("[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")

LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Word writes the bullets of its lists in the private use of its Symbol and Wingdings fonts. A sign elsewhere than at
# the beginning of a line may be one of Symbol's that means something, such as ≥: it is not guessed.
BULLET, BULLETS_OF_LISTS = re.compile("\uf0b7"), re.compile("^([ \t]*)[\uf076\uf0a7\uf0d8](?=\\s)", re.MULTILINE)

# Marks on one letter: Hebrew with points and accents has four, no script that is written has more than six.
MOST_MARKS = 6


def readable(text: str) -> str:
    """The text without what nobody sees: invisible characters, those that turn its direction, and controls.

    A bullet of Word is a bullet, a line ends with a line feed, half of a surrogate pair is U+FFFD. What shapes a letter
    that is not ASCII stays.
    """
    if text.isascii() and text.isprintable():
        return text
    lines = LINE_ENDS.sub("\n", text)
    bullets = BULLETS_OF_LISTS.sub(r"\1•", BULLET.sub("•", lines))
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if "\ud800" <= sign <= "\udfff" else sign
        for place, sign in enumerate(bullets)
        if not _is_unseen(bullets, place, sign)
    )


def floods(text: str) -> tuple[str, ...]:
    """The runs of more marks on one letter than any script has: they would be drawn over the lines around it."""
    if text.isascii():
        return ()
    runs = ("".join(run) for is_mark, run in groupby(text, _is_mark) if is_mark)
    return tuple(run for run in runs if len(run) > MOST_MARKS)


def code_point(sign: str) -> str:
    """A character by its number: "U+202E"."""
    return f"U+{ord(sign):04X}"


def _is_unseen(text: str, place: int, sign: str) -> bool:
    if INVISIBLE.match(sign):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return not (SHAPING.match(sign) and _is_letter(before) and (_is_letter(after) or sign > "\u200d"))
    return unicodedata.category(sign) == "Cc" and sign not in "\n\t"


def _is_letter(sign: str) -> bool:
    return sign > "\x7f" and unicodedata.category(sign)[0] in "LM" and not INVISIBLE.match(sign)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me") and not INVISIBLE.match(sign)

"""Texts that people could send into any field: a seeded sample over all planes of Unicode, and what does harm."""

from __future__ import annotations

import random
from collections.abc import Iterator

# What a spreadsheet would run.
FORMULAS = (
    *("=1+1", "+1+1", "-2+3", "@SUM(1,2)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example","y")', "\t=1+1"),
    *("\r=1+1", "\n=1+1", "＝1+1", "\u200b=1+1", " =1+1", "'=1+1", "%0A=1+1"),
)
# What would become a header of an e-mail, a line of a calendar or a name of a file.
HEADERS = (
    *("a\r\nBcc: x", "a\nBcc: x", "a\rBcc: x", "a\u2028Bcc: x", "a\x85Bcc: x", "a\x0bBcc: x", "a\r\n\r\n<html>"),
    *("a\r\nATTENDEE:MAILTO:x", "BEGIN:VEVENT\r\nEND:VCALENDAR", 'a"; filename="b.exe', "=?utf-8?q?a=0D=0ABcc=3A_x?="),
)
# What would be run or read as markup by a page, a template or Typst.
MARKUP = (
    *("<script>alert(1)</script>", "{{ 7*7 }}{% debug %}", "&lt;b&gt;", "<!--", "]]>", "</textarea><b>", "%(name)s %s"),
    *(
        '#read("/etc/passwd")',
        "$x^2$ *bold* _it_ `raw`",
        "= Heading",
        "\\u{41} \\ #let",
        "@ref <label>",
        "// no /* no */",
    ),
)
# What Word, telephones and other scripts bring.
PASTED = (
    *(
        "\uf0b7\tfever",
        "\uf0a7 pain\n\uf0d8 cough",
        "\uf0b3 3 cycles",
        "🧪 42",
        "👩\u200d⚕\ufe0f",
        "🇩🇪 👍🏽 1\ufe0f\u20e3",
    ),
    *("漢字とかな", "한글", "肿瘤", "ไทย", "العربية", "עברית", "हिन्दी", "می\u200cخواهم", "ﷺ", "½ µg ≥ 5 °C", "Ａ１"),
    *("Z" + "\u0301" * 80, "\u202eesrever\u202c", "\u2066isolate\u2069", "soft\u00adhyphen", "\ufeffbom", "nul\x00l"),
    *("\x07\x1b[31m", "\ud83d", "\udc00\ud800", "\ufffe\uffff", "\U000e0001\U000e0041", "\u3164", "\u2800", " \u00a0 "),
)
HARMFUL = (*FORMULAS, *HEADERS, *MARKUP, *PASTED)
PLANES = 17


def any_texts(count: int = 1000, *, seed: int = 14, longest: int = 24) -> tuple[str, ...]:
    """`count` texts: first those that are known to harm, then samples, each of one plane of Unicode or of all."""
    return tuple(text for text, _ in zip(_texts(random.Random(seed), longest), range(count), strict=False))  # noqa: S311


def _texts(chance: random.Random, longest: int) -> Iterator[str]:
    yield from HARMFUL
    while True:
        for plane in (*range(PLANES), None, 0, 0):
            size = chance.randint(1, longest)
            start, end = (0, 0x110000) if plane is None else (plane * 0x10000, (plane + 1) * 0x10000)
            yield "".join(chr(chance.randrange(start, end)) for _ in range(size))

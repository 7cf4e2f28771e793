"""Plain values and a template become a PDF: tagged as PDF/UA-1 asks, the same bytes for the same values.

Typst typesets in this process, with the fonts of its own package and the Noto fonts of two others: nothing of the
machine's is read, and nothing of the network. What a hospital takes away of a patient and what a board writes are set
here; `sheet.typ` is the paper that they share.

Any text is set. What people write is first made settable (`writing.py`); a character for which no font has a sign
stands as its number, [U+1AB00], and the document says in a line what such numbers are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Set
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts
import manimgx_fonts_cjk
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .writing import NUMBER, numbered, settable

# Templates name each other from here: "/display/typesetting/sheet.typ".
ROOT = Path(__file__).parent.parent.parent

# How often a document is set anew without the characters that the fonts turned out not to have.
ATTEMPTS = 4

# What all of our words are written with: known to be in the fonts.
USUAL = re.compile("[\n\N{SPACE}-\N{TILDE}\N{NO-BREAK SPACE}-\N{LATIN SMALL LETTER Z WITH CARON}–—‘’“”„…•−≤≥×·→]+")

# Chinese characters are drawn as the text's language draws them, as far as the text shows which one that is.
KANA, HANGUL = re.compile("[\N{HIRAGANA LETTER SMALL A}-ヿ]"), re.compile("[가-힣]")


class TypesettingError(Exception):
    """Values that the template cannot take: a fault of ours, never of the person who asks."""


def pdf(document: Any, *, at: datetime) -> bytes:
    """A document (`document.template` names how it looks) in the reader's language, dated `at`.

    A character that no font has stands as its number: whoever reads sees that something is there. Raises
    TypesettingError.
    """
    values = _rewritten(asdict(document), settable)
    template, stamp = ROOT / document.template, int(at.timestamp())
    missing: frozenset[str] = frozenset()
    for _attempt in range(ATTEMPTS):
        try:
            return _compiled(template, _without(values, missing), stamp)
        except typst.TypstError as error:
            found = _not_displayed(error) - missing
            if not found:
                break
            missing |= found
    everything = frozenset(USUAL.sub("", json.dumps(values, ensure_ascii=False)))
    try:
        return _compiled(template, _without(values, everything), stamp)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


def _compiled(template: Path, values: dict[str, Any], stamp: int) -> bytes:
    text = json.dumps(values, ensure_ascii=False)
    own = {
        "language": (get_language() or "en")[:2],
        "fonts": ["Libertinus Serif", "Noto Sans", _font_of_chinese_characters(text), "Noto Emoji"],
        "unset": _unset() if NUMBER.search(text) else "",
    }
    return typst.compile(
        template,
        root=ROOT,
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(values | own, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=stamp,
    )


def _unset() -> str:
    return _("Signs that cannot be printed stand as their numbers in Unicode, such as [U+F0B3].")


@cache
def _fonts() -> typst.Fonts:
    folders = [Path(package.__file__).parent for package in (manimgx_fonts, manimgx_fonts_cjk)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _font_of_chinese_characters(text: str) -> str:
    if KANA.search(text):
        return "Noto Sans CJK JP"
    return "Noto Sans CJK KR" if HANGUL.search(text) else "Noto Sans CJK SC"


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    """The same values, every text of them rewritten."""
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, dict):
        return {key: _rewritten(each, rewrite) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(each, rewrite) for each in value]
    return value


def _without(values: dict[str, Any], missing: Set[str]) -> dict[str, Any]:
    return _rewritten(values, lambda text: numbered(text, missing)) if missing else values


_DISPLAYED = re.compile(r"the text `\"(.*?)\"` could not be displayed", re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def _not_displayed(error: typst.TypstError) -> frozenset[str]:
    """The characters of which typesetting says that no font has them: all of the document's, in one go."""
    told = "".join(_DISPLAYED.findall(error.diagnostic))
    return frozenset(USUAL.sub("", _ESCAPED.sub(lambda match: chr(int(match[1], 16)), told)))

"""Plain values and a template become a PDF: tagged as PDF/UA-1 asks, the same bytes for the same values.

Typst typesets in this process, with the fonts of its own package: nothing of the machine's is read, and nothing of
the network. What a hospital takes away of a patient and what a board writes are set here; `sheet.typ` is the paper that
they share.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Set
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language

# Templates name each other from here: "/display/typesetting/sheet.typ".
ROOT = Path(__file__).parent.parent.parent


class TypesettingError(Exception):
    """Values that the template cannot take: a fault of ours, never of the person who asks."""


def pdf(document: Any, *, at: datetime) -> bytes:
    """A document (`document.template` names how it looks) in the reader's language, dated `at`.

    A character that no font of ours has stands as its number, [U+4E2D]: whoever reads sees that something is there.
    Raises TypesettingError.
    """
    values = asdict(document) | {"language": (get_language() or "en")[:2]}
    template, stamp = ROOT / document.template, int(at.timestamp())
    try:
        return _compiled(template, _rewritten(values, _settable), stamp)
    except typst.TypstError:
        pass  # Two characters, each of which can be set, may ask for a sign that cannot.
    try:
        return _compiled(template, _rewritten(values, _plainest), stamp)
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


def _compiled(template: Path | bytes, values: Any, stamp: int) -> bytes:
    return typst.compile(
        template,
        root=ROOT,
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(values, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=stamp,
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    """The same values, every text of them rewritten."""
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, dict):
        return {key: _rewritten(each, rewrite) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(each, rewrite) for each in value]
    return value


# What all of our words are written with: known to be in the fonts.
_USUAL = re.compile("[\n\N{SPACE}-\N{TILDE}\N{NO-BREAK SPACE}-\N{LATIN SMALL LETTER Z WITH CARON}–—‘’“”„…•−≤≥×·→]+")


def _settable(text: str) -> str:
    """The text without what cannot be set: tabulators are spaces, other control characters fall away."""
    plain = _without_controls(text)
    unusual = frozenset(_USUAL.sub("", plain))
    missing = _missing(unusual) if unusual else frozenset()
    return _numbered(plain, missing) if missing else plain


def _plainest(text: str) -> str:
    plain = _without_controls(text)
    return _numbered(plain, frozenset(_USUAL.sub("", plain)))


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    spaced = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(sign for sign in spaced if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


def _numbered(text: str, signs: Set[str]) -> str:
    return "".join(f"[U+{ord(sign):04X}]" if sign in signs else sign for sign in text)


# Of the characters met so far, whether the fonts have them; the same whichever thread finds it out.
_known: dict[str, bool] = {}


def _missing(signs: Iterable[str]) -> frozenset[str]:
    """Those of the characters that no font has: all are tried at once, and halved for as long as one fails."""
    new = [sign for sign in sorted(signs) if sign not in _known]
    _try(new)
    return frozenset(sign for sign in signs if not _known[sign])


def _try(signs: list[str]) -> None:
    if not signs:
        return
    try:
        # Each in a paragraph of its own, so that none is joined to its neighbour.
        _compiled(_TRIAL, signs, 0)
    except typst.TypstError:
        if len(signs) == 1:
            _known[signs[0]] = False
            return
        half = len(signs) // 2
        _try(signs[:half])
        _try(signs[half:])
    else:
        _known.update(dict.fromkeys(signs, True))


_TRIAL = b"""
#set document(title: "trial")
#set text(font: "Libertinus Serif")
#title()
#for sign in json(bytes(sys.inputs.document)) { par(sign) }
"""

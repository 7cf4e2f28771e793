"""Plain values and a template become a PDF: tagged as PDF/UA-1 asks, the same bytes for the same values.

Typst typesets in this process, with the fonts of its own package: nothing of the machine's is read, and nothing of
the network.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language

TEMPLATES = Path(__file__).parent / "templates"


class TypesettingError(Exception):
    """Values that the template cannot take: a fault of ours, never of the person who asks."""


def pdf(document: Any, *, at: datetime) -> bytes:
    """A report or minutes (`document.template` names how it looks) in the reader's language, dated `at`.

    Raises TypesettingError.
    """
    values = asdict(document) | {"language": (get_language() or "en")[:2]}
    try:
        return typst.compile(
            TEMPLATES / document.template,
            root=TEMPLATES,
            font_paths=_fonts(),
            sys_inputs={"document": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise TypesettingError(str(error)) from error


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)

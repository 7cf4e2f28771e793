"""What people write and what fonts can set: no character is refused, and none is lost unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from display import typesetting
from display.typesetting import pdf

AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
HEADINGS = {"made": "Made", "page": "Page", "of": "of"}


@dataclass(frozen=True)
class Note:
    """The least that the paper of every document can be laid around."""

    title: str
    header: tuple[str, ...] = ()
    made: str = ""
    words: Mapping[str, str] = field(default_factory=lambda: dict(HEADINGS))
    template: str = "tests/display/note.typ"


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_text_is_set(written: str) -> None:
    assert pdf(Note(f"On {written}", (written,)), at=AT).startswith(b"%PDF-")


@pytest.mark.parametrize("written", ["中文", "😀", "☎\ufe0f", "👩\u200d⚕\ufe0f", "\x07\t\r\n", "ﷺ", "\U000e0001"])
def test_what_no_font_has_is_set_as_its_number(written: str) -> None:
    assert pdf(Note(f"Dr {written}"), at=AT).startswith(b"%PDF-")


def test_only_what_no_font_has_is_replaced() -> None:
    assert typesetting._settable("Ki-67 80 %, β-hCG ≥ 5 △ Dr Şahin") == "Ki-67 80 %, β-hCG ≥ 5 △ Dr Şahin"
    assert typesetting._settable("Dr 王\tA\r\nB") == "Dr [U+738B]    A\nB"

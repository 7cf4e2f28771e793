"""What people write and what fonts can set: no character is refused, and none is lost unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """What is set for a text in the end: the values that typesetting was given last."""
    given: list[dict[str, Any]] = []

    def spied(*arguments: Any, **options: Any) -> bytes:
        given.append(json.loads(options["sys_inputs"]["document"]))
        return compiled(*arguments, **options)

    compiled = typst.compile
    monkeypatch.setattr(typst, "compile", spied)

    def of(written: str) -> dict[str, Any]:
        assert pdf(Note("Note", (written,)), at=AT).startswith(b"%PDF-")
        return given[-1]

    return of


@pytest.mark.parametrize(
    "written",
    [
        *("漢字", "かな カナ", "한글", "ไทย", "العربية", "עברית", "שָׁלוֹם", "हिन्दी", "বাংলা", "தமிழ்", "ქართული", "አማርኛ"),
        *("🧪 42", "Ⓐ ⛔ ☑ ➢ ▪", "Ki-67 80 %, β-hCG ≥ 5 △ Dr Şahin", "\N{COMBINING ACUTE ACCENT} alone"),
    ],
)
def test_fonts_have_what_the_world_writes(printed: Callable[[str], dict[str, Any]], written: str) -> None:
    found = printed(written)
    assert found["header"] == [written]
    assert found["unset"] == ""


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        ("\uf0b3 3", "[U+F0B3] 3"),
        ("\ue000", "[U+E000]"),
        ("\U000f0000\U0010fffd", "[U+F0000][U+10FFFD]"),
        ("\u0378\ufdd0\U0001ab00", "[U+0378][U+FDD0][U+1AB00]"),
        ("\ud83d half", "[U+D83D] half"),
        ("𠀀 ᚠ", "[U+20000] [U+16A0]"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 6 + "[U+0301 × 44]"),
    ],
)
def test_what_cannot_be_set_stands_as_its_number_and_the_document_says_so(
    printed: Callable[[str], dict[str, Any]], written: str, set_as: str
) -> None:
    found = printed(written)
    assert found["header"] == [set_as]
    assert "stand as their numbers" in found["unset"]


@pytest.mark.parametrize(
    ("written", "set_as"),
    [
        ("\uf0b7\tpain", "•    pain"),
        ("fever\n\uf0d8 pain", "fever\n• pain"),
        ("a\r\nb\vc\x07\x00", "a\nb\nc"),
        ("A\u202eB\u2066C\u200b\u00adD", "ABCD"),
        ("👩\u200d⚕\ufe0f", "👩⚕"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("క్\u200dష", "క్\u200dష"),
    ],
)
def test_what_nobody_sees_falls_away(printed: Callable[[str], dict[str, Any]], written: str, set_as: str) -> None:
    assert printed(written)["header"] == [set_as]


@pytest.mark.parametrize(
    ("written", "font"),
    [("直骨 かな", "Noto Sans CJK JP"), ("直骨 한글", "Noto Sans CJK KR"), ("直骨", "Noto Sans CJK SC")],
)
def test_chinese_characters_are_drawn_as_the_language_around_them_does(
    printed: Callable[[str], dict[str, Any]], written: str, font: str
) -> None:
    assert font in printed(written)["fonts"]

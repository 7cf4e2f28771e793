"""Text that a spreadsheet would run is kept from it, and comes back as it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.spreadsheets import neutral, restored
from tests.databases import ROOT

RUN = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "'=1",
    "''@x",
    "-",
    '=HYPERLINK("https://x")',
    " =1+1",
    "  '+1",
    "\u00a0@x",
]


@pytest.mark.parametrize("text", RUN)
def test_what_would_be_run_is_kept_from_it(text: str) -> None:
    assert neutral(text).replace("\t'", "\t") == f"'{text}"
    assert restored(neutral(text)) == text


@pytest.mark.parametrize("text", ["FOLFIRI;=1+1", "a\t@SUM(A1)", "a;'-1", 'x;=HYPERLINK("https://x");y'])
def test_nor_does_it_run_where_semicolons_part_cells(text: str) -> None:
    for separator in ";\t":
        assert not [cell for cell in neutral(text).split(separator) if cell.startswith(tuple("=+-@"))]
    assert restored(neutral(text)) == text


@pytest.mark.parametrize("text", ["", "a; -1", "FOLFIRI", "5-FU", "'n Roll", "1=1", "a'=b"])
def test_other_text_stays(text: str) -> None:
    assert neutral(text) == text
    assert restored(text) == text


@given(st.text(alphabet="'=+-@;\t\r\n aA1＝"))
def test_it_is_always_undone(text: str) -> None:
    assert restored(neutral(text)) == text
    assert not neutral(text).startswith(tuple("=+-@\t\r\n＝"))


def writing_tables() -> Iterator[tuple[str, str]]:
    """Every function of the product that writes a CSV table, with its source."""
    for path in sorted(ROOT.glob("[a-z]*/**/*.py")):
        if path.parts[len(ROOT.parts)] in ("tests", "benchmarks"):
            continue
        text = path.read_text(encoding="utf-8")
        if "csv" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                source = ast.get_source_segment(text, node) or ""
                if "csv.writer(" in source or "csv.DictWriter(" in source or '.export("csv")' in source:
                    yield f"{path.relative_to(ROOT)}: {node.name}", source


def test_every_table_that_goes_out_begins_with_the_mark_by_which_a_spreadsheet_reads_it() -> None:
    found = dict(writing_tables())
    assert len(found) >= 5
    assert not [name for name, source in found.items() if "BYTE_ORDER_MARK" not in source and "utf-8-sig" not in source]

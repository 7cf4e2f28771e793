"""Tables in CSV and XLSX: nothing that a spreadsheet would run, and back to what it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import tablib

from curation.imports.tables import read_table, write_table
from display.spreadsheets import neutral
from regimens.knowledge.loader import LoadError

RUN = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''@x", "-", '=HYPERLINK("https://x")']


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_there_and_back(tmp_path: Path, name: str) -> None:
    table = tablib.Dataset(["a", 1, 2.5, "", 'ü "q", \n;'], ["b", 0, -1, "x", "y"], headers=list("vwxyz"))
    write_table(tmp_path / name, table)
    found = read_table(tmp_path / name)
    assert found.headers == list("vwxyz")
    as_text = [["" if cell is None else str(cell) for cell in row] for row in found]
    assert as_text == [["a", "1", "2.5", "", 'ü "q", \n;'], ["b", "0", "-1", "x", "y"]]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    write_table(tmp_path / "t.xlsx", tablib.Dataset(*[[neutral(text.strip())] for text in RUN], headers=["a"]))
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert {cell.data_type for row in sheet for cell in row} == {"s"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_delimiter_is_read(tmp_path: Path, delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["a", "b", "c"], ["1,5", "x", ""]])
    (tmp_path / "t.csv").write_text(text.getvalue())
    assert list(read_table(tmp_path / "t.csv")) == [("1,5", "x", "")]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.txt", b"", ["t.txt: a file whose name ends in .csv or .xlsx"]),
        ("t.csv", b"", ["t.csv: row 1: the names of the columns"]),
        ("t.csv", b"a\n\x81\n", ["t.csv: text in UTF-8, UTF-16 or Windows-1252"]),
        ("t.csv", b"a\n\0\n", ["t.csv: text in UTF-8, UTF-16 or Windows-1252"]),
        ("t.csv", b'a\n"x\n', ["t.csv: cannot be read: "]),
        ("t.csv", b"a,a,,b\n", ["t.csv: row 1: a: every column named", "t.csv: row 1: every column named"]),
        ("t.csv", b"a,b\n1,2,3\n1,2\n,,,4\n", ["t.csv: row 2: 2 cells, as row 1; it", "t.csv: row 4: 2 cells, as"]),
        ("t.xlsx", b"no workbook", ["t.xlsx: no XLSX file: "]),
        ("t.xlsx", b"PK\x05\x06" + bytes(18), ["t.xlsx: no XLSX file: "]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, content: bytes, expected: list[str]) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadError) as caught:
        read_table(tmp_path / name)
    assert [str(found)[: len(start)] for found, start in zip(caught.value.problems, expected, strict=True)] == expected


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="cannot be read: No such file"):
        read_table(tmp_path / "t.csv")
    with pytest.raises(LoadError, match="cannot be written: No such file"):
        write_table(tmp_path / "nowhere" / "t.csv", tablib.Dataset(headers=["a"]))


WRITTEN = {
    "as one country's spreadsheet": "a,b\n1,é\n".encode("utf-8-sig"),
    "as another's": "a;b\r\n1;é\r\n".encode("cp1252"),
    "as Unicode text": "a\tb\r\n1\té\r\n".encode("utf-16"),
    "with its delimiter named": "sep=;\r\na;b\r\n1;é\r\n".encode("utf-8-sig"),
    "below a title": "Cohorts, November\n\na;b\n1;é\n".encode(),
    "with blank rows": "a,b\n,\n1,é\n,\n\n".encode(),
    "with rows of spaces": "a,b\n , \n1,é\n\xa0,\t\n".encode(),
    "with old ends of lines": "a,b\r1,é\r".encode(),
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    found = read_table(tmp_path / "t.csv")
    assert (found.headers, list(found)) == (["a", "b"], [("1", "é")])


def test_rows_keep_their_numbers_whatever_stands_between_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Title\n\na,b\n,\n1,2\n\n3,4\n")
    assert list(read_table(tmp_path / "t.csv").numbers) == [5, 7]
    (tmp_path / "t.csv").write_text("Title\n\na,b\n,\n1,2,3\n")
    with pytest.raises(LoadError, match="row 5: 2 cells, as row 3"):
        read_table(tmp_path / "t.csv")


def a_workbook(path: Path, *rows: list[Any], shown_as: str = "General") -> Path:
    workbook = openpyxl.Workbook()
    for row in ([["Cohorts"], [], ["a", "b"]], rows):
        for cells in row:
            workbook.active.append(cells)
    for cell in workbook.active["B"][3:]:
        cell.number_format = shown_as
    workbook.save(path)
    return path


@pytest.mark.parametrize("shown_as", ["0%", "0.0%", "0.00 %", "[Red]0%"])
def test_a_percent_cell_is_read_in_percent(tmp_path: Path, shown_as: str) -> None:
    path = a_workbook(
        tmp_path / "t.xlsx", ["x", 0.63], ["y", 0.285], ["z", None], ["", ""], ["u", "n/a"], shown_as=shown_as
    )
    assert list(read_table(path)) == [("x", 63), ("y", 28.5), ("z", None), ("u", "n/a")]


@pytest.mark.parametrize("shown_as", ["General", "0.00", '0"%"', "0\\%", '0.0" % of all"'])
def test_a_number_that_is_shown_otherwise_stays(tmp_path: Path, shown_as: str) -> None:
    """A sign that is written behind the number does not multiply it."""
    assert list(read_table(a_workbook(tmp_path / "t.xlsx", ["x", 63], shown_as=shown_as))) == [("x", 63)]


def test_a_formula_without_its_value_is_named_and_never_nothing(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "t.xlsx", ["x", "=1+1"], ["y", "=B4"])
    with pytest.raises(LoadError) as caught:
        read_table(path)
    assert [str(problem).partition(": a value")[0] for problem in caught.value.problems] == [
        "t.xlsx: cell B4",
        "t.xlsx: cell B5",
    ]


COLUMNS = ("name", "share", "note")


@pytest.mark.parametrize(
    "content",
    [
        "Shares, by name, of November\n\nname;share;note\nx;1;é\n".encode(),
        "Shares;2026-11-01\nname;share;note\nx;1;é\n".encode(),
        "Name;Share ;NOTE\nx;1;é\n".encode("cp1252"),
        "name|share|note\nx|1|é\n".encode(),
        "name\tshare\tnote\nx\t1\té\n".encode("utf-16-le"),
        "sep=;;;\r\nname;share;note\r\nx;1;é\r\n".encode(),
        "sep=;\rname;share;note\rx;1;é\r".encode(),
    ],
    ids=["commas above", "two cells above", "capitals", "bars", "no mark", "longer sep", "old ends of lines"],
)
def test_the_columns_are_known_by_their_names(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    found = read_table(tmp_path / "t.csv", columns=COLUMNS)
    assert (found.headers, list(found)) == (list(COLUMNS), [("x", "1", "é")])


def sheets(path: Path, make: Callable[[openpyxl.Workbook], Any]) -> Path:
    workbook = openpyxl.Workbook()
    make(workbook)
    workbook.save(path)
    return path


def test_the_sheet_with_the_columns_is_read(tmp_path: Path) -> None:
    def make(workbook: openpyxl.Workbook) -> None:
        workbook.active.append(["Read me", "first"])
        hidden = workbook.create_sheet("Old")
        hidden.sheet_state = "hidden"
        for row in (COLUMNS, ("x", 2, "old")):
            hidden.append(row)
        sheet = workbook.create_sheet("Shares")
        for row in (("Who", None, "What"), COLUMNS, ("x", 1, "new")):
            sheet.append(row)
        sheet.merge_cells("A1:B1")

    found = read_table(sheets(tmp_path / "t.xlsx", make), columns=COLUMNS)
    assert (list(found), found.first, found.numbers) == ([("x", 1, "new")], 2, [3])


def test_a_merged_cell_and_an_error_are_named_and_never_nothing(tmp_path: Path) -> None:
    def make(workbook: openpyxl.Workbook) -> None:
        for row in (COLUMNS, ("x", 1, "a"), ("y", 2, "#N/A")):
            workbook.active.append(row)
        workbook.active["C3"].data_type = "e"
        workbook.active.merge_cells("B2:B3")

    with pytest.raises(LoadError) as caught:
        read_table(sheets(tmp_path / "t.xlsx", make), columns=COLUMNS)
    assert sorted(str(problem).split(": ")[1] for problem in caught.value.problems) == ["cell B3", "cell C3"]

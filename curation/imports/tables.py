"""Spreadsheets: CSV and XLSX files as tables and back, without a cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import tablib
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from regimens.knowledge.loader import LoadError, LoadProblem

from .bounds import TooLarge, bytes_of, check_extent, check_workbook

FORMATS = (".csv", ".xlsx")
DELIMITERS = ";\t,|"


def write_table(path: Path, table: tablib.Dataset) -> None:
    """Write a table in the format that the name of its file ends with. Raises LoadError."""
    try:
        if _format(path) == ".xlsx":
            path.write_bytes(table.export("xlsx"))
        else:  # with a mark at its start by which a spreadsheet knows UTF-8
            path.write_text(table.export("csv"), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise LoadError([LoadProblem(str(path), "", "", None, f"cannot be written: {error.strerror}")]) from error
    except IllegalCharacterError as error:
        raise LoadError([LoadProblem(str(path), "", "", str(error), "text without control characters")]) from error


class Percent(float):
    """A number that stood in the file with the sign of its unit: what it says is meant in percent."""


class Absent(str):
    """A cell that a row ends before: as empty as another one, and no value that somebody took away."""

    __slots__ = ()


class Table(tablib.Dataset):
    """A table that was read from a file.

    numbers  in which row of the file each of its rows stood
    first    the row of the file that names the columns
    """

    numbers: Sequence[int] = ()
    first = 1


@dataclass(frozen=True)
class _Sheet:
    """The rows of a file with their numbers from 1, and what is wrong with cells, by row."""

    rows: Sequence[Sequence[Any]]
    problems: Sequence[tuple[int, LoadProblem]] = ()


def read_table(path: Path, *, columns: Collection[str] = ()) -> Table:
    """A table from a CSV or XLSX file, as spreadsheet programs write them. Raises LoadError with every problem.

    `columns` are those that it may have: they stand in the first row that names two of them, whatever stands above, and
    in whatever case; without them in the first row with more than one cell. Rows without a value are passed over. A
    percent cell of a workbook is read in percent: 0.63 shown as 63 % is 63.
    """
    suffix = _format(path)
    try:
        content = bytes_of(path)
    except OSError as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"cannot be read: {error.strerror}")]) from error
    sheet = (
        _workbook(path, content, columns)
        if suffix == ".xlsx"
        else _Sheet(table_rows(path.name, decoded(path.name, content), columns))
    )
    filled = [(number, row) for number, row in enumerate(sheet.rows, 1) if _cells(row)]
    place = _heading(filled, columns)
    if place is None:
        place = next((place for place, (_, row) in enumerate(filled) if _cells(row) > 1), 0)
    filled = filled[place:]
    (first, header), body = filled[0] if filled else (1, []), filled[1:]
    headers = [_column(cell, columns) for cell in header]
    while headers and not headers[-1]:
        headers.pop()
    problems = [problem for number, problem in sheet.problems if number >= first]
    problems += _shape_problems(path, first, headers, body)
    if problems:
        raise LoadError(problems)
    table = Table(headers=headers)
    for _, row in body:
        table.append([*row[: len(headers)], *[Absent()] * (len(headers) - len(row))])
    table.numbers, table.first = [number for number, _ in body], first
    return table


def _heading(rows: Sequence[tuple[int, Sequence[Any]]], columns: Collection[str]) -> int | None:
    """The place of the row that names the columns."""
    return next((place for place, (_, row) in enumerate(rows) if len({*_named(row, columns)}) > 1), None)


def _named(row: Sequence[Any], columns: Collection[str]) -> list[str]:
    return [name for cell in row if (name := _column(cell, columns)) in columns]


def _column(cell: Any, columns: Collection[str]) -> str:
    name = str(cell).strip() if cell is not None else ""
    return name.lower() if name not in columns and name.lower() in columns else name


def _cells(row: Sequence[Any]) -> int:
    """How many say something."""
    return sum(cell is not None and str(cell).strip() != "" for cell in row)


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise LoadError([LoadProblem(path.name, "", "", None, f"a file whose name ends in {' or '.join(FORMATS)}")])
    return suffix


def table_rows(
    name: str, text: str, columns: Collection[str], column: Callable[[str], str] | None = None
) -> list[list[str]]:
    """The rows of a CSV text, by the delimiter with which a row names columns. Raises LoadError.

    `column` gives the name that a heading stands for.
    """
    named = re.match(r'"?sep=(.)"?[;,\t|]*(?:\r\n|\n|\r)', text, re.IGNORECASE)  # a spreadsheet's own first line
    if named:
        return [[], *_split(name, text[named.end() :], named[1])]  # so that rows keep their numbers
    problems: list[LoadError] = []
    first = _delimiter(text)
    for delimiter in dict.fromkeys([first, *DELIMITERS] if columns else [first]):
        try:
            rows = _split(name, text, delimiter)
        except LoadError as error:
            problems.append(error)
            continue
        told = [[column(cell) for cell in row] for row in rows] if column else rows
        if not columns or _heading(list(enumerate(told, 1)), columns) is not None:
            return rows
    if problems:
        raise problems[0]
    return _split(name, text, first)


def _split(name: str, text: str, delimiter: str) -> list[list[Any]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise LoadError([LoadProblem(name, "", "", None, f"cannot be read: {error}")]) from error


def decoded(name: str, content: bytes) -> str:
    """By the mark at the start, else UTF-8, else what spreadsheets of Western languages on Windows write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif content[:2].count(0) == 1:  # without a mark, by the half of the first letter that is empty
        encodings = ["utf-16-be" if content[0] == 0 else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise LoadError([LoadProblem(name, "", "", None, "text in UTF-8, UTF-16 or Windows-1252")])


def _delimiter(text: str) -> str:
    """That of the first line with any: spreadsheets of many countries write semicolons, and a title may come first."""
    for line in text.splitlines():
        found = max(DELIMITERS, key=line.count)
        if line.count(found) > 1 or (line.count(found) and "," not in line):
            return found
    return ","


def _workbook(path: Path, content: bytes, columns: Collection[str]) -> _Sheet:
    """The first sheet that is shown and names columns, else the first. A formula has the value stored with it."""
    try:
        check_workbook(content)
        written, stored = (
            openpyxl.load_workbook(io.BytesIO(content), data_only=data_only) for data_only in (False, True)
        )
        for sheet in written.worksheets:
            check_extent(sheet.max_row, sheet.max_column)
    except TooLarge as error:
        raise LoadError([LoadProblem(path.name, "", "", None, str(error))]) from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError, OSError) as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"no XLSX file: {error}")]) from error
    if not written.worksheets:
        raise LoadError([LoadProblem(path.name, "", "", None, "a workbook with a sheet of cells")])
    sheets = [place for place, sheet in enumerate(written.worksheets) if sheet.sheet_state == "visible"] or [0]
    chosen = sheets[0]
    for place in sheets if columns else ():
        if _heading(list(enumerate(stored.worksheets[place].iter_rows(values_only=True), 1)), columns) is not None:
            chosen = place
            break
    return _sheet(path.name, written.worksheets[chosen], stored.worksheets[chosen])


def _sheet(name: str, written: Any, stored: Any) -> _Sheet:
    """The values of a sheet; a cell that has none of its own, and looks as if it had one, is a problem."""
    rows: list[list[Any]] = []
    problems: list[tuple[int, LoadProblem]] = []
    for of_formulas, of_values in zip(written.iter_rows(), stored.iter_rows(), strict=True):
        for formula, cell in zip(of_formulas, of_values, strict=True):
            if rule := _valueless(formula, cell):
                problems.append((cell.row, LoadProblem(name, f"cell {cell.coordinate}", "", None, rule)))
        rows.append([_value(cell) for cell in of_values])
    for area in written.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            if _cells(rows[row - 1]) < 2 and area.min_row == area.max_row:
                continue  # a line of text across the columns
            own = written.cell(area.min_row, area.min_col).coordinate
            for cell in written[row][area.min_col - 1 : area.max_col]:
                if cell.coordinate != own:
                    rule = f"a value of its own: it is merged with {own}, so take them apart"
                    problems.append((row, LoadProblem(name, f"cell {cell.coordinate}", "", None, rule)))
    return _Sheet(rows, problems)


def _valueless(formula: Any, cell: Any) -> str:
    """Why a cell has no value, though something stands in it."""
    if formula.data_type == "f" and cell.value is None:
        return "a value: its formula has none stored, so open the file in a spreadsheet program and save it"
    if cell.data_type == "e":
        return f"a value: it holds the error {cell.value}"
    return ""


LITERAL = re.compile(r'"[^"]*"|\\.')  # of a number format: “63%” of 63 is written so, and stays 63


def _value(cell: Any) -> Any:
    is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    if is_number and "%" in LITERAL.sub("", cell.number_format):
        return Percent(round(100 * cell.value, 10))
    return cell.value


def _shape_problems(
    path: Path, first: int, headers: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]]
) -> Iterator[LoadProblem]:
    if not headers:
        yield LoadProblem(path.name, f"row {first}", "", None, "the names of the columns")
    for name in dict.fromkeys(headers):
        if not name or headers.count(name) > 1:
            yield LoadProblem(path.name, f"row {first}", name, None, "every column named, and each once")
    for number, row in rows:
        if any(cell not in (None, "") for cell in row[len(headers) :]):
            rule = f"{len(headers)} cells, as row {first}; it has {len(row)}"
            yield LoadProblem(path.name, f"row {number}", "", None, rule)

"""Spreadsheets: CSV and XLSX files as tables and back, without a cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import tablib
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from regimens.knowledge.loader import LoadError, LoadProblem

from .bounds import TooLarge, bytes_of, check_extent, check_workbook

FORMATS = (".csv", ".xlsx")


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


class Table(tablib.Dataset):
    """A table that was read from a file; `numbers` says in which row of the file each of its rows stood."""

    numbers: Sequence[int] = ()


def read_table(path: Path) -> Table:
    """A table from a CSV or XLSX file, as spreadsheet programs write them. Raises LoadError with every problem.

    The first row with more than one cell names the columns: a title may stand above it. Rows without a value are
    passed over. A percent cell of a workbook is read in percent: 0.63 shown as 63 % is 63.
    """
    suffix = _format(path)
    try:
        content = bytes_of(path)
    except OSError as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"cannot be read: {error.strerror}")]) from error
    rows = _xlsx_rows(path, content) if suffix == ".xlsx" else _csv_rows(path, content)
    filled = [(number, row) for number, row in enumerate(rows, 1) if _cells(row)]
    below_title = [place for place, (_, row) in enumerate(filled) if _cells(row) > 1]
    filled = filled[below_title[0] if below_title else 0 :]
    (first, header), body = filled[0] if filled else (1, []), filled[1:]
    headers = [str(cell).strip() if cell is not None else "" for cell in header]
    while headers and not headers[-1]:
        headers.pop()
    problems = list(_shape_problems(path, first, headers, body))
    if problems:
        raise LoadError(problems)
    table = Table(headers=headers)
    for _, row in body:
        table.append([*row[: len(headers)], *[""] * (len(headers) - len(row))])
    table.numbers = [number for number, _ in body]
    return table


def _cells(row: Sequence[Any]) -> int:
    """How many say something."""
    return sum(cell is not None and str(cell).strip() != "" for cell in row)


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise LoadError([LoadProblem(path.name, "", "", None, f"a file whose name ends in {' or '.join(FORMATS)}")])
    return suffix


def _csv_rows(path: Path, content: bytes) -> list[list[Any]]:
    text = decoded(path.name, content)
    named = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)  # a spreadsheet's own first line
    delimiter = named[1] if named else _delimiter(text)
    lines = io.StringIO(text[named.end() :] if named else text, newline="")
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"cannot be read: {error}")]) from error
    return [[], *rows] if named else rows  # so that rows keep their numbers


def decoded(name: str, content: bytes) -> str:
    """By the mark at the start, else UTF-8, else what spreadsheets of Western languages on Windows write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
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
        found = max(";\t,", key=line.count)
        if line.count(found) > 1 or (line.count(found) and "," not in line):
            return found
    return ","


def _xlsx_rows(path: Path, content: bytes) -> list[list[Any]]:
    """The first sheet. A formula has the value that was stored with it; without one it is a problem of its cell."""
    try:
        check_workbook(content)
        written, stored = (
            openpyxl.load_workbook(io.BytesIO(content), data_only=data_only) for data_only in (False, True)
        )
        check_extent(written.worksheets[0].max_row, written.worksheets[0].max_column)
    except TooLarge as error:
        raise LoadError([LoadProblem(path.name, "", "", None, str(error))]) from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError, OSError) as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"no XLSX file: {error}")]) from error
    rows: list[list[Any]] = []
    problems: list[LoadProblem] = []
    for of_formulas, of_values in zip(written.worksheets[0].iter_rows(), stored.worksheets[0].iter_rows(), strict=True):
        for formula, cell in zip(of_formulas, of_values, strict=True):
            if formula.data_type == "f" and cell.value is None:
                rule = "a value: its formula has none stored, so open the file in a spreadsheet program and save it"
                problems.append(LoadProblem(path.name, f"cell {cell.coordinate}", "", None, rule))
        rows.append([_value(cell) for cell in of_values])
    if problems:
        raise LoadError(problems)
    return rows


LITERAL = re.compile(r'"[^"]*"|\\.')  # of a number format: “63%” of 63 is written so, and stays 63


def _value(cell: Any) -> Any:
    is_number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    if is_number and "%" in LITERAL.sub("", cell.number_format):
        return round(100 * cell.value, 10)
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

"""Spreadsheets: CSV and XLSX files as tables and back, without a cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tablib
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from regimens.knowledge.loader import LoadError, LoadProblem

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


def read_table(path: Path) -> tablib.Dataset:
    """A table from a CSV or XLSX file: the first row names the columns. Raises LoadError with every problem."""
    suffix = _format(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"cannot be read: {error.strerror}")]) from error
    rows = _xlsx_rows(path, content) if suffix == ".xlsx" else _csv_rows(path, content)
    headers = [str(cell).strip() if cell is not None else "" for cell in rows[0]] if rows else []
    while headers and not headers[-1]:
        headers.pop()
    problems = list(_shape_problems(path, headers, rows[1:]))
    if problems:
        raise LoadError(problems)
    table = tablib.Dataset(headers=headers)
    for row in rows[1:]:
        table.append([*row[: len(headers)], *[""] * (len(headers) - len(row))])
    return table


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise LoadError([LoadProblem(path.name, "", "", None, f"a file whose name ends in {' or '.join(FORMATS)}")])
    return suffix


def _csv_rows(path: Path, content: bytes) -> list[list[Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"text in UTF-8: {error}")]) from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # spreadsheets of many countries write semicolons
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"cannot be read: {error}")]) from error


def _xlsx_rows(path: Path, content: bytes) -> list[list[Any]]:
    try:
        table = tablib.Dataset().load(content, format="xlsx")
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError, OSError) as error:
        raise LoadError([LoadProblem(path.name, "", "", None, f"no XLSX file: {error}")]) from error
    return [list(table.headers or []), *(list(row) for row in table)]


def _shape_problems(path: Path, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[LoadProblem]:
    if not headers:
        yield LoadProblem(path.name, "row 1", "", None, "the names of the columns")
    for name in dict.fromkeys(headers):
        if not name or headers.count(name) > 1:
            yield LoadProblem(path.name, "row 1", name, None, "every column named, and each once")
    for number, row in enumerate(rows, 2):
        if any(cell not in (None, "") for cell in row[len(headers) :]):
            yield LoadProblem(
                path.name, f"row {number}", "", None, f"{len(headers)} cells, as row 1; it has {len(row)}"
            )

"""The files of a registry: Parquet, CSV or JSON lines, taken apart into parts that are read one at a time.

A part is so many rows that stand together in one file. It is known by what it says: the SHA-256 of its bytes, or of the
whole file and its rows where the file is Parquet. To take files apart nothing is kept of them but where parts begin.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
DELIMITERS = (",", ";", "\t")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_BYTES_A_ROW = 1 << 20
CHUNK = 1 << 20
# The metadata of a Parquet file of patients who were drawn, and of all that is made of it.
SYNTHETIC = {b"synthetic": b"these patients were drawn at random; none of them lives"}


class SourceError(ValueError):
    """A file that cannot be read; the message says which and why."""


class Cells(NamedTuple):
    """A row as the file has it: its number as people count there, and its cells; `problem` where it is none."""

    row: int
    cells: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Source:
    """A file: where it is, what it is called in tables, and of CSV its header and what parts its cells.

    is_synthetic   whether it says that its patients were drawn
    """

    path: str
    name: str
    kind: str
    header: tuple[str, ...] = ()
    delimiter: str = ","
    is_synthetic: bool = False


@dataclass(frozen=True)
class Part:
    """Rows that stand together in a file.

    number      its place among all parts, from 0
    first       the number of its first patient among all rows of the registry, from 0
    rows        how many rows it has; `row` is the number of the first one in the file, as people count there
    start, stop bytes of a text, or rows of a Parquet file, from 0
    """

    number: int
    source: Source
    first: int
    row: int
    rows: int
    start: int
    stop: int
    sha256: str


def files_of(given: str) -> list[Path]:
    """The files that a path, a folder of parts or a pattern means, in order. Raises SourceError."""
    path = Path(given)
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.is_file() and each.name[0] not in "._")
    elif path.exists():
        found = [path]
    elif any(sign in given for sign in "*?["):
        here = Path(path.anchor) if path.is_absolute() else Path()
        found = sorted(here.glob(str(path.relative_to(path.anchor))))
    else:
        raise SourceError(f"{given}: there is no such file, folder or pattern")
    if not found:
        raise SourceError(f"{given}: there are no files")
    for each in found:
        if each.suffix.lower() not in KINDS:
            raise SourceError(f"{each} is none of {', '.join(KINDS)}")
    if len({KINDS[each.suffix.lower()] for each in found}) > 1:
        raise SourceError(f"{given}: files of several kinds stand together")
    return found


def opened(path: Path) -> tuple[Source, tuple[str, ...]]:
    """A file and the names of its columns; those of JSON lines are not known before they are read.

    Raises SourceError for one that is damaged.
    """
    kind = KINDS[path.suffix.lower()]
    try:
        if kind == "parquet":
            import pyarrow as arrow
            import pyarrow.parquet as parquet

            try:
                schema = parquet.read_schema(path)
            except (arrow.ArrowException, OSError) as error:
                raise SourceError(f"{path} is no whole Parquet file: {error}") from error
            is_synthetic = (schema.metadata or {}).items() >= SYNTHETIC.items()
            return Source(str(path.resolve()), path.name, kind, is_synthetic=is_synthetic), tuple(schema.names)
        if kind == "jsonl":
            with path.open("rb"):
                return Source(str(path.resolve()), path.name, kind), ()
        with path.open("rb") as file:
            line = file.readline(MOST_BYTES_A_ROW).removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if not line.strip():
        raise SourceError(f"{path}: the first line has to name the columns")
    delimiter = max(DELIMITERS, key=line.count)
    header = tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter)))
    return Source(str(path.resolve()), path.name, kind, header, delimiter), header


def parts_of(sources: Iterable[Source], rows_a_part: int) -> Iterator[Part]:
    """The parts of the files, in order. Raises SourceError for a text that breaks off within quotation marks."""
    number = first = 0
    for source in sources:
        cuts = _of_parquet(source, rows_a_part) if source.kind == "parquet" else _of_text(source, rows_a_part)
        for row, rows, start, stop, sha256 in cuts:
            yield Part(number, source, first, row, rows, start, stop, sha256)
            number, first = number + 1, first + rows


def rows_of(part: Part, columns: Iterable[str] | None = None) -> Iterator[Cells]:
    """The rows of a part; of Parquet the columns named alone. Raises SourceError where the file has changed."""
    if part.source.kind == "parquet":
        yield from _rows_of_parquet(part, columns)
        return
    with Path(part.source.path).open("rb") as file:
        file.seek(part.start)
        data = file.read(part.stop - part.start)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise SourceError(f"{part.source.name} has changed since the run began")
    text = data.decode("utf-8", "replace")
    yield from _rows_of_csv(part, text) if part.source.kind == "csv" else _rows_of_lines(part, text)


Cut = tuple[int, int, int, int, str]  # row, rows, start, stop, SHA-256


def _of_parquet(source: Source, rows_a_part: int) -> Iterator[Cut]:
    import pyarrow.parquet as parquet

    whole = hashlib.sha256()
    with Path(source.path).open("rb") as file:
        while chunk := file.read(CHUNK):
            whole.update(chunk)
    many = parquet.read_metadata(source.path).num_rows
    for start in range(0, many, rows_a_part):
        stop = min(start + rows_a_part, many)
        known = hashlib.sha256(f"{whole.hexdigest()} {start} {stop}".encode()).hexdigest()
        yield start + 1, stop - start, start, stop, known


def _of_text(source: Source, rows_a_part: int) -> Iterator[Cut]:
    """Rows of CSV may go on over several lines, within quotation marks; the header is row 1."""
    is_csv = source.kind == "csv"
    with Path(source.path).open("rb") as file:
        at = len(file.readline()) if is_csv else 0
        start, row, first, rows = at, 2 if is_csv else 1, 2 if is_csv else 1, 0
        known, is_quoted, length = hashlib.sha256(), False, 0
        for line in file:
            known.update(line)
            at += len(line)
            length += len(line)
            if is_csv and line.count(b'"') % 2:
                is_quoted = not is_quoted
            if length > MOST_BYTES_A_ROW:
                raise SourceError(f"{source.name}, row {row}: more than {MOST_BYTES_A_ROW} bytes in one row")
            if is_quoted:
                continue
            row, length = row + 1, 0
            rows += 1 if line.strip(b" \r\n") else 0
            if rows == rows_a_part:
                yield first, rows, start, at, known.hexdigest()
                start, first, rows, known = at, row, 0, hashlib.sha256()
    if is_quoted:
        raise SourceError(f"{source.name}: a text in quotation marks that begins in row {row} does not end")
    if rows:
        yield first, rows, start, at, known.hexdigest()


def _rows_of_parquet(part: Part, columns: Iterable[str] | None) -> Iterator[Cells]:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    wanted = list(columns) if columns is not None else None
    with parquet.ParquetFile(part.source.path) as file:
        groups: list[int] = []
        begins = at = 0
        for index in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(index).num_rows
            if at < part.stop and at + rows > part.start:
                begins = at if not groups else begins
                groups.append(index)
            at += rows
        at = begins
        try:
            for batch in file.iter_batches(part.rows, row_groups=groups, columns=wanted, use_threads=False):
                start, stop = max(part.start - at, 0), min(part.stop - at, len(batch))
                if start < stop:
                    for index, cells in enumerate(batch.slice(start, stop - start).to_pylist()):
                        yield Cells(at + start + index + 1, cells)
                at += len(batch)
                if at >= part.stop:
                    return
        except (arrow.ArrowException, OSError) as error:
            raise SourceError(f"{part.source.name} is damaged at row {at + 1} or behind it: {error}") from error


def _rows_of_csv(part: Part, text: str) -> Iterator[Cells]:
    header, row = part.source.header, part.row
    for cells in csv.reader(_lines(text), delimiter=part.source.delimiter):
        if len(cells) > 1 or (cells and cells[0].strip(" ")):
            problem = ""
            if len(cells) != len(header):
                problem = f"{len(cells)} cells where the header names {len(header)} columns"
            yield Cells(row, dict(zip(header, cells, strict=False)), problem)
        row += 1


def _lines(text: str) -> Iterator[str]:
    """Lines as the file has them: other signs that Python takes for the end of one stand within cells."""
    yield from (f"{line}\n" for line in text.removesuffix("\n").split("\n"))


def _rows_of_lines(part: Part, text: str) -> Iterator[Cells]:
    for row, line in enumerate(text.removesuffix("\n").split("\n"), part.row):
        line = line.removeprefix("\ufeff") if row == 1 else line
        if not line.strip(" \r"):
            continue
        try:
            cells = json.loads(line, object_pairs_hook=_without_repeats)
        except (ValueError, RecursionError) as error:
            yield Cells(row, {}, f"no JSON: {error}")
            continue
        if isinstance(cells, dict):
            yield Cells(row, cells)
        else:
            yield Cells(row, {}, "no object of features and values")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values of one feature would leave it open which was meant."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name}: given twice")
        found[name] = value
    return found

"""How large a file that is imported may be, once it is unpacked: what is larger is refused before it is taken apart.

A workbook is a ZIP whose text may be a thousand times its size, and one cell at its far corner makes a sheet of 17
thousand million; an XML text may be nested a million deep. The largest files of ours have some thousands of cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml.ElementTree import ParseError, iterparse

from regimens.knowledge.loader import LoadError, LoadProblem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MIB = 1024 * 1024
MOST_BYTES = 32 * MIB  # of a file as it lies on the disk, and of a workbook unpacked
MOST_PARTS = 500  # files within a workbook
MOST_CELLS = 200_000  # written in a workbook or merged, and from a sheet's first to its last row and column
DEEPEST = 40  # elements within each other; PubMed's stand 10 deep
MOST_ELEMENTS = 1_000_000

_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([^\"']*)")


class TooLarge(ValueError):  # noqa: N818 - says what is the matter
    """What a file may not hold, in words that say what it may."""


def bytes_of(path: Path) -> bytes:
    """What a file holds. Raises LoadError, OSError."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise LoadError([LoadProblem(path.name, "", "", f"{size} bytes", f"a file of at most {MOST_BYTES // MIB} MB")])
    return path.read_bytes()


def check_workbook(content: bytes) -> None:
    """The parts of a workbook, by the sizes beyond which they are not unpacked. Raises TooLarge, BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS:
            raise TooLarge(f"a workbook of at most {MOST_PARTS} parts")
        if sum(part.file_size for part in parts) > MOST_BYTES:
            raise TooLarge(f"a workbook of at most {MOST_BYTES // MIB} MB once it is unpacked")
        cells = 0
        for sheet in (archive.read(part) for part in parts if "worksheets/" in part.filename.casefold()):
            if b"\0" in sheet:  # its letters are of two bytes, which nothing below would know again
                raise TooLarge("a workbook whose sheets are in UTF-8")
            cells += len(_CELL.findall(sheet)) + sum(_extent(area.decode()) for area in _MERGED.findall(sheet))
        if cells > MOST_CELLS:
            raise TooLarge(f"a workbook of at most {MOST_CELLS} cells")


def _extent(area: str) -> int:
    """Over how many cells an area such as A1:C2 reaches."""
    columns, rows = [], []
    for corner in area.replace("$", "").split(":"):
        if not (match := re.fullmatch(r"([A-Za-z]{1,4})(\d{1,8})", corner)):
            raise TooLarge(f"a workbook whose merged cells are cells; {area[:40]} is none")
        columns.append(sum((ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(match[1].upper()))))
        rows.append(int(match[2]))
    return (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)


def check_extent(rows: int, columns: int) -> None:
    """How far a sheet reaches, empty cells included. Raises TooLarge."""
    if rows * columns > MOST_CELLS:
        raise TooLarge(f"a sheet that reaches over at most {MOST_CELLS} cells; this one over {rows} × {columns}")


def xml_root(text: bytes) -> Element:
    """The root of an XML text without entities of its own. Raises TooLarge, ParseError, DefusedXmlException."""
    if len(text) > MOST_BYTES:
        raise TooLarge(f"an XML file of at most {MOST_BYTES // MIB} MB")
    depth = count = 0
    root: Element | None = None
    for event, element in iterparse(io.BytesIO(text), ("start", "end"), forbid_entities=True, forbid_external=True):
        if event == "end":
            depth -= 1
            continue
        root = element if root is None else root
        depth, count = depth + 1, count + 1
        if depth > DEEPEST:
            raise TooLarge(f"XML of which at most {DEEPEST} elements stand within each other")
        if count > MOST_ELEMENTS:
            raise TooLarge(f"XML of at most {MOST_ELEMENTS} elements")
    if root is None:
        raise ParseError("no element found")
    return root

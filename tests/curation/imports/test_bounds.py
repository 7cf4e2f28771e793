"""Files that are small and unpack to something huge are refused before they are taken apart, in words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from curation.imports import bounds
from curation.imports.pubmed import read_records
from curation.imports.tables import read_table
from regimens.knowledge.loader import LoadError

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CELL = '<c t="n"><v>1</v></c>'


def relation(to: str, kind: str) -> str:
    within = "http://schemas.openxmlformats.org/package/2006/relationships"
    one = f'<Relationship Id="r1" Type="{RELATED}/{kind}" Target="{to}"/>'
    return f'<Relationships xmlns="{within}">{one}</Relationships>'


def workbook(path: Path, rows: str, doctype: str = "", parts: int = 0) -> Path:
    """A workbook of one sheet with these rows, as they stand in its file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", relation("xl/workbook.xml", "officeDocument"))
        sheets = f'<sheets><sheet name="a" sheetId="1" r:id="r1" xmlns:r="{RELATED}"/></sheets>'
        archive.writestr("xl/workbook.xml", f"<workbook {MAIN}>{sheets}</workbook>")
        archive.writestr("xl/_rels/workbook.xml.rels", relation("worksheets/sheet1.xml", "worksheet"))
        sheet = f"{doctype}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for number in range(parts):
            archive.writestr(f"docProps/{number}.xml", "")
    path.write_bytes(made.getvalue())
    return path


BOMBS = {
    "size": ('<row><c t="inlineStr"><is><t>' + "A" * 40_000_000 + "</t></is></c></row>", "", 0, "32 MB once"),
    "cells": (f"<row>{CELL * 1000}</row>" * 201, "", 0, "at most 200000 cells"),
    "corner": (
        f'<row r="1048576">{CELL.replace("<c", "<c r=" + chr(34) + "XFD1048576" + chr(34))}</row>',
        "",
        0,
        "reaches",
    ),
    "parts": (f"<row>{CELL}</row>", "", 600, "at most 500 parts"),
    "entity": ("<row><c><v>&a;</v></c></row>", '<!DOCTYPE x [<!ENTITY a "aaaa">]>', 0, "no XLSX file"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_workbook_that_unpacks_to_too_much(kind: str, tmp_path: Path) -> None:
    rows, doctype, parts, words = BOMBS[kind]
    path = workbook(tmp_path / "bomb.xlsx", rows, doctype, parts)
    assert path.stat().st_size < 500_000
    with pytest.raises(LoadError) as raised:
        read_table(path)
    assert words in str(raised.value.problems[0])


def test_a_workbook_of_many_cells_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "large.xlsx", f"<row>{CELL * 20}</row>" * 50)
    with pytest.raises(LoadError) as raised:
        read_table(path)  # its columns have one name
    assert "every column named, and each once" in str(raised.value.problems[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"<PubmedArticleSet>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</PubmedArticleSet>", "at most 40 elements"),
        (b"<PubmedArticleSet>" + b"<a/>" * 1_000_001 + b"</PubmedArticleSet>", "at most 1000000 elements"),
        (b"<PubmedArticleSet>" + b" " * bounds.MOST_BYTES + b"</PubmedArticleSet>", "at most 32 MB"),
        (b'<!DOCTYPE l [<!ENTITY a "aaaa">]><PubmedArticleSet>&a;</PubmedArticleSet>', "without entities"),
        (b"<PubmedArticleSet>", "no XML"),
        (b"", "no XML"),
    ],
    ids=["deep", "wide", "large", "entity", "open", "empty"],
)
def test_xml_that_is_too_much(text: bytes, words: str) -> None:
    records, problems = read_records(text, "records.xml")
    assert records == []
    assert words in str(problems[0])


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(bounds.MOST_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it is read"))
    with pytest.raises(LoadError) as raised:
        read_table(path)
    assert "at most 32 MB" in str(raised.value.problems[0])


def test_merged_cells_count_as_cells(tmp_path: Path) -> None:
    path = workbook(tmp_path / "merged.xlsx", f"<row>{CELL}</row>")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for area, words in (("A1:XFD1048576", "at most 200000 cells"), ("&#65;1:B2", "merged cells are cells")):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                merged = f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'.encode()
                archive.writestr(name, content.replace(b"</sheetData>", merged))
        with pytest.raises(LoadError) as raised:
            read_table(path)
        assert words in str(raised.value.problems[0])

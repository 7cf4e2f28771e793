"""What a report says is what the tables hold; small counts are hidden, and nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from registries.report.comparison import ComparisonError, compare
from registries.report.document import Document, Table
from registries.report.files import as_html, as_pdf
from registries.report.manifest import Manifest, ManifestError, manifest_of
from registries.report.sections import EVERYTHING, report
from registries.report.small_cells import LEAST, hidden
from registries.synthetic import make
from tests.factories.drawn import every_run_alike
from tests.factories.registries import as_lines, export_of, exported, knowledge_of, ranked, read
from tests.pdf import streams_of
from tests.valid_html import faults

AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic")
    make(600, folder / "in", knowledge_of(exported()))
    ranked(folder / "in", folder / "out", key="id", rows_a_part=250)
    return folder / "out"


@pytest.fixture(scope="module")
def manifest(out: Path) -> Manifest:
    return manifest_of((out / "manifest.json").read_bytes())


@pytest.fixture(scope="module")
def everything(manifest: Manifest) -> Document:
    return report(manifest, at=AT, hiding=EVERYTHING)


def table(document: Document, section: str, caption: str) -> Table:
    (found,) = [
        table
        for each in document.sections
        if each.key == section
        for table in each.tables
        if table.caption.startswith(caption)
    ]
    return found


def rows(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


def in_scope(out: Path) -> list[dict[str, Any]]:
    return [row for row in read(out, "patients") if row["in_scope"]]


class TestCounts:
    def test_first_options(self, out: Path, manifest: Manifest, everything: Document) -> None:
        expected = Counter(row["first"] for row in in_scope(out))
        found = {name: int(many) for name, many, _ in rows(table(everything, "first-options", "The first option"))}
        assert found == {
            manifest.names[slug] if slug else "No option is ranked": many for slug, many in expected.items()
        }

    def test_levels_and_licences_by_site(self, out: Path, everything: Document) -> None:
        colon = [row for row in in_scope(out) if row["primary_site"] == "colorectal"]
        levels = Counter(row["first_level"] for row in colon)
        found = {row[0]: row[1:] for row in rows(table(everything, "sites", "Level of evidence"))}
        assert found["Colon or rectum"] == [str(levels[level]) for level in ("A", "B", "C", "D", None)]
        licences = Counter(row["first_licence"] for row in colon)
        found = {row[0]: row[1:] for row in rows(table(everything, "sites", "Licence"))}
        assert found["Colon or rectum"][:3] == [
            str(licences[status]) for status in ("approved", "licensed-by-site", "off-label")
        ]

    def test_tests_by_yield(self, out: Path, everything: Document) -> None:
        found = {row[0]: row[1:4] for row in rows(table(everything, "tests", "Missing tests"))}
        msi = [row for row in read(out, "tests") if row["feature"] == "msi"]
        changing = [row for row in msi if row["changes_first"]]
        expected = sum(row["chance"] for row in changing if row["chance"] is not None)
        assert found["MSI / MMR: MSI-high or dMMR"][:2] == [str(len(msi)), str(len(changing))]
        assert found["MSI / MMR: MSI-high or dMMR"][2].startswith(f"{expected:.1f}")

    def test_options_without_evidence(self, out: Path, manifest: Manifest, everything: Document) -> None:
        bands = Counter(row["regimen"] for row in read(out, "rankings") if row["band"] == "no-evidence")
        found = {name: int(many) for name, many, _ in rows(table(everything, "no-evidence", "Options in"))}
        assert found == {manifest.names[slug]: many for slug, many in bands.items()}

    def test_cautions_that_cannot_be_checked(self, out: Path, everything: Document) -> None:
        firsts = [row["unchecked"] for row in read(out, "rankings") if row["rank"] == 1]
        found = rows(table(everything, "cautions", "Patients whose first option"))
        assert sum(int(many) for _, many in found) == sum(bool(codes) for codes in firsts)

    def test_practice_and_survival(self, out: Path, everything: Document) -> None:
        patients = [row for row in in_scope(out) if row["treatment_given"]]
        agreeing = sum(row["treatment_given"] == row["first"] for row in patients)
        found = rows(table(everything, "practice", "What was given"))
        assert [int(row[1]) for row in found] == [agreeing, len(patients) - agreeing]
        survival = rows(table(everything, "practice", "Overall survival"))
        assert [int(row[1]) for row in survival] == [agreeing, len(patients) - agreeing]
        (practice,) = [section for section in everything.sections if section.key == "practice"]
        assert practice.warning.startswith("This is no proof of effect.")

    def test_it_says_that_patients_were_drawn(self, everything: Document) -> None:
        assert everything.header[0].startswith("Synthetic patients")


class TestSmallCounts:
    @every_run_alike
    @given(counts=st.lists(st.integers(0, 12), max_size=8))
    def test_none_is_shown_or_can_be_reckoned_from_the_whole(self, counts: list[int]) -> None:
        found = hidden(counts)
        taken = [count for count, is_hidden in zip(counts, found, strict=True) if is_hidden]
        assert not any(0 < count < LEAST for count, is_hidden in zip(counts, found, strict=True) if not is_hidden)
        assert 0 not in taken
        if taken and sum(counts) > sum(taken):
            assert len(taken) > 1
            assert sum(taken) >= LEAST

    def test_no_table_shows_one(self, manifest: Manifest) -> None:
        document = report(manifest, at=AT)
        shown = [
            (each.caption, cell.text)
            for section in document.sections
            for each in section.tables
            if section.key != "provenance"
            for row in each.rows
            for cell, head in zip(row, each.head, strict=True)
            if head.is_number and head.text not in ("Median", "95 % interval", "Share", "Expected changes")
            if cell.text in {"1", "2", "3", "4"}
        ]
        assert shown == []
        assert any(cell.text == "hidden" for s in document.sections for t in s.tables for row in t.rows for cell in row)


class TestFiles:
    def test_a_page_needs_nothing_from_elsewhere(self, everything: Document) -> None:
        page = as_html(everything).decode()
        assert faults(page) == []
        assert "<script" not in page
        assert set(re.findall(r"(?:src|href)=\"([^:\"]*)", page)) == {"data"}
        assert not re.search(r"url\(|@import", page)

    def test_every_plot_has_words_and_a_table(self, everything: Document) -> None:
        drawn = [section for section in everything.sections if section.plots]
        assert {section.key for section in drawn} == {"first-options", "tests", "practice"}
        assert all(section.tables and all(plot.says for plot in section.plots) for section in drawn)

    def test_the_same_counts_are_the_same_bytes(self, manifest: Manifest, everything: Document) -> None:
        assert as_html(report(manifest, at=AT, hiding=EVERYTHING)) == as_html(everything)

    def test_a_pdf_says_the_same(self, everything: Document) -> None:
        data = as_pdf(everything, at=AT)
        assert data.startswith(b"%PDF-")
        assert data == as_pdf(everything, at=AT)
        alternatives = streams_of(data).count(b"/Alt")
        assert alternatives >= sum(len(section.plots) for section in everything.sections)

    @pytest.mark.parametrize("name", ["report.html", "report.pdf"])
    def test_the_command_writes_it(self, out: Path, tmp_path: Path, name: str) -> None:
        call_command("registry_report", str(out), str(tmp_path / name), language="de")
        assert (tmp_path / name).stat().st_size > 10_000

    def test_the_command_refuses_what_is_no_result(self, out: Path, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="no folder that rank_registry wrote"):
            call_command("registry_report", str(tmp_path), str(tmp_path / "report.html"))
        with pytest.raises(CommandError, match=r"an .html or a .pdf"):
            call_command("registry_report", str(out), str(tmp_path / "report.docx"))


class TestBetweenReleases:
    @pytest.fixture
    def later(self) -> bytes:
        """A release on which nobody recommends FOLFIRI any more."""
        document = json.loads(exported().partition(b"\n")[2])
        kept = [row for row in document["indications"] if row["regimen"] != "folfiri"]
        return export_of({**document, "indications": kept}, "later")

    @pytest.fixture
    def folders(self, later: bytes, tmp_path: Path) -> tuple[Path, Path]:
        make(60, tmp_path / "in", knowledge_of(exported()))
        ranked(tmp_path / "in", tmp_path / "before", key="id", rows_a_part=25)
        ranked(tmp_path / "in", tmp_path / "after", key="id", rows_a_part=25, release=later)
        return tmp_path / "before", tmp_path / "after"

    def test_what_moves_and_by_which_change(self, folders: tuple[Path, Path]) -> None:
        found = compare(*folders)
        then, now = ({row["patient"]: row["first"] for row in in_scope(folder)} for folder in folders)
        assert found.firsts == Counter((then[patient], now[patient]) for patient in then)
        changed = sum(many for (before, after), many in found.firsts.items() if before != after)
        assert changed and found.tried == changed
        assert {kind for kind, _ in found.by} == {"indications"}
        assert sum(found.by.values()) + found.together >= found.tried
        assert found.bands["folfiri"]
        document = report(manifest_of((folders[1] / "manifest.json").read_bytes()), at=AT, comparison=found)
        assert faults(as_html(document).decode()) == []
        assert table(document, "releases", "Patients ranked on shipped and on later")

    def test_other_patients_are_not_compared(self, folders: tuple[Path, Path], tmp_path: Path) -> None:
        ranked(as_lines(tmp_path / "other.jsonl", [{"ki67": 80}]), tmp_path / "other")
        with pytest.raises(ComparisonError, match="not made of the same files"):
            compare(tmp_path / "other", folders[1])
        ranked(tmp_path / "in", tmp_path / "survival", key="id", rows_a_part=25, preference="survival")
        with pytest.raises(ComparisonError, match="differ in preference"):
            compare(tmp_path / "survival", folders[1])


class TestManifests:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"{", "no JSON"),
            (b"[" * 100_000, "no JSON"),
            (b"[]", "valid dictionary"),
            (b"{}", "Field required"),
            (b" " * (4 << 20) + b"{}", "at most"),
        ],
    )
    def test_what_is_none_is_refused(self, data: bytes, said: str) -> None:
        with pytest.raises(ManifestError, match=said):
            manifest_of(data)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"summary": {}}, "the summary has no"),
            ({"inputs": []}, "the files have 0 rows and 600 are counted"),
            ({"release": {"name": "x", "published": "today", "sha256": "0" * 64}}, "release.published"),
        ],
    )
    def test_one_that_does_not_add_up_is_refused(self, out: Path, change: dict[str, Any], said: str) -> None:
        content = json.loads((out / "manifest.json").read_bytes()) | change
        with pytest.raises(ManifestError, match=said):
            manifest_of(json.dumps(content).encode())

    @pytest.mark.parametrize("row", [["a", -1], ["a", 1.5], ["a", True], [["b"], 1], ["a", "b"]])
    def test_counts_that_are_none_are_refused(self, out: Path, row: list[Any]) -> None:
        content = json.loads((out / "manifest.json").read_bytes())
        content["summary"]["warnings"] = [row]
        with pytest.raises(ManifestError):
            manifest_of(json.dumps(content).encode())


def test_synthetic_patients_are_accepted_and_said_to_be_drawn(tmp_path: Path) -> None:
    make(300, tmp_path / "in", knowledge_of(exported()))
    manifest = ranked(tmp_path / "in", tmp_path / "out", key="id")
    assert manifest["counts"]["rows"]["refused"] == 0
    assert manifest["job"]["is_synthetic"]
    files = [*(tmp_path / "in").iterdir(), *(tmp_path / "out").glob("*/*.parquet")]
    assert all(b"drawn at random" in file.read_bytes() for file in files)
    first = next((tmp_path / "in").iterdir()).read_bytes()
    make(300, tmp_path / "again", knowledge_of(exported()))
    assert next((tmp_path / "again").iterdir()).read_bytes() == first

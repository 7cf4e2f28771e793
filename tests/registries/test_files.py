"""Bad files, bad columns and bad rows: said clearly, with nothing half-written and nothing dropped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registries.engine.folder import FolderError, read_manifest
from registries.engine.mapping import Columns, MappingError, read_columns
from registries.engine.sources import SourceError, opened, parts_of, rows_of
from tests.factories.registries import as_csv, as_lines, as_parquet, data_of, read, small

GOOD = {"primary_site": "colorectal", "platinum_received": True, "ki67": 80}


def refusal(given: Path | str, out: Path, **asked: Any) -> str:
    """Why a run is refused; it has written nothing by then but, at most, an empty folder."""
    with pytest.raises((SourceError, MappingError, FolderError)) as caught:
        small(given, out, **asked)
    assert not out.exists() or not [*out.iterdir()]
    return str(caught.value)


def columns(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


class TestFilesThatAreRefused:
    def test_there_is_none(self, tmp_path: Path) -> None:
        assert "no such file" in refusal(tmp_path / "in.csv", tmp_path / "out")
        assert "no files" in refusal(tmp_path / "*.csv", tmp_path / "out")

    def test_of_another_kind(self, tmp_path: Path) -> None:
        (tmp_path / "in.xlsx").write_bytes(b"x")
        assert "none of .parquet, .csv" in refusal(tmp_path / "in.xlsx", tmp_path / "out")

    def test_of_several_kinds(self, tmp_path: Path) -> None:
        folder = tmp_path / "parts"
        folder.mkdir()
        as_lines(folder / "a.jsonl", [GOOD])
        as_csv(folder / "b.csv", [GOOD])
        assert "several kinds" in refusal(folder, tmp_path / "out")

    @pytest.mark.parametrize("kept", [0, 4, 200, -1])
    def test_a_truncated_parquet_file(self, tmp_path: Path, kept: int) -> None:
        file = as_parquet(tmp_path / "in.parquet", [GOOD] * 50)
        file.write_bytes(file.read_bytes()[:kept])
        assert "in.parquet is no whole Parquet file" in refusal(file, tmp_path / "out")

    def test_without_patients(self, tmp_path: Path) -> None:
        file = columns(tmp_path / "in.csv", "ki67\n")
        assert "no patients" in refusal(file, tmp_path / "out")
        assert "has to name the columns" in refusal(columns(tmp_path / "in.csv", "\n"), tmp_path / "out")

    def test_a_quotation_that_does_not_end(self, tmp_path: Path) -> None:
        file = columns(tmp_path / "in.csv", 'ki67,primary_site\n80,colorectal\n70,"anal\n60,anal\n')
        assert "begins in row 3 does not end" in refusal(file, tmp_path / "out")


class TestColumnsThatAreRefused:
    def test_one_that_is_no_feature(self, tmp_path: Path) -> None:
        said = refusal(as_csv(tmp_path / "in.csv", [GOOD | {"ki_67": 1}]), tmp_path / "out")
        assert "the column ki_67 is no feature; did you mean ki67?" in said

    def test_one_that_stands_twice(self, tmp_path: Path) -> None:
        assert "ki67 stands twice" in refusal(columns(tmp_path / "in.csv", "ki67,ki67\n1,2\n"), tmp_path / "out")

    def test_no_feature_at_all(self, tmp_path: Path) -> None:
        file = columns(tmp_path / "in.csv", "a,b\n1,2\n")
        assert "no column is a feature" in refusal(file, tmp_path / "out")

    def test_a_key_that_is_not_there(self, tmp_path: Path) -> None:
        file = as_csv(tmp_path / "in.csv", [GOOD | {"patient_id": 1}])
        assert "has no column patient-id; did you mean patient_id?" in refusal(file, tmp_path / "out", key="patient-id")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("columns: {a: ki76}", "columns.a: ki76 is no feature; did you mean ki67?"),
            ("columns: {a: ki67, b: ki67}", "a and b are both ki67"),
            ("columns: {a: {feature: msi, factor: 2}}", "msi is no number"),
            ("columns: {a: {feature: ki67, factor: 0}}", "greater than 0"),
            ("columns: {a: {feature: msi, values: {x: hihg}}}", "'hihg' is not allowed; allowed: one of high, stable"),
            ("columns: {a: ki67}\nconstants: {ki67: 3}", "ki67 is also the column a"),
            ("columns: {a: ki67}\nconstant: {region: EU}", "constant: Extra inputs"),
            ("columns: [", "no YAML"),
            ("- a", "a table with “columns” is wanted"),
        ],
    )
    def test_a_file_of_columns_with_a_fault(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(MappingError, match=r"columns\.yaml") as caught:
            read_columns(columns(tmp_path / "columns.yaml", text))
        assert said in str(caught.value)


class TestRowsThatAreRefused:
    ROWS = [
        GOOD,
        GOOD | {"ki67": 800, "primary_site": "colon"},
        GOOD | {"platinum_received": False, "platinum_best_response": "PD"},
        GOOD | {"ki67": "80 %"},
        GOOD,
    ]

    def test_each_problem_is_listed_with_row_column_value_and_rule(self, tmp_path: Path) -> None:
        manifest = small(as_csv(tmp_path / "in.csv", self.ROWS), tmp_path / "out")
        found = [(e["row"], e["column"], e["value"], e["rule"]) for e in read(tmp_path / "out", "errors")]
        assert found[0][:3] == (3, "primary_site", "colon")
        assert found[1] == (3, "ki67", "800", "ki67: 800 is not allowed; allowed: 0 to 100 %")
        assert found[2][:3] == (4, "platinum_received, platinum_best_response", "false, PD")
        assert found[3] == (5, "ki67", "80 %", "ki67: '80 %' is not allowed; allowed: 0 to 100 %")
        assert manifest["counts"]["rows"] == {"ranked": 2, "out-of-scope": 0, "refused": 3}
        assert [row["row"] for row in read(tmp_path / "out", "patients")] == [2, 6]

    def test_lines_that_are_none(self, tmp_path: Path) -> None:
        file = columns(tmp_path / "in.jsonl", '{"ki67": 80}\n\n[1]\n{"ki67": 1\n{"ki67": 1, "ki67": 2}\n{"ki76": 1}\n')
        manifest = small(file, tmp_path / "out")
        rules = {error["row"]: error["rule"] for error in read(tmp_path / "out", "errors")}
        assert rules.keys() == {3, 4, 5, 6}
        assert rules[6] == "ki76: unknown feature"
        assert "given twice" in rules[5]
        assert manifest["counts"]["rows"] == {"ranked": 1, "out-of-scope": 0, "refused": 4}

    def test_a_row_of_another_length(self, tmp_path: Path) -> None:
        small(columns(tmp_path / "in.csv", "ki67,ecog\n80\n70,1\n60,1,2\n"), tmp_path / "out")
        found = [(error["row"], error["rule"]) for error in read(tmp_path / "out", "errors")]
        assert found == [
            (2, "1 cells where the header names 2 columns"),
            (4, "3 cells where the header names 2 columns"),
        ]

    def test_300_errors_in_many_rows(self, tmp_path: Path) -> None:
        rows = [{"ki67": 800 if n % 10 == 0 else 80, "lines_received": n % 2} for n in range(3000)]
        manifest = small(as_csv(tmp_path / "in.csv", rows), tmp_path / "out", rows_a_part=1000)
        assert manifest["counts"]["rows"] == {"ranked": 1500, "out-of-scope": 1200, "refused": 300}
        assert [error["row"] for error in read(tmp_path / "out", "errors")] == [n + 2 for n in range(0, 3000, 10)]

    def test_keys_that_stand_twice(self, tmp_path: Path) -> None:
        """In whichever part they stand, none of their rows is ranked."""
        rows = [GOOD | {"id": f"p{n % 47}" if n else ""} for n in range(50)]
        manifest = small(as_csv(tmp_path / "in.csv", rows), tmp_path / "out", key="id")
        found = [(error["row"], error["value"]) for error in read(tmp_path / "out", "errors")]
        assert found == [(2, ""), (3, "p1"), (4, "p2"), (50, "p1"), (51, "p2")]
        assert manifest["counts"]["rows"] == {"ranked": 45, "out-of-scope": 0, "refused": 5}
        assert "p1" not in (tmp_path / "out/manifest.json").read_text()

    def test_a_column_that_is_no_key(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("registries.engine.run.MOST_REPEATED", 3)
        file = as_csv(tmp_path / "in.csv", [GOOD | {"id": n // 2} for n in range(10)])
        assert "id is no key: 5 of its values" in refusal(file, tmp_path / "out", key="id")

    def test_the_key_is_passed_through_only_when_it_is_named(self, tmp_path: Path) -> None:
        file = as_csv(tmp_path / "in.csv", [GOOD | {"id": "secret-1"}])
        small(file, tmp_path / "with", key="id")
        without = columns(
            tmp_path / "columns.yaml",
            "columns: {ki67: ki67, primary_site: primary_site}\nignored: [id, platinum_received]",
        )
        small(file, tmp_path / "without", columns=without)
        assert [row["key"] for row in read(tmp_path / "with", "patients")] == ["secret-1"]
        assert not any(b"secret-1" in data for data in data_of(tmp_path / "without").values())


class TestHowCellsAreRead:
    def test_by_a_file_of_columns(self, tmp_path: Path) -> None:
        rows = [
            {"site": "C18", "ki": "0,8", "msi": "MSS", "had": "folfiri|folfox", "pt": "Yes", "ward": "x"},
            {"site": "", "ki": "0.57", "msi": "NA", "had": "none", "pt": "0", "ward": ""},
        ]
        text = """
columns:
  site: {feature: primary_site, values: {C18: colorectal}}
  ki: {feature: ki67, factor: 100, values: {"0,8": 80}}
  msi: {feature: msi, values: {MSS: stable}}
  had: {feature: prior_regimens, separator: "|"}
  pt: platinum_received
constants: {region: EU}
unknown: [NA]
ignored: [ward]
"""
        file = columns(tmp_path / "columns.yaml", text)
        small(as_csv(tmp_path / "in.csv", rows), tmp_path / "out", columns=file)
        names = ("primary_site", "ki67", "msi", "prior_regimens", "platinum_received", "region")
        assert [tuple(row[name] for name in names) for row in read(tmp_path / "out", "patients")] == [
            ("colorectal", 80, "stable", ["folfiri", "folfox"], True, "EU"),
            (None, 57, None, [], False, "EU"),
        ]

    def test_an_empty_cell_is_unknown_and_no_empty_set(self) -> None:
        known = Columns(columns={"a": "prior_regimens", "b": "msi", "c": "ki67"})
        assert known.read({"a": "", "b": " ", "c": float("nan")}) == {}
        assert known.read({"a": "None", "b": None}) == {"prior_regimens": []}
        assert known.read({"a": []}) == {"prior_regimens": []}

    @pytest.mark.parametrize(("cell", "value"), [("1e2", 100.0), ("1_0", "1_0"), ("inf", "inf"), ("nan", "nan")])
    def test_a_number_is_one_or_stays_what_it_is(self, cell: str, value: Any) -> None:
        assert Columns(columns={"c": "ki67"}).read({"c": cell}) == {"ki67": value}

    def test_rows_with_line_breaks_in_quotation_marks(self, tmp_path: Path) -> None:
        file = columns(tmp_path / "in.csv", 'ki67,note\n1,"a\nb"\n\n2,"x""\n\ny"\n3,z\x0b\u2028\n')
        source, _ = opened(file)
        parts = list(parts_of([source], 2))
        assert [(part.first, part.rows, part.row) for part in parts] == [(0, 2, 2), (2, 1, 5)]
        assert [(row.row, row.cells["ki67"]) for part in parts for row in rows_of(part)] == [
            (2, "1"),
            (4, "2"),
            (5, "3"),
        ]

    def test_a_file_that_changes_meanwhile(self, tmp_path: Path) -> None:
        file = as_lines(tmp_path / "in.jsonl", [GOOD] * 5)
        source, _ = opened(file)
        (part,) = parts_of([source], 10)
        as_lines(file, [GOOD | {"ki67": 70}] * 5)
        with pytest.raises(SourceError, match="has changed"):
            list(rows_of(part))

    def test_treatment_and_outcome_are_not_used_to_rank(self, tmp_path: Path) -> None:
        given = [
            {"treatment_given": "folfiri", "survival_months": "7.9", "died": "1"},
            {"treatment_given": "something else", "survival_months": "700", "died": "maybe"},
            {"treatment_given": "", "survival_months": "", "died": ""},
        ]
        manifest = small(as_csv(tmp_path / "in.csv", [GOOD | row for row in given]), tmp_path / "out")
        small(as_csv(tmp_path / "plain.csv", [GOOD] * 3), tmp_path / "plain")
        assert read(tmp_path / "out", "rankings") == read(tmp_path / "plain", "rankings")
        patients = read(tmp_path / "out", "patients")
        assert [(row["treatment_given"], row["survival_months"], row["died"]) for row in patients] == [
            ("folfiri", 7, True),
            ("something else", None, None),
            (None, None, None),
        ]
        assert [(error["column"], error["refused"]) for error in read(tmp_path / "out", "errors")] == [
            ("survival_months", False),
            ("died", False),
        ]
        assert manifest["counts"]["rows"]["ranked"] == 3
        assert "something else" not in json.dumps(manifest)

    def test_values_that_look_like_another_unit_are_counted(self, tmp_path: Path) -> None:
        manifest = small(as_csv(tmp_path / "in.csv", [{"ki67": 0.8}, {"ki67": 80}, {"ki67": 70}]), tmp_path / "out")
        assert manifest["summary"]["numbers"] == [["ki67", False, 2], ["ki67", True, 1]]


class TestAFolderThatIsNotFinished:
    def test_it_is_no_result(self, tmp_path: Path) -> None:
        file = as_lines(tmp_path / "in.jsonl", [GOOD])
        small(file, tmp_path / "out")
        assert read_manifest(tmp_path / "out")["counts"]["rows"]["ranked"] == 1
        (tmp_path / "out/manifest.json").unlink()
        with pytest.raises(FolderError, match="goes on where it stopped"):
            read_manifest(tmp_path / "out")
        with pytest.raises(FolderError, match="no folder that rank_registry wrote"):
            read_manifest(tmp_path)

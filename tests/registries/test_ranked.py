"""What a registry's tables say of a patient is what `rank` says of the patient alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from regimens.rules.columns import said_of
from regimens.rules.evidence import OUTCOMES
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import DERIVED
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import plain, rounded
from registries.engine.release import hold
from registries.engine.run import carried_of
from registries.engine.tables import written
from tests.factories.patients import worked
from tests.factories.registries import as_csv, as_lines, as_parquet, data_of, exported, read, small, table_of

OUT_OF_SCOPE = [{"primary_site": "lung"}, {"lines_received": 0}, {"primary_site": "skin", "differentiation": "well"}]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return hold(carried_of(exported()))


@pytest.fixture(scope="module")
def patients() -> list[dict[str, Any]]:
    return [*worked(), {"region": "JP"}, {"prior_regimens": [], "ecog": 3}, *OUT_OF_SCOPE]


def rows_of(number: int, ranking: Ranking, *, draws: bool) -> list[dict[str, Any]]:
    """The rows of a patient as `rank` would have them."""
    found = []
    for option in ranking.options:
        row: dict[str, Any] = {"patient": number, "regimen": option.regimen.slug, "band": option.band.value}
        row["rank"] = option.rank
        for outcome in OUTCOMES:
            estimate = option.synthesis.estimates[outcome] if option.synthesis else None
            row[outcome] = rounded(estimate.value) if estimate else None
            row[f"{outcome}_low"] = rounded(estimate.low) if estimate else None
            row[f"{outcome}_high"] = rounded(estimate.high) if estimate else None
            row[f"{outcome}_has_data"] = estimate.has_data if estimate else None
        row["utility"] = None if option.utility is None else rounded(option.utility)
        row["level"] = option.level
        row["licence"] = option.licence.status if option.licence else None
        row["licence_possible"] = bool(option.licence.possible) if option.licence else None
        row["cautions"] = [said_of(f.caution).code for f in option.cautions if f.truth is True]
        row["unchecked"] = [said_of(f.caution).code for f in option.cautions if f.truth is None]
        row["waits_for"] = None
        if draws:
            shares = option.shares
            for name in ("first_in_band", "best", "top3", "expected_rank"):
                value = getattr(shares, name) if shares else None
                row[name] = None if value is None else rounded(value)
            row["about_equal_to_next"] = shares.about_equal_to_next if shares else None
        found.append(row)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        {"preference": "balanced"},
        {"preference": "survival", "draws": True},
        {"preference": "response", "nec_only": True},
    ],
)
def test_every_option_is_as_rank_has_it(
    patients: list[dict[str, Any]], knowledge: Knowledge, tmp_path: Path, asked: dict[str, Any]
) -> None:
    small(as_lines(tmp_path / "in.jsonl", patients), tmp_path / "out", **asked)
    draws, known = asked.get("draws", False), knowledge.nec_only if asked.get("nec_only") else knowledge
    expected, waiting = [], set()
    for number, features in enumerate(patients):
        ranking = rank(known.patient(features), known, asked["preference"], draws=draws)
        expected += rows_of(number, ranking, draws=draws)
        waiting |= {(number, each.regimen.slug, each.features) for each in ranking.needs_test}
    found = read(tmp_path / "out", "rankings")
    assert [row for row in found if row["band"] != "needs-test"] == expected
    assert {
        (row["patient"], row["regimen"], tuple(row["waits_for"])) for row in found if row["band"] == "needs-test"
    } == waiting


def test_missing_tests_and_patients_are_as_rank_has_them(
    patients: list[dict[str, Any]], knowledge: Knowledge, tmp_path: Path
) -> None:
    manifest = small(as_lines(tmp_path / "in.jsonl", patients), tmp_path / "out")
    rankings = [rank(knowledge.patient(features), knowledge, draws=False) for features in patients]
    assert read(tmp_path / "out", "tests") == [
        {
            "patient": number,
            "feature": test.feature,
            "value": written(test.value),
            "chance": rounded(test.prevalence.chance) if test.prevalence else None,
            "first_becomes": test.first_becomes,
            "changes_first": test.changes_first,
            "changes_order": test.changes_order,
            "enters_recommended": list(test.enters_recommended),
            "utility_gain": rounded(test.utility_gain),
            "opens": [each.regimen for each in test.opens],
        }
        for number, ranking in enumerate(rankings)
        for test in ranking.tests
    ]
    for row, ranking, features in zip(read(tmp_path / "out", "patients"), rankings, patients, strict=True):
        assert (row["file"], row["row"]) == ("in.jsonl", row["patient"] + 1)
        assert row["in_scope"] == ranking.scope.in_scope
        assert row["out_of_scope"] == [code for code, _ in ranking.scope.reasons]
        assert row["warnings"] == [code for code, _ in ranking.scope.warnings]
        assert row["implied"] == list(ranking.patient.implied)
        assert row["first"] == (ranking.first.regimen.slug if ranking.first else None)
        assert row["first_level"] == (ranking.first.level if ranking.first else None)
        known = {name: row[name] for name in (*features, *ranking.patient.implied, *DERIVED)}
        assert known == {name: plain(value) for name, value in ranking.patient.values.items()} | {
            name: None for name in DERIVED if name not in ranking.patient.values
        }
    ranked = sum(ranking.scope.in_scope for ranking in rankings)
    assert manifest["counts"]["rows"] == {"ranked": ranked, "out-of-scope": len(patients) - ranked, "refused": 0}


def test_a_table_says_the_same_whatever_the_file(patients: list[dict[str, Any]], tmp_path: Path) -> None:
    files = [
        as_lines(tmp_path / "in.jsonl", patients),
        as_csv(tmp_path / "in.csv", patients),
        as_csv(tmp_path / "in.tsv", patients, "\t"),
        as_parquet(tmp_path / "in.parquet", patients, rows_a_group=7),
    ]
    found = []
    for file in files:
        small(file, tmp_path / f"out-{file.suffix}")
        found.append(data_of(tmp_path / f"out-{file.suffix}"))
    first = {name: data for name, data in found[0].items() if not name.startswith("patients")}
    for other in found[1:]:
        assert {name: data for name, data in other.items() if not name.startswith("patients")} == first


def test_several_files_are_one_registry(patients: list[dict[str, Any]], tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    names = dict.fromkeys(name for row in patients for name in row)
    rows = [{name: row.get(name) for name in names} for row in patients]
    table = table_of(rows)
    for start in range(0, len(patients), 25):
        parquet.write_table(table.slice(start, 25), folder / f"part-{start:03}.parquet")
    small(folder, tmp_path / "folder")
    small(str(folder / "part-*.parquet"), tmp_path / "pattern")
    small(as_lines(tmp_path / "in.jsonl", patients), tmp_path / "whole")
    assert data_of(tmp_path / "folder") == data_of(tmp_path / "pattern")
    assert read(tmp_path / "folder", "rankings") == read(tmp_path / "whole", "rankings")


def test_what_a_caution_says_is_in_the_release(knowledge: Knowledge, tmp_path: Path) -> None:
    patient = {"primary_site": "colorectal", "platinum_received": True, "prior_regimens": ["folfiri"]}
    manifest = small(as_lines(tmp_path / "in.jsonl", [patient]), tmp_path / "out")
    first = next(row for row in read(tmp_path / "out", "rankings") if row["rank"] == 1)
    assert set(first["unchecked"]) == set(manifest["cautions"])
    assert all(each["text"] and each["level"] for each in manifest["cautions"].values())


def test_a_file_without_a_row_that_can_be_ranked(tmp_path: Path) -> None:
    manifest = small(as_lines(tmp_path / "in.jsonl", [{"ki67": 800}]), tmp_path / "out")
    assert manifest["counts"]["rows"] == {"ranked": 0, "out-of-scope": 0, "refused": 1}
    assert parquet.read_table(tmp_path / "out/rankings/part-000000.parquet").num_rows == 0

"""`manage.py rank`: JSON lines in, rankings out; a bad line is reported and the others are ranked."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from curation.actions.publishing import publish
from tests.factories.curation import rename_folfiri
from tests.factories.patients import CASES

pytestmark = pytest.mark.django_db


def run(file: Path | str, *arguments: str) -> tuple[str, str, int]:
    """Standard output, standard error and exit status."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("rank", str(file), *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    return out.getvalue(), err.getvalue(), status


@pytest.fixture
def patients(tmp_path: Path) -> Any:
    def write(*lines: str) -> Path:
        path = tmp_path / "patients.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_one_ranking_a_line() -> None:
    out, err, status = run(CASES / "patients.jsonl", "--json")
    rankings = [json.loads(line) for line in out.splitlines()]
    assert (len(rankings), err, status) == (60, "", 0)
    assert rankings[0]["release"]["name"] == "shipped"
    assert rankings[0]["options"][0]["regimen"] == "folfiri"


def test_the_same_bytes_twice() -> None:
    assert run(CASES / "patients.jsonl", "--json") == run(CASES / "patients.jsonl", "--json")


def test_a_table_for_people(patients: Any) -> None:
    line = (CASES / "patients.jsonl").read_text().splitlines()[0]
    out, _, status = run(patients(line))
    assert status == 0
    assert "Release shipped, published " in out
    expected = json.loads(gzip.decompress((CASES / "rankings.jsonl.gz").read_bytes()).splitlines()[0])["options"]
    first = next(option for option in expected if option["rank"] == 1)
    response, survival = (first["estimates"][name] for name in ("orr", "os"))
    shown = next(line for line in out.splitlines() if line.split()[:1] == ["1"])
    assert "{:.0f} ({:.0f}-{:.0f})".format(*(100 * response[key] for key in ("estimate", "low", "high"))) in shown
    assert "{:.1f} ({:.1f}-{:.1f})".format(*(survival[key] for key in ("estimate", "low", "high"))) in shown
    assert shown.endswith(f"{first['level']}      {first['utility']:.3f}")
    assert "needs a test" in out
    assert "tests that could change this" in out


def test_the_table_says_what_is_understood_and_what_to_check(patients: Any) -> None:
    features = {"primary_site": "colorectal", "platinum_best_response": "PD", "ki67": 0.8, "prior_drugs": []}
    out, _, _ = run(patients(json.dumps(features)))
    assert "Patient on line 1: primary_site colorectal; ki67 0.8; platinum_best_response PD; prior_drugs none" in out
    assert "From that follows: gynaecological_site none; platinum_free_interval_months 0" in out
    assert "No region given: US counts" in out
    assert "Check first: Ki-67 0.8 %: the number looks like a fraction; percent is asked for." in out
    assert "* not shown to tell regimens apart better than the benchmark: " in out
    assert any("Pembrolizumab" in line for line in out.splitlines())
    assert "No region given" not in run(patients(json.dumps({**features, "region": "EU"})))[0]


def test_the_table_names_the_licence_status(patients: Any) -> None:
    out, _, _ = run(patients('{"primary_site": "colorectal", "msi": "high", "region": "US", "lines_received": 1}'))
    assert "approved" in next(line for line in out.splitlines() if line.split()[1:2] == ["Pembrolizumab"])


def test_out_of_scope_it_says_why(patients: Any) -> None:
    out, err, status = run(patients('{"primary_site": "lung"}'))
    assert (err, status) == ("", 0)
    assert "Out of scope: The primary is in the lung or thymus." in out


def test_a_name_that_is_nearly_one_gets_the_one_that_was_meant(patients: Any) -> None:
    _, err, status = run(patients('{"prior_drugs": ["CPT-11"]}', '{"prior_regimens": ["folfri"]}'))
    assert status == 1
    first, second = err.splitlines()
    assert first.startswith("line 1: prior_drugs: 'CPT-11' is no drug of this release")
    assert first.endswith("did you mean irinotecan?")
    assert second.endswith("did you mean folfiri?")


def test_options_without_evidence_show_no_figures(patients: Any) -> None:
    out, _, _ = run(patients('{"primary_site": "colorectal"}'))
    line = next(line for line in out.splitlines() if "Cabozantinib with atezolizumab" in line)
    assert not any(character.isdigit() for character in line)


def test_an_outcome_that_no_cohort_reports_has_no_figure(patients: Any) -> None:
    lines = run(patients('{"primary_site": "colorectal"}'))[0].splitlines()
    assert "no data" in next(line for line in lines if "LBL-024" in line)
    nothing_applies = next(line for line in lines if "Niraparib with dostarlimab" in line)
    assert not any(character.isdigit() for character in nothing_applies)


def test_bad_lines_are_reported_with_their_number_and_the_others_ranked(patients: Any) -> None:
    out, err, status = run(
        patients(
            '{"ki67": 180}',
            "",
            '{"ki67": 80}',
            "not JSON",
            "[1]",
            '{"ki67": 1, "ki67": 2}',
            '{"colour": "red"}',
            '{"platinum_best_response": "PD", "platinum_free_interval_months": 7}',
            '{"braf_v600e": "maybe", "ecog": 9}',
        ),
        "--json",
    )
    assert status == 1
    assert len(out.splitlines()) == 1
    assert json.loads(out)["patient"] == {"ki67": 80}
    lines = err.splitlines()
    assert lines[0] == "line 1: ki67: 180 is not allowed; allowed: 0 to 100 %"
    assert lines[1].startswith("line 4: no JSON")
    assert lines[2].startswith("line 5: [1] is no patient")
    assert lines[3].startswith("line 6: ki67: given twice, 1 and 2")
    assert lines[4].startswith("line 7: colour")
    assert lines[5].startswith("line 8: ")
    assert "platinum_best_response" in lines[5]
    assert [line.split(":")[0] for line in lines[6:]] == ["line 9", "line 9"]


def test_without_draws_there_are_no_shares(patients: Any) -> None:
    out, _, _ = run(patients('{"ki67": 80}'), "--json", "--no-draws")
    options = json.loads(out)["options"]
    assert {option[share] for option in options for share in ("first_in_band", "best", "top3")} == {None}
    assert {option["about_equal_to_next"] for option in options} == {False}


def test_a_preference_changes_the_utility(patients: Any) -> None:
    path = patients('{"primary_site": "colorectal"}')
    balanced, tolerability = (
        json.loads(run(path, "--json", *more)[0]) for more in ([], ["--preference", "tolerability"])
    )
    assert balanced["preference"] == "balanced"
    assert tolerability["preference"] == "tolerability"
    assert balanced["options"][0]["utility"] != tolerability["options"][0]["utility"]


def test_a_former_release_can_be_asked(patients: Any, tmp_path: Path) -> None:
    path, export = patients('{"primary_site": "colorectal"}'), tmp_path / "release.json"
    call_command("export_release", export)
    rename_folfiri()
    publish("second")
    assert "FOLFIRI, renamed" in run(path)[0]
    for former in ("shipped", str(export)):
        assert "FOLFIRI, renamed" not in run(path, "--release", former)[0]


def test_an_unknown_release_or_file_is_said(patients: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there are: shipped"):
        run(patients("{}"), "--release", "unknown")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "none.jsonl")


def test_without_a_release_it_says_what_to_do(patients: Any, without_releases: None) -> None:
    with pytest.raises(CommandError, match="run load_evidence, then publish_release"):
        run(patients("{}"))


def test_an_empty_file_gives_nothing(patients: Any) -> None:
    assert run(patients("")) == ("", "", 0)


def test_a_byte_order_mark_is_no_part_of_the_first_patient(tmp_path: Path) -> None:
    path = tmp_path / "patients.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"ki67": 80}\n')
    out, err, status = run(path, "--json")
    assert (len(out.splitlines()), err, status) == (1, "", 0)


def test_a_byte_order_mark_on_standard_input_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('\ufeff{"ki67": 80}\n{"ki67": 30}\n'))
    out, err, status = run("-", "--json")
    assert ([json.loads(line)["patient"]["ki67"] for line in out.splitlines()], err, status) == ([80, 30], "", 0)


@pytest.mark.parametrize(
    ("one", "other"), [("80", "80.0"), ("80", "8e1"), ("0", "-0.0"), ("0", "0.00"), ("2.5", "2.50"), ("1", "10E-1")]
)
def test_one_number_written_in_several_ways_gives_the_same_bytes(patients: Any, one: str, other: str) -> None:
    line = '{{"ki67": {}, "ecog": 1, "primary_site": "colorectal", "lines_received": 1}}'
    first, second = (run(patients(line.format(number)), "--json", "--no-draws") for number in (one, other))
    assert first == second


@pytest.mark.parametrize("form", [["--json"], []])
def test_the_language_of_the_process_changes_no_byte(patients: Any, form: list[str]) -> None:
    path = patients('{"primary_site": "colorectal", "ki67": 0.8, "platinum_best_response": "PD", "region": "EU"}')
    english = run(path, *form)
    with translation.override("de"):
        assert run(path, *form) == english


def test_a_line_nested_too_deeply_is_refused_alone(patients: Any) -> None:
    out, err, status = run(patients("[" * 100_000 + "]" * 100_000, '{"ki67": 80}'), "--json")
    assert (len(out.splitlines()), status) == (1, 1)
    assert err.startswith("line 1: no JSON")


@pytest.mark.parametrize("feature", ["ki67", "ecog"])
@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_larger_than_any_float_is_refused_alone(patients: Any, feature: str, digits: int) -> None:
    out, err, status = run(patients(f'{{"{feature}": 1{"0" * digits}}}', '{"ki67": 80}'), "--json")
    assert (len(out.splitlines()), status) == (1, 1)
    assert err.startswith("line 1: ")


def test_bytes_that_are_no_text_spoil_one_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "patients.jsonl"
    path.write_bytes(b'\xff\xfe\n{"ki67": 80}\n')
    out, err, status = run(path, "--json")
    assert (len(out.splitlines()), status) == (1, 1)
    assert err.startswith("line 1: no JSON")

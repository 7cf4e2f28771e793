"""What is taken from the page: the summary, the ranking, and a bundle that can be verified."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from curation.actions import publishing
from regimens import releases
from regimens.bundles import bundle, differences
from regimens.rules.ranking import rank
from regimens.rules.record import agrees, as_json, of
from tests.databases import forget_releases
from tests.factories.curation import rename_folfiri
from tests.factories.patients import colorectal
from tests.pages import post, text

pytestmark = pytest.mark.django_db

FEATURES = {
    "primary_site": "colorectal",
    "histology": "small-cell",
    "differentiation": "poor",
    "ki67": 80,
    "platinum_received": True,
    "platinum_best_response": "PR",
    "platinum_free_interval_months": 2,
    "prior_regimens": ["etoposide-platinum"],
    "progressed_on": ["etoposide-platinum"],
    "lines_received": 1,
    "ecog": 1,
    "region": "US",
}


@pytest.fixture
def made() -> str:
    knowledge = releases.current()
    return bundle(rank(knowledge.patient(FEATURES), knowledge, "survival"))


def verify(path: Path) -> tuple[str, int]:
    out, status = io.StringIO(), 0
    try:
        call_command("verify_bundle", path, stdout=out)
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    return out.getvalue(), status


class TestDownloads:
    def test_the_ranking_is_that_of_the_command_line(self, client: Client) -> None:
        response = client.post("/ranking.json", colorectal())
        knowledge = releases.current()
        assert response.content.decode() == as_json(of(rank(knowledge.patient(FEATURES), knowledge)))
        assert response.headers["Content-Disposition"] == 'attachment; filename="ranking.json"'
        assert "no-store" in response.headers["Cache-Control"]

    def test_the_bundle_verifies(self, client: Client) -> None:
        response = client.post("/bundle.json", colorectal(preference="survival"))
        assert json.loads(response.content)["preference"] == "survival"
        assert differences(response.content.decode()) == []

    def test_the_summary_says_what_the_page_says(self, client: Client) -> None:
        summary = client.post("/summary.txt", colorectal()).content.decode()
        assert "Colorectal small-cell NEC, Ki-67 80 %" in summary
        figures = "Response rate 22 % (13–33); PFS, months 3.3 (2.5–4.4); OS, months 7.4 (5.7–9.5), not demonstrated"
        assert f"1. FOLFIRI: {figures}" in summary
        assert "Published: Response rate 18 % in 67 patients, Walter T, Lancet Oncol, 2023; PFS 2.9 mo" in summary
        assert "125 patients in 3 studies, level A" in summary
        assert "off-label (United States)" in summary
        assert "Would be licensed" not in summary.partition("FOLFIRI")[2].partition("Best supportive care")[0]
        assert "Not checked, since not known, and might rule it out: " in summary
        assert "Survival does not separate these options" in summary
        assert "MSI / MMR (MSI-high or dMMR): chance" in summary
        assert "opens: Pembrolizumab (rank 1)" in summary
        assert releases.current().release.sha256 in summary
        shown = re.search(r"<textarea[^>]*>(.*?)</textarea>", post(client, **colorectal()).content.decode(), re.DOTALL)
        assert shown is not None
        assert shown[1].strip().splitlines()[1] == summary.splitlines()[1]

    def test_a_summary_out_of_scope_ranks_nothing(self, client: Client) -> None:
        summary = client.post("/summary.txt", {"primary_site": "lung"}).content.decode()
        assert "OUT OF SCOPE, nothing is ranked" in summary
        assert "RECOMMENDED" not in summary

    def test_the_page_sends_what_was_entered_again(self, client: Client) -> None:
        html = post(client, **colorectal(), received=["folfiri", "captem"], live=True).content.decode()
        assert '<input type="hidden" name="ki67" value="80">' in html
        assert '<input type="hidden" name="received" value="folfiri">' in html
        assert '<input type="hidden" name="received" value="captem">' in html

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt"])
    def test_what_is_wrong_comes_back_as_the_page(self, client: Client, path: str) -> None:
        response = client.post(path, {"ki67": "180"})
        assert "Ki-67 is a percentage from 0 to 100. 180 is not." in text(response)

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt"])
    def test_patient_data_never_come_by_address(self, client: Client, path: str) -> None:
        assert client.get(path, colorectal()).status_code == 405

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt"])
    def test_without_a_release_it_says_so(self, client: Client, path: str, without_releases: None) -> None:
        assert client.post(path, colorectal()).status_code == 503


def rewritten(value: Any, number: Callable[[float], float]) -> Any:
    """The same JSON with every number written otherwise."""
    if isinstance(value, dict):
        return {key: rewritten(each, number) for key, each in value.items()}
    if isinstance(value, list):
        return [rewritten(each, number) for each in value]
    return number(value) if type(value) in (int, float) else value


def rewritten_with_jq(content: Any) -> Any:
    """`jq .` writes 0.0 as 0 and a whole number without a fraction."""
    return rewritten(content, lambda number: int(number) if float(number).is_integer() else number)


def rewritten_with_fractions(content: Any) -> Any:
    return rewritten(content, float)


def last_digits_lost(content: Any) -> Any:
    return rewritten(content, lambda number: float(f"{number:.10g}"))


class TestVerifying:
    def test_the_same_is_said_to_be_the_same(self, made: str, tmp_path: Path) -> None:
        path = tmp_path / "bundle.json"
        path.write_text(made, encoding="utf-8")
        assert verify(path) == ("The same: numbers to 1e-9, all else exactly\n", 0)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    @pytest.mark.parametrize("written", [rewritten_with_jq, rewritten_with_fractions, last_digits_lost])
    def test_a_file_that_another_tool_wrote_anew_is_the_same(
        self, made: str, tmp_path: Path, written: Any, encoding: str
    ) -> None:
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(written(json.loads(made)), indent=2), encoding=encoding)
        assert verify(path) == ("The same: numbers to 1e-9, all else exactly\n", 0)

    @pytest.mark.parametrize(
        ("then", "now", "is_same"),
        [
            (0, 0.0, True),
            (0, -0.0, True),
            (80, 80.0, True),
            (0.1234567890123, 0.1234567891123, True),
            (0.123456, 0.123457, False),
            (1, True, False),
            (0, None, False),
            (0, False, False),
            ("0", 0, False),
            (10**400, 1.0, False),
        ],
    )
    def test_numbers_are_compared_as_numbers(self, then: Any, now: Any, is_same: bool) -> None:
        assert agrees(then, now) is is_same is agrees(now, then)

    def test_it_holds_after_a_newer_release(self, made: str, tmp_path: Path) -> None:
        rename_folfiri()
        publishing.publish("second")
        assert differences(made) == []

    def test_a_ranking_without_borrowed_evidence_is_made_again_without_it(self, client: Client) -> None:
        made = client.post("/bundle.json", colorectal(evidence="nec")).content.decode()
        assert json.loads(made)["evidence"] == json.loads(made)["result"]["evidence"] == "nec-only"
        assert differences(made) == []
        with_everything = json.loads(made)
        del with_everything["evidence"]
        assert differences(json.dumps(with_everything))

    def test_the_release_may_have_another_name_elsewhere(self, made: str, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        forget_releases()
        header, _, rest = path.read_bytes().partition(b"\n")
        path.write_bytes(header.replace(b'"shipped"', b'"renamed"') + b"\n" + rest)
        publishing.import_release(path, as_baseline=True)
        assert differences(made) == []

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            (lambda content: content["result"]["options"][0].update(utility=0.5), "result.options[0].utility"),
            (lambda content: content["result"]["options"].pop(), "result.options"),
            (lambda content: content["patient"].update(ki67=20), "patient.ki67"),
            (lambda content: content.update(preference="balanced"), "result.preference"),
            (lambda content: content["result"].update(extra=1), "result.extra"),
        ],
    )
    def test_what_differs_is_named(self, made: str, tmp_path: Path, change: Any, place: str) -> None:
        content = json.loads(made)
        change(content)
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        out, status = verify(path)
        assert status == 1
        found = [line.split(": ")[0] for line in out.splitlines()]
        if place == "patient.ki67":  # the result is that of another patient
            assert any(line.startswith("result.") for line in found)
        else:
            assert place in found

    @pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": "something else"}', "not JSON"])
    def test_no_bundle_is_refused(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "bundle.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(CommandError, match="no bundle of a ranking"):
            verify(path)

    def test_an_unknown_release_is_said(self, made: str, tmp_path: Path) -> None:
        path = tmp_path / "bundle.json"
        path.write_text(made.replace(releases.current().release.sha256, "0" * 64), encoding="utf-8")
        with pytest.raises(CommandError, match="cannot be ranked again: 000"):
            verify(path)

    def test_a_patient_that_is_refused_is_said(self, made: str, tmp_path: Path) -> None:
        content = json.loads(made)
        content["patient"]["ki67"] = 180
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(CommandError, match="its patient is refused: ki67"):
            verify(path)

    def test_a_missing_file_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read"):
            verify(tmp_path / "none.json")

"""What is taken from the page: the summary, the ranking, and a bundle that can be verified."""

from __future__ import annotations

import html as markup
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
from tests.pdf import streams_of

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


def in_one(said: str) -> str:
    """The text as if it were not broken into lines."""
    return " ".join(said.split())


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

    def test_the_text_carries_what_was_published_beside_what_the_model_says(self, client: Client) -> None:
        said = in_one(client.post("/summary.txt", colorectal()).content.decode())
        assert "PATIENT Colorectal small-cell NEC, Ki-67 80 %" in said
        assert "FIRST FOLFIRI, once complete DPD deficiency is excluded (place 1; Recommended for this patient)" in said
        assert "Published: Walter T, Lancet Oncol, 2023, 67 patients: response 18 %, survival 8.9 mo (5.7-10.6)" in said
        assert "Published: Walter T, Eur J Cancer, 2017, 72 patients: PFS 2.9 mo" in said
        model = "response 22 % (13-33), PFS 3.3 mo (2.5-4.4), survival 7.4 mo (5.7-9.5)"
        assert f"Model for this group: {model}" in said
        assert "125 effective patients in 3 studies, level A" in said
        assert said.index("Published: Walter T") < said.index(model)

    def test_the_text_carries_what_else_a_reader_has_to_know(self, client: Client) -> None:
        said = in_one(client.post("/summary.txt", colorectal()).content.decode())
        assert "Licence (United States): Off-label; no label on record" in said
        assert "NOT KNOWN, and not read as negative: Markers: MSI / MMR, TMB, BRAF V600E" in said
        assert "Decide the order: DPD; For cautions: bilirubin" in said
        assert "CAUTION cannot be checked, must not be given if: low marrow reserve; bilirubin above 3 x ULN" in said
        assert "Checked, does not apply: ECOG at least 3" in said
        assert "CAUTION, had before: Another drug of the class platinum received before" in said
        assert said.count("Survival does not separate these options") == 1
        assert "MSI / MMR (MSI-high or dMMR): chance" in said
        assert "opens: Pembrolizumab (rank 1)" in said
        assert "NCT05882058 DAREON-5: Recruiting, read 12 Nov 2025" in said
        assert "=4 FOLFOX" in said and "=4 Nivolumab with ipilimumab" in said
        assert "NOT SUITABLE:" in said
        assert releases.current().release.sha256 in said
        assert "Supports and does not replace judgement" in said

    def test_the_text_is_plain_and_as_wide_as_a_letter(self, client: Client) -> None:
        for values in ({}, {"msi": "high"}, {"ecog": "3"}, {"primary_site": "lung"}):
            text_of_it = client.post("/summary.txt", colorectal(**values)).content.decode()
            assert max(map(len, text_of_it.splitlines())) <= 100
            assert not set(text_of_it) & set("\N{NO-BREAK SPACE}\t–−’“≥≤×")

    def test_what_is_supposed_is_said_at_the_top(self, client: Client) -> None:
        values = colorectal(msi="high", supposed="msi")
        said = in_one(client.post("/summary.txt", values).content.decode())
        assert said.index("HYPOTHETICAL: MSI / MMR MSI-high or dMMR is supposed") < said.index("PATIENT")
        assert client.post("/ranking.pdf", values).content.startswith(b"%PDF-")
        assert "Hypothetical" in text(client.post("/ranking.json", values))

    def test_a_text_without_borrowed_evidence_says_so(self, client: Client) -> None:
        said = in_one(client.post("/summary.txt", colorectal(evidence="nec")).content.decode())
        assert "NEC ONLY: borrowed evidence is left out, so this is not the order of the method" in said

    def test_a_text_out_of_scope_ranks_nothing_and_leads_on(self, client: Client) -> None:
        said = in_one(client.post("/summary.txt", {"primary_site": "lung", "region": "EU"}).content.decode())
        assert "OUT OF SCOPE, nothing is ranked" in said
        assert "RECOMMENDED" not in said and "FIRST" not in said
        assert "- Studies of small-cell lung cancer: http://testserver/evidence/?histology=sclc" in said

    def test_the_pdf_is_tagged_and_of_two_pages(self, client: Client) -> None:
        response = client.post("/ranking.pdf", colorectal())
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"] == 'attachment; filename="ranking.pdf"'
        assert "no-store" in response.headers["Cache-Control"]
        inside = streams_of(response.content)
        assert b"pdfuaid:part" in inside and b"/StructTreeRoot" in inside
        assert b"/TH" in inside and b"/H1" in inside
        assert len(re.findall(rb"/Type\s*/Page\b", inside)) == 2

    @pytest.mark.parametrize(
        "values",
        [
            {"primary_site": "lung"},
            {"differentiation": "well", "histology": "nos"},
            {"ecog": "4"},
            {"msi": "high", "evidence": "nec"},
            {"pregnancy_or_breastfeeding": "on", "conditions": "pregnancy_or_breastfeeding"},
        ],
    )
    @pytest.mark.parametrize("language", ["en", "de"])
    def test_every_kind_of_answer_is_typeset(self, client: Client, values: dict[str, str], language: str) -> None:
        response = client.post("/ranking.pdf", colorectal(**values), headers={"Accept-Language": language})
        assert response.content.startswith(b"%PDF-")

    def test_what_is_taken_is_made_of_what_the_form_holds(self, client: Client) -> None:
        page = post(client, **colorectal(), live=True).content.decode()
        for path in ("/ranking.pdf", "/summary.txt", "/ranking.json", "/bundle.json"):
            assert f'type="submit" form="patient-form" formaction="{path}"' in page
        supposing = post(client, **colorectal(msi="high", supposed="msi"), live=True).content.decode()
        assert 'formaction="/ranking.pdf"' in supposing and 'formaction="/ranking.json"' not in supposing

    def test_the_text_is_fetched_when_it_is_opened_and_in_the_page_without_a_script(self, client: Client) -> None:
        live = post(client, **colorectal(), live=True).content.decode()
        assert 'hx-post="/summary.txt"' in live and "CAUTION" not in live
        whole = post(client, **colorectal(), everything="yes").content.decode()
        shown = re.search(r'<textarea[^>]*id="summary-text"[^>]*>(.*?)</textarea>', whole, re.DOTALL)
        told = client.post("/summary.txt", colorectal()).content.decode()
        assert shown is not None
        assert markup.unescape(shown[1]).strip().splitlines()[1:] == told.strip().splitlines()[1:]

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt", "/ranking.pdf"])
    def test_what_is_wrong_comes_back_as_the_page(self, client: Client, path: str) -> None:
        response = client.post(path, {"ki67": "180"})
        assert "Ki-67 is a percentage from 0 to 100. 180 is not." in text(response)

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt", "/ranking.pdf"])
    def test_patient_data_never_come_by_address(self, client: Client, path: str) -> None:
        assert client.get(path, colorectal()).status_code == 405

    @pytest.mark.parametrize("path", ["/ranking.json", "/bundle.json", "/summary.txt", "/ranking.pdf"])
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

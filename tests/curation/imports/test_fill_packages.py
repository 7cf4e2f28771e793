"""Work packages of whose number nothing is known here are filled in by a command that may ask outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from curation import actions
from curation.imports import clinicaltrials, pubmed, web
from curation.models import WorkPackage
from tests.factories.registers import FILES, Register
from tests.factories.surveillance import found_from

pytestmark = pytest.mark.django_db

STUDY = Path(FILES) / "study-completed.json"


@pytest.fixture
def sources(register: Register, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Register:
    """PubMed and the register on this machine, which may be asked."""
    settings.SURVEY_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "SCHEMES", ("http",))
    monkeypatch.setattr(web, "FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(pubmed, "API", f"{register.url}/efetch")
    monkeypatch.setattr(pubmed, "SEARCH", f"{register.url}/esearch")
    monkeypatch.setattr(clinicaltrials, "API", register.url)
    return register


def record(pmid: str, doi: str = "") -> bytes:
    named = f'<ELocationID EIdType="doi">{doi}</ELocationID>' if doi else ""
    return (
        f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article>"
        f"<ArticleTitle>A made-up text on made-up tumours</ArticleTitle>{named}</Article></MedlineCitation>"
        "</PubmedArticle></PubmedArticleSet>"
    ).encode()


def listed(*pmids: str) -> bytes:
    return json.dumps({"esearchresult": {"count": str(len(pmids)), "idlist": pmids}}).encode()


def begun(by: User, number: str) -> WorkPackage:
    return actions.begin_package(title=number, identifier=number, by=by)


def entries(row: WorkPackage) -> list[tuple[str, str]]:
    return list(row.entries.values_list("kind", "key"))


def test_each_by_itself(curator: User, sources: Register) -> None:
    rows = [begun(curator, number) for number in ("PMID 39000001", "NCT00000001", "NCT05882058")]
    sources.will(200, record("39000001"))
    sources.will(404)
    sources.will(200, STUDY.read_bytes())
    with pytest.raises(CommandError, match="1 work package could not be filled in"):
        call_command("fill_packages")
    assert [entries(row) for row in rows] == [
        [("publications", "anonymous-made")],
        [],
        [("trials", "NCT05882058")],
    ]
    assert {row.status for row in WorkPackage.objects.all()} == {"draft"}
    # What is filled in is not asked for again.
    sources.will(404)
    with pytest.raises(CommandError):
        call_command("fill_packages")
    assert len(sources.asked) == 4


class TestADoi:
    """PubMed's search names the records; the one that bears the DOI is taken."""

    DOI = "10.1000/s(24)1-x"

    def test_is_asked_for(self, curator: User, sources: Register) -> None:
        row = begun(curator, f"DOI {self.DOI}")
        sources.will(200, listed("39000001"))
        sources.will(200, record("39000001", self.DOI.upper()))
        call_command("fill_packages")
        asked = parse_qs(urlsplit(sources.asked[0]).query)
        assert asked["term"] == [f'"{self.DOI}"[AID]'] and asked["db"] == ["pubmed"]
        assert "id=39000001" in sources.asked[1]
        assert entries(row) == [("publications", "anonymous-made")]
        assert row.entries.get().values["pmid"] == "39000001"

    @pytest.mark.parametrize("answers", [[listed()], [listed("39000001"), record("39000001", "10.1000/other")]])
    def test_that_no_record_bears_fills_nothing(
        self, curator: User, sources: Register, capsys: pytest.CaptureFixture[str], answers: list[bytes]
    ) -> None:
        row = begun(curator, f"DOI {self.DOI}")
        for one in answers:
            sources.will(200, one)
        call_command("fill_packages")
        assert entries(row) == [] and "nothing was found" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("status", "body"),
        [(404, b""), (200, b"no JSON"), (200, b"[]"), (200, b"{}"), (200, listed(*map(str, range(1, 11))))],
    )
    def test_that_cannot_be_asked_for_fails_alone(
        self, curator: User, sources: Register, status: int, body: bytes
    ) -> None:
        rows = [begun(curator, f"DOI {self.DOI}"), begun(curator, "PMID 39000001")]
        sources.will(status, body)
        sources.will(200, record("39000001"))
        with pytest.raises(CommandError, match="1 work package"):
            call_command("fill_packages")
        assert entries(rows[0]) == [] and entries(rows[1])


@pytest.mark.parametrize("number", ["PMID 39000001", "DOI 10.1000/x", "NCT00000001"])
def test_only_hosts_of_the_setting_are_asked_and_in_time(
    curator: User, sources: Register, settings: Any, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    begun(curator, number)
    settings.SURVEY_HOSTS = ["eutils.ncbi.nlm.nih.gov"]
    with pytest.raises(CommandError):
        call_command("fill_packages")
    assert "only eutils.ncbi.nlm.nih.gov may be asked" in capsys.readouterr().err
    settings.SURVEY_HOSTS, settings.SURVEY_SECONDS = ["127.0.0.1"], -1
    with pytest.raises(CommandError):
        call_command("fill_packages")
    assert "not done within" in capsys.readouterr().err
    assert sources.asked == []


def test_what_a_search_found_meanwhile_is_not_asked_for(curator: User, sources: Register) -> None:
    row = begun(curator, "PMID 41000001")
    found_from("records.xml")
    call_command("fill_packages")
    assert row.entries.get().values["pmid"] == "41000001" and sources.asked == []

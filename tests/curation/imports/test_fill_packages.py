"""Work packages of whose number nothing is known here are filled in by a command that may ask outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from curation import actions
from curation.imports import clinicaltrials, pubmed, web
from curation.models import WorkPackage
from tests.factories.registers import FILES, Register

pytestmark = pytest.mark.django_db

STUDY = Path(FILES) / "study-completed.json"


def record(pmid: str) -> bytes:
    return (
        f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article>"
        "<ArticleTitle>A made-up text on made-up tumours</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        "</PubmedArticleSet>"
    ).encode()


def test_each_by_itself(
    curator: User, register: Register, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pubmed, "API", register.url)
    monkeypatch.setattr(clinicaltrials, "API", register.url)
    monkeypatch.setattr(web, "FIRST_WAIT_SECONDS", 0.0)
    numbers = ("PMID 39000001", "NCT00000001", "DOI 10.1000/x", "NCT05882058")
    rows = [actions.begin_package(title=number, identifier=number, by=curator) for number in numbers]
    register.will(200, record("39000001"))
    register.will(404)
    register.will(200, STUDY.read_bytes())
    with pytest.raises(CommandError, match="1 work package could not be filled in"):
        call_command("fill_packages")
    found = [list(row.entries.values_list("kind", "key")) for row in rows]
    assert found == [
        [("publications", "anonymous-made")],
        [],
        [],
        [("trials", "NCT05882058")],
    ]
    assert "a DOI is not asked for" in capsys.readouterr().out
    assert {row.status for row in WorkPackage.objects.all()} == {"draft"}
    # What is filled in is not asked for again.
    register.will(404)
    with pytest.raises(CommandError):
        call_command("fill_packages")
    assert len(register.asked) == 4

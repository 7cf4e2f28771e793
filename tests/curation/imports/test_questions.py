"""What an import would make worse is asked once, and answered by a curator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from curation import actions
from curation.imports import clinicaltrials, pubmed
from curation.models import ImportQuestion, Proposal
from regimens.models.choices import QuestionAnswer
from tests.factories.accounts import signed_in
from tests.factories.curation import content, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

STUDY = Path(__file__).parent / "files" / "study-completed.json"
KEY = "walter-2023-bevanec"
PAGE = "/admin/questions/"


def record(pages: str, doi: str = "", valid: str = "Y") -> pubmed.PubmedRecord:
    known = content("publications", KEY)
    volume = known["locator"].partition(":")[0]
    number = f'<ELocationID EIdType="doi" ValidYN="{valid}">{doi}</ELocationID>' if doi else ""
    text = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>36999999</PMID><Article><Journal><JournalIssue>"
        f"<Volume>{volume}</Volume></JournalIssue></Journal><ArticleTitle>{known['title']}</ArticleTitle>"
        f"<Pagination><MedlinePgn>{pages}</MedlinePgn></Pagination>{number}</Article></MedlineCitation>"
        "</PubmedArticle></PubmedArticleSet>"
    )
    (found,), problems = pubmed.read_records(text.encode(), "x")
    assert not problems
    return found


@pytest.mark.parametrize(
    ("held", "pages", "doi", "valid", "fields"),
    [
        ("24:297-306", "297", "", "Y", ["locator"]),
        ("24:297-306", "297-306", "", "Y", []),
        ("24:297-306", "297-6", "", "Y", []),
        ("24:297-306", "301-309", "", "Y", []),  # another page is a difference, and proposed
        ("24:297-306", "297-306", "10.1000/held", "N", ["doi"]),
        ("24:297-306", "297-306", "10.1000/other", "N", []),
    ],
)
def test_what_a_record_would_make_worse_is_a_question(
    held: str, pages: str, doi: str, valid: str, fields: list[str]
) -> None:
    known = content("publications", KEY, locator=held, doi="10.1000/held")
    given = record(pages.replace("24:", ""), doi, valid)
    given = pubmed.PubmedRecord(**{**given.__dict__, "locator": f"24:{pages}"})
    assert [one.field for one in pubmed.questions_on(given, known)] == fields
    changed = pubmed.known_entry(given, known)
    for field in fields:
        assert changed[field] == known[field]


def test_an_older_state_and_a_curators_words_are_questions() -> None:
    (trial,) = clinicaltrials.read_studies(STUDY.read_bytes(), "x").trials
    known = content("trials", "NCT05882058", looked_up_on="2026-10-01", status_as_seen="recruiting")
    older = list(clinicaltrials.questions_on(trial, known, looked_up_on=date(2025, 1, 1)))
    assert [(one.field, one.held, one.offered) for one in older] == [("status_as_seen", "recruiting", trial.status)]
    newer = clinicaltrials.questions_on(trial, known, looked_up_on=date(2026, 11, 1))
    assert {one.field for one in newer} == {"title", "key_eligibility"}


@pytest.mark.parametrize(
    ("held", "offered", "is_older"),
    [
        ("recruiting", "not-yet-recruiting", True),
        ("completed", "recruiting", True),
        ("terminated", "active-not-recruiting", True),
        ("not-yet-recruiting", "recruiting", False),
        ("suspended", "recruiting", False),
        ("unknown", "recruiting", False),
        ("recruiting", "unknown", False),
    ],
)
def test_a_trial_without_a_day_does_not_go_back_in_its_course(held: str, offered: str, is_older: bool) -> None:
    (trial,) = clinicaltrials.read_studies(STUDY.read_bytes(), "x").trials
    trial = replace(trial, status=offered)
    known = content("trials", "NCT05882058", looked_up_on=None, status_as_seen=held)
    given = clinicaltrials.questions_on(trial, known, looked_up_on=date(2026, 11, 1))
    assert ("status_as_seen" in {one.field for one in given}) is is_older


def asked(by: User, offered: Any = "24:297") -> list[ImportQuestion]:
    held = content("publications", KEY)["locator"]
    one = actions.Asked("publications", KEY, "locator", held, offered, "The first page alone.", "https://example.org/")
    return actions.ask_questions([one, one], by=by)


def test_each_value_is_asked_about_once() -> None:
    ada = somebody("ada")
    (question,) = asked(ada)
    assert not asked(ada)
    actions.answer_question(question, answer=QuestionAnswer.KEEP, by=ada)
    assert not asked(somebody("ben")) and len(asked(ada, "24:299")) == 1
    assert not asked(ada, content("publications", KEY)["locator"])
    with pytest.raises(actions.AlreadyDecided):
        actions.answer_question(question, answer=QuestionAnswer.TAKE, by=ada)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE regimens_importquestion SET answer = 'take' WHERE id = %s", [question.pk])


def test_what_is_taken_is_proposed_and_what_is_kept_is_not() -> None:
    ada = somebody("ada")
    client: Client = signed_in(ada)
    one, two = *asked(ada), *asked(ada, "24:298")
    assert "The first page alone." in client.get(PAGE).content.decode()
    client.post(PAGE, {"answer": f"take-{one.pk}"}, headers={"accept-language": "de"})
    (proposal,) = Proposal.objects.all()
    assert proposal.reason == "The first page alone. Taken all the same."
    assert proposal.values["locator"] == "24:297" and proposal.source == "https://example.org/"
    client.post(PAGE, {"answer": "keep", "question": [two.pk]})
    assert [row.answer for row in ImportQuestion.objects.order_by("pk")] == ["take", "keep"]
    assert Proposal.objects.count() == 1
    assert signed_in(somebody("bo", "Board member")).get(PAGE).status_code == 403


def test_the_command_asks_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_trials", str(STUDY), by=somebody("ada").username, looked_up_on=date(2026, 11, 1))
    said = capsys.readouterr().out
    assert "asked of NCT05882058, title" in said and "A curator answers" in said
    call_command("import_trials", str(STUDY), by="ada", looked_up_on=date(2026, 11, 1))
    assert "asked of" not in capsys.readouterr().out

"""Notices against what is held: pinned once, proposed, told beside the release until it says the same, or settled."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.actions import exclusive
from audit.errors import ActionRefused
from curation import actions
from curation.actions import publishing
from curation.errors import AlreadyDecided, NothingToChange
from curation.identity import Likeness, of_citation
from curation.imports.pubmed import PrintedNotice
from curation.models import SearchLook
from curation.surveillance.files import read_file
from curation.surveillance.notices import propose_notice, report_notices, settle_notice, waiting_notices
from curation.surveillance.records import ReportedAgainst
from regimens import releases
from regimens.models import Publication, ReportedNotice
from regimens.models.choices import NoticeKind
from regimens.rules.ranking import rank
from tests.factories.surveillance import FILES

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

KEY = "walter-2023-bevanec"


def report(name: str = "retractions.csv") -> list[ReportedNotice]:
    answer = read_file((FILES / name).read_bytes(), name, today=timezone.localdate())
    return report_notices(answer.notices, found_by=name, by=None, now=timezone.now())


def told() -> list[tuple[str, str]]:
    releases.current()
    return [(one.publication, str(one.kind)) for one in releases.reported()]


@pytest.mark.parametrize("name", ["retractions.csv", "records.xml", "records.nbib"])
def test_a_retraction_is_pinned_once_whoever_reports_it(name: str) -> None:
    made = report(name)
    assert [(one.publication, one.kind, one.matched) for one in made] == [(KEY, "retraction", "the same PMID")]
    assert [report(again) for again in ("retractions.csv", "records.xml", "records.nbib")] == [[], [], []]
    assert told() == [(KEY, "retraction")]


def test_a_notice_with_wrong_identifiers_is_known_by_its_title() -> None:
    held = Publication.objects.get(key="walter-2023-bevanec")
    text = of_citation(pmid="99999999", doi="10.1/other", title=held.title, year=held.year, author="Author1 A")
    notice = PrintedNotice(NoticeKind.RETRACTION, "Made Up Oncol. 2026;27:1", "https://example.org/notice")
    (row,) = report_notices([ReportedAgainst(text, notice)], found_by="a file", by=None, now=timezone.now())
    assert (row.publication, row.matched) == (held.key, Likeness.TITLE)


def test_a_look_pins_it_and_does_not_call_the_paper_unchanged(look: Any) -> None:
    looked = look(key="held-publications")
    assert [one.publication for one in looked.notices] == [KEY]
    assert SearchLook.objects.get().unchanged == []


def test_it_is_told_until_a_release_says_it_and_no_ranking_moves_before(ada: User, ben: User) -> None:
    before = releases.current()
    patient = before.patient({"primary_site": "colorectal"})
    then = [option.regimen.slug for option in rank(patient, before).options]
    (row,) = report()
    proposal = propose_notice(row, by=ada).proposal
    assert proposal.values["notice"]["kind"] == "retraction"
    assert [one.pk for one in waiting_notices()] == [row.pk]
    actions.accept(proposal, by=ben)
    assert waiting_notices() == []
    assert told() == [(KEY, "retraction")]
    assert [option.regimen.slug for option in rank(patient, releases.current()).options] == then
    publishing.publish("without it")
    assert told() == []
    assert releases.current().publications[KEY]["notice"]["kind"] == "retraction"
    with pytest.raises(NothingToChange):
        propose_notice(row, by=ada)


def test_one_that_is_not_against_the_paper_is_settled_for_a_reason_and_not_reported_again(ada: User) -> None:
    (row,) = report()
    with pytest.raises(ActionRefused, match="why"):
        settle_notice(row, because=" ", by=ada, now=timezone.now())
    settle_notice(row, because="Another paper of the same name.", by=ada, now=timezone.now())
    assert told() == []
    assert report() == []
    with pytest.raises(AlreadyDecided):
        settle_notice(row, because="Again.", by=ada, now=timezone.now())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), exclusive():
        ReportedNotice.objects.update(settled_because="Something else.")


def test_pages_say_it_without_another_query(client: Client, ada: User, django_assert_num_queries: Any) -> None:
    report()
    releases.current()
    with django_assert_num_queries(1):
        releases.current()
    words = "A retraction was reported"
    for address in ("/", "/method/", f"/evidence/{KEY}/", "/about/"):
        assert words in client.get(address).content.decode(), address
    (row,) = ReportedNotice.objects.all()
    settle_notice(row, because="Another paper.", by=ada, now=timezone.now())
    for address in ("/", "/method/", f"/evidence/{KEY}/"):
        assert words not in client.get(address).content.decode(), address


def test_each_of_several_errata_is_pinned() -> None:
    """Also one that is printed once another is known; what one page shows is one."""
    held = Publication.objects.get(key=KEY)
    text = of_citation(pmid=held.pmid, doi=None, title=held.title, year=held.year, author="")

    def errata(*places: tuple[str, str]) -> list[str]:
        notices = [
            ReportedAgainst(text, PrintedNotice(NoticeKind.ERRATUM, said, f"https://example.org/{page}"))
            for page, said in places
        ]
        return [one.text for one in report_notices(notices, found_by="a file", by=None, now=timezone.now())]

    assert errata(("1", "A 1:2"), ("2", "A 1:3"), ("2", "A 1:4")) == ["A 1:2", "A 1:3; A 1:4"]
    assert errata(("2", "A 1:3"), ("3", "A 1:5")) == ["A 1:5"]


def test_the_record_of_a_notice_without_the_number_of_its_text_is_known_by_the_title() -> None:
    title = Publication.objects.get(key=KEY).title
    record = f"PMID- 99000001\nTI  - Expression of Concern: {title}.\nDP  - 2025\n"
    answer = read_file(record.encode(), "one.nbib", today=timezone.localdate())
    (row,) = report_notices(answer.notices, found_by="a file", by=None, now=timezone.now())
    assert (row.publication, row.kind) == (KEY, "expression-of-concern")

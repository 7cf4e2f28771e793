"""The open door: anybody reports, curators answer, and nothing that was typed is public before."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.errors import NotAllowed
from audit.models import Event
from curation.actions import reports as actions
from curation.admin.reports import count_open
from curation.errors import AlreadyDecided, TextRefused, TooMany
from curation.models import Report, ReportCount
from curation.reported import About, about
from regimens import releases
from tests.factories.accounts import signed_in
from tests.factories.curation import somebody
from tests.factories.reports import ABOUT, WORDS, a_report, report_by_form
from tests.pages import shown

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def subject() -> About:
    found = about("regimens:folfiri", "os", "", releases.current())
    assert found is not None
    return found


class TestAnybody:
    def test_reports_without_an_account_and_gets_a_reference(self) -> None:
        form = shown(Client().get("/reports/new/", ABOUT))
        assert "FOLFIRI" in form
        assert "OS" in form
        report = a_report(source="PMID 36623515")
        assert (report.kind, report.key, report.place_words) == ("regimens", "folfiri", "OS")
        assert report.release == releases.current().release.sha256
        page = shown(Client().get(f"/reports/{report.reference.lower()}/"))
        assert report.reference in page
        assert "5.9" not in page

    def test_the_event_carries_neither_address_nor_words_nor_reference(self) -> None:
        report = a_report()
        event = Event.objects.get(action="report-error")
        assert (event.address, event.by) == (None, None)
        assert "5.9" not in str(event.details)
        assert report.reference not in str(event.details)

    def test_no_address_is_stored_and_former_hours_are_forgotten(self) -> None:
        now = timezone.now()
        for later in range(2):
            actions.report(
                about=subject(), words=WORDS, source="", address="192.0.2.7", at=now + timedelta(hours=later)
            )
        row = ReportCount.objects.get()
        assert re.fullmatch("[0-9a-f]{64}", row.caller)

    def test_a_token_is_asked_for(self) -> None:
        assert report_by_form(Client(enforce_csrf_checks=True)).status_code == 403

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"words": "Patient Weiss, born 3.4.1957, had a response."}, "identify the patient"),
            ({"words": "MRN 12345678 had a response."}, "identify the patient"),
            ({"words": "   "}, "sentence or two"),
            ({"words": "x" * 2001}, "At most 2000"),
            ({"source": "my own patient"}, "PMID"),
            ({"source": "https://example.org/born-1957-04-03"}, "identify the patient"),
        ],
    )
    def test_what_is_refused_comes_back_with_what_was_typed(self, fields: dict[str, str], said: str) -> None:
        response = report_by_form(**fields)
        assert response.status_code == 422
        assert said in shown(response)
        assert fields.get("words", WORDS).strip()[:20] in shown(response)
        assert not Report.objects.exists()

    @pytest.mark.parametrize(
        "source", ["", "https://doi.org/10.1016/S1470-2045(22)00805-9", "10.1016/j.x.2020.1", "36623515", "NCT05058651"]
    )
    def test_sources_are_addresses_and_numbers(self, source: str) -> None:
        assert a_report(source=source).source == source

    @pytest.mark.parametrize(
        "given",
        [
            {"about": "regimens:no-such"},
            {"about": "people:ada"},
            {"about": ""},
            {"about": "regimens"},
        ],
    )
    def test_only_what_a_release_holds_is_reported_on(self, given: dict[str, str]) -> None:
        assert Client().get("/reports/new/", given).status_code == 404

    def test_nothing_of_an_address_stands_on_the_page_but_what_the_release_says(self) -> None:
        for at in ("Jane Doe", "cohort-1", "<b>", "cohort-99999"):
            assert (
                at
                not in shown(Client().get("/reports/new/", ABOUT | {"at": at, "release": "f" * 64})).split("name=")[0]
            )

    def test_an_address_reports_so_often_an_hour_and_another_still_may(self) -> None:
        now = timezone.now()

        def by(address: str, at: Any = now) -> Report:
            return actions.report(about=subject(), words=WORDS, source="", address=address, at=at)

        for last in range(actions.MOST_OF_ONE):
            by(f"2001:db8::{last + 1}")  # one network is one caller
        with pytest.raises(TooMany):
            by("2001:db8::ffff")
        by("192.0.2.7")
        by("2001:db8::1", now + timedelta(hours=1))

    def test_all_together_report_so_often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "MOST_OF_ALL", 2)
        for last in range(2):
            assert report_by_form(Client(REMOTE_ADDR=f"192.0.2.{last}")).status_code == 302
        refused = report_by_form(Client(REMOTE_ADDR="192.0.2.9"))
        assert refused.status_code == 429
        assert WORDS in shown(refused)


class TestCurators:
    def test_answer_for_everybody(self) -> None:
        report, ada = a_report(), somebody("ada")
        assert count_open(ada) == 1
        actions.take_up(report, by=ada)
        actions.answer(report, published="A median was said to be wrong.", answer="It was; it is 5.9.", by=ada)
        for address in ("/reports/", f"/reports/{report.reference}/", "/options/folfiri/"):
            page = shown(Client().get(address))
            assert "It was; it is 5.9." in page, address
            assert WORDS not in page, address
        assert report.reference not in shown(Client().get("/reports/"))
        assert "answered-heading" not in Client().get("/options/folfox/").content.decode()
        assert count_open(ada) == 0
        told = [event.action for event in Event.objects.order_by("pk") if "report" in event.details]
        assert told == ["report-error", "take-up-report", "answer-report"]

    def test_decline_to_its_reporter_alone(self) -> None:
        report = a_report()
        actions.decline(report, answer="Both are right.", by=somebody("ada"))
        assert "Both are right." in shown(Client().get(f"/reports/{report.reference}/"))
        for address in ("/reports/", "/options/folfiri/"):
            assert "Both are right." not in shown(Client().get(address))

    def test_nothing_typed_is_public_before(self) -> None:
        a_report(words="Zebra is no median.")
        for address in ("/reports/", "/options/folfiri/", "/releases/", "/releases/feed/"):
            assert "Zebra" not in Client().get(address).content.decode()

    def test_what_they_publish_is_judged_too(self) -> None:
        with pytest.raises(TextRefused):
            actions.answer(a_report(), published="Mr Weiss said so.", answer="No.", by=somebody("ada"))

    def test_an_answer_stands(self) -> None:
        report, ada = a_report(), somebody("ada")
        actions.answer(report, published="So.", answer="Yes.", by=ada)
        for again in (
            lambda: actions.take_up(report, by=ada),
            lambda: actions.decline(report, answer="No.", by=ada),
            lambda: actions.answer(report, published="So.", answer="No.", by=ada),
        ):
            with pytest.raises(AlreadyDecided):
                again()

    def test_what_was_typed_can_be_deleted_for_good(self) -> None:
        report, ada = a_report(), somebody("ada")
        actions.answer(report, published="So.", answer="Yes.", by=ada)
        actions.let_go_of_words(report, by=ada)
        report.refresh_from_db()
        assert (report.words, report.published) == ("", "So.")

    def test_only_curators(self) -> None:
        report, pat = a_report(), somebody("pat", "Clinician")
        with pytest.raises(NotAllowed):
            actions.take_up(report, by=pat)
        assert signed_in(somebody("pam", "Publisher")).get("/admin/reports/").status_code == 403

    def test_by_their_pages(self) -> None:
        report, client = a_report(), signed_in(somebody("ada"))
        page = reverse("admin:report", args=[report.pk])
        assert "Reported as wrong" in shown(client.get("/admin/"))
        assert WORDS in shown(client.get("/admin/reports/"))
        assert WORDS in shown(client.get(page))
        assert client.post(page, {"decision": "take-up"}).status_code == 302
        assert client.post(page, {"decision": "take-up"}).status_code == 409
        refused = client.post(page, {"decision": "answer", "published": "Mrs Weiss", "answer": "kept as typed"})
        assert refused.status_code == 422
        assert "kept as typed" in shown(refused)
        assert client.post(page, {"decision": "burn"}).status_code == 422
        assert client.post(page, {"decision": "decline", "answer": "Both are right."}).status_code == 302
        assert "Both are right." in shown(client.get("/admin/reports/"))


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE regimens_report SET title = 'other'", "open"),
        ("UPDATE regimens_report SET words = 'other'", "open"),
        ("UPDATE regimens_report SET answer = 'other'", "answered"),
        ("UPDATE regimens_report SET state = 'open', taken_by_id = NULL, taken_at = NULL", "in-work"),
        ("UPDATE regimens_report SET state = 'answered'", "open"),
        ("DELETE FROM regimens_report", "open"),
    ],
)
def test_the_database_holds_it(statement: str, state: str) -> None:
    report, ada = a_report(), somebody("ada")
    if state == "in-work":
        actions.take_up(report, by=ada)
    if state == "answered":
        actions.answer(report, published="So.", answer="Yes.", by=ada)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_beside_every_figure() -> None:
    knowledge = releases.current()
    key = next(key for key, row in knowledge.publications.items() if row["results"])
    for address, said in {
        "/options/folfiri/": "about=regimens:folfiri&amp;at=os",
        f"/evidence/{key}/": f"about=publications:{key}&amp;at=cohort-0",
        "/drugs/irinotecan/": "about=drugs:irinotecan",
        "/biomarkers/dpyd/": "about=biomarkers:dpyd",
        "/trials/": "about=trials:NCT",
        "/guidelines/": "about=guidelines:",
    }.items():
        page = Client().get(address).content.decode()
        assert said in page, address
        for link in set(re.findall(r'href="(/reports/new/[^"]+)"', page)):
            assert f"release={knowledge.release.sha256}" in link, link

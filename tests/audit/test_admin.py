"""The audit trail in the admin: who may see it, how it is found and read, and how it is taken away."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import chain
from audit import events as audit_events
from audit.guard import RECORDS
from audit.models import Event
from audit.periods import narrower
from audit.sentences import details_of, known_actions
from curation.models import Proposal
from regimens import releases
from tests.factories.curation import rename_folfiri, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

LIST = "/admin/regimens/event/"
EXPORTS = [f"{LIST}export.csv", f"{LIST}export.jsonl"]
ROLES = ["Clinician", "Board member", "Curator", "Publisher", "Administrator"]


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(somebody("root", "Administrator", declares=""))
    return client


def page(client: Client, **asked: Any) -> str:
    """The list's HTML, space collapsed."""
    response = client.get(LIST, asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def listed(client: Client, **asked: Any) -> list[Event]:
    response = client.get(LIST, asked)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def exported(client: Client, **asked: Any) -> list[dict[str, Any]]:
    response = client.get(EXPORTS[1], asked)
    assert response.status_code == 200 and response.streaming
    return [json.loads(line) for line in b"".join(response.streaming_content).decode().splitlines()]


class TestWhoMaySeeIt:
    def test_the_roles_are_all_tried(self) -> None:
        assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)

    @pytest.mark.parametrize("role", ROLES)
    def test_administrators_alone(self, client: Client, role: str) -> None:
        person = somebody("one", role)
        client.force_login(person)
        one = reverse("admin:regimens_event_change", args=[Event.objects.earliest("pk").pk])
        status = 200 if role == "Administrator" else 403
        before = Event.objects.count()
        for path in (LIST, one, *EXPORTS):
            assert client.get(path).status_code == status, path
        exports = Event.objects.exclude(action="refuse-access").count() - before
        assert exports == (2 if role == "Administrator" else 0)
        assert ("Events" in client.get("/admin/").content.decode()) == (role == "Administrator")

    def test_who_is_not_signed_in_is_asked_to(self, client: Client) -> None:
        for path in (LIST, *EXPORTS):
            assert client.get(path).status_code == 302

    def test_nobody_adds_changes_or_deletes(self, admin: Client) -> None:
        event = Event.objects.earliest("pk")
        for name, arguments in (("add", []), ("change", [event.pk]), ("delete", [event.pk])):
            assert (
                admin.post(reverse(f"admin:regimens_event_{name}", args=arguments), {"post": "yes"}).status_code == 403
            )
        assert admin.post(EXPORTS[0]).status_code == 405
        assert admin.get(f"{LIST}export.exe").status_code == 404


class TestWords:
    def test_a_proposal_is_named_as_people_know_it_and_linked(self, admin: Client) -> None:
        rename_folfiri()
        proposal = Proposal.objects.latest("pk")
        shown = page(admin)
        link = f'<a href="/admin/regimens/proposal/{proposal.pk}/change/">FOLFIRI, renamed (regimen)</a>'
        assert f"accepted the proposal on {link}" in shown
        assert f"proposed a change of {link}" in shown
        assert "Reason: Read again." in shown
        assert "{&quot;" not in shown

    def test_a_release_is_linked(self, admin: Client) -> None:
        release = releases.in_force()
        assert f'published release <a href="/admin/regimens/knowledgerelease/{release.pk}/change/">shipped</a>' in page(
            admin
        )

    def test_an_account_is_linked_until_it_is_gone(self, admin: Client) -> None:
        cy = User.objects.create_user("cy")
        assert f'created the account <a href="/admin/auth/user/{cy.pk}/change/">cy</a>' in page(admin)
        cy.delete()
        assert "deleted the account cy" in page(admin)

    def test_what_was_typed_is_no_markup(self, admin: Client) -> None:
        admin.logout()
        Client().post("/account/sign-in/", {"username": "<script>alert(1)</script>", "password": "x"})
        admin.force_login(User.objects.get(username="root"))
        shown = page(admin)
        assert "could not sign in as &lt;script&gt;" in shown
        assert "<script>alert" not in shown

    def test_an_action_from_elsewhere_is_shown_all_the_same(self, admin: Client) -> None:
        audit_events.record("lock-out", "cy", details={"failures": 5})
        shown = page(admin)
        assert "lock out cy" in shown
        assert "Failures: 5" in shown

    @pytest.mark.parametrize(
        ("details", "said"),
        [
            ({"changed": {"is_active": [True, False]}}, "Changed: active: yes → no"),
            ({"changed": {"regimens": ["folfiri"], "trials": []}}, "Changed: 1 regimens (folfiri)"),
            ({"added": {"trials": list("abcdefgh")}}, "Added: 8 trials"),
            ({"also_changed": ["email"]}, "Changed as well: e-mail address"),
            ({"added": ["Curator"], "account": 3}, "Added: Curator"),
            ({"as_baseline": True}, "As the baseline: yes"),
            ({"filters": {"action": "accept"}, "rows": 3}, "Filters: action: accept; Rows: 3"),
            ({"superseded": []}, ""),
        ],
    )
    def test_details_read_as_words(self, details: dict[str, Any], said: str) -> None:
        assert "; ".join(map(str, details_of(details))) == said

    def test_one_event_is_shown_whole_with_its_hash(self, admin: Client) -> None:
        rename_folfiri()
        chain.seal_all()
        event = Event.objects.get(action="accept")
        shown = admin.get(reverse("admin:regimens_event_change", args=[event.pk])).content.decode()
        assert event.seal.sha256 in shown and event.seal.former in shown
        assert "<dt>SHA-256</dt>" in shown
        assert "Account of the operating system" in shown

    def test_however_many_are_listed_queries_stay_the_same(self, admin: Client) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                page(admin)
            return len(queries)

        rename_folfiri("one")
        few = count()
        for name in ("two", "three", "four"):
            rename_folfiri(name)
            User.objects.create_user(name)
        assert count() == few


class TestFinding:
    @pytest.fixture(autouse=True)
    def events(self, admin: Client) -> None:
        rename_folfiri()
        now = timezone.now()
        with RECORDS.open():
            for days, address in ((0, "192.0.2.7"), (10, "2001:db8::7"), (400, None)):
                Event.objects.create(action="export", subject=f"{days} days", at=now - timedelta(days), address=address)

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"action": "export"}, ["0 days", "10 days", "400 days"]),
            ({"action": "export", "by": "nobody", "subject": "10"}, ["10 days"]),
            ({"subject": "10 DAYS"}, ["10 days"]),
            ({"address": "192.0.2.7"}, ["0 days"]),
            ({"address": "2001:DB8:0::7"}, ["10 days"]),
            ({"address": "192.0.2"}, []),
            ({"q": "400 days"}, ["400 days"]),
            ({"q": "export"}, ["0 days", "10 days", "400 days"]),
        ],
    )
    def test_by_each_filter(self, admin: Client, asked: dict[str, str], found: list[str]) -> None:
        assert sorted(event.subject for event in listed(admin, **asked)) == found

    def test_by_person(self, admin: Client) -> None:
        ada = User.objects.get(username="ada")
        assert {event.by for event in listed(admin, by=ada.pk)} == {ada}
        assert {event.action for event in listed(admin, q="ada", action="propose")} == {"propose"}

    def test_by_period_with_both_days(self, admin: Client) -> None:
        day = (timezone.now() - timedelta(days=10)).date().isoformat()
        assert [event.subject for event in listed(admin, since=day, until=day)] == ["10 days"]
        assert listed(admin, until="1999-01-01") == []
        assert admin.get(LIST, {"since": "yesterday"}).status_code == 302
        assert admin.get(EXPORTS[0], {"since": "yesterday"}).status_code == 302
        assert admin.get(LIST, {"by": "x"}).status_code == 302

    def test_from_years_to_months_to_days_and_back(self, admin: Client) -> None:
        then = (timezone.now() - timedelta(days=400)).date()
        year = f"since={then.year}-01-01&until={then.year}-12-31"
        response = admin.get(LIST, {"action": "export", "p": "1"})
        assert (str(then.year), f"?action=export&{year}") in response.context["cl"].narrower
        response = admin.get(f"{LIST}?action=export&{year}")
        assert [event.subject for event in response.context["cl"].result_list] == ["400 days"]
        assert response.context["cl"].wider == ("All", "?action=export")
        month = dict(response.context["cl"].narrower)[f"{then:%B %Y}"]
        response = admin.get(LIST + month)
        assert [event.subject for event in response.context["cl"].result_list] == ["400 days"]
        assert response.context["cl"].wider == (str(then.year), f"?action=export&{year}")
        response = admin.get(LIST + dict(response.context["cl"].narrower)[f"{then.day} {then:%B}"])
        assert [event.subject for event in response.context["cl"].result_list] == ["400 days"]
        assert response.context["cl"].wider == (f"{then:%B %Y}", month)
        assert response.context["cl"].narrower == []

    def test_the_form_shows_what_is_asked_and_keeps_the_search(self, admin: Client) -> None:
        shown = page(admin, action="export", subject="days", q="days", p="1")
        assert '<input type="hidden" name="q" value="days">' in shown
        assert 'name="p"' not in shown
        assert 'name="subject" value="days"' in shown
        assert '<option value="export" selected>exported …</option>' in shown

    def test_every_action_with_words_and_everybody_who_did_something_can_be_chosen(self, admin: Client) -> None:
        idle = User.objects.create_user("idle")
        shown = page(admin)
        assert all(f'<option value="{action}" >' in shown for action in known_actions())
        assert ">ada</option>" in shown
        assert f'<option value="{idle.pk}"' not in shown

    def test_there_is_nothing_inline(self, admin: Client) -> None:
        shown = page(admin)
        assert "<style" not in shown and " style=" not in shown and " onclick=" not in shown


class TestExporting:
    def test_it_is_what_is_listed_and_an_event(self, admin: Client) -> None:
        rename_folfiri()
        lines = exported(admin, action="accept")
        assert [(line["action"], line["person"]) for line in lines] == [("accept", "ben")]
        event = Event.objects.first()
        assert (event.action, event.by.username) == ("export-events", "root")
        assert event.details == {"rows": 1, "filters": {"action": "accept"}}
        assert "exported the events as" in page(admin)

    def test_it_holds_no_event_of_itself(self, admin: Client) -> None:
        count = Event.objects.count()
        assert len(exported(admin)) == count
        assert len(exported(admin)) == count + 1

    def test_the_table_has_no_formulas_and_reads_in_english(self, admin: Client) -> None:
        Client().post("/account/sign-in/", {"username": "=cmd|'/c calc'!A1", "password": "x"})
        response = admin.get(EXPORTS[0], headers={"Accept-Language": "de"})
        assert response.headers["Content-Disposition"].startswith('attachment; filename="events-')
        assert "no-store" in response.headers["Cache-Control"]
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        failed = next(row for row in rows if row["action"] == "sign-in-failed")
        assert failed["subject"] == "'=cmd|'/c calc'!A1"
        assert failed["what"].startswith("could not sign in as")

    def test_every_page_of_the_list_is_in_it(self, admin: Client) -> None:
        for number in range(60):
            audit_events.record("try", f"number {number}")
        assert len(exported(admin, subject="number")) == 60
        assert len(exported(admin, subject="number", p="2")) == 60

    def test_the_list_links_to_it_with_its_filters(self, admin: Client) -> None:
        shown = page(admin, action="export", subject="a&b")
        assert f'href="{EXPORTS[0]}?action=export&amp;subject=a%26b"' in shown


@pytest.mark.parametrize(
    ("first", "last", "since", "until", "labels"),
    [
        ("2024-11-30", "2026-01-02", None, None, ["2024", "2025", "2026"]),
        ("2026-11-30", "2026-12-02", None, None, ["November 2026", "December 2026"]),
        ("2024-11-30", "2026-01-02", "2024-01-01", "2024-12-31", ["November 2024", "December 2024"]),
        ("2024-02-27", "2026-01-02", "2024-02-01", "2024-02-29", ["27 February", "28 February", "29 February"]),
        ("2024-11-30", "2026-01-02", "2025-01-05", "2025-01-05", []),
        ("2024-11-30", "2026-01-02", "2025-01-05", "2025-02-05", ["2024", "2025", "2026"]),
        ("2024-11-30", "2026-01-02", "2025-01-05", None, ["2024", "2025", "2026"]),
    ],
)
def test_periods_hold_days_that_have_events(
    first: str, last: str, since: str | None, until: str | None, labels: list[str]
) -> None:
    days = [day and date.fromisoformat(day) for day in (first, last, since, until)]
    assert [period.label for period in narrower(*days)] == labels

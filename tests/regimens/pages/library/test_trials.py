"""`/trials/`: every trial, and each checked against the patient that is sent from the ranking."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from regimens import releases
from regimens.models.choices import TrialStatus
from regimens.pages.library.trials import TrialFilter, trial_groups
from regimens.rules.trials import judged_trials
from tests.factories.patients import colorectal
from tests.pages import html, text

pytestmark = pytest.mark.django_db

FEATURES = {"primary_site": "colorectal", "lines_received": 1, "platinum_received": True}


def listed(response: HttpResponse) -> list[str]:
    return re.findall(r'href="https://clinicaltrials.gov/study/(NCT\d{8})"', html(response))


def fits(response: HttpResponse) -> list[str]:
    return re.findall(r'<p class="fit fit-(true|unknown|false)">', html(response))


def trials(client: Client, **entered: Any) -> HttpResponse:
    return client.post("/trials/", colorectal() | entered)


class TestWithoutAPatient:
    def test_nothing_is_checked(self, client: Client) -> None:
        response = client.get("/trials/")
        assert "This patient" not in text(response)
        assert len(listed(response)) == len(releases.current().document["trials"])
        assert fits(response) == []


def shown(page: str) -> list[dict[str, Any]]:
    """The rows of the release in the order of the page."""
    rows = {trial["nct"]: trial for trial in releases.current().document["trials"]}
    return [rows[nct] for nct in re.findall(r'<tr id="(NCT\d{8})"', page)]


class TestFilters:
    def test_what_recruits_comes_first(self, client: Client) -> None:
        order = list(TrialStatus.values)
        found = [order.index(trial["status_as_seen"]) for trial in shown(html(client.get("/trials/")))]
        assert found == sorted(found)

    def test_of_one_status_what_was_read_last_comes_first(self, client: Client) -> None:
        found = [
            trial.get("looked_up_on") or "" for trial in shown(html(client.get("/trials/", {"status": "recruiting"})))
        ]
        assert found == sorted(found, reverse=True)

    def test_a_country_leaves_its_trials_and_those_of_which_none_is_on_record_apart(self, client: Client) -> None:
        page = html(client.get("/trials/", {"country": "France"}))
        named, _heading, unknown = page.partition("Countries not on record: may be there too")
        assert all("France" in trial["countries"] for trial in shown(named))
        assert len(shown(named)) == 3
        assert {trial["countries"] for trial in shown(unknown)} == {None}
        everywhere = releases.current().document["trials"]
        assert len(shown(unknown)) == sum(trial["countries"] is None for trial in everywhere)

    def test_a_country_that_is_not_on_record_can_be_asked_for(self, client: Client) -> None:
        found = shown(html(client.get("/trials/", {"country": "not-on-record"})))
        assert found
        assert {trial["countries"] for trial in found} == {None}

    def test_a_site_and_a_line_leave_what_covers_them(self, client: Client) -> None:
        found = shown(html(client.get("/trials/", {"site": "pancreas", "line": "second"})))
        assert {trial["line"] for trial in found} == {"second", "second-or-later", "any"}
        assert all({"any", "gep", "pancreas"} & {*trial["sites"]} for trial in found)
        assert "NCT04702737" not in {trial["nct"] for trial in found}  # prostate alone

    @pytest.mark.parametrize(("asked", "marker"), [("dll3", "dll3"), ("none", None)])
    def test_a_marker(self, client: Client, asked: str, marker: str | None) -> None:
        found = shown(html(client.get("/trials/", {"biomarker": asked})))
        assert found
        assert {trial["biomarker"] for trial in found} == {marker}

    def test_what_may_take_patients(self, client: Client) -> None:
        found = shown(html(client.get("/trials/", {"status": "open"})))
        assert {trial["status_as_seen"] for trial in found} == {"recruiting", "not-yet-recruiting", "unknown"}

    def test_nothing_left_says_what_to_let_go_of(self, client: Client) -> None:
        response = client.get("/trials/", {"country": "Japan", "status": "terminated", "biomarker": "dll3"})
        assert "No trial matches these filters." in text(response)
        assert "without Status as seen: Terminated" in text(response)
        address = re.findall(r'href="(\?[^"]+)"', html(response).split("No trial matches")[1])[0]
        assert shown(html(client.get(f"/trials/{address.replace('&amp;', '&')}")))


class TestAge:
    def test_what_a_register_said_is_stale_after_thirty_days(self) -> None:
        knowledge = releases.current()
        filtered = TrialFilter({}, knowledge)

        def signs(today: date) -> dict[str, str]:
            groups = trial_groups(knowledge, filtered, today)
            return {trial.nct: trial.age.sign for group in groups for trial in group.trials if trial.age}

        assert signs(date(2025, 12, 12))["NCT05882058"] == ""  # looked up on 12 November
        assert signs(date(2025, 12, 13))["NCT05882058"] == "clock"
        assert signs(date(2025, 12, 13))["NCT07016230"] == "open"  # when is not on record

    def test_the_page_says_how_old(self, client: Client) -> None:
        assert re.search(r"page read on 12 Nov 2025, \d+ (months|days) old", text(client.get("/trials/")))


class TestWithAPatient:
    def test_every_trial_is_judged_those_that_are_open_and_fit_first(self, client: Client) -> None:
        knowledge = releases.current()
        judged = judged_trials(knowledge.patient(FEATURES), knowledge)
        response = trials(client)
        assert sorted(listed(response)) == sorted(fit.trial["nct"] for fit in judged)
        words = {True: "true", None: "unknown", False: "false"}
        expected = {fit.trial["nct"]: words[fit.truth] for fit in judged}
        assert dict(zip(listed(response), fits(response), strict=True)) == expected
        open_ones = {fit.trial["nct"] for fit in judged if fit.may_be_open}
        order = [(nct not in open_ones, ["true", "unknown", "false"].index(expected[nct])) for nct in listed(response)]
        assert order == sorted(order)
        assert len(set(fits(response))) == 3

    def test_an_unknown_marker_neither_fits_nor_rules_out(self, client: Client) -> None:
        def fit(response: HttpResponse) -> str:
            return dict(zip(listed(response), fits(response), strict=True))["NCT04429087"]

        assert fit(trials(client)) == "unknown"
        assert fit(trials(client, dll3="positive")) == "true"
        assert fit(trials(client, dll3="negative")) == "false"

    @pytest.mark.parametrize("wanted", ["true", "unknown", "false"])
    def test_the_list_can_be_narrowed_and_the_patient_goes_along(self, client: Client, wanted: str) -> None:
        response = trials(client, fit=wanted)
        assert set(fits(response)) == {wanted}
        page = html(response)
        filters = re.findall(r'<form class="filters".*?</form>', page, re.DOTALL)[0]
        back = re.findall(r'<form id="back-form".*?</form>', page, re.DOTALL)[0]
        for form in (filters, back):
            entered = dict(re.findall(r'name="([a-z_0-9]+)"\s+value="([^"]*)"', form))
            assert colorectal().items() <= entered.items()

    def test_the_patient_is_said_and_is_in_no_address(self, client: Client) -> None:
        response = trials(client)
        assert "Colorectal small-cell NEC, Ki-67 80 %" in text(response)
        assert "primary_site=" not in html(response)
        assert "no-store" in response.headers["Cache-Control"]

    def test_what_is_wrong_with_the_patient_is_said_on_its_own_page(self, client: Client) -> None:
        assert "Not ranked: please correct what is marked" in text(trials(client, ki67="180"))

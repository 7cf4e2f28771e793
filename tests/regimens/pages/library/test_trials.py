"""`/trials/`: every trial, and each checked against the patient that is sent from the ranking."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from regimens import releases
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

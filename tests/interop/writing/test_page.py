"""The ranking of what was entered on `/`, taken along as FHIR."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from tests.factories.accounts import account, signed_in
from tests.factories.patients import colorectal

from .checked import broken, one, parses

pytestmark = pytest.mark.django_db

ADDRESS = "/ranking.fhir.json"


def test_it_is_the_file_of_what_was_entered(client: Client) -> None:
    page = client.post("/", colorectal()).content.decode()
    assert reverse("ranking-fhir") == ADDRESS and f'formaction="{ADDRESS}"' in page
    response = client.post(ADDRESS, colorectal())
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert response.headers["Content-Disposition"] == 'attachment; filename="ranking.fhir.json"'
    assert "no-store" in response.headers["Cache-Control"]
    bundle = json.loads(response.content)
    parses(bundle)
    assert broken(bundle, "ranking-bundle") == []
    patient = next(each for each in one(bundle, "Parameters")["parameter"] if each["name"] == "patient")
    assert next(part for part in patient["part"] if part["name"] == "ki67")["valueDecimal"] == 80


def test_what_is_wrong_is_said_on_the_page(client: Client) -> None:
    response = client.post(ADDRESS, colorectal(ki67="120"))
    assert response.headers["Content-Type"].startswith("text/html")
    assert 'value="120"' in response.content.decode()
    assert client.get(ADDRESS).status_code == 405


def test_who_is_signed_in_leaves_an_event_without_the_patient() -> None:
    signed_in(account("ada", "Clinician")).post(ADDRESS, colorectal())
    event = Event.objects.filter(action="export").get()
    assert (event.subject, set(event.details)) == ("ranking.fhir.json", {"release"})

"""What is taken from the pages is an event, and nothing of a patient is in any."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from audit import chain
from audit.models import Event
from regimens import releases
from tests.factories.curation import somebody
from tests.factories.patients import colorectal
from tests.trail import newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

# Values that stand nowhere else, by which a patient would be found.
MARKED = colorectal(ki67="67.31", platinum_free_interval_months="11.37", note="Zebra-Marker")
MARKERS = ("67.31", "11.37", "Zebra-Marker", "small-cell", "etoposide-platinum")


class TestPatients:
    @pytest.fixture
    def signed_in(self, client: Client) -> Client:
        client.force_login(somebody("cleo", "Clinician"))
        return client

    def test_nothing_of_a_patient_is_in_any_event(self, signed_in: Client) -> None:
        before = newest()
        for path in ("/", "/compare/", "/trials/", "/ranking.json", "/bundle.json", "/summary.txt"):
            response = signed_in.post(path, MARKED)
            assert response.status_code == 200
        assert "67.31" in response.content.decode()
        assert since(before) == ["export"] * 3
        said = json.dumps([chain.fields_of(event) for event in Event.objects.filter(pk__gt=before)])
        assert not any(marker in said for marker in MARKERS)
        assert releases.current().release.sha256 in said

    def test_who_is_not_signed_in_leaves_none(self, client: Client) -> None:
        before = newest()
        for path in ("/", "/ranking.json", "/bundle.json", "/summary.txt"):
            client.post(path, MARKED)
        client.get("/evidence/")
        assert since(before) == []


class TestExports:
    def test_the_evidence_is_one_whoever_takes_it(self, client: Client) -> None:
        before = newest()
        client.head("/evidence.csv")
        assert since(before) == []
        client.get("/evidence.csv", {"q": "bevanec"}, REMOTE_ADDR="192.0.2.7")
        event = Event.objects.first()
        assert (event.action, event.subject, event.address) == ("export", "evidence.csv", "192.0.2.7")
        assert "bevanec" not in json.dumps(event.details)

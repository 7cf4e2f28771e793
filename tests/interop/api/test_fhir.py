"""POST fhir/read and fhir/rankings: what is read, the ranking as FHIR or JSON, and refusals in FHIR's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop.limits import AT_ONCE, reading_slot
from interop.models import Scope
from interop.reading.input import MOST_BYTES
from tests.factories.drawn import every_run_alike
from tests.factories.fhir import ICD10, as_bytes, condition, ki67, observation
from tests.factories.tokens import System, token
from tests.interop.shared import bundle, expected, needs_shared, worked
from tests.interop.writing.checked import broken, one, parses, resources

pytestmark = pytest.mark.django_db

FHIR = "application/fhir+json"
RECORD = as_bytes(condition("c1", ICD10, "C25.0"), ki67("o1", 80.0))


def outcome(response: Any) -> tuple[int, dict[str, Any]]:
    """The status and the first issue of a refusal."""
    assert response.headers["Content-Type"] == FHIR
    assert response.headers["Cache-Control"] == "no-store"
    found = response.json()
    assert found["resourceType"] == "OperationOutcome" and found["issue"]
    return response.status_code, found["issue"][0]


class TestReading:
    def test_features_with_what_they_rest_on(self, system: Any) -> None:
        response = system.read(RECORD)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert response.headers["Cache-Control"] == "no-store"
        found = response.json()
        assert found["features"] == {"primary_site": "pancreas", "ki67": 80.0}
        assert found["provenance"]["ki67"] == [
            {"resource": "Observation/o1", "element": "valueQuantity", "date": "2026-01-10"}
        ]
        assert set(found) == {"features", "conflicts", "ignored", "unknown_because", "provenance"}

    @pytest.mark.parametrize("kind", [FHIR, "application/json", f"{FHIR}; charset=UTF-8", f"{FHIR}; fhirVersion=4.0"])
    def test_its_kinds(self, system: Any, kind: str) -> None:
        assert system.read(RECORD, content_type=kind).status_code == 200

    def test_lines(self, system: Any) -> None:
        lines = [json.dumps(each) for each in (condition("c1", ICD10, "C25.0"), ki67("o1", 80.0))]
        response = system.read("\n".join(lines), content_type="application/fhir+ndjson")
        assert response.json() == system.read(RECORD).json()

    @needs_shared
    def test_a_worked_bundle(self, system: Any) -> None:
        for name in worked()[:3]:
            found = system.read(bundle(name)).json()
            assert found["features"] == expected(name)["features"], name


class TestRanking:
    def test_as_fhir_it_keeps_the_invariants(self, system: Any) -> None:
        response = system.read(RECORD, "fhir/rankings", Accept=f"{FHIR}; fhirVersion=4.0")
        assert (response.status_code, response.headers["Content-Type"]) == (200, FHIR)
        assert response.headers["Cache-Control"] == "no-store"
        assert "Accept" in response.headers["Vary"].split(", ")
        found = response.json()
        parses(found)
        assert broken(found, "ranking-bundle") == []
        entity = one(found, "Provenance")["entity"]
        assert [each["what"]["reference"] for each in entity] == ["Condition/c1", "Observation/o1"]

    @pytest.mark.parametrize("query", ["", "?draws=false", "?preference=survival"])
    def test_as_json_it_has_the_bytes_of_rankings(self, system: Any, query: str) -> None:
        features = system.read(RECORD).json()["features"]
        response = system.read(RECORD, f"fhir/rankings{query}", Accept="application/json")
        direct = system.rank(features, f"rankings{query}")
        assert (response.content, response.headers["ETag"]) == (direct.content, direct.headers["ETag"])
        assert response.headers["Content-Type"] == "application/json"

    @pytest.mark.parametrize(
        ("accepted", "kind"),
        [("*/*", FHIR), ("application/*", FHIR), ("text/html, application/json;q=0.5", "application/json")],
    )
    def test_which_it_is(self, system: Any, accepted: str, kind: str) -> None:
        response = system.read(RECORD, "fhir/rankings?draws=false", Accept=accepted)
        assert response.headers["Content-Type"] == kind

    def test_out_of_scope(self, system: Any) -> None:
        lung = as_bytes(condition("c1", ICD10, "C34.1"))
        found = system.read(lung, "fhir/rankings").json()
        assert one(found, "GuidanceResponse")["status"] == "failure" and not resources(found, "RequestGroup")

    def test_nothing_read_is_ranked_as_nothing_known(self, system: Any) -> None:
        empty = {"resourceType": "Bundle", "type": "collection"}
        found = system.read(empty, "fhir/rankings", Accept="application/json")
        assert found.content == system.rank({}).content


class TestRefused:
    @pytest.mark.parametrize(
        ("record", "status", "code"),
        [
            (b" ", 400, "structure"),
            (b"{", 400, "structure"),
            (b'{"resourceType": "Bundle", "resourceType": "Bundle"}', 400, "structure"),
            (b'{"resourceType": "Observation", "valueInteger": NaN}', 400, "value"),
            (b'[{"id": "x"}]', 422, "required"),
            (as_bytes(condition("c1", ICD10, "C25.0", subject={"reference": "Patient/a"}), ki67("o1", 80.0)), 422, ""),
            (b" " * MOST_BYTES + b"{}", 413, "too-costly"),
        ],
        ids=range(7),
    )
    @pytest.mark.parametrize("path", ["fhir/read", "fhir/rankings"])
    def test_what_cannot_be_read(self, system: Any, path: str, record: bytes, status: int, code: str) -> None:
        found, issue = outcome(system.read(record, path))
        assert (found, issue["severity"]) == (status, "error")
        assert issue["code"] == (code or "multiple-matches")

    def test_it_names_the_place(self, system: Any) -> None:
        _, issue = outcome(system.read(b'{"resourceType": "Bundle", "entry": [3]}'))
        assert issue["expression"] == ["Bundle.entry[0]"]

    def test_as_large_as_is_read(self, system: Any) -> None:
        assert system.read(RECORD + b" " * (MOST_BYTES - len(RECORD))).status_code == 200

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/fhir+xml", f"{FHIR}; charset=latin-1"])
    def test_another_kind(self, system: Any, kind: str) -> None:
        status, issue = outcome(system.read(RECORD, content_type=kind))
        assert (status, issue["details"]["coding"][0]["code"]) == (415, "media-type")

    @pytest.mark.parametrize(
        ("path", "accepted"),
        [("fhir/read", FHIR), ("fhir/read", "text/html"), ("fhir/rankings", "application/fhir+xml")],
    )
    def test_an_answer_that_is_not_accepted(self, system: Any, path: str, accepted: str) -> None:
        assert outcome(system.read(RECORD, path, Accept=accepted))[0] == 406

    def test_too_many_at_once_are_asked_to_wait(self, system: Any) -> None:
        slots = [reading_slot() for _ in range(AT_ONCE)]
        for slot in slots:
            slot.__enter__()
        try:
            response = system.read(RECORD)
        finally:
            for slot in slots:
                slot.__exit__(None, None, None)
        assert outcome(response)[0] == 503 and int(response.headers["Retry-After"]) > 0
        assert system.read(RECORD).status_code == 200

    def test_another_method(self, system: Any) -> None:
        response = system.get("fhir/read")
        assert outcome(response)[0] == 405 and response.headers["Allow"] == "POST"

    def test_a_parameter_that_is_not_there(self, system: Any) -> None:
        status, issue = outcome(system.read(RECORD, "fhir/read?preference=survival"))
        assert (status, issue["code"]) == (422, "invalid")

    def test_a_failure_says_nothing_of_what_was_sent(self, system: Any, monkeypatch: Any, caplog: Any) -> None:
        def failing(*arguments: Any, **more: Any) -> None:
            raise ValueError("Erika")

        monkeypatch.setattr("interop.api.fhir.read", failing)
        response = system.read(RECORD)
        status, issue = outcome(response)
        assert (status, issue["code"]) == (500, "exception")
        assert "Erika" not in caplog.text + response.content.decode()


class TestLetIn:
    def test_ranking_asks_for_both_scopes(self) -> None:
        for scope, missing in ((Scope.FHIR, "rankings.create"), (Scope.RANKINGS, "fhir.read")):
            response = System(token(scope)[1]).read(RECORD, "fhir/rankings")
            status, issue = outcome(response)
            assert (status, issue["code"]) == (403, "forbidden")
            assert missing in issue["diagnostics"]
            assert 'scope="fhir.read rankings.create"' in response.headers["WWW-Authenticate"]
        assert System(token(Scope.FHIR, Scope.RANKINGS)[1]).read(RECORD, "fhir/rankings").status_code == 200

    def test_nobody_without_a_token(self, anybody: Any) -> None:
        for path in ("fhir/read", "fhir/rankings"):
            status, issue = outcome(anybody.read(RECORD, path))
            assert (status, issue["code"]) == (401, "login")

    def test_it_is_limited_with_rankings(self) -> None:
        found = System(token(rankings_a_minute=1, reads_a_minute=5)[1])
        answers = [found.read(RECORD) for _ in range(3)]
        assert [each.status_code for each in answers].count(429) >= 1
        assert answers[-1].headers["Retry-After"]


# The token is the same for all of them.
@settings(every_run_alike, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 100), code=st.sampled_from(["C25.0", "C18.2", "C34.1", "C67.9", "C80.0"]))
def test_drawn_records_are_ranked_as_their_features(share: float, code: str, system: Any) -> None:
    record = as_bytes(condition("c1", ICD10, code), ki67("o1", share), observation("o2", "8636-3"))
    features = system.read(record).json()["features"]
    found = system.read(record, "fhir/rankings?draws=false", Accept="application/json")
    assert found.content == system.rank(features, "rankings?draws=false").content

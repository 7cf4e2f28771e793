"""The OpenAPI document: valid, complete, and true of what is answered; its pages need no other host."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from interop.api.problems import KINDS
from regimens.rules.patient import FEATURES
from tests.factories.patients import CASES
from tests.valid_html import check

pytestmark = pytest.mark.django_db

LINES = (CASES / "patients.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def document(client: Client) -> Any:
    return client.get("/api/v1/openapi.json").json()


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_holds_the_calls_and_no_others(document: Any) -> None:
    lists = ("releases", "options", "publications", "biomarkers", "guidelines", "trials")
    paths = {f"/api/v1/{name}" for name in lists} | {"/api/v1/rankings", "/api/v1/rankings/batch"}
    paths |= {f"/api/v1/{name}/{{key}}" for name in lists[1:]} | {"/api/v1/releases/{name}"}
    paths |= {"/api/v1/fhir/read", "/api/v1/fhir/rankings"}
    paths |= {"/api/v1/boards/decisions", "/api/v1/boards/decisions/{id}"}
    assert set(document["paths"]) == paths


def test_no_parameter_takes_anything_of_a_patient(document: Any) -> None:
    calls = [call for path, calls in document["paths"].items() if "rankings" in path for call in calls.values()]
    assert {one["name"] for call in calls for one in call["parameters"]} == {"preference", "release", "draws"}


def test_a_patient_has_every_feature_and_no_other(document: Any) -> None:
    patient = document["components"]["schemas"]["Patient"]
    assert list(patient["properties"]) == list(FEATURES)
    assert patient["additionalProperties"] is False


@pytest.mark.parametrize("place", range(0, 60, 6))
def test_patients_and_rankings_have_its_shapes(document: Any, system: Any, place: int) -> None:
    for content, name in ((json.loads(LINES[place]), "Patient"), (system.rank(LINES[place]).json(), "Ranking")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        assert [error.message for error in Draft202012Validator(schema).iter_errors(content)] == []


def test_a_problem_has_its_shape_and_its_type_is_a_page(document: Any, system: Any, client: Client) -> None:
    for body in ("{", '{"ki67": 120, "x": "y"}', '{"ki67":1,"ki67":1}'):
        problem = system.rank(body).json()
        schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
        assert [error.message for error in Draft202012Validator(schema).iter_errors(problem)] == []
        page = client.get(problem["type"])
        assert page.status_code == 200
        assert problem["title"] in page.content.decode()


@pytest.mark.parametrize("path", ["/api/problems/", *(f"/api/problems/{code}/" for code in KINDS)])
def test_pages_of_problems(client: Client, path: str) -> None:
    response = client.get(path)
    check(response)


def test_no_page_of_another_problem(client: Client) -> None:
    assert client.get("/api/problems/nothing/").status_code == 404


class TestPage:
    def test_it_names_our_own_files_alone(self, client: Client) -> None:
        response = client.get("/api/v1/docs/")
        page = response.content.decode()
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(addresses) == 4
        for address in addresses:
            assert finders.find(address.removeprefix("/static/"))
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))|<style|\sstyle=|https?:", page)
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]

    def test_what_it_asks_for_is_the_document(self, client: Client) -> None:
        settings = re.search(r'id="swagger-settings" type="application/json">(.+?)</script>', self.page(client))
        assert settings is not None
        assert json.loads(settings[1])["url"] == "../openapi.json"

    def test_its_script_asks_no_other_host(self) -> None:
        script = Path(str(finders.find("ninja/swagger-ui-init.js"))).read_text(encoding="utf-8")
        assert "http" not in script

    def page(self, client: Client) -> str:
        return client.get("/api/v1/docs/").content.decode()

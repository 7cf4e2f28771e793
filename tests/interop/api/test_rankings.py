"""POST rankings: the bytes of `manage.py rank --json`, the tag of an answer, and what may stand in the address."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from curation.actions.publishing import publish
from interop.api.answers import release_header
from regimens.models import KnowledgeRelease
from tests.factories.curation import rename_folfiri
from tests.factories.patients import CASES

pytestmark = pytest.mark.django_db

LINES = (CASES / "patients.jsonl").read_text(encoding="utf-8").splitlines()


def command(*arguments: str, lines: list[str], folder: Path) -> list[bytes]:
    """What the command line prints for patients, a line each."""
    path, out = folder / "patients.jsonl", io.StringIO()
    path.write_text("\n".join(lines), encoding="utf-8")
    call_command("rank", str(path), "--json", *arguments, stdout=out)
    return out.getvalue().encode().splitlines()


def test_every_worked_patient_has_the_bytes_of_the_command_line(system: Any, tmp_path: Path) -> None:
    response = system.batch(*LINES)
    assert b"".join(response.streaming_content).splitlines() == command(lines=LINES, folder=tmp_path)


@pytest.mark.parametrize("place", range(0, 60, 12))
def test_one_patient_has_the_bytes_without_the_newline(system: Any, tmp_path: Path, place: int) -> None:
    response = system.rank(LINES[place])
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert [response.content] == command(lines=[LINES[place]], folder=tmp_path)


def test_preference_and_draws_are_those_of_the_command_line(system: Any, tmp_path: Path) -> None:
    response = system.rank(LINES[1], "rankings?preference=survival&draws=false")
    assert [response.content] == command("--preference", "survival", "--no-draws", lines=[LINES[1]], folder=tmp_path)
    assert {option["best"] for option in response.json()["options"]} == {None}


@pytest.mark.parametrize("language", ["de", "en-US,en;q=0.5"])
def test_the_language_that_a_caller_accepts_changes_nothing(system: Any, language: str) -> None:
    assert system.rank(LINES[0], **{"Accept-Language": language}).content == system.rank(LINES[0]).content


def test_a_patient_of_whom_nothing_is_known_is_ranked(system: Any) -> None:
    assert system.rank({}).json()["patient"] == {}
    assert system.rank({"ki67": None, "braf_v600e": None}).content == system.rank({}).content


class TestRelease:
    @pytest.fixture
    def two(self) -> None:
        rename_folfiri("FOLFIRI again")
        publish("later")

    def names(self, response: Any) -> tuple[str, str, str]:
        """The release that an answer, its header and its tag name."""
        release = KnowledgeRelease.objects.get(sha256=response.headers["ETag"][1:65])
        return response.json()["release"]["name"], response.headers["necapp-release"].partition(";")[0], release.name

    def test_the_one_in_force(self, system: Any, two: None) -> None:
        assert self.names(system.rank({})) == ("later",) * 3

    def test_a_former_one_by_name_and_hash(self, system: Any, two: None) -> None:
        former = KnowledgeRelease.objects.get(name="shipped")
        for named in ("shipped", former.sha256, former.sha256[:9]):
            assert self.names(system.rank({}, f"rankings?release={named}")) == ("shipped",) * 3

    @pytest.mark.parametrize("named", ["nothing", "0" * 64])
    def test_one_that_is_not_there(self, system: Any, named: str) -> None:
        response = system.rank({}, f"rankings?release={named}")
        assert (response.status_code, response.json()["type"]) == (404, "/api/problems/not-found/")

    def test_none_in_force(self, system: Any, without_releases: None) -> None:
        response = system.rank({})
        assert (response.status_code, response.json()["type"]) == (503, "/api/problems/no-release/")

    def test_the_header_holds_any_name(self) -> None:
        assert release_header("März; neu", "0" * 64) == f"M%C3%A4rz%3B neu; sha256={'0' * 64}"


class TestTag:
    def test_it_is_of_release_and_answer_and_nobody_keeps_it(self, system: Any) -> None:
        one, other = system.rank({"ki67": 80}), system.rank({"ki67": 90})
        assert one.headers["Cache-Control"] == "no-store"
        assert one.headers["ETag"] != other.headers["ETag"]
        assert one.headers["ETag"][:65] == other.headers["ETag"][:65]

    def test_who_has_the_answer_is_told_so(self, system: Any) -> None:
        tag = system.rank({}).headers["ETag"]
        response = system.rank({}, **{"If-None-Match": f'"other", W/{tag}'})
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", tag)
        assert system.rank({"ki67": 80}, **{"If-None-Match": tag}).status_code == 200


class TestAddress:
    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("preference=longest", "preference"),
            ("draws=yes", "draws"),
            ("draws=true&draws=true", "draws"),
            ("release=", "release"),
            ("release=" + "x" * 81, "release"),
        ],
    )
    def test_a_parameter_that_is_not_allowed(self, system: Any, query: str, parameter: str) -> None:
        response = system.rank({}, f"rankings?{query}")
        (error,) = response.json()["errors"]
        assert (response.status_code, error["parameter"]) == (422, parameter)
        assert error["range"]

    def test_no_feature_stands_there_and_none_comes_back(self, system: Any) -> None:
        response = system.rank({}, "rankings?ki67=80&canary-name=canary-value")
        assert response.status_code == 422
        assert "canary" not in response.content.decode()
        assert len(response.json()["errors"]) == 2


def test_a_patient_out_of_scope_is_answered(system: Any) -> None:
    found = system.rank({"primary_site": "lung"}).json()
    assert (found["scope"]["in_scope"], found["options"]) == (False, [])


def test_no_option_stands_alone(system: Any) -> None:
    """No answer is ONE treatment: best supportive care stands beside, at least."""
    assert len(json.loads(system.rank(LINES[0]).content)["options"]) > 1

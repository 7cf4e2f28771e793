"""What cannot be ranked: each a problem that names feature, value and range, and repeats nothing that was typed."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.django_db

TYPED = "Erika Mustermann"


def answer(response: Any) -> tuple[int, dict[str, Any]]:
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    found = response.json()
    assert found["status"] == response.status_code
    return response.status_code, found


class TestBody:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (" ", 400, "no-json"),
            ("{", 400, "no-json"),
            ("{'ki67': 1}", 400, "no-json"),
            (b'{"ki67": "\xff"}', 400, "no-json"),
            ('{"ki67": NaN}', 400, "no-json"),
            ('{"ki67": -Infinity}', 400, "no-json"),
            ('{"ki67": 1e999}', 400, "no-json"),
            ('{"ki67": ' + "9" * 5000 + "}", 400, "no-json"),
            ('{"ki67": ' + "[" * 64 + "]" * 64 + "}", 400, "no-json"),
            ("[" * 30_000, 400, "no-json"),
            (r'{"ki67": "\ud800"}', 400, "no-json"),
            ('{"ki67": 1, "ki67": 1}', 400, "given-twice"),
            ('{"x": {"y": 1, "y": 2}}', 400, "given-twice"),
            ("[]", 422, "values"),
            ("null", 422, "values"),
            ('"text"', 422, "values"),
            ("3", 422, "values"),
            ('{"ki67": "' + "x" * 64 * 1024 + '"}', 413, "too-large"),
            (b"x" * 3 * 1024 * 1024, 413, "too-large"),
        ],
        ids=range(19),
    )
    def test_it_is_refused(self, system: Any, body: str | bytes, status: int, code: str) -> None:
        found, problem = answer(system.rank(body))
        assert (found, problem["type"]) == (status, f"/api/problems/{code}/")

    def test_as_deep_as_is_read(self, system: Any) -> None:
        status, problem = answer(system.rank('{"ki67": ' + "[" * 63 + "]" * 63 + "}"))
        assert (status, problem["errors"][0]["feature"]) == (422, "ki67")

    def test_as_large_as_is_read(self, system: Any) -> None:
        body = "{}" + " " * (64 * 1024 - 2)
        assert system.rank(body).status_code == 200
        assert system.rank(body + " ").status_code == 413

    def test_a_byte_order_mark_is_none(self, system: Any) -> None:
        assert system.rank(b"\xef\xbb\xbf{}").content == system.rank({}).content

    @pytest.mark.parametrize(
        "kind",
        [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/fhir+json",
            "application/json; charset=latin-1",
        ],
    )
    def test_another_kind(self, system: Any, kind: str) -> None:
        assert answer(system.rank({}, content_type=kind))[0] == 415

    def test_a_charset_may_be_named(self, system: Any) -> None:
        assert system.rank({}, content_type="application/json; charset=UTF-8").status_code == 200

    def test_a_compressed_one(self, system: Any) -> None:
        assert answer(system.rank({}, **{"Content-Encoding": "gzip"}))[0] == 415

    def test_one_without_a_length(self, system: Any) -> None:
        response = system.client.generic(
            "POST", "/api/v1/rankings", b"{}", "application/json", headers=system.headers, CONTENT_LENGTH=""
        )
        assert answer(response)[0] == 411

    @pytest.mark.parametrize("accepted", ["text/html", "application/problem+json", "application/json;q=0"])
    def test_an_answer_that_is_not_accepted(self, system: Any, accepted: str) -> None:
        assert answer(system.rank({}, Accept=accepted))[0] == 406

    @pytest.mark.parametrize("accepted", ["*/*", "application/*", "text/html, application/json;q=0.1"])
    def test_one_that_is(self, system: Any, accepted: str) -> None:
        assert system.rank({}, Accept=accepted).status_code == 200


class TestValues:
    @pytest.mark.parametrize(
        ("feature", "value", "allowed"),
        [
            ("ki67", 120, "0 to 100 %"),
            ("ki67", -0.5, "0 to 100 %"),
            ("ki67", True, "0 to 100 %"),
            ("ecog", 1.5, "a whole number from 0 to 4"),
            ("ecog", 5, "a whole number from 0 to 4"),
            ("msi", "positive", "one of high, stable"),
            ("braf_v600e", False, "one of positive, negative"),
            ("platinum_received", "high", "true or false"),
            ("platinum_received", 1, "true or false"),
            ("prior_regimens", "folfiri", "a list of regimens that the release knows"),
        ],
    )
    def test_what_may_be_repeated_is(self, system: Any, feature: str, value: Any, allowed: str) -> None:
        status, problem = answer(system.rank({feature: value}))
        (error,) = problem["errors"]
        assert (status, error["feature"], error["range"]) == (422, feature, allowed)
        if value != "folfiri":  # of another list: a value of this feature is a list
            assert error["value"] == value

    @pytest.mark.parametrize("feature", ["ki67", "msi", "platinum_received", "prior_regimens", "lines_received"])
    @pytest.mark.parametrize("value", [TYPED, [TYPED], {TYPED: TYPED}, 19410517123456789, [[TYPED]]])
    def test_what_was_typed_is_not(self, system: Any, feature: str, value: Any) -> None:
        response = system.rank({feature: value})
        status, problem = answer(response)
        assert (status, problem["errors"][0]["feature"]) == (422, feature)
        assert "value" not in problem["errors"][0]
        for part in ("Erika", "Mustermann", "1941"):
            assert part not in response.content.decode()

    def test_a_feature_that_is_not_known(self, system: Any) -> None:
        _, problem = answer(system.rank({TYPED: 1, "ki-67": 80}))
        messages = [error["message"] for error in problem["errors"]]
        assert messages == [
            "no feature has this name, a text of 16 characters",
            "no feature has this name, a text of 5 characters; did you mean ki67?",
        ]

    def test_a_slug_is_named_by_its_place_with_what_was_meant(self, system: Any) -> None:
        _, problem = answer(system.rank({"prior_regimens": ["folfiri", "FOLFOX6 "]}))
        message = problem["errors"][0]["message"]
        assert message.startswith("prior_regimens: entry 2, a text of 8 characters, is not allowed")
        assert message.endswith("did you mean folfox?")

    def test_a_contradiction_names_both(self, system: Any) -> None:
        given = {"platinum_best_response": "PD", "platinum_free_interval_months": 9}
        status, problem = answer(system.rank(given))
        assert status == 422
        assert {error["feature"]: error["value"] for error in problem["errors"]} == given

    def test_every_one_is_named_and_none_alone(self, system: Any) -> None:
        _, problem = answer(system.rank({"ki67": 101, "ecog": 9, "tmb": -1}))
        assert [error["feature"] for error in problem["errors"]] == ["ki67", "ecog", "tmb"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("rankings", "get", 405),
        ("rankings", "delete", 405),
        ("rankings/batch", "put", 405),
        ("options", "post", 405),
        ("docs/", "post", 405),
        ("openapi.json", "delete", 405),
        ("", "get", 404),
        ("nothing", "get", 404),
        ("options/", "get", 404),
        (f"options/{TYPED}", "get", 404),
        ("rankings/", "post", 404),
    ],
)
def test_no_such_call(system: Any, path: str, method: str, status: int) -> None:
    response = getattr(system.client, method)(f"/api/v1/{path}", headers=system.headers)
    assert answer(response)[0] == status
    assert response.headers["necapp-release"].startswith("shipped; sha256=")
    assert ("Allow" in response.headers) == (status == 405)


def test_a_failure_says_nothing_of_what_was_sent(system: Any, monkeypatch: Any, caplog: Any) -> None:
    def failing(*arguments: Any, **more: Any) -> None:
        raise ValueError(TYPED)

    monkeypatch.setattr("interop.api.rankings.rank", failing)
    status, problem = answer(system.rank({"ki67": 80}))
    assert (status, problem["type"]) == (500, "/api/problems/fault/")
    assert "ValueError at" in caplog.text and "rankings.py" in caplog.text
    assert TYPED not in caplog.text + json.dumps(problem)

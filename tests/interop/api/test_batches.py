"""POST rankings/batch: a line for each line, in order, as soon as it is ranked; a bad line is answered, not the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop.api import bodies, rankings

pytestmark = pytest.mark.django_db


def lines(response: Any) -> list[dict[str, Any]]:
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/x-ndjson")
    found = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    response.close()
    return found


def test_order_is_kept_and_a_bad_line_names_itself(system: Any) -> None:
    found = lines(system.batch('{"ki67": 80}', "", "{", '{"ki67": 120}', '{"ki67": 30}\r', '{"ki67": 1, "ki67": 2}'))
    assert [line.get("line") for line in found] == [None, 3, 4, None, 6]
    assert [line.get("status") for line in found] == [None, 400, 422, None, 400]
    assert [found[0]["patient"], found[3]["patient"]] == [{"ki67": 80}, {"ki67": 30}]
    assert found[2]["errors"][0]["value"] == 120


def test_each_line_is_ranked_when_it_is_asked_for(system: Any, monkeypatch: Any) -> None:
    ranked, rank = [], rankings.rank

    def counting(patient: Any, *arguments: Any, **more: Any) -> Any:
        ranked.append(patient)
        return rank(patient, *arguments, **more)

    monkeypatch.setattr(rankings, "rank", counting)
    response = system.batch(*['{"ki67": 80}'] * 5)
    following = iter(response.streaming_content)
    assert ranked == []
    next(following)
    next(following)
    assert len(ranked) == 2
    response.close()


def test_the_address_is_that_of_one_patient(system: Any) -> None:
    (found,) = lines(system.batch("{}", query="?preference=response&draws=false"))
    assert (found["preference"], found["options"][0]["best"]) == ("response", None)


def test_a_line_that_is_too_long(system: Any) -> None:
    found = lines(system.batch('{"ki67": "' + "x" * bodies.PATIENT_BYTES + '"}', "{}"))
    assert [line.get("status") for line in found] == [413, None]


def test_too_many_lines(system: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bodies, "BATCH_LINES", 3)
    assert len(lines(system.batch(*["{}"] * 3))) == 3
    response = system.batch(*["{}"] * 4)
    assert (response.status_code, response.json()["type"]) == (413, "/api/problems/too-large/")


def test_too_many_bytes(system: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bodies, "BATCH_BYTES", 10)
    assert len(lines(system.batch("{}", "{}"))) == 2
    assert system.batch(*["{}"] * 5).status_code == 413


def test_one_at_a_time(system: Any) -> None:
    first = system.batch("{}", "{}")
    second = system.batch("{}")
    assert (second.status_code, second.headers["Retry-After"]) == (503, "10")
    first.close()  # as when its caller goes away before the end
    assert len(lines(system.batch("{}"))) == 1


def test_nobody_without_a_token(anybody: Any) -> None:
    assert anybody.rank({}).status_code == 200
    assert anybody.batch("{}").status_code == 401


def test_a_failure_is_the_line_s_alone(system: Any, monkeypatch: Any) -> None:
    def failing(*arguments: Any, **more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rankings, "rank", failing)
    assert [line["status"] for line in lines(system.batch("{}", "{"))] == [500, 400]


def test_nothing_is_nothing(system: Any) -> None:
    assert lines(system.batch("", "")) == []

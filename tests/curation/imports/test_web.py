"""Asking a register: patient with a busy one, plain about what fails."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from curation.imports.web import ATTEMPTS, FetchError, Web
from tests.factories.registers import Register


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def web(waits: list[float]) -> Web:
    with Web(timeout=httpx.Timeout(0.5), sleep=waits.append) as found:
        yield found


def test_a_page_is_read_with_its_parameters_and_says_who_asks(register: Register, web: Web, waits: list[float]) -> None:
    register.will(200, b"{}")
    assert web.read(f"{register.url}/studies", {"id": "1,2"}) == b"{}"
    assert register.asked == ["/studies?id=1%2C2"]
    assert register.agents[0].startswith("necapp")
    assert waits == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_register_is_asked_again_later_each_time(
    register: Register, web: Web, waits: list[float], status: int
) -> None:
    register.will(status)
    register.will(status)
    register.will(200, b"at last")
    assert web.read(register.url) == b"at last"
    assert waits == [1, 2]


def test_it_waits_as_long_as_the_register_asks_for_within_reason(
    register: Register, web: Web, waits: list[float]
) -> None:
    register.will(429, Retry_After="7")
    register.will(503, Retry_After="86400")
    register.will(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")
    register.will(200, b"at last")
    assert web.read(register.url) == b"at last"
    assert waits == [7, 60, 4]


def test_it_waits_until_the_moment_that_the_register_gives(register: Register, web: Web, waits: list[float]) -> None:
    register.will(429, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    register.will(429, Retry_After="soon")
    register.will(200, b"at last")
    assert web.read(register.url) == b"at last"
    assert 20 < waits[0] <= 30 and waits[1] == 2


def test_it_does_not_wait_beyond_its_time(register: Register, waits: list[float]) -> None:
    register.will(429, Retry_After="50")
    with Web(sleep=waits.append, seconds=40) as limited, pytest.raises(FetchError, match="not done within 40"):
        limited.read(register.url)
    assert waits == [] and len(register.asked) == 1


def test_a_register_that_stays_busy_is_given_up(register: Register, web: Web, waits: list[float]) -> None:
    for _ in range(ATTEMPTS + 1):
        register.will(503)
    with pytest.raises(FetchError, match="answered 503") as caught:
        web.read(register.url)
    assert caught.value.status == 503
    assert len(register.asked) == ATTEMPTS
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_not_asked_again(register: Register, web: Web, waits: list[float], status: int) -> None:
    register.will(status)
    with pytest.raises(FetchError, match=f"answered {status}"):
        web.read(register.url)
    assert len(register.asked) == 1
    assert waits == []


def test_a_register_that_does_not_answer_in_time_is_asked_again(
    register: Register, web: Web, waits: list[float]
) -> None:
    def slow_once() -> None:
        if len(register.asked) == 1:
            time.sleep(1)

    register.before_answer = slow_once
    register.will(200, b"in time")
    register.will(200, b"in time")
    assert web.read(register.url) == b"in time"
    assert waits == [1]


def test_a_machine_that_is_not_there_is_given_up(web: Web, waits: list[float]) -> None:
    with pytest.raises(FetchError, match="no answer") as caught:
        web.read("http://127.0.0.1:9/")
    assert caught.value.status is None
    assert len(waits) == ATTEMPTS - 1


def test_an_answer_without_end_is_cut_off(register: Register, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curation.imports.web.LARGEST_ANSWER", 1024 * 1024)
    register.will(200, b"x" * (1024 * 1024 + 1))
    with pytest.raises(FetchError, match="larger than 1 MB"):
        web.read(register.url)

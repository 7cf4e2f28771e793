"""Room for the frames of a request."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from typing import Any

from necapp.frames import with_room


def test_the_application_is_called_as_it_is() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [environ["QUERY_STRING"].encode()]

    said: list[Any] = []
    assert with_room(application)({"QUERY_STRING": "a=b"}, lambda *answer: said.append(answer)) == [b"a=b"]
    assert said == [("200 OK", [])]


def test_no_loop_at_any_depth_asks_the_system_for_memory_at_every_call() -> None:
    def leaf() -> None:
        return None

    def deeper(levels: int) -> None:
        for _ in range(2000):
            leaf()
        if levels:
            deeper(levels - 1)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        deeper(300)
        return []

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    with_room(application)({}, None)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 1000

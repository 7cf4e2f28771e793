"""The calls that rank patients. The answer is the text of `manage.py rank --json`, byte for byte; nothing is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Router

from audit.canonical import sha256_of
from interop.models import Scope
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_json

from . import answers, bodies, document
from .access import Bearer
from .failures import problem_of
from .parameters import Draws, Preference, Release, strictly
from .patients import patient_of
from .problems import Problem, as_text

BUSY_SECONDS = 10

router = Router(tags=["rankings"])
# A worker ranks one batch at a time, so that others are answered beside it.
_batch = threading.Lock()


@router.post(
    "/rankings",
    auth=Bearer(Scope.RANKINGS),
    summary="Rank the options for a patient",
    openapi_extra=document.ranking(),
    url_name="rankings",
)
@strictly
def create(
    request: HttpRequest, preference: Preference = DEFAULT_PREFERENCE, release: Release = None, draws: Draws = "true"
) -> HttpResponseBase:
    """Features that are not known are left out or null. The answer supports and does not replace judgement."""
    bodies.accepts(request, bodies.JSON)
    given = bodies.object_in(bodies.body_of(request, bodies.JSON, most=bodies.PATIENT_BYTES))
    knowledge = answers.knowledge_for(release, to_rank=True)
    return ranking_answer(request, ranked(given, knowledge, preference, draws), knowledge)


@router.post(
    "/rankings/batch",
    auth=Bearer(Scope.RANKINGS, needs_token=True),
    summary="Rank the options for many patients, one a line",
    openapi_extra=document.batch(),
    url_name="rankings-batch",
)
@strictly
def create_many(
    request: HttpRequest, preference: Preference = DEFAULT_PREFERENCE, release: Release = None, draws: Draws = "true"
) -> HttpResponseBase:
    """A line of the answer for each line with something on it, in their order, each sent as soon as it is ranked.

    A bad line is answered with a problem that names the line, counted from 1. All lines are read before the first is
    answered, since many clients read nothing before they have sent everything. A batch counts as one call.
    """
    bodies.accepts(request, bodies.NDJSON)
    text = bodies.body_of(request, bodies.NDJSON, most=bodies.BATCH_BYTES)
    lines = [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    if len(lines) > bodies.BATCH_LINES:
        raise Problem("too-large", f"The batch has {len(lines)} patients; at most {bodies.BATCH_LINES} are ranked.")
    knowledge = answers.knowledge_for(release, to_rank=True)
    if not _batch.acquire(blocking=False):
        raise Problem("busy", headers={"Retry-After": str(BUSY_SECONDS)})
    response = StreamingHttpResponse(_Answers(lines, knowledge, preference, draws), bodies.NDJSON)
    return unkept(response, knowledge)


def ranked(given: Mapping[str, Any], knowledge: Knowledge, preference: str, draws: str) -> Ranking:
    """The ranking of the patient that was sent. Raises Problem."""
    return rank(patient_of(given, knowledge), knowledge, preference, draws=draws == "true")


def ranking_answer(request: HttpRequest, ranking: Ranking, knowledge: Knowledge) -> HttpResponseBase:
    """The JSON of a ranking, with its tag."""
    text = as_json(ranking)
    response = answers.tagged(request, text.encode(), f'"{knowledge.release.sha256}-{sha256_of(text)}"')
    return unkept(response, knowledge)


def unkept(response: HttpResponseBase, knowledge: Knowledge) -> HttpResponseBase:
    """An answer that nobody keeps, with the release that it rests on."""
    response.headers["Cache-Control"] = "no-store"
    response.headers[answers.RELEASE] = answers.release_header(knowledge.release.name, knowledge.release.sha256)
    return response


class _Answers:
    """The lines of a batch's answer, one ranked when it is asked for; `close` lets the next batch begin."""

    def __init__(self, lines: Sequence[tuple[int, bytes]], knowledge: Knowledge, preference: str, draws: str) -> None:
        self._answers = (_line(number, line, knowledge, preference, draws) for number, line in lines)
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._answers

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._answers.close()
            _batch.release()

    def __del__(self) -> None:
        """Where a failure after the call kept the answer from being sent."""
        self.close()


def _line(number: int, line: bytes, knowledge: Knowledge, preference: str, draws: str) -> bytes:
    try:
        if len(line) > bodies.PATIENT_BYTES:
            raise Problem("too-large", f"The line is {len(line)} bytes; at most {bodies.PATIENT_BYTES} are read.")
        text = as_json(ranked(bodies.object_in(line), knowledge, preference, draws))
    except Problem as problem:
        text = as_text(problem.as_dict() | {"line": number})
    except Exception as failure:  # the other lines are answered
        text = as_text(problem_of(failure).as_dict() | {"line": number})
    return f"{text}\n".encode()

"""Calls that the document allows, and calls that it forbids: each is answered as it says, and none by a failure.

A few for each call, always the same; NECAPP_CALLS=10000 makes that many, on the way to a release.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis import settings as generation
from schemathesis import GenerationMode, checks

from tests.factories.tokens import token

CALLS = int(os.environ.get("NECAPP_CALLS", "100"))
# What the document cannot say: which features contradict each other, and what a release knows. And calls with tokens
# that let nobody in, of which there are few a minute: test_access.py makes them.
UNDECIDED = [checks.positive_data_acceptance, checks.ignored_auth]


@schemathesis.serializer("application/x-ndjson", "application/fhir+ndjson")
def as_lines(context: Any, value: Any) -> bytes:
    """Whatever is made of a text: lines of it, and no line a surrogate that UTF-8 has not."""
    return str(value).encode(errors="replace")


def try_out(schema: Any, sent: dict[str, str], calls: int) -> int:
    """So many calls, of each operation those that are allowed and those that are not; how many were made."""
    made, headers = 0, sent | {"Accept-Encoding": "identity"}

    def called(case: Any) -> None:
        nonlocal made
        made += 1
        # A batch is answered whatever its lines are, and lines that are an empty list are a record of nothing.
        is_of_lines = str(case.media_type).endswith("ndjson")
        of_lines = [checks.negative_data_rejection] if is_of_lines or case.path.endswith("/batch") else []
        case.call_and_validate(headers=headers, excluded_checks=UNDECIDED + of_lines)

    operations = list(schema.get_all_operations())
    examples = calls // (len(operations) * len(GenerationMode)) + 1
    for operation in operations:
        for mode in GenerationMode:
            given_case = given(case=operation.ok().as_strategy(generation_mode=mode))
            generation(
                max_examples=examples,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                verbosity=Verbosity.quiet,
                suppress_health_check=list(HealthCheck),
            )(given_case(called))()
    return made


@pytest.mark.django_db
def test_every_answer_is_one_of_the_document() -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    assert try_out(schema, token()[1], CALLS) > CALLS // 2

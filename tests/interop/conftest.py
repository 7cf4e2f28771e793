"""The shipped evidence base and the shipped codes, and a way to read resources with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from interop.reading import Reading, read
from interop.terminology import Terminology
from interop.terminology import read as read_codes
from regimens.rules.knowledge import Knowledge
from tests.factories.documents import published
from tests.factories.evidence import shipped_document
from tests.factories.fhir import as_bytes


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return published(shipped_document())


@pytest.fixture(scope="session")
def terms() -> Terminology:
    return read_codes()


@pytest.fixture(scope="session")
def reading(knowledge: Knowledge, terms: Terminology) -> Callable[..., Reading]:
    """What is read from a file, or from resources as a Bundle."""

    def of(*resources: dict[str, Any] | bytes) -> Reading:
        data = resources[0] if isinstance(resources[0], bytes) else as_bytes(*resources)  # type: ignore[arg-type]
        return read(data, knowledge=knowledge, terms=terms)

    return of

"""The shipped evidence base as Knowledge, read from its files without a database."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules.knowledge import Knowledge
from regimens.rules.validation import Validation, validate
from tests.factories.documents import published
from tests.factories.drawn import Shipped
from tests.factories.evidence import shipped_document


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return shipped_document()


@pytest.fixture(scope="session")
def validation(document: dict[str, Any]) -> Validation:
    return validate(document)


@pytest.fixture(scope="session")
def knowledge(document: dict[str, Any], validation: Validation) -> Knowledge:
    return published({**document, "validation": validation.as_plain()})


@pytest.fixture(scope="session")
def shipped(document: dict[str, Any], validation: Validation, knowledge: Knowledge) -> Shipped:
    return Shipped({**document, "validation": validation.as_plain()}, knowledge)

"""What the tests of the JSON API share: a client as a hospital's system is one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.tokens import System, token


@pytest.fixture
def system(db: None) -> System:
    return System(token()[1])


@pytest.fixture
def anybody(settings: Any) -> System:
    """Without a token, on a server that lets anybody rank."""
    settings.API_ANONYMOUS = "rankings"
    return System({})

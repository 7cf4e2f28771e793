"""What the tests of boards share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from boards.shown.stored_ranking import knowledge_of


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Releases that a test publishes are gone after it, and their keys are given again."""
    yield
    knowledge_of.cache_clear()


@pytest.fixture(autouse=True)
def patient_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays go on to the end, however busy the machine is."""
    monkeypatch.setattr("boards.views.replay.SECONDS", 600)
    monkeypatch.setattr("boards.receivers.SECONDS", 600)

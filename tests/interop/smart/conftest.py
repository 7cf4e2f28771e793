"""What the tests of SMART App Launch share: a hospital on this machine, and an app that may read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from accounts import outgoing
from interop import clients
from interop.smart import discovery
from tests.factories.hospital import CLIENT, Hospital, open_hospital


@pytest.fixture(autouse=True)
def patient_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs tests may be busy; what a slow hospital comes to is tested with a time of its own."""
    monkeypatch.setattr(outgoing, "SECONDS", 30)


@pytest.fixture
def hospital() -> Iterator[Hospital]:
    discovery._kept.clear()  # a former hospital may have had the same port
    with open_hospital() as opened:
        yield opened


@pytest.fixture
def allow(settings: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Puts servers on the list, as a new process would find it."""

    def listed(*servers: dict[str, Any], **more: Any) -> None:
        path = tmp_path / "clients.yaml"
        path.write_text(yaml.safe_dump({"test": True, "smart": list(servers), **more}), encoding="utf-8")
        settings.INTEROP_CLIENTS = str(path)
        clients.clients.cache_clear()

    yield listed
    clients.clients.cache_clear()


@pytest.fixture
def listed(hospital: Hospital, allow: Callable[..., None]) -> Hospital:
    """The hospital, on the list as a public client has it."""
    allow({"name": "Main EHR", "iss": hospital.iss, "client_id": CLIENT})
    return hospital

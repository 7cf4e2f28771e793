"""What the tests of CDS Hooks share: a hospital's system that is listed, by a file as administrators write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from interop import clients
from interop.hooks import keys
from tests.factories.hooks import ISSUER, Hospital
from tests.factories.keys import public, signing_key

Listed = Callable[..., None]


@pytest.fixture
def listed(settings: Any, tmp_path: Path) -> Iterator[Listed]:
    """Writes the file of systems that are allowed; each a HooksClient's keys."""

    def write(*hooks: dict[str, Any], test: bool = True) -> None:
        path = tmp_path / "clients.yaml"
        path.write_text(yaml.safe_dump({"test": test, "hooks": list(hooks)}), encoding="utf-8")
        settings.INTEROP_CLIENTS = str(path)
        clients.clients.cache_clear()
        keys.forget()

    settings.CDS_REQUIRE_JWT = True
    yield write
    settings.INTEROP_CLIENTS = ""
    clients.clients.cache_clear()
    keys.forget()


@pytest.fixture
def hospital(db: None, listed: Listed) -> Hospital:
    """Its key is pinned in the file."""
    found = Hospital(signing_key())
    listed({"name": "Main EHR", "issuer": ISSUER, "algorithm": "ES384", "jwks": public(found.key)})
    return found


@pytest.fixture
def anybody(db: None, settings: Any, listed: Listed) -> Hospital:
    """A system on a server that asks nobody who they are."""
    listed()
    settings.CDS_REQUIRE_JWT = False
    return Hospital(signing_key())

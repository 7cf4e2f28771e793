"""What the events of running the service are called."""

from __future__ import annotations

from audit import sentences

_PHRASES = {
    "back-up": "backed the database up as {}",
    "restore": "restored the database from {}",
    "move-database": "moved the database: {}",
}
_LABELS = {"manifest": "SHA-256 of the manifest", "made_at": "Backed up at"}


def register() -> None:
    sentences.register("operations", _PHRASES, labels=_LABELS)

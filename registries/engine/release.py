"""A release as it travels to workers: its bytes, verified and compiled where they arrive, once a process."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from regimens.rules.knowledge import Knowledge, ReleaseIdentity


class ReleaseDamaged(ValueError):  # noqa: N818 - says what the release is
    """Bytes that are not those of the release that they are said to be."""


@dataclass(frozen=True)
class Carried:
    """The canonical JSON of a release, under its name."""

    name: str
    published: str
    sha256: str
    text: bytes

    @property
    def identity(self) -> ReleaseIdentity:
        return ReleaseIdentity(self.name, self.published, self.sha256)


_held: dict[str, Knowledge] = {}


def hold(carried: Carried) -> Knowledge:
    """Verify and compile a release; another one that was held is let go. Raises ReleaseDamaged."""
    found = hashlib.sha256(carried.text).hexdigest()
    if found != carried.sha256:
        raise ReleaseDamaged(f"release {carried.name}: its SHA-256 is {found} and should be {carried.sha256}")
    knowledge = Knowledge.from_document(json.loads(carried.text), release=carried.identity)
    knowledge.check_edition()
    _held.clear()
    _held[carried.sha256] = knowledge
    return knowledge


def held(sha256: str) -> Knowledge | None:
    """The release of that hash, where this process has it."""
    return _held.get(sha256)

"""What a run is asked to do, and which code answers: what two runs share where one goes on where the other stopped."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from regimens import rules
from regimens.rules.knowledge import EDITION

from .mapping import Columns
from .sources import Part

FORMAT = 1  # of the tables; another one is another run
ROWS_A_PART = 2_000
PACKAGES = ("numpy", "pyarrow", "scipy")


@dataclass(frozen=True)
class Job:
    """A run: the release, how it ranks, how columns are read.

    repeated       the keys that stand more than once: none of their rows is ranked
    is_synthetic   whether the files say that their patients were drawn, as every table does then
    """

    release: str
    edition: int
    preference: str
    nec_only: bool
    draws: bool
    key: str | None
    columns: Columns
    repeated: frozenset[str]
    code: str
    versions: tuple[tuple[str, str], ...]
    rows_a_part: int
    is_synthetic: bool

    @classmethod
    def of(
        cls,
        release: str,
        columns: Columns,
        *,
        preference: str,
        nec_only: bool = False,
        draws: bool = False,
        key: str | None = None,
        repeated: frozenset[str] = frozenset(),
        rows_a_part: int = ROWS_A_PART,
        is_synthetic: bool = False,
    ) -> Job:
        """With the code and the versions of this process."""
        return cls(
            release=release,
            edition=EDITION,
            preference=preference,
            nec_only=nec_only,
            draws=draws,
            key=key,
            columns=columns,
            repeated=repeated,
            code=code(),
            versions=versions(),
            rows_a_part=rows_a_part,
            is_synthetic=is_synthetic,
        )

    def as_plain(self) -> dict[str, Any]:
        """As it stands in files: without the keys that stand twice, which are of patients."""
        found = asdict(self) | {"format": FORMAT, "columns": self.columns.model_dump(), "versions": dict(self.versions)}
        del found["repeated"]
        return found

    def known_by(self, part: Part) -> str:
        """The hash of all that the tables of a part follow from."""
        asked = self.as_plain() | {"repeated": sorted(self.repeated), "part": asdict(part)}
        del asked["part"]["source"]["path"]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@cache
def code() -> str:
    """The SHA-256 of the code that decides what a run writes: the rules and this folder."""
    found = hashlib.sha256()
    for folder in (Path(rules.__file__).parent, Path(__file__).parent):
        for path in sorted(folder.glob("*.py")):
            found.update(f"{folder.name}/{path.name}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """What else decides it: Python, and the packages that reckon and write."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (("python", python), *((name, version(name)) for name in PACKAGES))

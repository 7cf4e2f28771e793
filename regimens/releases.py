"""Releases, as they are read: immutable documents, the one that is in force, and their export as files.

`curation.actions.publishing` makes them. A process compiles a release once; one query per request shows whether there
is a newer one, and whether anything was reported against its publications since (`regimens.reported`).
"""

from __future__ import annotations

import json
import logging
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from audit.canonical import canonical_json, sha256_of

from .knowledge.first_edition import FORMAT as FIRST_EDITION
from .knowledge.first_edition import document_as_second_edition
from .models import KnowledgeRelease, ReleaseInForce
from .reported import NOTHING_REPORTED, Reported, open_notices, stamp, unknown_to
from .rules.first_edition import to_read
from .rules.knowledge import EDITION, Knowledge, KnowledgeError, ReleaseIdentity

logger = logging.getLogger(__name__)

EXPORT_FORMAT = "necapp knowledge release 1"


class ReleaseError(Exception):
    """A release that cannot be made, found or read; the message says why."""


@dataclass(frozen=True)
class PutInForce:
    """A release, the day on which it was put in force, and how that came about: a value of InForceBy."""

    release: ReleaseIdentity
    on: date
    how: str


class NoRelease(ReleaseError):  # noqa: N818 - a state, and not a fault
    """Nothing is published that can be ranked with."""

    def __init__(self, why: str = "no release is published") -> None:
        super().__init__(f"{why}: run load_evidence, then publish_release")


class FormerEdition(NoRelease):
    """The release in force is of a former edition of the method: it is read, and not ranked with."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.release, self.edition = knowledge.release, knowledge.edition
        super().__init__(
            f"release {self.release.name}, which is in force, is of edition {knowledge.edition} of the method, and "
            f"this version ranks by edition {EDITION}"
        )


class DamagedRelease(ReleaseError):  # noqa: N818 - says what the release is
    """Content that is not what its SHA-256 says."""


class UnverifiedRelease(NoRelease, DamagedRelease):
    """The release in force cannot be verified or compiled, and this process has none that it verified before."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        ReleaseError.__init__(self, f"release {name}, which is in force, is not ranked with: {why}")


@dataclass(frozen=True)
class Failing:
    """A release that was put in force and cannot be used, why, and the one that is ranked with in its place."""

    name: str
    why: str
    instead: ReleaseIdentity | None

    @property
    def words(self) -> str:
        """What those are told who can put another release in force."""
        if self.instead:
            said = _(
                "Release %(name)s is in force and cannot be used: %(why)s. Release %(instead)s is ranked with in its "
                "place. Put another release in force."
            )
            return said % {"name": self.name, "why": self.why, "instead": self.instead.name}
        said = _(
            "Release %(name)s is in force and cannot be used: %(why)s. Nothing is ranked. Put another release in force."
        )
        return said % {"name": self.name, "why": self.why}


def in_force() -> KnowledgeRelease | None:
    """The release in force."""
    newest = newest_in_force()
    return newest.release if newest else None


def newest_in_force() -> ReleaseInForce | None:
    """The newest row of what was put in force and confirmed, with its release."""
    return ReleaseInForce.objects.filter(confirmed_at__isnull=False).select_related("release").first()


def history(most: int = 12) -> tuple[PutInForce, ...]:
    """What was put in force and confirmed, the newest first."""
    rows = ReleaseInForce.objects.filter(confirmed_at__isnull=False).values_list(
        "release__name", "release__published_at", "release__sha256", "confirmed_at", "how"
    )
    return tuple(
        PutInForce(ReleaseIdentity(name, published.date().isoformat(), sha256), confirmed.date(), how)
        for name, published, sha256, confirmed, how in rows[:most]
    )


def current() -> Knowledge:
    """The release in force, compiled once in this process.

    One that cannot be verified is never ranked with: the one that this process verified before stays, which `failing`
    says. Raises NoRelease, FormerEdition, UnverifiedRelease.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_newest_in_sql())
        newest = cursor.fetchone()
    if newest is None:
        raise NoRelease
    knowledge = _held(newest[:3])
    _know_reported(knowledge, newest[3])
    if knowledge.edition != EDITION:
        raise FormerEdition(knowledge)
    return knowledge


@cache
def _newest_in_sql() -> tuple[str, tuple[Any, ...]]:
    """What every page asks, put together once a process: Django takes five times as long for that as for asking."""
    confirmed = ReleaseInForce.objects.filter(confirmed_at__isnull=False)
    newest = confirmed.values_list("release_id", "release__name", "release__sha256", stamp())[:1]
    sql, parameters = newest.query.sql_with_params()
    return sql, tuple(parameters)


def reported() -> tuple[Reported, ...]:
    """What was reported against publications of the release in force, as `current` found it last in this process.

    No query. It stands beside rankings and is in none: the release is what they are made with.
    """
    return _in_force.reported


def held() -> Knowledge | None:
    """The release in force as `current` found it last in this process; no query."""
    return _in_force.knowledge


def forget_reported() -> None:
    """Have the next `current` read again what is reported."""
    _in_force.reported, _in_force.reported_as = (), None


def document_in(release: KnowledgeRelease) -> Mapping[str, Any]:
    """What a release holds, in the shapes of this edition. Raises DamagedRelease."""
    text = _text(release)
    _verify(text, _identity(release))
    return _in_shape(json.loads(text))


@lru_cache(maxsize=1000)
def edition_of(sha256: str) -> int:
    """The edition of the method that a release is of, which is kept: a release never changes. Raises DamagedRelease."""
    document = document_in(KnowledgeRelease.objects.filter(sha256=sha256)[0])
    return int(document.get("edition", EDITION))


def compiled(release: KnowledgeRelease) -> Knowledge:
    """A release, ready to rank with; one of a former edition, to read. Raises DamagedRelease."""
    return knowledge_in(_text(release), _identity(release))


def find(name: str) -> KnowledgeRelease:
    """The newest release of that name or SHA-256 (or the start of one, 7 digits or more). Raises ReleaseError."""
    release = KnowledgeRelease.objects.filter(name=name).first()
    if release is None and len(name) >= 7:
        release = KnowledgeRelease.objects.filter(sha256__startswith=name.lower()).first()
    if release is None:
        names = ", ".join(KnowledgeRelease.objects.values_list("name", flat=True)[:10]) or "none"
        raise ReleaseError(f"{name}: no release of that name or SHA-256; there are: {names}")
    return release


def exported(release: KnowledgeRelease) -> bytes:
    """A release as a file that `read_export` and `import_release` take. Raises DamagedRelease."""
    identity = _identity(release)
    text = _text(release)
    _verify(text, identity)
    header = {"format": EXPORT_FORMAT, "name": identity.name, "published": release.published_at.isoformat()}
    return canonical_json(header | {"sha256": identity.sha256}) + b"\n" + text + b"\n"


def export(release: KnowledgeRelease, path: Path) -> None:
    """Write a release to such a file. Raises ReleaseError."""
    lines = exported(release)
    try:
        path.write_bytes(lines)
    except OSError as error:
        raise ReleaseError(f"{path} cannot be written: {error.strerror}") from error


def read_export(path: Path) -> Knowledge:
    """A release from an exported file, without storing it. Raises ReleaseError, DamagedRelease among them."""
    header, text = lines_of(path)
    identity = ReleaseIdentity(header["name"], header["published"][:10], header["sha256"])
    return knowledge_in(text, identity)


def lines_of(path: Path) -> tuple[dict[str, str], bytes]:
    """The header and the canonical JSON of an exported file, which may say anything. Raises ReleaseError."""
    try:
        first, _, rest = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}") from error
    try:
        header = json.loads(first)
        recognised = header["format"] == EXPORT_FORMAT and all(isinstance(header[k], str) for k in ("name", "sha256"))
        recognised = recognised and datetime.fromisoformat(header["published"]).tzinfo is not None
    except (ValueError, KeyError, TypeError):
        recognised = False
    if not recognised:
        raise ReleaseError(f"{path} is no exported release")
    return header, rest.removesuffix(b"\n")


def knowledge_in(text: bytes, identity: ReleaseIdentity) -> Knowledge:
    """The canonical JSON of a release, ready to rank with; of a former edition, to read (`Knowledge.edition`).

    Raises ReleaseError; DamagedRelease for another SHA-256.
    """
    _verify(text, identity)
    try:
        document = _in_shape(json.loads(text))
        is_former = document.get("edition", EDITION) != EDITION
        return (to_read if is_former else Knowledge.from_document)(document, release=identity)
    except (KnowledgeError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReleaseError(f"release {identity.name} cannot be compiled: {error!r}") from error


RETRY_SECONDS = 60.0


class _InForce:
    """What this process holds compiled, and what it could not."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.identity: tuple[int, str, str] | None = None
        self.knowledge: Knowledge | None = None
        self.failed: tuple[int, str, str] | None = None
        self.failing: Failing | None = None
        self.retry_at = 0.0
        self.reported_as: tuple[str, str | None] | None = None
        self.reported: tuple[Reported, ...] = ()


_in_force = _InForce()


def failing() -> Failing | None:
    """What stands in force and cannot be used, as far as this process has tried; None where all is well."""
    with suppress(NoRelease):
        current()
    return _in_force.failing


def found_failing() -> Failing | None:
    """The same as `current` found it last in this process; no query."""
    return _in_force.failing


def _held(newest: tuple[int, str, str]) -> Knowledge:
    held = _in_force.knowledge
    if held is not None and _in_force.identity == newest:
        _in_force.failing = None
        return held
    with _in_force.lock:
        if _in_force.knowledge is None or _in_force.identity != newest:
            if _in_force.failed != newest or time.monotonic() >= _in_force.retry_at:
                _compile(newest)
            if _in_force.knowledge is None and _in_force.failing is not None:
                raise UnverifiedRelease(_in_force.failing.name, _in_force.failing.why)
        assert _in_force.knowledge is not None
        return _in_force.knowledge


def _compile(newest: tuple[int, str, str]) -> None:
    """Hold the release compiled, or why that cannot be; it is tried again after a while."""
    release = KnowledgeRelease.objects.get(pk=newest[0])
    try:
        knowledge = compiled(release)
    except ReleaseError as error:
        instead = _in_force.knowledge.release if _in_force.knowledge else None
        _in_force.failed, _in_force.failing = newest, Failing(release.name, str(error), instead)
        _in_force.retry_at = time.monotonic() + RETRY_SECONDS
        kept = f"Release {instead.name} is ranked with in its place." if instead else "Nothing is ranked."
        logger.error("Release %s, which is in force, cannot be used: %s. %s", release.name, str(error), kept)
        return
    _in_force.identity, _in_force.knowledge = newest, knowledge
    _in_force.failed = _in_force.failing = None


def _know_reported(knowledge: Knowledge, stamped: str | None) -> None:
    """Keep what is reported against the release, read again when the stamp says that it is something else."""
    against = (knowledge.release.sha256, stamped)
    if _in_force.reported_as != against:
        is_none = stamped in (None, NOTHING_REPORTED)
        notices = () if is_none else unknown_to(open_notices(), knowledge.publications)
        _in_force.reported, _in_force.reported_as = notices, against


def _in_shape(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document in the shapes of this edition; one of a former edition says so."""
    return document_as_second_edition(document) if document.get("format") == FIRST_EDITION else document


def _text(release: KnowledgeRelease) -> bytes:
    try:
        return zlib.decompress(release.content)
    except zlib.error as error:
        raise DamagedRelease(f"release {release.name} is damaged: {error}") from error


def _identity(release: KnowledgeRelease) -> ReleaseIdentity:
    return ReleaseIdentity(release.name, release.published_at.date().isoformat(), release.sha256)


def _verify(text: bytes, identity: ReleaseIdentity) -> None:
    found = sha256_of(text)
    if found != identity.sha256:
        raise DamagedRelease(
            f"release {identity.name} is damaged: its SHA-256 is {found} and should be {identity.sha256}"
        )

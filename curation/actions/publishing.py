"""Publishing: the accepted evidence base becomes a release, and a release from elsewhere is taken in.

Publishing is one transaction, so that a crash at any moment leaves the former release in force.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from audit.actions import exclusive
from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted, document_of, intruders
from curation.freshness import as_checked
from curation.permissions import PUBLISH, REINSTATE
from regimens.knowledge.document import FORMAT
from regimens.knowledge.loader import LoadProblem, problems_in
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import InForceBy
from regimens.releases import DamagedRelease, ReleaseError, in_force, knowledge_in, lines_of
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, KnowledgeError, ReleaseIdentity
from regimens.rules.ranking import rank
from regimens.rules.validation import validate
from regimens.signals import tell_in_force

from .reinstatement import ask_to_reinstate

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class NotPublishable(ReleaseError):  # noqa: N818 - says of the publication what it is
    """The evidence base as it is may not be published.

    problems   everything that stands against it: each with list (`file`), key, field, value and rule
    """

    def __init__(self, what: str, problems: list[LoadProblem]):
        self.what, self.problems = what, problems
        listed = "; ".join(map(str, problems[:10]))  # there may be one for every entry
        super().__init__(f"{what} ({len(problems)}): {listed}")


class NotWhatWasSeen(ReleaseError):  # noqa: N818 - says of the content what it is
    """What would be published is no longer what the publisher was shown."""

    def __init__(self) -> None:
        super().__init__("the evidence base changed since it was shown: look at it again")


def publish(
    name: str, *, by: User | None = None, summary: str = "", seen: str | None = None
) -> tuple[KnowledgeRelease, bool]:
    """Compile the accepted entries into a release and put it in force; with it, whether it is a new one.

    `by` needs the permission to publish; None is whoever may run manage.py. `summary` says what is new. `seen` is the
    SHA-256 of what the publisher was shown. When nothing changed since the release in force, that one is returned.
    Raises NotPublishable, NotWhatWasSeen, another ReleaseError, and NotAllowed.
    """
    name = _checked_name(name)
    if by is not None:
        permitted(by, PUBLISH)
    with exclusive():
        former = in_force()
        text = canonical_json(content_to_publish())
        sha256 = sha256_of(text)
        if former and former.sha256 == sha256:
            return former, False
        if seen is not None and seen != sha256:
            raise NotWhatWasSeen
        release = _add(name, text, sha256, timezone.now(), by)
        _put_in_force(release, by, summary.strip())
        details = {"sha256": sha256, "former": former.name if former else None, "summary": summary.strip()}
        record("publish", name, by=by, details=details)
        return release, True


def content_to_publish() -> dict[str, Any]:
    """The document of the release that `publish` would make now. Raises NotPublishable, or another ReleaseError."""
    if found := intruders():
        raise NotPublishable("entries that nobody may publish", found)
    content = content_as_accepted()
    if found := problems_in(content):
        raise NotPublishable("the evidence base breaks its rules", found)
    return content


def content_as_accepted() -> dict[str, Any]:
    """The same, whether or not it may be published: for a look at what it does. Raises ReleaseError.

    With the days on which people saw trials and licences unchanged since two people agreed on them.
    """
    content = document_of(as_checked(accepted()))
    return content | computed(content)


def computed(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a release holds beside its entries: the benchmark's constants and the validation. Raises ReleaseError."""
    try:
        constants = benchmark_constants(content)
    except KnowledgeError as error:
        raise ReleaseError(f"nothing to publish: {error}") from error
    return {"constants": constants, "validation": validate(content).as_plain()}


def import_release(path: Path, *, by: User | None = None, as_baseline: bool = False) -> tuple[KnowledgeRelease, bool]:
    """Store an exported release and ask that it be put in force, unless it is; with it, whether it was stored.

    Another person confirms it (`curation.actions.confirm_reinstatement`). The first release of an installation may be
    put in force at once, `as_baseline`, by anybody who may run manage.py. Raises ReleaseError, DamagedRelease among
    them, and NotAllowed.
    """
    header, text = lines_of(path)
    name = _checked_name(header["name"])
    identity = ReleaseIdentity(name, header["published"][:10], header["sha256"])
    try:
        knowledge = knowledge_in(text, identity)
    except DamagedRelease:
        raise
    except ReleaseError:
        _check_rules(name, _document(text))  # which say more than that it cannot be compiled
        raise
    try:
        knowledge.check_edition()
    except KnowledgeError as error:
        raise ReleaseError(str(error)) from error
    try:
        _try_out(knowledge)
    except (TypeError, KeyError, ValueError) as error:
        raise ReleaseError(f"nothing can be ranked with release {name}: {error!r}") from error
    with exclusive():
        former = in_force()
        if former and former.sha256 == header["sha256"]:
            return former, False
        if as_baseline and KnowledgeRelease.objects.exists():
            raise ReleaseError("a baseline is the first release of an installation, and this one has others")
        if not as_baseline:
            permitted(by, REINSTATE)
        release = KnowledgeRelease.objects.filter(name=name, sha256=header["sha256"]).first()
        is_new = release is None
        release = release or _add(name, text, header["sha256"], datetime.fromisoformat(header["published"]), by)
        if as_baseline:
            _put_in_force(release, by)
        else:
            try:
                ask_to_reinstate(release, reason=f"Imported from {path.name}.", by=by, how=InForceBy.IMPORTING)
            except ActionRefused as error:
                raise ReleaseError(str(error)) from error
        record("import-release", name, by=by, details={"sha256": release.sha256, "as_baseline": as_baseline})
        return release, is_new


def _add(name: str, text: bytes, sha256: str, published_at: Any, by: User | None) -> KnowledgeRelease:
    if KnowledgeRelease.objects.filter(name=name).exists():
        raise ReleaseError(f"a release named {name} exists already: choose another name")
    release = KnowledgeRelease(
        name=name, published_at=published_at, published_by=by, sha256=sha256, content=zlib.compress(text, 9)
    )
    release.save()
    return release


def _put_in_force(release: KnowledgeRelease, by: User | None, summary: str = "") -> None:
    now = timezone.now()
    ReleaseInForce.objects.create(
        release=release, how=InForceBy.PUBLISHING, reason=summary, asked_by=by, asked_at=now, confirmed_at=now
    )
    tell_in_force(release)


def _checked_name(name: str) -> str:
    name = name.strip()
    longest = KnowledgeRelease._meta.get_field("name").max_length or 0
    if not 0 < len(name) <= longest or "\x00" in name:
        shown = name if len(name) <= longest else f"{name[:20]}…"
        raise ReleaseError(f"{shown!r} is no name of a release: 1 to {longest} characters")
    return name


def _try_out(knowledge: Knowledge) -> None:
    """Refuses a release from elsewhere that breaks a rule of the evidence base, or with which nothing can be ranked."""
    name = knowledge.release.name
    _check_rules(name, knowledge.document)
    for part, follows in computed(knowledge.document).items():
        if not _is_close(knowledge.document[part], follows):
            raise ReleaseError(f"release {name} holds {_PARTS[part]} that does not follow from its evidence")
    rank(knowledge.patient({}), knowledge, draws=False)


def _document(text: bytes) -> Mapping[str, Any]:
    """What a text says, where it is a document of this edition; an empty one else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("format") == FORMAT else {}


def _check_rules(name: str, document: Mapping[str, Any]) -> None:
    """Raises ReleaseError for a document that breaks a rule of the evidence base."""
    if document and (problems := problems_in(document)):
        listed = "; ".join(map(str, problems[:3]))
        raise ReleaseError(f"release {name} breaks {len(problems)} rules of the evidence base: {listed}")


_PARTS = {"constants": "a benchmark", "validation": "a validation"}


def _is_close(held: Any, follows: Any) -> bool:
    """Whether two plain values say the same, numbers to 1e-9: another machine may round the last bit otherwise."""
    if isinstance(follows, Mapping):
        return isinstance(held, Mapping) and all(key in held and _is_close(held[key], follows[key]) for key in follows)
    if isinstance(follows, Sequence) and not isinstance(follows, str):
        return len(held) == len(follows) and all(map(_is_close, held, follows))
    if isinstance(follows, float) and isinstance(held, int | float):
        return math.isclose(held, follows, rel_tol=1e-9, abs_tol=1e-9)
    return bool(held == follows)

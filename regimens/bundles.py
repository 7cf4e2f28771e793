"""Bundles: a ranking with all that it takes to make it again, so that anyone can check it later, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from regimens.rules.ranking import NEC_ONLY, Ranking, rank
from regimens.rules.record import as_dict, of

from . import releases
from .rules.ordering import PREFERENCES
from .rules.patient import PatientError

FORMAT = "necapp ranking bundle 1"


class BundleError(Exception):
    """A file that is no bundle, or one that cannot be ranked again here; the message says why."""


@dataclass(frozen=True)
class BundleDifference:
    """A place in the result at which the bundle and the ranking made again are not the same."""

    place: str
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.place}: {self.then!r} in the bundle, {self.now!r} now"


def bundle(ranking: Ranking) -> str:
    """Patient, preference, release and result as one JSON text."""
    result = as_dict(of(ranking))
    content = {
        "format": FORMAT,
        "release": result["release"],
        "preference": result["preference"],
        **({"evidence": NEC_ONLY} if ranking.is_nec_only else {}),
        "patient": result["patient"],
        "result": result,
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def differences(text: str) -> list[BundleDifference]:
    """Where a ranking made again from a bundle is not the one that it holds; none when they agree to the last bit.

    Raises BundleError.
    """
    content = _read(text)
    try:
        knowledge = releases.compiled(releases.find(content["release"]["sha256"]))
        if content.get("evidence") == NEC_ONLY:
            knowledge = knowledge.nec_only
        ranking = rank(knowledge.patient(content["patient"]), knowledge, content["preference"])
    except releases.ReleaseError as error:
        raise BundleError(f"it cannot be ranked again: {error}") from error
    except PatientError as error:
        raise BundleError(f"its patient is refused: {error}") from error
    made_again = json.loads(bundle(ranking))
    # A release is known by its content; elsewhere it may have another name or day.
    for held in (content, content["result"], made_again, made_again["result"]):
        held["release"] = {"sha256": held["release"]["sha256"]}
    return list(_compare(content, made_again, ""))


def _read(text: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(text)
        recognised = content["format"] == FORMAT and content["preference"] in PREFERENCES
        recognised = recognised and content.get("evidence") in (None, NEC_ONLY)
        recognised = recognised and all(isinstance(content[key], dict) for key in ("patient", "result", "release"))
        recognised = recognised and isinstance(content["result"]["release"]["sha256"], str)
        recognised = recognised and isinstance(content["release"]["sha256"], str)
    except (ValueError, KeyError, TypeError):
        recognised = False
    if not recognised:
        raise BundleError("this is no bundle of a ranking")
    return content


def _compare(then: Any, now: Any, place: str) -> Iterator[BundleDifference]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() | now.keys()):
            yield from _compare(then.get(key), now.get(key), f"{place}.{key}" if place else key)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _compare(before, after, f"{place}[{index}]")
    elif then != now or type(then) is not type(now):
        yield BundleDifference(place, then, now)

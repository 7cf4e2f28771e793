"""Bundles: a ranking with all that it takes to make it again, so that anyone can check it later.

A ranking made again is the same when every number agrees to 1e-9 and all else exactly (METHOD, section 11).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regimens.rules.first_edition import FIRST_EDITION, MADE_AGAIN_WITH
from regimens.rules.knowledge import EDITION
from regimens.rules.ranking import NEC_ONLY, Ranking, rank
from regimens.rules.record import agrees, as_dict, of

from . import releases
from .rules.knowledge import KnowledgeError
from .rules.ordering import PREFERENCES
from .rules.patient import PatientError

# By the edition of the method: which one a bundle is of is said by its format.
FORMATS: Mapping[int, str] = {FIRST_EDITION: "necapp ranking bundle 1", EDITION: "necapp ranking bundle 2"}
BYTE_ORDER_MARK = "\ufeff"  # with which some editors begin a file


class BundleError(Exception):
    """A file that is no bundle, or one that cannot be ranked again here; the message says why."""


class FormerEdition(BundleError):  # noqa: N818 - a state, and not a fault
    """A bundle of the method's first edition, by which nothing is ranked here."""

    def __init__(self) -> None:
        super().__init__(
            f"made with the method's first edition, by which nothing is ranked here: {MADE_AGAIN_WITH} makes it again"
        )


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
        "format": FORMATS[EDITION],
        "release": result["release"],
        "preference": result["preference"],
        **({"evidence": NEC_ONLY} if ranking.is_nec_only else {}),
        "patient": result["patient"],
        "result": result,
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def differences(text: str) -> list[BundleDifference]:
    """Where a ranking made again from a bundle is not the one that it holds; none when they agree.

    Raises BundleError; FormerEdition for one of the method's first edition.
    """
    content = _read(text)
    if content["format"] == FORMATS[FIRST_EDITION]:
        raise FormerEdition
    try:
        knowledge = releases.compiled(releases.find(content["release"]["sha256"]))
        knowledge.check_edition()
        if content.get("evidence") == NEC_ONLY:
            knowledge = knowledge.nec_only
        ranking = rank(knowledge.patient(content["patient"]), knowledge, content["preference"])
    except (releases.ReleaseError, KnowledgeError) as error:
        raise BundleError(f"it cannot be ranked again: {error}") from error
    except PatientError as error:
        raise BundleError(f"its patient is refused: {error}") from error
    made_again = json.loads(bundle(ranking))
    # A release is known by its content; elsewhere it may have another name or day.
    for held in (content, content["result"], made_again, made_again["result"]):
        held["release"] = {"sha256": held["release"]["sha256"]}
    return list(compared(content, made_again))


def compared(then: Any, now: Any, place: str = "") -> Iterator[BundleDifference]:
    """Where two plain values differ: numbers by more than 1e-9, all else at all."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted(then.keys() | now.keys()):
            step = f"{place}.{key}" if place else key
            if key in then and key in now:
                yield from compared(then[key], now[key], step)
            else:
                yield BundleDifference(step, then.get(key), now.get(key))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from compared(before, after, f"{place}[{index}]")
    elif not agrees(then, now):
        yield BundleDifference(place, then, now)


def _read(text: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(text.removeprefix(BYTE_ORDER_MARK))
        recognised = content["format"] in FORMATS.values() and content["preference"] in PREFERENCES
        recognised = recognised and content.get("evidence") in (None, NEC_ONLY)
        recognised = recognised and all(isinstance(content[key], dict) for key in ("patient", "result", "release"))
        recognised = recognised and isinstance(content["result"]["release"]["sha256"], str)
        recognised = recognised and isinstance(content["release"]["sha256"], str)
    except (ValueError, KeyError, TypeError, RecursionError):
        recognised = False
    if not recognised:
        raise BundleError("this is no bundle of a ranking")
    return content

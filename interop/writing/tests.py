"""Missing tests as ServiceRequests that somebody may take up: drafts, each for one test that could change the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.text import capfirst

from boards.presenters.questions import MissingTestLine, missing_tests
from boards.shown.stored_ranking import Recorded
from interop.terminology.codes import Terminology
from regimens.rules.missing_tests import POSITIVE_VALUE
from regimens.rules.patient import FEATURES

from .bundles import FEATURE, Entries, Resource, annotations, concept

REASON = concept("urn:necapp:reason", "could-change-order", "could change the order")
LOINC = "http://loinc.org"


def add(entries: Entries, recorded: Recorded, terms: Terminology, *, patient: Resource, requester: Resource) -> None:
    lines: dict[str, list[MissingTestLine]] = {}
    for line in missing_tests(recorded):
        lines.setdefault(line.feature, []).append(line)
    waiting = dict(_waiting(recorded))
    for feature in dict.fromkeys([*lines, *waiting]):
        entries.add(
            f"ServiceRequest/{feature}",
            "ServiceRequest",
            status="draft",
            intent="proposal",
            code=coded(feature, terms),
            subject=patient,
            requester=requester,
            reasonCode=[REASON],
            note=annotations(*map(_effect, lines.get(feature, ())), waiting.get(feature, "")),
        )


def coded(feature: str, terms: Terminology) -> Resource:
    """A test by our name of it, and by LOINC where a code of section 4 asks for it."""
    found = concept(FEATURE, feature, capfirst(FEATURES[feature].label))
    if code := _loinc(feature, terms):
        found["coding"].insert(0, {"system": LOINC, "code": code})
    return found


def data_required(recorded: Recorded, terms: Terminology) -> list[Resource]:
    """What has to be known before the options that wait can be placed."""
    features = dict.fromkeys(name for names in recorded.waiting.values() for name in names if name in FEATURES)
    return [
        {"type": "Observation", "codeFilter": [{"path": "code", "code": coded(feature, terms)["coding"]}]}
        for feature in features
    ]


def _waiting(recorded: Recorded) -> Iterator[tuple[str, str]]:
    """The tests that options wait for, with the names of these."""
    found: dict[str, list[str]] = {}
    for slug, features in recorded.waiting.items():
        for feature in features:
            if feature in POSITIVE_VALUE:
                found.setdefault(feature, []).append(recorded.name(slug))
    for feature, names in found.items():
        yield feature, f"Cannot be placed before it is known: {', '.join(names)}."


def _effect(line: MissingTestLine) -> str:
    return f"{line.result} ({line.chance}): {line.effect}."


def _loinc(feature: str, terms: Terminology) -> str:
    """The first code of LOINC, of those shipped, under which its result is read."""
    kept: Mapping[str, str] = {
        code.feature: code.code
        for code in reversed(terms.codes)
        if code.reads in ("number", "choice") and code.system == "loinc" and not code.is_local
    }
    return kept.get(feature, "")

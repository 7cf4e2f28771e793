"""A patient from what was sent; what is wrong with it by feature, with its value where that may be repeated."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES, Feature, Patient, PatientError
from regimens.rules.patient import Problem as Refusal
from regimens.rules.record import plain

from .problems import Problem, Said, said

_CHOICES = frozenset(value for feature in FEATURES.values() for value in feature.values)


def patient_of(given: Mapping[str, Any], knowledge: Knowledge) -> Patient:
    """Raises Problem with every value that is not allowed and every contradiction."""
    try:
        return knowledge.patient(given)
    except PatientError as error:
        errors = [each for refusal in error.problems for each in _errors(refusal, given, knowledge)]
        raise Problem("values", errors=errors) from None


def _errors(refusal: Refusal, given: Mapping[str, Any], knowledge: Knowledge) -> Iterator[dict[str, Any]]:
    if len(refusal.features) > 1:  # a contradiction, of values that are each allowed
        for name in refusal.features:
            value = {"value": plain(given[name])} if name in given else {}
            yield {"feature": name, **value, "range": FEATURES[name].allowed, "message": refusal.message}
        return
    (name,) = refusal.features
    feature = FEATURES.get(name)
    yield _unknown(name) if feature is None else _not_allowed(feature, given[name], knowledge)


def _unknown(name: str) -> dict[str, Any]:
    near = difflib.get_close_matches(name, FEATURES, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    message = f"no feature has this name, {said(name).words}{meant}"
    return {"feature": None, "range": "a feature of METHOD, section 1", "message": message}


def _not_allowed(feature: Feature, value: Any, knowledge: Knowledge) -> dict[str, Any]:
    found, extra = said(value, _CHOICES), ""
    if feature.kind == "set" and isinstance(value, list):
        found, extra = _entry(feature, value, knowledge)
    message = f"{feature.name}: {found.words} is not allowed; allowed: {feature.allowed}{extra}"
    return {"feature": feature.name, **found.value, "range": feature.allowed, "message": message}


def _entry(feature: Feature, slugs: list[Any], knowledge: Knowledge) -> tuple[Said, str]:
    """The first entry of a list that is no slug of its kind, by its place, and what was probably meant."""
    vocabulary = knowledge.vocabulary
    place, wrong = next(
        (place, slug)
        for place, slug in enumerate(slugs, 1)
        if not isinstance(slug, str) or slug not in vocabulary.of(feature)
    )
    found = said(wrong, vocabulary.regimens | vocabulary.drugs | _CHOICES)
    near = vocabulary.nearest(wrong, feature) if isinstance(wrong, str) else None
    return Said(f"entry {place}, {found.words},", found.value), f"; did you mean {near}?" if near else ""

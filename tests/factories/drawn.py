"""Patients drawn by Hypothesis, on the shipped evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st

from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES, Feature, Patient, PatientError

# The same examples in every run, so that a change of the code alone turns a test red. Constants of the modules that are
# imported are among them, so that a run of one file draws others than a run of all.
every_run_alike = settings(derandomize=True, database=None, deadline=None, phases=(Phase.generate, Phase.shrink))

# What keeps a patient in scope, where a feature has values that would not.
IN_SCOPE: Mapping[str, st.SearchStrategy[Any]] = {
    "primary_site": st.sampled_from(
        [site for site in FEATURES["primary_site"].values if site not in ("lung", "thymus", "skin")]
    ),
    "differentiation": st.sampled_from(["poor", "uncertain"]),
    "platinum_received": st.just(True),
    "lines_received": st.integers(1, 12),
    "pregnancy_or_breastfeeding": st.just(False),
}


class Shipped:
    """The shipped evidence, which the report of an example that fails names without its content."""

    def __init__(self, document: dict[str, Any], knowledge: Knowledge):
        self.document, self.knowledge = document, knowledge

    def __repr__(self) -> str:
        return "the shipped evidence"


@st.composite
def patients(draw: st.DrawFn, shipped: Shipped, *, in_scope: bool = True) -> Patient:
    """A patient without contradiction: every feature may be unknown, sets may be empty."""
    single = {name: values_of(feature) for name, feature in FEATURES.items() if feature.kind != "set"}
    features = draw(st.fixed_dictionaries({}, optional={**single, **(IN_SCOPE if in_scope else {})}))
    slugs = list(shipped.knowledge.regimens)
    prior = draw(st.none() | st.lists(st.sampled_from(slugs), unique=True, max_size=4))
    failed = st.just([]) if prior == [] else st.lists(st.sampled_from(prior or slugs), unique=True, max_size=2)
    progressed = draw(st.none() | failed)
    known: dict[str, Any] = {}
    for name, value in {**features, "prior_regimens": prior, "progressed_on": progressed}.items():
        # What contradicts the features before it is left out: to draw anew until nothing does would take long.
        try:
            shipped.knowledge.patient({**known, name: value})
        except PatientError:
            continue
        known[name] = value
    return shipped.knowledge.patient(known)


def values_of(feature: Feature) -> st.SearchStrategy[Any]:
    """Any value that a choice, number or flag may have; the ends of a range often."""
    if feature.kind == "choice":
        return st.sampled_from(list(feature.values))
    if feature.kind == "flag":
        return st.booleans()
    if feature.kind == "count":
        return st.integers(int(feature.low), int(feature.high))
    ends = st.sampled_from([feature.low, feature.high])
    return ends | st.floats(feature.low, feature.high) | st.integers(math.ceil(feature.low), int(feature.high))

"""From statements to features: the newest value counts, several are a conflict, absence is never negative.

Last stop: what contradicts itself by the method is unknown too. Source: INTEROP, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regimens.rules.patient import FEATURES, Patient, PatientError, Vocabulary

from .dates import newest
from .statements import Source, Statement


@dataclass(frozen=True, order=True)
class Ignored:
    """A resource that spoke about features and gave none, or an older one; `path` of what is malformed in it."""

    resource: str
    why: str
    path: str = ""
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What was read of a patient.

    features         by the names of METHOD, as JSON has them; what is not here is unknown
    conflicts        features that stay unknown because resources contradict each other
    unknown_because  why others stay unknown, where something was said
    provenance       for each feature, and each conflict, the statements that it rests on
    statements       everything that was said, by feature, for a page that shows it
    resources        how many there were
    """

    features: Mapping[str, Any]
    conflicts: tuple[str, ...]
    ignored: tuple[Ignored, ...]
    unknown_because: Mapping[str, str]
    provenance: Mapping[str, tuple[Source, ...]]
    statements: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    resources: int = 0

    def as_plain(self) -> dict[str, Any]:
        """As `manage.py read_fhir --json` and the API give it."""
        provenance = {
            feature: [{"resource": each.resource, "element": each.element, "date": each.date} for each in sources]
            for feature, sources in self.provenance.items()
        }
        ignored = [
            {"resource": each.resource, "why": each.why, **({"path": each.path} if each.path else {})}
            for each in self.ignored
        ]
        return {
            "features": dict(self.features),
            "conflicts": list(self.conflicts),
            "ignored": ignored,
            "unknown_because": dict(self.unknown_because),
            "provenance": provenance,
        }


@dataclass
class _Settled:
    """What the statements of one feature come to."""

    value: Any = None
    because: str = ""
    basis: list[Statement] = field(default_factory=list)
    agreeing: list[Statement] = field(default_factory=list)  # older ones that say the same
    left: list[tuple[Statement, str]] = field(default_factory=list)


def settle(
    statements: Sequence[Statement], vocabulary: Vocabulary, malformed: Iterable[Ignored] = (), resources: int = 0
) -> Reading:
    by_feature: dict[str, list[Statement]] = {}
    for each in sorted(statements, key=_order):
        by_feature.setdefault(each.feature, []).append(each)
    settled = {feature: _settled(feature, by_feature[feature]) for feature in FEATURES if feature in by_feature}
    known = {feature: each.value for feature, each in settled.items() if each.value is not None}
    conflicts = {feature for feature, each in settled.items() if each.because == "conflict"}
    because = {feature: each.because for feature, each in settled.items() if each.because}
    for feature, why in _contradicting(known, vocabulary):
        known.pop(feature, None)
        because[feature] = why
        if why == "conflict":
            conflicts.add(feature)
    return Reading(
        features={name: _plain(known[name]) for name in FEATURES if name in known},
        conflicts=tuple(sorted(conflicts)),
        ignored=_ignored(settled, malformed),
        unknown_because={name: because[name] for name in FEATURES if name in because},
        provenance={
            name: _sources(settled[name].basis)
            for name in FEATURES
            if name in settled and (name in known or name in conflicts)
        },
        statements={name: tuple(by_feature[name]) for name in FEATURES if name in by_feature},
        resources=resources,
    )


def _settled(feature: str, found: Sequence[Statement]) -> _Settled:
    valued = [each for each in found if each.value is not None]
    without = [each for each in found if each.value is None]
    settled = _Settled(left=[(each, each.why) for each in without])
    if feature == "histology" and any(each.value != "nos" for each in valued):
        # "Not otherwise specified" neither overrides nor contradicts what is more specific.
        settled.agreeing = [each for each in valued if each.value == "nos"]
        valued = [each for each in valued if each.value != "nos"]
    if not valued:
        settled.because = _newest_reason([each for each in without if not each.is_excluded])
        if settled.because == "conflict":
            settled.basis = [each for each in without if each.why == "conflict"]
        return settled
    dated = [each for each in valued if each.date]
    spans = newest(each.date for each in dated if each.date)
    counting = [each for each in dated if each.date in spans] if dated else valued
    values, counted = {each.value for each in counting}, {*map(id, counting)}
    for each in valued:
        if id(each) not in counted and each.value in values:
            settled.agreeing.append(each)
        elif id(each) not in counted:
            settled.left.append((each, "superseded" if each.date else "undated"))
    if len(values) > 1:
        settled.because, settled.basis = "conflict", counting
        return settled
    settled.value = counting[0].value
    settled.basis = counting
    return settled


def _newest_reason(without: Sequence[Statement]) -> str:
    dated = [each for each in without if each.date]
    spans = newest(each.date for each in dated if each.date)
    counting = [each for each in dated if each.date in spans] if dated else without
    return min((each.why for each in counting), default="")


def _contradicting(known: Mapping[str, Any], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """The features that no patient can have together, each with why it is unknown (METHOD, section 1)."""
    left, found = dict(known), []
    while True:
        try:
            Patient.from_features(left, vocabulary=vocabulary)
        except PatientError as error:
            for problem in error.problems:
                why = "conflict" if len(problem.features) > 1 else "out-of-range"
                for feature in problem.features:
                    if left.pop(feature, None) is not None:
                        found.append((feature, why))
        else:
            return found


def _ignored(settled: Mapping[str, _Settled], malformed: Iterable[Ignored]) -> tuple[Ignored, ...]:
    given = [statement for each in settled.values() for statement in (*each.basis, *each.agreeing)]
    gave = {source.resource for statement in given for source in statement.sources}
    spoke: dict[tuple[str, str], set[str]] = {}
    for feature, each in settled.items():
        for statement, why in each.left:
            for source in statement.sources:
                is_older = statement.value is not None or statement.is_excluded
                if is_older or source.resource not in gave:
                    spoke.setdefault((source.resource, why), set()).add(feature)
    found = [Ignored(resource, why, features=tuple(sorted(features))) for (resource, why), features in spoke.items()]
    return tuple(sorted([*found, *malformed]))


def _sources(basis: Iterable[Statement]) -> tuple[Source, ...]:
    every = {source for each in basis for source in each.sources}
    return tuple(sorted(every, key=lambda each: (each.resource, each.element, each.date or "")))


def _order(each: Statement) -> tuple[Any, ...]:
    dated = (each.date.written if each.date else "",)
    return each.feature, dated, str(each.value), each.why, tuple((s.resource, s.element) for s in each.sources)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value

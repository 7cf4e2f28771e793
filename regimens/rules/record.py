"""A ranking as it travels: what the JSON of METHOD, section 12, holds, typed.

`of` takes it from a ranking, `as_json` writes it and `from_json` reads it again: the page's download, the command
line, bundles and the rankings that boards keep are all this record. The fields of each class are the keys of its
object, in the order in which they are written. A field that defaults to None is one that not every record holds: it
may be missing, and is left out while it is None; every other field has to be there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .assessment import Band
from .evidence import OUTCOMES, CautionRecord, Outcome
from .knowledge import ReleaseIdentity
from .logic import Truth, explain
from .missing_tests import MissingTest
from .ordering import Terms
from .patient import Patient, Value
from .ranking import NEC_ONLY, Option, Ranking
from .synthesis import CohortRecord, EstimateRecord


class RecordError(ValueError):
    """A text that is no ranking as it travels; `place` leads to what is wrong: "options[3].estimates.pfs"."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem = problem
        self.place = place

    def within(self, step: str) -> RecordError:
        """The same error, seen from one step further up."""
        joint = "." if step and self.place and not self.place.startswith("[") else ""
        return RecordError(self.problem, f"{step}{joint}{self.place}")


@dataclass(frozen=True, kw_only=True)
class ScopeRecord:
    """Whether the application is for the patient, why not, and what to check first, in English."""

    in_scope: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PartRecord:
    """One comparison of an indication's criterion, in English, with its truth for the patient."""

    text: str
    truth: Truth


@dataclass(frozen=True, kw_only=True)
class IndicationRecord:
    key: str
    stance: str
    truth: Truth
    parts: tuple[PartRecord, ...]


@dataclass(frozen=True, kw_only=True)
class OptionRecord:
    """An option at its place; see `ranking.Option`.

    regimen         its slug
    rank            None where it carries none
    decided_by      what put it into its band, in English
    utility, terms  None for best supportive care, which also has no estimates and no cohorts
    first_in_band, best, top3   shares of the draws; None where none were made, or it takes no part
    """

    regimen: str
    name: str
    band: Band
    rank: int | None
    decided_by: str
    level: str
    utility: float | None
    terms: Terms | None
    estimates: Mapping[Outcome, EstimateRecord]
    first_in_band: float | None
    best: float | None
    top3: float | None
    about_equal_to_next: bool
    cohorts: tuple[CohortRecord, ...]
    indications: tuple[IndicationRecord, ...]
    cautions: tuple[CautionRecord, ...]


@dataclass(frozen=True, kw_only=True)
class WaitingRecord:
    """A regimen, by slug, that cannot be placed before the features named are known."""

    regimen: str
    features: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MissingTestRecord:
    """A feature that is not known, and what one value of it would change; see `MissingTest`.

    prevalence         the chance of the value, a fraction; None where it is not known
    first_becomes      the slug of the option that would be first
    enters_recommended the slugs that would
    """

    feature: str
    value: Value
    prevalence: float | None
    first_becomes: str | None
    changes_first: bool
    changes_order: bool
    enters_recommended: tuple[str, ...]
    utility_gain: float


@dataclass(frozen=True, kw_only=True)
class RankingRecord:
    """The answer for one patient on one release.

    evidence   "nec-only" where it was made without borrowed evidence, else None
    patient    the known features by name; derived: those that follow from them, None where one cannot be told
    """

    release: ReleaseIdentity
    preference: str
    evidence: str | None = None
    patient: Mapping[str, Value]
    derived: Mapping[str, Value | None]
    scope: ScopeRecord
    options: tuple[OptionRecord, ...]
    needs_test: tuple[WaitingRecord, ...]
    tests: tuple[MissingTestRecord, ...]

    @property
    def is_nec_only(self) -> bool:
        return self.evidence == NEC_ONLY

    @property
    def first(self) -> OptionRecord | None:
        """The option of rank 1; None where nothing is ranked."""
        return next((option for option in self.options if option.rank == 1), None)


def of(ranking: Ranking) -> RankingRecord:
    """A ranking, ready to travel."""
    return RankingRecord(
        release=ranking.release,
        preference=ranking.preference.name,
        evidence=NEC_ONLY if ranking.is_nec_only else None,
        patient=ranking.patient.features,
        derived=ranking.patient.derived,
        scope=ScopeRecord(
            in_scope=ranking.scope.in_scope,
            reasons=tuple([sentence.worded() for _, sentence in ranking.scope.reasons]),
            warnings=tuple([sentence.worded() for _, sentence in ranking.scope.warnings]),
        ),
        options=tuple([_option(option, ranking.patient) for option in ranking.options]),
        needs_test=tuple([WaitingRecord(regimen=w.regimen.slug, features=w.features) for w in ranking.needs_test]),
        tests=tuple([_missing_test(test) for test in ranking.tests]),
    )


def as_json(record: RankingRecord) -> str:
    """One line of JSON, byte for byte the same for the same patient, release and preference."""
    return _ENCODER.encode(record)


def as_dict(record: RankingRecord) -> dict[str, Any]:
    """What that line reads as: plain values, for what stores or compares them."""
    plain: dict[str, Any] = _values(record)
    return plain


def from_json(text: str | bytes) -> RankingRecord:
    """The record that a text of `as_json`, or the same in another order of keys, holds.

    Keys that no field has are left out. Raises RecordError.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"no JSON: {error}") from error
    record: RankingRecord = _take(content, _taking(RankingRecord))
    return record


def plain(value: Value) -> Any:
    """A feature's value as JSON has it: a set is a sorted list."""
    return sorted(value) if isinstance(value, frozenset) else value


def _option(option: Option, patient: Patient) -> OptionRecord:
    estimates = option.synthesis.estimates if option.synthesis else {}
    drawn = option.shares
    return OptionRecord(
        regimen=option.regimen.slug,
        name=option.regimen.name,
        band=option.band,
        rank=option.rank,
        decided_by=option.decided_by,
        level=option.level,
        utility=option.utility,
        terms=option.terms,
        estimates={name: estimates[name].record for name in OUTCOMES if name in estimates},
        first_in_band=drawn.first_in_band if drawn else None,
        best=drawn.best if drawn else None,
        top3=drawn.top3 if drawn else None,
        about_equal_to_next=drawn.about_equal_to_next if drawn else False,
        cohorts=tuple([used.record for used in option.synthesis.cohorts]) if option.synthesis else (),
        indications=tuple(
            [
                IndicationRecord(
                    key=finding.indication.key,
                    stance=finding.indication.stance,
                    truth=finding.truth,
                    parts=tuple(
                        [
                            PartRecord(text=part.text, truth=part.truth)
                            for part in explain(finding.indication.when, patient.values)
                        ]
                    ),
                )
                for finding in option.indications
            ]
        ),
        cautions=tuple([finding.record for finding in option.cautions]),
    )


def _missing_test(test: MissingTest) -> MissingTestRecord:
    return MissingTestRecord(
        feature=test.feature,
        value=test.value,
        prevalence=test.prevalence.chance if test.prevalence else None,
        first_becomes=test.first_becomes,
        changes_first=test.changes_first,
        changes_order=test.changes_order,
        enters_recommended=test.enters_recommended,
        utility_gain=test.utility_gain,
    )


def _plain(value: Any) -> Any:
    """What JSON has for a value that it does not know itself."""
    held = getattr(value, "__dict__", None)
    if held is not None:
        kind: Any = type(value)
        optional = _optional(kind)
        if optional:
            return {name: each for name, each in held.items() if each is not None or name not in optional}
        return held
    return sorted(value) if isinstance(value, frozenset) else dict(value)


def _values(value: Any) -> Any:
    """The same all the way down."""
    kind = type(value)
    if kind in _BASIC:
        return value
    if kind is tuple:
        return [_values(each) for each in value]
    if kind is Band:
        return value.value
    found = value if kind is dict else _plain(value)
    return found if type(found) is list else {name: _values(each) for name, each in found.items()}


_ENCODER = json.JSONEncoder(
    default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)


@cache
def _optional(kind: Any) -> frozenset[str]:
    """The fields that not every record holds."""
    return frozenset(field.name for field in fields(kind) if field.default is None)


# How a field takes a value from JSON: by the types that it may have there, None for one that stays as it is.
_Taking = Mapping[type, Callable[[Any], Any] | None]

_SCALARS: Mapping[Any, _Taking] = {
    str: {str: None},
    bool: {bool: None},
    int: {int: None},
    float: {float: None, int: None},  # canonical JSON writes a whole number without a fraction
    NoneType: {NoneType: None},
}
_BASIC = frozenset(_SCALARS)
_TYPES = {str: "text", bool: "true or false", int: "a number", float: "a number", NoneType: "null"}
_TYPES |= {list: "a list", dict: "an object"}


def _take(value: Any, taking: _Taking, step: str = "") -> Any:
    """A value from JSON, one step down, as its field has it."""
    kind = type(value)
    if kind not in taking:
        wanted = " or ".join(dict.fromkeys(_TYPES[each] for each in taking))
        raise RecordError(f"{_TYPES[kind]} where {wanted} should be", step)
    read = taking[kind]
    if read is None:
        return value
    try:
        return read(value)
    except RecordError as error:
        raise error.within(step) from None


@cache
def _taking(hint: Any) -> _Taking:
    """How a field of that type takes a value."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        return {dict: _object(hint)}
    if hint is Band:
        return {str: _one_of({band.value: band for band in Band})}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {str: _one_of({each: each for each in arguments})}
    if origin in (Union, UnionType):
        return {kind: read for each in arguments for kind, read in _taking(each).items()}
    if origin is Mapping:
        return {dict: _mapping(_taking(arguments[0]), _taking(arguments[1]))}
    return {list: _listed(_taking(arguments[0]), frozenset if origin is frozenset else tuple)}


def _object(kind: Any) -> Callable[[dict[str, Any]], Any]:
    hints = get_type_hints(kind)
    plan = [(field.name, _taking(hints[field.name])) for field in fields(kind)]
    optional = _optional(kind)

    def read(content: dict[str, Any]) -> Any:
        found = {}
        for name, taking in plan:
            if name not in content:
                if name in optional:
                    continue
                raise RecordError(f"“{name}” is missing")
            value = content[name]
            # Most values stay as they are; a call for each would double the time.
            found[name] = value if taking.get(type(value), _take) is None else _take(value, taking, name)
        return kind(**found)

    return read


def _mapping(keys: _Taking, values: _Taking) -> Callable[[dict[str, Any]], Any]:
    def read(content: dict[str, Any]) -> Any:
        found = {_take(name, keys, name): _take(value, values, name) for name, value in content.items()}
        return MappingProxyType(found)

    return read


def _listed(entries: _Taking, kind: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    def read(content: list[Any]) -> Any:
        return kind([_take(value, entries, f"[{index}]") for index, value in enumerate(content)])

    return read


def _one_of(choices: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(content: str) -> Any:
        if content not in choices:
            raise RecordError(f"“{content}” where one of {', '.join(choices)} should be")
        return choices[content]

    return read

"""A ranking as it travels: what the JSON of METHOD, section 12, holds, typed.

`of` takes it from a ranking, `as_json` writes it and `from_json` reads it again: the page's download, the command
line, bundles and the rankings that boards keep are all this record. The fields of each class are the keys of its
object, in the order in which they are written. A field that defaults to None is one that not every record holds: it
may be missing, and is left out while it is None; every other field has to be there.

A record names the edition of the method by which it was made. Those of the first edition hold less and call some of it
otherwise (`_NOT_HELD`, `_KEYS`); they are read as records of the same classes and written again as they were, byte for
byte. None is made any more.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .assessment import Band, IndicationFinding, LicenceFinding
from .evidence import OUTCOMES, CautionRecord, Outcome
from .first_edition import FIRST_EDITION
from .knowledge import EDITION, ReleaseIdentity
from .logic import Truth
from .missing_tests import MissingTest
from .ordering import Terms
from .patient import Value
from .ranking import NEC_ONLY, Option, Ranking
from .synthesis import CohortRecord, EstimateRecord, Synthesis

SIGNIFICANT_DIGITS = 12
AGREEMENT = 1e-9  # numbers of two rankings that differ by less say the same (METHOD, section 11)


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
    warnings: tuple[WarningRecord, ...]


@dataclass(frozen=True, kw_only=True)
class WarningRecord:
    """What to check first: a code of METHOD section 1, "" in the first edition, and English words."""

    code: str
    text: str


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
class PublishedRecord:
    """The cohort whose published figure stands beside an estimate."""

    publication: str
    index: int


@dataclass(frozen=True, kw_only=True)
class LicenceRecord:
    """The licence status in the patient's region, with the keys of the licences that are true and those unknown."""

    status: str
    keys: tuple[str, ...]
    possible: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OpenedRecord:
    """A regimen that a test result would open."""

    regimen: str
    band: Band
    rank: int | None


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
    published: Mapping[Outcome, PublishedRecord | None]
    licence: LicenceRecord | None
    first_in_band: float | None
    best: float | None
    top3: float | None
    expected_rank: float | None
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
    changes_order      whether another option would stand elsewhere; of the first edition alone, else None
    """

    feature: str
    value: Value
    prevalence: float | None
    first_becomes: str | None
    changes_first: bool
    changes_order: bool | None = None
    enters_recommended: tuple[str, ...]
    utility_gain: float
    opens: tuple[OpenedRecord, ...]


@dataclass(frozen=True, kw_only=True)
class RankingRecord:
    """The answer for one patient on one release.

    method     the edition of the method; the first held no implied features, no demonstrated outcomes, no licences, no
               published figures and no expected rank: empty, or None
    evidence   "nec-only" where it was made without borrowed evidence, else None
    patient    the features given, by name; implied: what follows of others; derived: None where one cannot be told
    """

    release: ReleaseIdentity
    method: int
    preference: str
    evidence: str | None = None
    patient: Mapping[str, Value]
    implied: Mapping[str, Value]
    derived: Mapping[str, Value | None]
    scope: ScopeRecord
    separates: Mapping[Outcome, tuple[int, ...]]
    demonstrated: Mapping[Outcome, bool]
    options: tuple[OptionRecord, ...]
    needs_test: tuple[WaitingRecord, ...]
    tests: tuple[MissingTestRecord, ...]

    @property
    def is_nec_only(self) -> bool:
        return self.evidence == NEC_ONLY

    @property
    def can_be_made_again(self) -> bool:
        """Whether it is of the edition in force; another one is made again by the version of before alone."""
        return self.method == EDITION

    @property
    def first(self) -> OptionRecord | None:
        """The option of rank 1; None where nothing is ranked."""
        return next((option for option in self.options if option.rank == 1), None)


def of(ranking: Ranking) -> RankingRecord:
    """A ranking, ready to travel."""
    return _of(ranking, tuple([_option(option) for option in ranking.options]))


def _of(ranking: Ranking, options: tuple[OptionRecord, ...]) -> RankingRecord:
    return RankingRecord(
        release=ranking.release,
        method=EDITION,
        preference=ranking.preference.name,
        evidence=NEC_ONLY if ranking.is_nec_only else None,
        patient=ranking.patient.features,
        implied=ranking.patient.implied,
        derived=ranking.patient.derived,
        scope=ScopeRecord(
            in_scope=ranking.scope.in_scope,
            reasons=tuple([sentence.worded() for _, sentence in ranking.scope.reasons]),
            warnings=tuple(
                [WarningRecord(code=code, text=sentence.worded()) for code, sentence in ranking.scope.warnings]
            ),
        ),
        separates=ranking.separates,
        demonstrated=ranking.demonstrated,
        options=options,
        needs_test=tuple([WaitingRecord(regimen=w.regimen.slug, features=w.features) for w in ranking.needs_test]),
        tests=tuple([_missing_test(test) for test in ranking.tests]),
    )


def as_json(found: RankingRecord | Ranking) -> str:
    """One line of JSON, byte for byte the same for the same patient, release and preference.

    A ranking is written without being made a record first: of its options, by far the most of it, what many patients
    have in common is kept as text, by the synthesis or the record that it is the text of.
    """
    if isinstance(found, RankingRecord):
        return _ENCODER.encode(as_dict(found)) if found.method == FIRST_EDITION else _text(found)
    record = _of(found, ())
    options = ",".join([_option_text(option) for option in found.options])
    return _text(record).replace('"options":[]', f'"options":[{options}]', 1)


def as_dict(record: RankingRecord) -> dict[str, Any]:
    """What that line reads as: plain values, for what stores or compares them."""
    plain: dict[str, Any] = _former_values(record) if record.method == FIRST_EDITION else _values(record)
    return plain


def from_json(text: str | bytes) -> RankingRecord:
    """The record that a text of `as_json`, or the same in another order of keys, holds; of any edition.

    Keys that no field has are left out. Raises RecordError.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"no JSON: {error}") from error
    record: RankingRecord = _take(content, _taking(RankingRecord, _edition_of(content)))
    return record


def _edition_of(content: Any) -> int:
    """The edition that a record names; the first did not name itself."""
    edition = content.get("method", FIRST_EDITION) if isinstance(content, dict) else EDITION
    if type(edition) is not int or edition not in _EDITIONS:
        raise RecordError(f"{edition!r} where an edition of the method that is known should be", "method")
    return edition


def agrees(one: Any, other: Any) -> bool:
    """Whether two single values of rankings say the same: numbers to 1e-9, whether whole or not, all else exactly."""
    if type(one) in _NUMBERS and type(other) in _NUMBERS:
        try:
            return math.isclose(one, other, rel_tol=AGREEMENT, abs_tol=AGREEMENT)
        except OverflowError:  # a whole number that no ranking holds
            return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def plain(value: Value) -> Any:
    """A feature's value as JSON has it: a set is a sorted list."""
    return sorted(value) if isinstance(value, frozenset) else value


def _option(option: Option) -> OptionRecord:
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
        estimates=_estimates(option.synthesis),
        published=_published(option.synthesis),
        licence=_licence(option.licence),
        first_in_band=drawn.first_in_band if drawn else None,
        best=drawn.best if drawn else None,
        top3=drawn.top3 if drawn else None,
        expected_rank=drawn.expected_rank if drawn else None,
        about_equal_to_next=drawn.about_equal_to_next if drawn else False,
        cohorts=_cohorts(option.synthesis),
        indications=tuple([_indication(finding) for finding in option.indications]),
        cautions=tuple([finding.record for finding in option.cautions]),
    )


def _estimates(synthesis: Synthesis | None) -> Mapping[Outcome, EstimateRecord]:
    return {name: synthesis.estimates[name].record for name in OUTCOMES} if synthesis else {}


def _published(synthesis: Synthesis | None) -> Mapping[Outcome, PublishedRecord | None]:
    cohorts = [synthesis.estimates[name].published if synthesis else None for name in OUTCOMES]
    return {
        name: PublishedRecord(publication=cohort.publication, index=cohort.index) if cohort else None
        for name, cohort in zip(OUTCOMES, cohorts, strict=True)
    }


def _cohorts(synthesis: Synthesis | None) -> tuple[CohortRecord, ...]:
    return tuple([used.record for used in synthesis.cohorts]) if synthesis else ()


def _indication(finding: IndicationFinding) -> IndicationRecord:
    parts = zip(finding.indication.parts, finding.parts, strict=True)
    return IndicationRecord(
        key=finding.indication.key,
        stance=finding.indication.stance,
        truth=finding.truth,
        parts=tuple([PartRecord(text=text, truth=truth) for (text, _, _), truth in parts]),
    )


def _licence(licence: LicenceFinding | None) -> LicenceRecord | None:
    return LicenceRecord(status=licence.status, keys=licence.keys, possible=licence.possible) if licence else None


def _option_text(option: Option) -> str:
    """What `_text` gives for the record of an option, which is not made: most of it was written for others."""
    synthesis, terms, drawn = option.synthesis, option.terms, option.shares
    estimates, published, cohorts = _kept(synthesis) if synthesis else _texts(None)
    first_in_band = best = top3 = expected_rank = about_equal = None
    if drawn:
        first_in_band, best, top3 = drawn.first_in_band, drawn.best, drawn.top3
        expected_rank, about_equal = drawn.expected_rank, drawn.about_equal_to_next
    indications = [_text(_indication(finding)) for finding in option.indications]
    cautions = [_text_kept(finding.record) for finding in option.cautions]
    return (
        f'{{"regimen":{_quoted(option.regimen.slug)},"name":{_quoted(option.regimen.name)},"band":"{option.band.value}"'
        f',"rank":{_text(option.rank)},"decided_by":{_quoted(option.decided_by)},"level":"{option.level}"'
        f',"utility":{_text(option.utility)},"terms":{_text_kept(terms) if terms else "null"}'
        f',"estimates":{estimates},"published":{published},"licence":{_text(_licence(option.licence))}'
        f',"first_in_band":{_text(first_in_band)},"best":{_text(best)},"top3":{_text(top3)}'
        f',"expected_rank":{_text(expected_rank)},"about_equal_to_next":{_text(bool(about_equal))}'
        f',"cohorts":{cohorts},"indications":[{",".join(indications)}],"cautions":[{",".join(cautions)}]}}'
    )


def _kept(synthesis: Synthesis) -> tuple[str, str, str]:
    found: tuple[str, str, str] | None = synthesis.kept.get(_TEXT)
    if found is None:
        found = synthesis.kept[_TEXT] = _texts(synthesis)
    return found


def _texts(synthesis: Synthesis | None) -> tuple[str, str, str]:
    """What estimates, published figures and cohorts of an option are written as."""
    return _text(_estimates(synthesis)), _text(_published(synthesis)), _text(_cohorts(synthesis))


def _missing_test(test: MissingTest) -> MissingTestRecord:
    return MissingTestRecord(
        feature=test.feature,
        value=test.value,
        prevalence=test.prevalence.chance if test.prevalence else None,
        first_becomes=test.first_becomes,
        changes_first=test.changes_first,
        enters_recommended=test.enters_recommended,
        utility_gain=test.utility_gain,
        opens=tuple([OpenedRecord(regimen=each.regimen, band=each.band, rank=each.rank) for each in test.opens]),
    )


def rounded(number: float) -> int | float:
    """A number as it is written: to so many significant digits, ties to even, a whole one without a fraction.

    Processors whose exponential differs in the last bit so write the same bytes (METHOD, section 11).
    """
    written = float(f"{number:.{SIGNIFICANT_DIGITS - 1}e}")
    return int(written) if written.is_integer() else written


def _values(value: Any) -> Any:
    """What JSON has for a value, all the way down."""
    kind = type(value)
    if kind is float:
        return rounded(value)
    if kind in _BASIC:
        return value
    if kind is tuple or kind is list:
        return [_values(each) for each in value]
    if kind is Band:
        return value.value
    if kind is frozenset:
        return sorted(value)
    if is_dataclass(kind):
        found = {}
        for name, key, may_be_left_out in _written(kind):
            each = getattr(value, name)
            if each is not None or not may_be_left_out:
                found[key] = _values(each)
        return found
    return {name: _values(each) for name, each in value.items()}


def _text(value: Any) -> str:
    """The same as a text."""
    kind: Any = type(value)
    if kind is str:
        return _quoted(value)
    if value is None or kind is bool:
        return "null" if value is None else "true" if value else "false"
    if kind is int or kind is float:
        return repr(rounded(value) if kind is float else value)
    if kind is Band:
        return f'"{value.value}"'
    if kind is tuple or kind is list:
        return f"[{','.join(map(_text, value))}]"
    if kind is frozenset:
        return f"[{','.join(map(_quoted, sorted(value)))}]"
    if is_dataclass(kind):
        return _text_of_fields(value)
    return _object_of([f"{_quoted(name)}:{_text(each)}" for name, each in value.items()])


def _text_of_fields(value: Any) -> str:
    kind: Any = type(value)
    found = [(key, getattr(value, name), optional) for name, key, optional in _written(kind)]
    return _object_of([f'"{key}":{_text(each)}' for key, each, optional in found if each is not None or not optional])


def _object_of(entries: Iterable[str]) -> str:
    return f"{{{','.join(entries)}}}"


def _text_kept(value: Terms | CautionRecord) -> str:
    """The text of a record that releases keep, kept with it."""
    kept: dict[str, Any] = value.__dict__  # as a cached property keeps its value
    if _TEXT not in kept:
        kept[_TEXT] = _text_of_fields(value)
    text: str = kept[_TEXT]
    return text


_TEXT = "text as JSON"  # the name under which a text is kept


def _former_values(value: Any) -> Any:
    """What JSON of the first edition has for a value, all the way down: numbers are written as they were, unrounded."""
    if isinstance(value, WarningRecord):
        return value.text
    if is_dataclass(value):
        kind: type = type(value)
        written = ((key, getattr(value, name), optional) for name, key, optional in _written(kind, FIRST_EDITION))
        return {key: _former_values(each) for key, each, optional in written if each is not None or not optional}
    if isinstance(value, tuple):
        return [_former_values(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _former_values(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return value.value if isinstance(value, Band) else value


_quoted = encode_basestring
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)

_EDITIONS = (FIRST_EDITION, EDITION)

# What records of the first edition do not hold, with what stands for it.
_NOT_HELD: Mapping[type, Mapping[str, Any]] = {
    RankingRecord: {
        "method": FIRST_EDITION,
        "implied": MappingProxyType({}),
        "separates": MappingProxyType({}),
        "demonstrated": MappingProxyType({}),
    },
    OptionRecord: {"published": MappingProxyType({}), "licence": None, "expected_rank": None},
    CautionRecord: {"drug": None, "exposure_class": None},
    MissingTestRecord: {"opens": ()},
}
# The fields whose key is another one: what the first edition called an estimate; a word of the language.
_KEYS: Mapping[int, Mapping[str, str]] = {FIRST_EDITION: {"estimate": "median"}, EDITION: {"exposure_class": "class"}}


@cache
def _written(kind: type, edition: int = EDITION) -> tuple[tuple[str, str, bool], ...]:
    """The fields of a record in an edition: each with its key, and whether it is left out while it is None."""
    optional, keys, lacking = _optional(kind), _KEYS[edition], _not_held(kind, edition)
    held = [field.name for field in fields(kind) if field.name not in lacking]
    return tuple((name, keys.get(name, name), name in optional) for name in held)


def _not_held(kind: type, edition: int) -> Mapping[str, Any]:
    return _NOT_HELD.get(kind, {}) if edition == FIRST_EDITION else {}


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
_NUMBERS = (int, float)
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
def _taking(hint: Any, edition: int) -> _Taking:
    """How a field of that type takes a value of an edition."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint is WarningRecord and edition == FIRST_EDITION:
        return {str: lambda text: WarningRecord(code="", text=text)}
    if isinstance(hint, type) and is_dataclass(hint):
        return {dict: _object(hint, edition)}
    if hint is Band:
        return {str: _one_of({band.value: band for band in Band})}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {str: _one_of({each: each for each in arguments})}
    if origin in (Union, UnionType):
        return {kind: read for each in arguments for kind, read in _taking(each, edition).items()}
    if origin is Mapping:
        return {dict: _mapping(_taking(arguments[0], edition), _taking(arguments[1], edition))}
    return {list: _listed(_taking(arguments[0], edition), frozenset if origin is frozenset else tuple)}


def _object(kind: Any, edition: int) -> Callable[[dict[str, Any]], Any]:
    hints = get_type_hints(kind)
    plan = [
        (name, key, _taking(hints[name], edition), may_be_missing)
        for name, key, may_be_missing in _written(kind, edition)
    ]
    given = _not_held(kind, edition)

    def read(content: dict[str, Any]) -> Any:
        found = dict(given)
        for name, key, taking, may_be_missing in plan:
            if key not in content:
                if may_be_missing:
                    continue
                raise RecordError(f"“{key}” is missing")
            value = content[key]
            # Most values stay as they are; a call for each would double the time.
            found[name] = value if taking.get(type(value), _take) is None else _take(value, taking, key)
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

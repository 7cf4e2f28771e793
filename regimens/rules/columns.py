"""What is found of all options for many patients at once, as columns: cautions, licences and levels of evidence.

`assess` finds the same for one option of one patient, and is what a page asks. A registry asks for every option of
every patient: here the truths of all criteria are a matrix, and whole columns of it are looked at a time. Nothing is
decided here: bands, ranks and estimates are those of `rank_many`. Source: METHOD, section 8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from .assessment import Case, Status
from .evidence import LEVELS, Caution, PlacedCaution, Regimen
from .kept import Kept
from .knowledge import Knowledge
from .wording import say

Flags = NDArray[np.bool_]
Codes = NDArray[np.int32]
Truths = NDArray[np.int8]

TRUE, UNKNOWN, FALSE = 1, 0, -1  # in a matrix of truths
STATUSES: tuple[str, ...] = get_args(Status)
KEPT_RESISTANCE = 8 << 20  # bytes of what shared resistance was found to be
CODE_DIGITS = 10  # of the SHA-256 by which a caution is known


class Said(NamedTuple):
    """A caution as a table of them has it; `code` is the same on every release that says it in the same words.

    features   the entered features that its criterion names; none for one of shared resistance
    """

    code: str
    level: str
    text: str
    drug: str | None
    exposure_class: str | None
    features: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """What is found for some patients (rows) of the ranked regimens (columns, by slug).

    statuses     positions among STATUSES
    possible     whether a licence would hold if something unknown were known
    is_level_a   whether a recommendation or a licence makes it level A; the others have the level of their synthesis
    cautions     the cautions that hold or cannot be checked: for each a row, a column, its number among
                 `Columns.said` and whether it holds; those of an option in the order of `assess`
    """

    statuses: NDArray[np.int8]
    possible: Flags
    is_level_a: Flags
    cautions: CautionsFound


class CautionsFound(NamedTuple):
    """Cautions that hold or cannot be checked, by patient and by option; see `Findings`."""

    patients: Codes
    regimens: Codes
    numbers: Codes
    holds: Flags


@dataclass(frozen=True)
class _Borne:
    """The cautions of a regimen, one a column.

    places   of their criteria
    plain    the number of each, and `softer` that which it has where another drug can be given
    alike    pairs of columns, the later first, that may be one caution under the numbers of `identity`
    """

    cautions: tuple[PlacedCaution, ...]
    places: NDArray[np.intp]
    plain: Codes
    softer: Codes
    identity: Codes
    softer_identity: Codes
    alike: tuple[tuple[int, int], ...]


class Columns:
    """A release, ready to be asked for many patients.

    said   every caution that an option may bear, shared resistance included: in the same order in every process
    """

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.regimens = knowledge.ranked_regimens
        self.said: list[Said] = []
        self._numbers: dict[str, int] = {}
        self._identities: dict[object, int] = {}
        self._borne = [self._of(regimen) for regimen in self.regimens]
        for caution in _resistances(knowledge):
            self._number(caution)
        self._resistance: Kept[tuple[frozenset[str], ...], tuple[tuple[int, int, bool], ...]] = Kept(KEPT_RESISTANCE)

    @classmethod
    def of(cls, knowledge: Knowledge) -> Columns:
        """Those of the release, made when they are first asked for."""
        found: Columns | None = knowledge.tables.get(cls)
        return found if found is not None else knowledge.tables.setdefault(cls, cls(knowledge))

    def find(self, cases: Sequence[Case]) -> Findings:
        """What is found for patients in scope, in their order."""
        truths = self._truths(cases)
        statuses = np.zeros((len(cases), len(self.regimens)), dtype=np.int8)
        possible, is_level_a = np.zeros_like(statuses, dtype=bool), np.zeros_like(statuses, dtype=bool)
        by_region: dict[str, list[int]] = {}
        for row, case in enumerate(cases):
            by_region.setdefault(case.patient.region, []).append(row)
        for region, rows in by_region.items():
            there = truths[rows]
            for column, regimen in enumerate(self.regimens):
                statuses[rows, column], possible[rows, column] = _licences(regimen, region, there)
                is_level_a[rows, column] = _is_level_a(regimen, region, there)
        return Findings(statuses, possible, is_level_a, self._cautions(cases, truths))

    def _truths(self, cases: Sequence[Case]) -> Truths:
        places = self.knowledge.criteria.places
        width = max(-(-places // 4), 1)
        told = b"".join([case.state.to_bytes(width, "little") for case in cases])
        bits = np.unpackbits(np.frombuffer(told, dtype=np.uint8).reshape(-1, width), axis=1, bitorder="little")
        both = bits[:, : 2 * places].astype(np.int8)
        return both[:, ::2] - both[:, 1::2]

    def _cautions(self, cases: Sequence[Case], truths: Truths) -> CautionsFound:
        found: list[CautionsFound] = []
        for column, borne in enumerate(self._borne):
            there = truths[:, borne.places]
            is_softer = self._is_softer(borne, truths)
            numbers = np.where(is_softer, borne.softer, borne.plain)
            is_present = there != FALSE
            if borne.alike:
                identity = np.where(is_softer, borne.softer_identity, borne.identity)
                for later, earlier in borne.alike:
                    is_same = identity[:, later] == identity[:, earlier]
                    is_present[:, later] &= ~(is_same & is_present[:, earlier])
            patients, which = is_present.nonzero()
            found.append(
                CautionsFound(
                    patients.astype(np.int32),
                    np.full(len(patients), column, dtype=np.int32),
                    numbers[patients, which],
                    there[patients, which] == TRUE,
                )
            )
        found.append(self._shared(cases))
        patients = np.concatenate([each.patients for each in found])
        regimens = np.concatenate([each.regimens for each in found])
        numbers = np.concatenate([each.numbers for each in found])
        holds = np.concatenate([each.holds for each in found])
        order = np.lexsort((regimens, patients))  # which keeps the order within an option
        return CautionsFound(patients[order], regimens[order], numbers[order], holds[order])

    def _is_softer(self, borne: _Borne, truths: Truths) -> Flags:
        """Where another drug can be given, see `PlacedCaution.as_borne`."""
        found = np.zeros((len(truths), len(borne.cautions)), dtype=bool)
        for column, placed in enumerate(borne.cautions):
            if placed.rivals is None or placed.softer is None:
                continue
            grave = LEVELS[: LEVELS.index(placed.caution.level) + 1]
            are_ruled_out = np.ones(len(truths), dtype=bool)
            for rival in placed.rivals:
                places = [place for level, place in rival if level in grave]
                are_ruled_out &= (truths[:, places] == TRUE).any(axis=1)
            found[:, column] = ~are_ruled_out
        return found

    def _shared(self, cases: Sequence[Case]) -> CautionsFound:
        rows: list[tuple[int, int, int, bool]] = []
        for row, case in enumerate(cases):
            rows += [(row, *each) for each in self._shared_by(case)]
        patients, regimens, numbers, holds = np.array(rows, dtype=np.int32).reshape(-1, 4).T
        return CautionsFound(patients, regimens, numbers, holds.astype(bool))

    def _shared_by(self, case: Case) -> tuple[tuple[int, int, bool], ...]:
        """What progression on a drug says of all regimens: column, number, and whether it holds."""
        patient = case.patient
        key = (patient.progressed_on, patient.progressed_on_drugs, *patient.perhaps_failed)
        if not any(key):
            return ()
        known = self._resistance.get(key)
        if known is None:
            found = [
                (column, self._number(finding.caution), finding.truth is True)
                for column, regimen in enumerate(self.regimens)
                for finding in case.shared_resistance(regimen)
            ]
            known = self._resistance.keep(key, tuple(found), 400 + 120 * len(found))
        return known

    def _of(self, regimen: Regimen) -> _Borne:
        cautions = regimen.cautions
        softer = [placed.softer or placed.caution for placed in cautions]
        plain_identity = [self._identity(placed.caution) for placed in cautions]
        softer_identity = [self._identity(caution) for caution in softer]
        either = [{one, other} for one, other in zip(plain_identity, softer_identity, strict=True)]
        pairs = [
            (later, earlier)
            for earlier, later in combinations(range(len(cautions)), 2)
            if either[earlier] & either[later]
        ]
        return _Borne(
            cautions,
            np.array([placed.place for placed in cautions], dtype=np.intp),
            np.array([self._number(placed.caution) for placed in cautions], dtype=np.int32),
            np.array([self._number(caution) for caution in softer], dtype=np.int32),
            np.array(plain_identity, dtype=np.int32),
            np.array(softer_identity, dtype=np.int32),
            tuple(sorted(pairs)),  # by the later one: what an earlier pair took away counts no more
        )

    def _identity(self, caution: Caution) -> int:
        return self._identities.setdefault(caution.identity, len(self._identities))

    def _number(self, caution: Caution) -> int:
        said = said_of(caution)
        if said.code not in self._numbers:
            self._numbers[said.code] = len(self.said)
            self.said.append(said)
        return self._numbers[said.code]

    @cached_property
    def slugs(self) -> tuple[str, ...]:
        return tuple(regimen.slug for regimen in self.regimens)


def said_of(caution: Caution) -> Said:
    """A caution as a table of them has it.

    One of shared resistance is known by its level and what is shared: its words also name what the patient had, which
    the table of patients says.
    """
    if caution.is_evidence:
        parts = (caution.level, caution.text, caution.drug, caution.exposure_class, caution.source, *caution.identity)
        code = hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:CODE_DIGITS]
        return Said(code, caution.level, caution.text, caution.drug, caution.exposure_class, caution.features)
    if caution.drug is not None:
        text = f"shares {caution.drug} with what was received before"
        return Said(f"{caution.level}:drug:{caution.drug}", caution.level, text, caution.drug, None, ())
    text = f"another drug of the class {caution.exposure_class}, of which one was received before"
    code = f"{caution.level}:class:{caution.exposure_class}"
    return Said(code, caution.level, text, None, caution.exposure_class, ())


def _resistances(knowledge: Knowledge) -> Iterator[Caution]:
    """Whatever progression on a drug may say of a ranked regimen."""
    for lead in sorted({lead for regimen in knowledge.ranked_regimens for lead in regimen.lead_drugs}):
        yield Caution({}, "avoid", say(""), None, drug=lead)
    for slug, shared in sorted(knowledge.exposure_classes.items()):
        for level in sorted({shared.alone, shared.combined} - {"none"}):
            yield Caution({}, level, say(""), None, exposure_class=slug)


def _licences(regimen: Regimen, region: str, truths: Truths) -> tuple[NDArray[np.int8], Flags]:
    """See `licence_of`."""
    covering = regimen.covering.get(region, ())
    otherwise = STATUSES.index(regimen.otherwise.get(region) or "not-verified")
    statuses = np.full(len(truths), otherwise, dtype=np.int8)
    statuses[_any_true(truths, [licence.place for licence in covering])] = STATUSES.index("licensed-by-site")
    sure = [licence.place for licence in covering if licence.covers == "yes"]
    statuses[_any_true(truths, sure)] = STATUSES.index("approved")
    return statuses, (truths[:, [licence.place for licence in covering]] == UNKNOWN).any(axis=1)


def _is_level_a(regimen: Regimen, region: str, truths: Truths) -> Flags:
    """See `assessment._level`."""
    covering: Mapping[str, int] = {
        licence.key: licence.place
        for licence in regimen.licences
        if licence.region == region and licence.covers == "yes"
    }
    found = np.zeros(len(truths), dtype=bool)
    for indication in regimen.indications:
        if not indication.holds_in(region):
            continue
        if indication.stance == "recommend":
            found |= truths[:, indication.place] == TRUE
        elif indication.stance == "consider":
            cited = [covering[key] for key in sorted(indication.licences & covering.keys())]
            found |= (truths[:, indication.place] == TRUE) & _any_true(truths, cited)
    return found


def _any_true(truths: Truths, places: Iterable[int]) -> Flags:
    found: Flags = (truths[:, list(places)] == TRUE).any(axis=1)
    return found

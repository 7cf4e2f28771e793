"""Looks up where regimens stand by the bits that decide it; the plain rules of `assessment` are asked once for each.

Of all that is known of a patient little decides the band and the estimates of one regimen: which of its criteria are
true, how the sites of its cohorts stand to the primary, what differs between regions, and on which of its lead drugs
and classes the disease progressed. All that is one integer for a patient, the *state*; what matters to a regimen are
the bits of its mask. Patients who agree there have the same band and the same estimates of it, whatever else tells them
apart. A table a regimen holds what was found; where it holds nothing, `band_of` is called for the patient at hand, so
that a table cannot disagree with the rules.

A table keeps `KEPT` bytes at most (see `Kept`), a release so many times as much as it has regimens. Nothing of a
patient is kept but truths. Cautions that rule nothing out, reasons and licences are not looked up: `assess` finds them
for the options that somebody looks at.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, reduce
from typing import NamedTuple

from .assessment import Assessment, Band, Case, assess, band_of
from .evidence import Regimen
from .kept import Kept
from .knowledge import Knowledge
from .logic import bits_of, true_bits_of
from .patient import REGIONS, Patient
from .synthesis import Synthesis

KEPT = 64 << 10  # bytes a regimen: some 200 standings; a synthesis is counted where it is kept
STANDING_BYTES = 260  # what one takes besides its key: rather too much

NO_BAND = len(Band)  # in place of a band's position, while it waits for a test
POSITIONS: Mapping[Band | None, int] = {band: position for position, band in enumerate(Band)} | {None: NO_BAND}
BANDS: tuple[Band | None, ...] = (*Band, None)


class Decided(NamedTuple):
    """Where a regimen stands: the position of its band among BANDS, and its estimates."""

    band: int
    synthesis: Synthesis


class _Row(NamedTuple):
    """How a regimen is looked up.

    ruling_out   the bits of which each alone rules it out: then nothing matters but the estimates
    estimates    the bits on which those rest
    all          these and the others that decide; the bit of the region is always among them, never among the former
    """

    ruling_out: int
    estimates: int
    all: int
    get: Callable[[int], Decided | None]

    def key(self, state: int) -> int:
        return state & (self.estimates if state & self.ruling_out else self.all)


class Asked:
    """A patient of whom the tables are asked."""

    def __init__(self, case: Case, tables: Tables):
        self.case = case
        self.tables = tables
        self.circumstances = tables.circumstances.of(case)
        self._assessments: dict[int, Assessment] = {}

    @cached_property
    def without_table(self) -> frozenset[int]:
        """The positions of regimens on which the disease progressed: only others share their drugs with them."""
        return self.tables.positions_of(self.case.patient.progressed_on)

    def assessment(self, position: int) -> Assessment:
        """All that is found of the regimen at the position, made once."""
        if position not in self._assessments:
            self._assessments[position] = assess(self.tables.regimens[position], self.case)
        return self._assessments[position]


class Tables:
    """The tables of a release, one a ranked regimen, in the order of `Knowledge.ranked_regimens`."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.regimens = knowledge.ranked_regimens
        self.slugs = [regimen.slug for regimen in self.regimens]
        self.circumstances = _Circumstances(knowledge)
        self.kept: list[Kept[int, Decided]] = [Kept(KEPT) for _ in self.regimens]
        self._rows = [self._row(regimen, kept) for regimen, kept in zip(self.regimens, self.kept, strict=True)]
        self._positions = {regimen.slug: position for position, regimen in enumerate(self.regimens)}
        self._resting: dict[str, list[tuple[int, int]]] = {}

    @classmethod
    def of(cls, knowledge: Knowledge) -> Tables:
        """Those of the release, made when they are first asked for."""
        found: Tables | None = knowledge.tables.get(cls)
        return found if found is not None else knowledge.tables.setdefault(cls, cls(knowledge))

    def _row(self, regimen: Regimen, kept: Kept[int, Decided]) -> _Row:
        estimates = true_bits_of(regimen.cohort_places) | self.circumstances.sites_of(regimen)
        rivals = (rival for each in regimen.grave for rival in each.rivals or ())
        true = true_bits_of(
            [
                *(each.place for each in regimen.grave),
                *(place for rival in rivals for _, place in rival),
                *(indication.place for indication in regimen.indications),
                *(licence.place for licence in regimen.licences),
            ]
        )
        required = 0 if regimen.requires_place is None else bits_of([regimen.requires_place])
        return _Row(
            true_bits_of([each.place for each in regimen.grave if each.rivals is None]),
            estimates,
            estimates
            | true
            | required
            | self.circumstances.regions_of(regimen)
            | self.circumstances.failures_of(regimen),
            kept.get,
        )

    def positions_of(self, slugs: Iterable[str]) -> frozenset[int]:
        return frozenset(self._positions[slug] for slug in slugs if slug in self._positions)

    def standings(self, asked: Asked) -> list[Decided]:
        """Where every regimen stands."""
        state = asked.case.state | asked.circumstances
        found = [
            get(state & (estimates if state & ruling_out else every))
            for ruling_out, estimates, every, get in self._rows
        ]
        for position in asked.without_table:
            found[position] = None
        return [
            decided if decided is not None else self._decide(position, state, asked, asked.case)
            for position, decided in enumerate(found)
        ]

    def supposed(
        self, asked: Asked, state: int, positions: Iterable[int], case: Callable[[], Case]
    ) -> Iterator[tuple[int, Decided]]:
        """Where the regimens at the positions would stand if the criteria said `state`: `case` makes the patient then.

        Nothing else may change: neither the primary site nor the region nor what was given.
        """
        state |= asked.circumstances
        for position in positions:
            row = self._rows[position]
            decided = row.get(row.key(state))
            if decided is None or position in asked.without_table:
                decided = self._decide(position, state, asked, case())
            yield position, decided

    def resting_on(self, features: Iterable[str], bits: int) -> list[int]:
        """The positions of the regimens whose place in a ranking rests on some of the bits, which the features give."""
        found: dict[int, None] = {}
        for feature in features:
            if feature not in self._resting:
                any_bits = bits_of(self.knowledge.criteria.looking_at.get(feature, ()))
                self._resting[feature] = [(p, row.all) for p, row in enumerate(self._rows) if row.all & any_bits]
            found |= dict.fromkeys([position for position, mask in self._resting[feature] if mask & bits])
        return list(found)

    def _decide(self, position: int, state: int, asked: Asked, case: Case) -> Decided:
        regimen = self.regimens[position]
        synthesis = case.synthesis(regimen)
        band, _ = band_of(regimen, case, synthesis)
        decided = Decided(POSITIONS[band], synthesis)
        if position in asked.without_table:
            return decided
        key = self._rows[position].key(state)
        return self.kept[position].keep(key, decided, sys.getsizeof(key) + STANDING_BYTES)


class _Circumstances:
    """The bits of a state that criteria do not give, behind those that they do.

    sites      two for each set of sites that cohorts name: the primary is among them, or elsewhere
    regions    for each way in which regimens tell regions apart one for each of the classes
    failures   one for each lead drug and each exposure class on which the disease progressed
    """

    def __init__(self, knowledge: Knowledge):
        self._knowledge = knowledge
        regimens = knowledge.ranked_regimens
        first = 2 * knowledge.criteria.places
        self._fits = {cohort.sites: cohort.site_fits for regimen in regimens for cohort in regimen.cohorts}
        self._sites = {sites: first + 2 * number for number, sites in enumerate(self._fits)}
        first += 2 * len(self._fits)
        self._told_apart = {regimen.slug: _regions_told_apart(regimen) for regimen in regimens}
        self._regions = {
            told: first + len(REGIONS) * n for n, told in enumerate(dict.fromkeys(self._told_apart.values()))
        }
        first += len(REGIONS) * len(self._regions)
        drugs = sorted({drug for regimen in regimens for drug in regimen.resistance})
        self._drugs = {drug: 1 << first + number for number, drug in enumerate(drugs)}
        first += len(drugs)
        classes = sorted({name for drug in knowledge.drugs.values() for name in drug.classes})
        self._classes = {name: 1 << first + number for number, name in enumerate(classes)}
        self._places: dict[tuple[str | None, str], int] = {}

    def sites_of(self, regimen: Regimen) -> int:
        return _all(0b11 << self._sites[cohort.sites] for cohort in regimen.cohorts)

    def regions_of(self, regimen: Regimen) -> int:
        told = self._told_apart[regimen.slug]
        return _all(1 << self._regions[told] + number for number in told)

    def failures_of(self, regimen: Regimen) -> int:
        """The bits of the lead drugs and the classes that matter to it."""
        return _all(self._drugs.get(drug, 0) for drug in regimen.resistance) | self._brought(regimen.classes)

    def of(self, case: Case) -> int:
        patient = case.patient
        place = patient.primary_site, patient.region
        if place not in self._places:
            self._places[place] = self._place(*place)
        return self._places[place] | self._failed(patient)

    def _failed(self, patient: Patient) -> int:
        bits = 0
        for slug in patient.progressed_on:
            bits |= self.failures_of(self._knowledge.regimens[slug])
        for slug in patient.progressed_on_drugs:
            bits |= self._drugs.get(slug, 0) | self._brought(self._knowledge.drugs[slug].classes)
        return bits

    def _brought(self, classes: Iterable[str]) -> int:
        return _all(self._classes[name] for name in classes)

    def _place(self, site: str | None, region: str) -> int:
        sites = (_FITS[fits[site]] << self._sites[named] for named, fits in self._fits.items())
        at = list(REGIONS).index(region)
        return _all(sites) | _all(1 << first + told[at] for told, first in self._regions.items())


_FITS = {"same": 0b01, "other": 0b10, "unknown": 0b00}


def _all(bits: Iterable[int]) -> int:
    return reduce(operator.or_, bits, 0)


def _regions_told_apart(regimen: Regimen) -> tuple[int, ...]:
    """For each of REGIONS the number of its class: regions of one class are the same to the regimen."""
    classes: dict[tuple[object, ...], int] = {}
    found = []
    for region in REGIONS:
        told = (
            tuple(licence.key for licence in regimen.licences if licence.region == region),
            regimen.otherwise.get(region),
            tuple(indication.holds_in(region) for indication in regimen.indications),
        )
        found.append(classes.setdefault(told, len(classes)))
    return tuple(found)

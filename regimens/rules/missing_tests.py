"""Which missing test could change the order, and how likely: an unknown feature is supposed known, all ranked again.

Source: METHOD, section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from .assessment import RANKED_BANDS, Band, band_of
from .evidence import BIOMARKER_FEATURES, Prevalence, Regimen, covers
from .knowledge import Knowledge
from .ordering import Preference, Standing, Valued, by_band, by_utility, terms
from .patient import FEATURES, TMB_HIGH_FROM, Feature, Patient, Value, in_scope
from .synthesis import synthesis_of

# What a biomarker is set to when its test is supposed to come back positive.
POSITIVE_VALUE: Mapping[str, Value] = MappingProxyType(
    {
        "msi": "high",
        "tmb": TMB_HIGH_FROM,
        "braf_v600e": "positive",
        "ntrk": "positive",
        "ret": "positive",
        "her2": "ihc-3+",
        "kras_g12c": "positive",
        "dll3": "positive",
        "sstr": "positive",
    }
)


@dataclass(frozen=True)
class MissingTest:
    """An unknown feature, a value it may have, and what the ranking would be then.

    prevalence           the chance of that value with its source; None when not known, or when it is no biomarker
    first_becomes        which option would have rank 1 (None: no option would)
    changes_order        whether the ranked options or their order would differ
    enters_recommended   which options would enter the recommended band
    utility_gain         utility of rank 1 then, less that of rank 1 now; where no option has rank 1 it counts as 0
    """

    feature: str
    value: Value
    prevalence: Prevalence | None
    first_becomes: str | None
    changes_first: bool
    changes_order: bool
    enters_recommended: tuple[str, ...]
    utility_gain: float

    @property
    def is_biomarker(self) -> bool:
        return self.feature in POSITIVE_VALUE


def missing_tests(
    patient: Patient,
    knowledge: Knowledge,
    preference: Preference,
    options: Mapping[str, Valued],
) -> tuple[MissingTest, ...]:
    """Biomarkers first, the most worthwhile at the top, then the other features that decide something.

    `options` are the regimens of the release as they stand for the patient now, by slug.
    """
    present = _Present(patient, knowledge, preference, options)
    found = (present.with_result(feature, setting) for feature, setting in _open_questions(patient, knowledge))
    return tuple(sorted((test for test in found if test is not None), key=_worth))


@dataclass(frozen=True)
class _Present:
    """How the regimens stand before anything is supposed, and what a supposition makes of that."""

    patient: Patient
    knowledge: Knowledge
    preference: Preference
    options: Mapping[str, Valued]

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        return {slug: option.standing for slug, option in self.options.items()}

    @cached_property
    def bands(self) -> Mapping[Band, Sequence[Standing]]:
        return by_band(self.standings.values())

    @cached_property
    def first(self) -> Standing | None:
        return next((self.bands[band][0] for band in RANKED_BANDS if self.bands[band]), None)

    def with_result(self, feature: str, setting: Value) -> MissingTest | None:
        """Rank again with the value; None where it contradicts what is known or leaves the application's scope."""
        supposed = self.patient.supposing(feature, setting)
        if supposed is None or not in_scope(supposed):
            return None
        moved = self._moved(feature, supposed)
        first, now = (self._first_after(moved) if moved else self.first), self.first
        return MissingTest(
            feature=feature,
            value=setting,
            prevalence=_prevalence(feature, self.patient, self.knowledge) if feature in POSITIVE_VALUE else None,
            first_becomes=first.slug if first else None,
            changes_first=(first and first.slug) != (now and now.slug),
            changes_order=bool(moved) and self._changes_order(moved),
            enters_recommended=tuple(sorted(self._entering(Band.RECOMMENDED, moved))),
            utility_gain=(first.utility if first else 0.0) - (now.utility if now else 0.0),
        )

    def _moved(self, feature: str, supposed: Patient) -> dict[str, Standing]:
        """The regimens that would be in another band or have another utility, as they would then stand.

        Only those are assessed for which something that decides turns out otherwise.
        """
        before, after = self.patient.values, supposed.values
        moved = {}
        for decider, regimens in self.knowledge.deciders[feature]:
            if decider.outcome(after) != decider.outcome(before):
                for regimen in regimens:
                    if regimen.slug not in moved:
                        moved[regimen.slug] = self._standing(regimen, supposed)
        return {slug: standing for slug, standing in moved.items() if standing != self.standings[slug]}

    def _standing(self, regimen: Regimen, supposed: Patient) -> Standing:
        slug, synthesis = regimen.slug, synthesis_of(regimen, supposed, self.knowledge)
        band, _ = band_of(regimen, supposed, self.knowledge, synthesis)
        if synthesis is self.options[slug].assessment.synthesis:
            return Standing(slug, band, self.standings[slug].utility)
        return Standing(slug, band, terms(synthesis.estimates, self.preference).utility)

    def _first_after(self, moved: Mapping[str, Standing]) -> Standing | None:
        """What would have rank 1: no band is put in order but the first that has options."""
        for band in RANKED_BANDS:
            if members := self._members_after(band, moved):
                return by_utility(members)[0]
        return None

    def _changes_order(self, moved: Mapping[str, Standing]) -> bool:
        """Whether the ranked options, their bands or their order would differ."""
        bands = {(self.standings[slug].band, standing.band) for slug, standing in moved.items()}
        if any(before is not after and {before, after}.intersection(RANKED_BANDS) for before, after in bands):
            return True
        return any(
            before is band and _slugs(by_utility(self._members_after(band, moved))) != _slugs(self.bands[band])
            for band in RANKED_BANDS
            for before, _ in bands
        )

    def _members_after(self, band: Band, moved: Mapping[str, Standing]) -> list[Standing]:
        staying = [standing for standing in self.bands[band] if standing.slug not in moved]
        return staying + [standing for standing in moved.values() if standing.band is band]

    def _entering(self, band: Band, moved: Mapping[str, Standing]) -> Iterator[str]:
        return (s.slug for s in moved.values() if s.band is band and self.standings[s.slug].band is not band)


def _slugs(standings: Sequence[Standing]) -> list[str]:
    return [standing.slug for standing in standings]


def _open_questions(patient: Patient, knowledge: Knowledge) -> Iterator[tuple[str, Value]]:
    """Each unknown feature that decides something, with each value to try."""
    for feature, positive in POSITIVE_VALUE.items():
        if feature in knowledge.selecting_features and not patient.knows(feature):
            yield feature, positive
    points = knowledge.turning_points
    for feature in FEATURES:
        if feature in points and feature not in BIOMARKER_FEATURES and not patient.knows(feature):
            for setting in _values_to_try(FEATURES[feature], points[feature]):
                yield feature, setting


def _values_to_try(feature: Feature, bounds: Sequence[float]) -> list[Value]:
    """Every value of a choice or flag; for a number one below the first bound and one at each; of a set, none."""
    if feature.kind == "choice":
        return list(feature.values)
    if feature.kind == "flag":
        return [True, False]
    if feature.kind == "set":
        return []
    below = bounds[0] - 1 if feature.kind == "count" else (feature.low + bounds[0]) / 2
    values = [value for value in (below, *bounds) if feature.low <= value <= feature.high]
    return [int(value) if feature.kind == "count" else value for value in values]


def _prevalence(feature: str, patient: Patient, knowledge: Knowledge) -> Prevalence | None:
    """The figure for the patient's primary site; else for a group that holds it; else for any site; else not known."""
    figures, site = knowledge.prevalence.get(feature, ()), patient.primary_site
    named = (figure for figure in figures if site in figure.sites)
    grouped = (figure for figure in figures if covers(figure.sites, site))
    anywhere = (figure for figure in figures if "any" in figure.sites)
    return next(named, None) or next(grouped, None) or next(anywhere, None)


def _worth(test: MissingTest) -> tuple[object, ...]:
    chance = test.prevalence.chance if test.prevalence else 0
    rise = max(test.utility_gain, 0)
    return (not test.is_biomarker, not test.changes_first, -chance * rise, test.feature)

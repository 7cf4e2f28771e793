"""A stored ranking as a table: every ranked option by band, with its figures as they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from regimens.rules.assessment import Band
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.record import OptionRecord
from regimens.wording.bands import BAND_TITLES
from regimens.wording.options import OptionWords, StandingWords

from .options import FigureLine, ceilings_of, figure_lines, standing_of, words_of
from .patient import PatientLine, patient_line
from .questions import MissingTestLine, missing_tests

LISTED_BY_NAME = (Band.NO_EVIDENCE, Band.UNSUITABLE)


@dataclass(frozen=True)
class RankedRow:
    words: OptionWords
    standing: StandingWords
    figures: tuple[FigureLine, ...]


@dataclass(frozen=True)
class RankedBand:
    """A band with its options; where these are listed by name alone, `names` has them instead."""

    key: str
    title: str
    rows: tuple[RankedRow, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class StoredRanking:
    """Everything that a page shows of a stored ranking."""

    patient: PatientLine
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    preference: str
    is_nec_only: bool
    bands: tuple[RankedBand, ...]
    waiting: tuple[str, ...]
    tests: tuple[MissingTestLine, ...]


def stored_ranking(frozen: Frozen) -> StoredRanking:
    record = frozen.record
    preference = PREFERENCES[record.preference]
    return StoredRanking(
        patient=patient_line(frozen),
        reasons=record.scope.reasons,
        warnings=record.scope.warnings,
        preference=_(preference.label),
        is_nec_only=record.is_nec_only,
        bands=tuple(_bands(frozen)),
        waiting=tuple(sorted(frozen.name(slug) for slug in frozen.waiting)),
        tests=missing_tests(frozen),
    )


def ranking_basis(frozen: Frozen) -> tuple[str, ...]:
    """What a ranking was asked for other than is usual: a preference, or evidence in NEC alone."""
    preference = PREFERENCES[frozen.record.preference]
    is_usual = preference.name == DEFAULT_PREFERENCE
    asked = () if is_usual else (_("What mattered more: %(preference)s") % {"preference": _(preference.label)},)
    return (*asked, _("NEC only: borrowed evidence was left out")) if frozen.record.is_nec_only else asked


def first_rows(frozen: Frozen, most: int = 5) -> tuple[RankedRow, ...]:
    """The first options, for a page that shows no more."""
    ceilings = ceilings_of(frozen)
    ranked = [option for option in frozen.options if option.rank is not None][:most]
    return tuple(_row(frozen, option, ceilings) for option in ranked)


def _bands(frozen: Frozen) -> list[RankedBand]:
    ceilings = ceilings_of(frozen)
    found = []
    for band in Band:
        options = [option for option in frozen.options if option.band is band]
        if not options:
            continue
        by_name = band in LISTED_BY_NAME
        rows = () if by_name else tuple(_row(frozen, option, ceilings) for option in options)
        names = tuple(option.name for option in options) if by_name else ()
        found.append(RankedBand(band.value, str(BAND_TITLES[band]), rows, names))
    return found


def _row(frozen: Frozen, option: OptionRecord, ceilings: Mapping[Outcome, float]) -> RankedRow:
    figures = tuple(figure_lines(frozen, option, ceilings)) or tuple(FigureLine("", "", "", "") for _name in OUTCOMES)
    return RankedRow(words_of(frozen, option), standing_of(option), figures)

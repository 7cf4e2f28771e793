"""A stored ranking as a table: every ranked option by band, with its figures as they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from regimens.rules.assessment import Band
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.first_edition import MADE_AGAIN_WITH
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.record import OptionRecord
from regimens.wording.bands import BAND_TITLES
from regimens.wording.options import OptionWords, StandingWords

from .options import FigureLine, ceilings_of, figure_lines, licence_of, standing_of, words_of
from .patient import PatientLine, patient_line
from .questions import MissingTestLine, missing_tests

LISTED_BY_NAME = (Band.NO_EVIDENCE, Band.UNSUITABLE)


@dataclass(frozen=True)
class RankedRow:
    words: OptionWords
    standing: StandingWords
    licence: str
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
    """Everything that a page shows of a stored ranking.

    made_again_with   what makes one of the method's first edition again; "" for one of today's
    """

    patient: PatientLine
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    preference: str
    is_nec_only: bool
    made_again_with: str
    bands: tuple[RankedBand, ...]
    waiting: tuple[str, ...]
    tests: tuple[MissingTestLine, ...]


def stored_ranking(frozen: Frozen) -> StoredRanking:
    record = frozen.record
    preference = PREFERENCES[record.preference]
    return StoredRanking(
        patient=patient_line(frozen),
        reasons=record.scope.reasons,
        warnings=tuple(warning.text for warning in record.scope.warnings),
        preference=_(preference.label),
        is_nec_only=record.is_nec_only,
        made_again_with="" if record.can_be_made_again else MADE_AGAIN_WITH,
        bands=tuple(_bands(frozen)),
        waiting=tuple(sorted(frozen.name(slug) for slug in frozen.waiting)),
        tests=missing_tests(frozen),
    )


def ranking_basis(frozen: Frozen) -> tuple[str, ...]:
    """How a ranking was made other than is usual: by a preference, on evidence in NEC alone, by the former method."""
    preference = PREFERENCES[frozen.record.preference]
    is_usual = preference.name == DEFAULT_PREFERENCE
    asked = () if is_usual else (_("What mattered more: %(preference)s") % {"preference": _(preference.label)},)
    if frozen.record.is_nec_only:
        asked = (*asked, _("NEC only: borrowed evidence was left out"))
    return (*asked, _("Ranked by the method’s first edition")) if frozen.is_of_first_edition else asked


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
    return RankedRow(words_of(frozen, option), standing_of(option), licence_of(option), figures)

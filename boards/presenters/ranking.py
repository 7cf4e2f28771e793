"""A stored ranking as a table: every ranked option by band, with its figures as they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from regimens.rules.assessment import Band
from regimens.rules.first_edition import MADE_AGAIN_WITH
from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from regimens.rules.record import OptionRecord
from regimens.wording.bands import BAND_TITLES
from regimens.wording.cautions import CautionMark
from regimens.wording.licences import LicenceCell
from regimens.wording.options import OptionWords, StandingWords

from .options import (
    FigureLine,
    figure_lines,
    licence_of,
    not_told_apart,
    rests_on,
    safety_of,
    standing_of,
    words_of,
)
from .patient import PatientLine, patient_line
from .questions import MissingTestLine, missing_tests

LISTED_BY_NAME = (Band.NO_EVIDENCE, Band.UNSUITABLE)


@dataclass(frozen=True)
class RankedRow:
    """An option of the table; see `OptionColumn`."""

    words: OptionWords
    standing: StandingWords
    rests_on: str
    safety: tuple[CautionMark, ...]
    licence: LicenceCell | None
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
    not_told_apart    what the evidence could not tell apart, each said once
    """

    patient: PatientLine
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    preference: str
    is_nec_only: bool
    made_again_with: str
    not_told_apart: tuple[str, ...]
    bands: tuple[RankedBand, ...]
    waiting: tuple[str, ...]
    tests: tuple[MissingTestLine, ...]


def stored_ranking(frozen: Frozen, *, today: date) -> StoredRanking:
    """`today` is the day on which somebody reads it: what was read of licences has an age."""
    record = frozen.record
    preference = PREFERENCES[record.preference]
    return StoredRanking(
        patient=patient_line(frozen),
        reasons=record.scope.reasons,
        warnings=tuple(warning.text for warning in record.scope.warnings),
        preference=_(preference.label),
        is_nec_only=record.is_nec_only,
        made_again_with="" if record.can_be_made_again else MADE_AGAIN_WITH,
        not_told_apart=not_told_apart(frozen),
        bands=tuple(_bands(frozen, today)),
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


def first_rows(frozen: Frozen, most: int = 5, *, today: date) -> tuple[RankedRow, ...]:
    """The first options, for a page that shows no more."""
    ranked = [option for option in frozen.options if option.rank is not None][:most]
    return tuple(_row(frozen, option, today) for option in ranked)


def _bands(frozen: Frozen, today: date) -> list[RankedBand]:
    found = []
    for band in Band:
        options = [option for option in frozen.options if option.band is band]
        if not options:
            continue
        by_name = band in LISTED_BY_NAME
        rows = () if by_name else tuple(_row(frozen, option, today) for option in options)
        names = tuple(option.name for option in options) if by_name else ()
        found.append(RankedBand(band.value, str(BAND_TITLES[band]), rows, names))
    return found


def _row(frozen: Frozen, option: OptionRecord, today: date) -> RankedRow:
    return RankedRow(
        words=words_of(frozen, option),
        standing=standing_of(frozen, option),
        rests_on=rests_on(frozen, option),
        safety=safety_of(frozen, option),
        licence=licence_of(frozen, option, today=today),
        figures=tuple(figure_lines(frozen, option)),
    )

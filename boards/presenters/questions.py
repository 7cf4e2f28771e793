"""What is not known of a patient and would matter, as the stored ranking found it: missing tests and open questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Recorded
from display.numbers import percent
from regimens.rules.first_edition import feature_called
from regimens.rules.missing_tests import POSITIVE_VALUE
from regimens.rules.patient import FEATURES
from regimens.rules.record import MissingTestRecord, OpenedRecord
from regimens.wording.bands import BAND_TITLES
from regimens.wording.sentences import ACTIVE

OPENED_SHOWN = 2


@dataclass(frozen=True)
class MissingTestLine:
    """A biomarker that is not known: the result that would matter, its chance, what would then be first or ranked."""

    feature: str
    name: str
    result: str
    chance: str
    effect: str
    changes_first: bool


def missing_tests(frozen: Recorded) -> tuple[MissingTestLine, ...]:
    """Those that would change the order, the ones that change what is first before the others."""
    lines = list(_missing_tests(frozen))
    return tuple(sorted(lines, key=lambda line: not line.changes_first))


def open_questions(frozen: Recorded) -> tuple[str, ...]:
    """What else is not known and would change what is first."""
    names = {
        test.feature: None for test in frozen.record.tests if test.feature not in POSITIVE_VALUE and test.changes_first
    }
    return tuple(capfirst(_(feature_called(name).label)) for name in names)


def _missing_tests(frozen: Recorded) -> Iterator[MissingTestLine]:
    for test in frozen.record.tests:
        effect = _effect(frozen, test)
        if test.feature not in POSITIVE_VALUE or not effect:
            continue
        feature = FEATURES[test.feature]
        result = feature.worded(test.value, ACTIVE)
        yield MissingTestLine(
            feature=feature.name,
            name=_(feature.label),
            result=_("%(value)s or more") % {"value": result} if feature.is_numeric else result,
            chance=_("chance %(chance)s") % {"chance": percent(100 * test.prevalence, ".3g")}
            if test.prevalence is not None
            else _("chance not known"),
            effect=effect,
            changes_first=test.changes_first,
        )


def _effect(frozen: Recorded, test: MissingTestRecord) -> str:
    """What the result would do to the order; "" where it would do nothing.

    A ranking of the method's first edition says whether the order changes, and not by which options.
    """
    if test.changes_first and test.first_becomes:
        return _("then first: %(regimen)s") % {"regimen": frozen.name(test.first_becomes)}
    if test.changes_first:
        return _("then nothing would be ranked")
    if test.changes_order:
        return _("would change the order, not what is first")
    if test.opens:
        named = ", ".join(_opened(frozen, each) for each in test.opens[:OPENED_SHOWN])
        return _("would open or raise: %(regimens)s") % {"regimens": named}
    if test.enters_recommended:
        named = ", ".join(map(frozen.name, test.enters_recommended))
        return _("then recommended: %(regimens)s") % {"regimens": named}
    return ""


def _opened(frozen: Recorded, opened: OpenedRecord) -> str:
    """An option with the place that it would have: its rank, or its band where that carries none."""
    name = frozen.name(opened.regimen)
    if opened.rank is None:
        return _("%(regimen)s (%(band)s)") % {"regimen": name, "band": BAND_TITLES[opened.band]}
    return _("%(regimen)s (rank %(rank)d)") % {"regimen": name, "rank": opened.rank}

"""What is not known of a patient and would matter, as the stored ranking found it: missing tests and open questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from display.numbers import percent
from regimens.rules.missing_tests import POSITIVE_VALUE
from regimens.rules.patient import FEATURES
from regimens.wording.sentences import ACTIVE


@dataclass(frozen=True)
class MissingTestLine:
    """A biomarker that is not known: the result that would matter, its chance, what would then be first or ranked."""

    name: str
    result: str
    chance: str
    effect: str
    changes_first: bool


def missing_tests(frozen: Frozen) -> tuple[MissingTestLine, ...]:
    """Those that would change the order, the ones that change what is first before the others."""
    lines = list(_missing_tests(frozen))
    return tuple(sorted(lines, key=lambda line: not line.changes_first))


def open_questions(frozen: Frozen) -> tuple[str, ...]:
    """What else is not known and would change what is first."""
    names = {
        test.feature: None for test in frozen.record.tests if test.feature not in POSITIVE_VALUE and test.changes_first
    }
    return tuple(capfirst(_(FEATURES[name].label)) for name in names)


def _missing_tests(frozen: Frozen) -> Iterator[MissingTestLine]:
    for test in frozen.record.tests:
        if test.feature not in POSITIVE_VALUE or not test.changes_order:
            continue
        feature, becomes = FEATURES[test.feature], test.first_becomes
        if test.changes_first and becomes:
            effect = _("then first: %(regimen)s") % {"regimen": frozen.name(becomes)}
        else:
            effect = _("would change the order, not what is first")
        result = feature.worded(test.value, ACTIVE)
        yield MissingTestLine(
            name=_(feature.label),
            result=_("%(value)s or more") % {"value": result} if feature.is_numeric else result,
            chance=_("chance %(chance)s") % {"chance": percent(100 * test.prevalence, ".3g")}
            if test.prevalence is not None
            else _("chance not known"),
            effect=effect,
            changes_first=test.changes_first,
        )

"""How figures of a ranking are written: one way on every page, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from display.numbers import number
from display.numbers import percent as percentage
from regimens.rules.evidence import Outcome

OUTCOME_TITLES: Mapping[Outcome, Promise] = {
    "orr": gettext_lazy("Response rate"),
    "pfs": gettext_lazy("PFS, months"),
    "os": gettext_lazy("OS, months"),
    "grade3": gettext_lazy("Grade 3+ events"),
}
# The same where no unit is wanted.
SHORT_TITLES: Mapping[Outcome, Promise] = {**OUTCOME_TITLES, "pfs": gettext_lazy("PFS"), "os": gettext_lazy("OS")}


def figure(outcome: Outcome, value: float, *, unit: bool = False) -> str:
    """An estimate: a rate in percent, a median in months."""
    if outcome in ("orr", "grade3"):
        return percentage(100 * value, ".0f") if unit else number(100 * value, ".0f")
    return number(value, ".1f")


def percent(share: float) -> str:
    """A share of draws, honest at the ends: neither 0 nor 100 % is said of what is not."""
    if 0 < share < 0.005:
        return f"<{percentage(1)}"
    if 0.995 <= share < 1:
        return f">{percentage(99)}"
    return percentage(100 * share, ".0f")


def signed(value: float, digits: int) -> str:
    """With its sign, and a minus that is one."""
    return number(value, f"+.{digits}f").replace("-", "−")


def patients(count: int) -> str:
    return ngettext("%(count)d patient", "%(count)d patients", count) % {"count": count}


def studies(count: int) -> str:
    return ngettext("%(count)d study", "%(count)d studies", count) % {"count": count}

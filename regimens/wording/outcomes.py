"""How figures of a ranking are written: one way on every page, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
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

# The same within a sentence.
OUTCOME_WORDS: Mapping[Outcome, Promise] = {
    "orr": gettext_lazy("response"),
    "pfs": gettext_lazy("PFS"),
    "os": gettext_lazy("survival"),
    "grade3": gettext_lazy("grade 3+ events"),
}

# What is said where an outcome hardly tells the options apart, and where it was never shown that it does.
NOT_SEPARATED: Mapping[Outcome, Promise] = {
    "orr": gettext_lazy(
        "The response rate does not separate these options: %(sure)d of %(of)d pairs are in an order that is at least "
        "90 %% sure."
    ),
    "pfs": gettext_lazy(
        "Progression-free survival does not separate these options: %(sure)d of %(of)d pairs are in an order that is "
        "at least 90 %% sure."
    ),
    "os": gettext_lazy(
        "Survival does not separate these options: %(sure)d of %(of)d pairs are in an order that is at least 90 %% "
        "sure."
    ),
}
NOT_DEMONSTRATED: Mapping[Outcome, Promise] = {
    "orr": gettext_lazy(
        "The response rate does not separate these options: it was not shown to be predicted better than by the "
        "benchmark."
    ),
    "pfs": gettext_lazy(
        "Progression-free survival does not separate these options: the one shown follows mostly from the response "
        "rate and few reports."
    ),
    "os": gettext_lazy(
        "Survival does not separate these options: the survival shown follows mostly from the response rate and few "
        "reports."
    ),
}
ENOUGH_PAIRS = 1 / 4  # of the pairs have to be surely in order (METHOD, section 9)


def separation(
    separates: Mapping[Outcome, Sequence[int]], demonstrated: Mapping[Outcome, bool], outcomes: Sequence[Outcome]
) -> Iterator[str]:
    """Of each of these outcomes that does not tell the options apart, that it does not (METHOD, section 9).

    Nothing is said of an outcome where no two options with data are compared.
    """
    for outcome in outcomes:
        sure, pairs = separates[outcome]
        if not pairs:
            continue
        if not demonstrated[outcome]:
            yield str(NOT_DEMONSTRATED[outcome])
        elif sure < ENOUGH_PAIRS * pairs:
            yield str(NOT_SEPARATED[outcome]) % {"sure": sure, "of": pairs}


def not_demonstrated() -> str:
    """The mark of an estimate whose outcome was not shown to tell regimens apart (METHOD, section 13)."""
    return _("not demonstrated")


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


def effective_patients(count: int, studies: str) -> str:
    """On whom an estimate rests: patients weighted by how far each cohort applies, in so many studies, in words."""
    words = ngettext("%(count)d effective patient in %(studies)s", "%(count)d effective patients in %(studies)s", count)
    return words % {"count": count, "studies": studies}

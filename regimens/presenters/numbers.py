"""How figures are written: one way on every page."""

from __future__ import annotations

from collections.abc import Mapping

from ..rules.knowledge import Outcome

OUTCOME_TITLES: Mapping[Outcome, str] = {
    "orr": "Response rate",
    "pfs": "PFS, months",
    "os": "OS, months",
    "grade3": "Grade 3+ events",
}


def figure(outcome: Outcome, value: float, *, unit: bool = False) -> str:
    if outcome in ("orr", "grade3"):
        return f"{100 * value:.0f}{' %' if unit else ''}"
    return f"{value:.1f}"


def percent(share: float) -> str:
    """A share of draws, honest at the ends: neither 0 nor 100 % is said of what is not."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"

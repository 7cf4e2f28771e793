"""What stands beside the form before anything is entered: examples to try, and how current the release is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from regimens.rules.knowledge import Knowledge
from regimens.wording.states import STALE_TEXT_DAYS, STALE_TRIAL_DAYS

from .received import offered

# From these ages on what was read may be overtaken.
LABEL_STALE_AFTER = timedelta(days=STALE_TEXT_DAYS)
TRIAL_STALE_AFTER = timedelta(days=STALE_TRIAL_DAYS)


@dataclass(frozen=True)
class Example:
    """A patient to try, as a form sends one."""

    title: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Age:
    """Of one kind of source: how many there are, between which days they were looked up, and how many are stale.

    undated   those of which no day of reading is recorded
    """

    count: int
    first: date | None
    last: date | None
    stale: int
    undated: int


@dataclass(frozen=True)
class Beginning:
    examples: tuple[Example, ...]
    publications: int
    published: date
    trials: Age
    labels: Age


EXAMPLES = (
    (
        gettext_lazy("Colon, large cell, progressed 3 months after platinum (EU)"),
        {
            "primary_site": "colorectal",
            "histology": "large-cell",
            "differentiation": "poor",
            "ki67": "75",
            "first_line_platinum": "etoposide-platinum",
            "platinum_best_response": "PR",
            "lines_received": "1",
            "platinum_free_interval_months": "3",
            "ecog": "1",
            "region": "EU",
        },
    ),
    (
        gettext_lazy("Stomach, MSI-high, after chemo-immunotherapy (US)"),
        {
            "primary_site": "stomach",
            "histology": "small-cell",
            "differentiation": "poor",
            "ki67": "85",
            "first_line_platinum": "etoposide-platinum-atezolizumab",
            "platinum_best_response": "SD",
            "platinum_free_interval_months": "2",
            "lines_received": "1",
            "msi": "high",
            "ecog": "1",
            "region": "US",
        },
    ),
    (
        gettext_lazy("Pancreas, Ki-67 35 percent, SSTR positive (UK)"),
        {
            "primary_site": "pancreas",
            "histology": "large-cell",
            "ki67": "35",
            "sstr": "positive",
            "first_line_platinum": "etoposide-platinum",
            "platinum_best_response": "SD",
            "lines_received": "1",
            "platinum_free_interval_months": "5",
            "ecog": "0",
            "region": "UK",
        },
    ),
)


def beginning(knowledge: Knowledge, *, today: date) -> Beginning:
    """Examples whose treatment the release knows, and the age of what it holds on the day `today`."""
    known = {regimen.slug for regimen in offered(knowledge).first_line}
    return Beginning(
        examples=tuple(
            Example(str(title), (*entries.items(), ("decimal_mark", "."), ("example", entries["region"])))
            for title, entries in EXAMPLES
            if entries["first_line_platinum"] in known
        ),
        publications=len(knowledge.publications),
        published=date.fromisoformat(str(knowledge.release.published)[:10]),
        trials=_age(knowledge.document["trials"], "looked_up_on", today - TRIAL_STALE_AFTER),
        labels=_age(knowledge.document["licences"], "seen_on", today - LABEL_STALE_AFTER),
    )


def _age(rows: Iterable[Mapping[str, Any]], day: str, limit: date) -> Age:
    rows = list(rows)
    days = sorted(date.fromisoformat(str(row[day])[:10]) for row in rows if row.get(day))
    return Age(
        count=len(rows),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        stale=sum(each < limit for each in days),
        undated=len(rows) - len(days),
    )

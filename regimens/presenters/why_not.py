"""Why an option is not among the recommended, in words: what a test could show, what may change, what cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.text import capfirst

from ..rules.knowledge import Knowledge, Regimen
from ..rules.logic import describe
from ..rules.patient import Patient
from ..rules.why_not import Fact, Kind, why_not
from ..wording import ACTIVE, as_html


@dataclass(frozen=True)
class FactsLine:
    """Facts that together would do, by what can come of them; each group a list in words, empty where it has none."""

    open: str
    changing: str
    fixed: str


@dataclass(frozen=True)
class WhyNotLine:
    """obstacles are sentences; without any, `smallest` are the fewest facts (None: there are too many to be named)."""

    obstacles: tuple[SafeString, ...]
    smallest: FactsLine | None
    attainable: FactsLine | None


def why_not_line(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> WhyNotLine:
    found = why_not(regimen, patient, knowledge)
    return WhyNotLine(
        tuple(map(as_html, found.obstacles)),
        _facts_line(found.smallest, knowledge),
        _facts_line(found.attainable, knowledge),
    )


def _facts_line(facts: Sequence[Fact], knowledge: Knowledge) -> FactsLine | None:
    def words(kind: Kind) -> str:
        said = (describe(f.criterion, names=knowledge.names, language=ACTIVE) for f in facts if f.kind == kind)
        return "; ".join(map(capfirst, said))

    return FactsLine(words("open"), words("changing"), words("fixed")) if facts else None

"""An option in words, once for page, comparison, board and document."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regimens.models import choices
from regimens.rules.assessment import CautionFinding
from regimens.rules.evidence import Outcome
from regimens.rules.logic import Part, Truth
from regimens.rules.patient import FEATURES, REGIONS, Patient
from regimens.rules.synthesis import Estimate, UsedCohort
from regimens.wording.citations import (
    Link,
    Notice,
    link_to,
    publication_links,
    publication_name,
    sentence,
)
from regimens.wording.outcomes import patients, percent, studies
from regimens.wording.patient import feature_words
from regimens.wording.sentences import ACTIVE


@dataclass(frozen=True)
class Item:
    """A line of a list in a cell: an opening word, the text, and its sources.

    kind   the class of its word
    lang   the language of the text where that is not the page's
    """

    text: str
    word: str = ""
    kind: str = ""
    links: tuple[Link, ...] = ()
    lang: str = ""


LEVEL_WORDS = {
    "A": gettext_lazy("a guideline’s recommendation or a biomarker-matched approval for this situation"),
    "B": gettext_lazy("a prospective cohort in NEC after first line, 10 patients or more"),
    "C": gettext_lazy("a retrospective cohort in NEC, or a prospective one in mixed grade 3"),
    "D": gettext_lazy("anything less"),
}


BORROWED_FROM = {
    "g3-mixed": gettext_lazy("mixed grade 3"),
    "nen-mixed": gettext_lazy("any grade"),
    "net-g3": gettext_lazy("NET G3"),
    "sclc": gettext_lazy("small-cell lung cancer"),
    "lung-lcnec": gettext_lazy("large-cell lung NEC"),
    "tumour-agnostic": gettext_lazy("any tumour"),
    "other-solid": gettext_lazy("other tumours"),
}


OF_NEC = {
    "same": gettext_lazy("NEC of this site"),
    "other": gettext_lazy("NEC of another site"),
    "unknown": gettext_lazy("NEC, site not compared"),
}


TRUTH_KEYS: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}


# In what steps an axis ends.
AXIS_STEPS: Mapping[Outcome, float] = {"orr": 0.1, "pfs": 3, "os": 6, "grade3": 0.1}


TRUTH_WORDS: Mapping[Truth, Promise] = {
    True: gettext_lazy("true"),
    False: gettext_lazy("false"),
    None: gettext_lazy("unknown"),
}


@dataclass(frozen=True)
class Mark:
    """One estimate: its number and interval in words, and in a row the drawing on the shared axis."""

    outcome: Outcome
    title: str
    number: str
    interval: str
    has_data: bool
    drawing: SafeString | str
    basis: str


@dataclass(frozen=True)
class CautionLine:
    """A caution; `lang` is the language of its text where that is not the page's."""

    level: str
    word: str
    text: str
    source: Link | None
    lang: str


@dataclass(frozen=True)
class PartLine:
    """A part of a criterion; `truth` is what the style sheet calls it, `truth_word` what a reader is told."""

    text: str
    truth: str
    truth_word: str


@dataclass(frozen=True)
class IndicationLine:
    stance: str
    truth: str
    truth_word: str
    criterion: str
    parts: tuple[PartLine, ...]
    regions: str
    rationale: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class CohortLine:
    """A cohort that was used: who it was, what it reported, how far it applies and its share of each estimate."""

    citation: str
    key: str
    who: str
    where: str
    borrowed: str
    size: str
    reported: tuple[tuple[str, str], ...]
    weight: str
    factors: str
    shares: str
    links: tuple[Link, ...]
    read: str
    readers: tuple[str, ...]
    disputes: tuple[str, ...]
    notice: Notice | None


def matched(part: Part, patient: Patient) -> str:
    """A part of a criterion that is true: of a list of values, the one that the patient has."""
    feature = FEATURES.get(part.feature)
    if feature is None or feature.kind != "choice" or part.feature not in patient.values:
        return part.worded(ACTIVE)
    return feature_words(part.feature, patient.values[part.feature])


def _publication_link(publication: Mapping[str, Any]) -> Link:
    best = next(iter(publication_links(publication)), None)
    return Link(publication_name(publication), best.url if best else "", publication["verified"] != "none")


def _basis(estimate: Estimate) -> str:
    """What an estimate rests on: effective patients, studies, and how much of it is the benchmark."""
    effective = round(estimate.effective_patients)
    words = ngettext(
        "%(count)d effective patient in %(studies)s, %(share)s benchmark",
        "%(count)d effective patients in %(studies)s, %(share)s benchmark",
        effective,
    )
    return words % {
        "count": effective,
        "studies": studies(estimate.studies),
        "share": percent(estimate.benchmark_share),
    }


def axis_ends(highs: Mapping[Outcome, Iterable[float]]) -> dict[Outcome, float]:
    """Just above the widest of the intervals, given by their upper bounds, and one step where there is none."""
    return {outcome: step * math.ceil(max(highs[outcome], default=step) / step) for outcome, step in AXIS_STEPS.items()}


def _patients(used: Sequence[UsedCohort]) -> str:
    """Effective patients behind the outcome that has most."""
    if not used:
        return ""
    totals: dict[Outcome, float] = {}
    for cohort in used:
        for outcome in cohort.outcomes:
            totals[outcome] = totals.get(outcome, 0) + cohort.weight.product * (cohort.cohort.size or 0)
    return patients(round(max(totals.values())))


def _caution_line(finding: CautionFinding) -> CautionLine:
    caution = finding.caution
    return CautionLine(
        caution.level,
        str(choices.CautionLevel(caution.level).label),
        sentence(caution.worded(ACTIVE)),
        link_to(_("source"), caution.url),
        "en" if caution.is_evidence else "",
    )


def _approval_words(approval: Mapping[str, Any]) -> str:
    return _("Approval, %(where)s") % {"where": _where(approval)}


def _where(approval: Mapping[str, Any]) -> str:
    year = f", {approval['year']}" if approval["year"] else ""
    return f"{_(REGIONS[approval['region']])}{year}"


def _part_line(part: Part) -> PartLine:
    return PartLine(part.worded(ACTIVE), TRUTH_KEYS[part.truth], str(TRUTH_WORDS[part.truth]))

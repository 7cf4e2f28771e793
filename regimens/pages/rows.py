"""An option as one line of the ranking: place, figures published above those of the model, patients, safety, licence.

A row is what every patient sees of an option; what opening it shows is made when it is opened (options.py). The
figures of a row rest on its synthesis alone and are written once for all patients who have the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from display.cache import generation
from display.drawings import Interval, beside_mark
from regimens.models.choices import Design
from regimens.rules.evidence import Cohort, Outcome
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import Option
from regimens.rules.synthesis import Estimate, Synthesis
from regimens.wording.citations import Notice, notice_of, study_name
from regimens.wording.estimates import AXIS_MAXIMA, EstimateWords, PublishedWords, estimate_words, published_words
from regimens.wording.indications import is_guideline, named_sources
from regimens.wording.outcomes import studies

# The outcomes of a row.
ROW_OUTCOMES: tuple[Outcome, ...] = ("orr", "pfs", "os")
CELL_TITLES = {"orr": gettext_lazy("Response"), "pfs": gettext_lazy("PFS"), "os": gettext_lazy("Survival")}


@dataclass(frozen=True)
class OutcomeCell:
    """An outcome in a row: what was published above what the model says of this patient's group.

    published   None where no cohort that counts here reported it; model: None where there is no estimate
    is_other    whether another study published it than the one that the row names
    drawing     both on an axis that is the same for every option and patient
    """

    outcome: Outcome
    title: str
    published: PublishedWords | None
    is_other: bool
    model: EstimateWords | None
    drawing: SafeString


@dataclass(frozen=True)
class Figures:
    """The figures of a row, and on whom they rest.

    study      the one that weighs most, by name, or whose disease it was; `patients` are its own
    effective  effective patients, from so many studies
    kind       the design of the study
    disputed   what of the published figures two readers read differently
    notices    what was printed against the publications that the figures are of
    """

    cells: tuple[OutcomeCell, ...]
    patients: str
    study: str
    citation: str
    effective: str
    kind: str
    disputed: tuple[str, ...]
    notices: tuple[Notice, ...]


def leading_cohort(synthesis: Synthesis) -> Cohort | None:
    """The cohort that most of the published figures are of: of equal ones that of survival, then of PFS."""
    beside = [synthesis.estimates[outcome].published for outcome in reversed(ROW_OUTCOMES)]
    counted = Counter(cohort.place for cohort in beside if cohort)
    if not counted:
        return None
    ((place, _times),) = counted.most_common(1)
    return next(cohort for cohort in beside if cohort and cohort.place == place)


def figures_of(option: Option, knowledge: Knowledge) -> Figures | None:
    """Those of an option; None for best supportive care, which has none."""
    synthesis = option.synthesis
    if synthesis is None:
        return None
    key = f"row {get_language()} {generation()}"
    found: Figures | None = synthesis.kept.get(key)
    if found is None:
        found = synthesis.kept[key] = _figures(synthesis, knowledge)
    return found


def _figures(synthesis: Synthesis, knowledge: Knowledge) -> Figures:
    leading = leading_cohort(synthesis)
    cells = tuple(_cell(outcome, synthesis.estimates[outcome], leading, knowledge) for outcome in ROW_OUTCOMES)
    count = len({used.cohort.study_key for used in synthesis.cohorts})
    effective = round(max(estimate.effective_patients for estimate in synthesis.estimates.values()))
    keys = dict.fromkeys(cell.published.key for cell in cells if cell.published)
    counted = {"count": effective, "studies": studies(count)}
    told = [cell.published for cell in cells if cell.published and not cell.is_other]
    borrowed = next((words.borrowed for words in told if words.borrowed), "")
    return Figures(
        cells=cells,
        patients=str(round(leading.size or 0)) if leading else "",
        study=borrowed or (study_name(knowledge.publications[leading.publication]) if leading else ""),
        citation=told[0].citation if told else "",
        effective=_("%(count)d effective, %(studies)s") % counted if count else "",
        kind=str(Design(leading.design).label) if leading else "",
        disputed=tuple(dict.fromkeys(words for cell in cells if cell.published for words in cell.published.disputed)),
        notices=tuple(notice for key in keys if (notice := notice_of(knowledge.publications[key]))),
    )


def _cell(outcome: Outcome, estimate: Estimate, leading: Cohort | None, knowledge: Knowledge) -> OutcomeCell:
    cohort = estimate.published
    published = published_words(outcome, *cohort.place, knowledge) if cohort else None
    model = estimate_words(outcome, estimate) if estimate.has_data else None
    return OutcomeCell(
        outcome=outcome,
        title=str(CELL_TITLES[outcome]),
        published=published,
        is_other=bool(cohort and leading and cohort.place != leading.place),
        model=model,
        drawing=beside_mark(
            published.drawn if published else None,
            Interval(estimate.value, estimate.low, estimate.high) if model else None,
            benchmark=knowledge.benchmark.typical(outcome),
            ceiling=AXIS_MAXIMA[outcome],
        ),
    )


# Who names an option for this situation, by the kind of source, the weightiest first.
KINDS_OF_SOURCE = {
    "guideline": gettext_lazy("guideline"),
    "licence": gettext_lazy("licence"),
    "review": gettext_lazy("review"),
}


def named_by(option: Option, knowledge: Knowledge, region: str) -> Iterator[str]:
    """The kinds of source that recommend an option here, or have it considered."""
    kinds = set()
    for finding in option.indications:
        if finding.truth is True and finding.indication.stance != "against":
            for source in named_sources(finding.indication.sources, knowledge):
                if source.kind == "guideline":
                    kinds.add("guideline" if is_guideline(source) else "review")
                elif source.kind == "licence" and source.row["region"] == region:
                    kinds.add("licence")
    yield from (str(word) for kind, word in KINDS_OF_SOURCE.items() if kind in kinds)

"""What is not known of a patient and would matter: tests, other questions, and trials that may fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..models import choices
from ..rules.knowledge import Knowledge
from ..rules.logic import describe
from ..rules.patient import FEATURES, Feature
from ..rules.ranking import Ranking
from ..rules.testing import MissingTest
from ..rules.trials import TrialFit
from ..sources import Link, link_to, lower_first


@dataclass(frozen=True)
class WaitingLine:
    """The regimens that wait for one test."""

    tests: str
    given_with: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class TestLine:
    """A missing biomarker: the chance that it is positive here, and what would then be first."""

    name: str
    supposed: str
    chance: str
    source: Link | None
    then_first: str
    changes_first: bool
    enters: str
    gain: str
    feature: str
    value: str


@dataclass(frozen=True)
class QuestionLine:
    """Another unknown feature: whether knowing it would change the order, and at which values."""

    name: str
    changes: bool
    words: str


@dataclass(frozen=True)
class TrialLine:
    """A trial that the patient may fit: what of it is met, and what is not known."""

    nct: str
    url: str
    name: str
    status: str
    open_questions: tuple[str, ...]
    eligibility: str


def waiting_lines(ranking: Ranking, knowledge: Knowledge) -> Iterator[WaitingLine]:
    found: dict[tuple[str, str], list[str]] = {}
    for waiting in ranking.needs_test:
        tests = ", ".join(FEATURES[name].label for name in waiting.features)
        given_with = describe(waiting.regimen.requires or {}, names=knowledge.names)
        found.setdefault((tests, given_with), []).append(waiting.regimen.name)
    for (tests, given_with), names in sorted(found.items()):
        yield WaitingLine(tests, given_with, tuple(names))


def trial_line(fit: TrialFit) -> TrialLine:
    trial = fit.trial
    return TrialLine(
        nct=trial["nct"],
        url=f"https://clinicaltrials.gov/study/{trial['nct']}",
        name=trial["acronym"] or trial["intervention"],
        status=str(choices.TrialStatus(trial["status_as_seen"]).label).lower(),
        open_questions=tuple(part.text for part in fit.parts if part.truth is None),
        eligibility="; ".join(trial["key_eligibility"]),
    )


def test_line(test: MissingTest, ranking: Ranking, knowledge: Knowledge) -> TestLine:
    feature, prevalence = FEATURES[test.feature], test.prevalence
    first = next((option for option in ranking.options if option.rank == 1), None)
    if test.first_becomes is None:
        then = "no option would be ranked"
    elif not test.changes_first and first:
        then = f"{first.regimen.name} stays first"
    else:
        then = knowledge.names[test.first_becomes]
    supposed = feature.worded(test.value)
    gain = f"{test.utility_gain:+.2f}".replace("-", "−") if test.changes_first else ""
    return TestLine(
        name=feature.label,
        supposed=f"{supposed} or more" if feature.is_numeric else supposed,
        chance=f"{100 * prevalence.chance:.3g} %" if prevalence else "not known",
        source=link_to(prevalence.population, prevalence.url) if prevalence else None,
        then_first=then,
        changes_first=test.changes_first,
        enters=", ".join(knowledge.names[slug] for slug in test.enters_recommended if slug != test.first_becomes),
        gain=gain,
        feature=test.feature,
        value=str(test.value),
    )


def question_lines(tests: Sequence[MissingTest], knowledge: Knowledge) -> Iterator[QuestionLine]:
    """The other unknown features, those that would change the order first."""
    others = [test for test in tests if not test.is_biomarker]
    by_feature: dict[str, list[MissingTest]] = {}
    for test in others:
        by_feature.setdefault(test.feature, []).append(test)
    lines = [_question_line(found, knowledge) for found in by_feature.values()]
    yield from sorted(lines, key=lambda line: not line.changes)


def _question_line(tests: Sequence[MissingTest], knowledge: Knowledge) -> QuestionLine:
    feature = FEATURES[tests[0].feature]
    name = f"{feature.label[:1].upper()}{feature.label[1:]}"
    changing = [test for test in tests if test.changes_order]
    if not changing:
        return QuestionLine(name, False, "would not change the order")
    first = sorted({knowledge.names[t.first_becomes] for t in changing if t.changes_first and t.first_becomes})
    if len(changing) == len(tests) and len(tests) > 3:
        values = "whatever it is"
    elif feature.is_numeric:
        bounds = knowledge.turning_points[feature.name]
        values = "at " + " or ".join(_range(feature, test.value, bounds) for test in changing)
    else:
        values = "if " + " or ".join(lower_first(feature.worded(test.value)) for test in changing)
    then = f"; {' or '.join(first)} could come first" if first else ""
    return QuestionLine(name, True, f"would change the order {values}{then}")


def _range(feature: Feature, value: Any, bounds: Sequence[float]) -> str:
    """The stretch between two turning points that a value was tried for: "above 1, up to 1.5 × ULN"."""
    above = [bound for bound in bounds if bound > value]
    start = [] if value < bounds[0] else [_start(value)]
    end = [_end(above[0])] if above else []
    return f"{', '.join(start + end)}{f' {feature.unit}' if feature.unit else ''}"


def _start(bound: float) -> str:
    return f"above {bound - 0.1:g}" if _is_just_past(bound) else f"{bound:g} or more"


def _end(bound: float) -> str:
    return f"up to {bound - 0.1:g}" if _is_just_past(bound) else f"below {bound:g}"


def _is_just_past(bound: float) -> bool:
    """Whether a turning point is that of `above` or `at_most`, which lies 0.1 past a threshold in halves."""
    return round(10 * bound) % 5 == 1

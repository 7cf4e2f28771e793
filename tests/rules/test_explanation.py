"""What is told beside a ranking is what the rules find, and is found when it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules import why_not as finding
from regimens.rules.closest_cohorts import closest_cohorts
from regimens.rules.explanation import Explanation
from regimens.rules.knowledge import Knowledge
from regimens.rules.rank_changes import moves
from regimens.rules.ranking import Ranking, rank
from regimens.rules.trials import fitting_trials

PATIENTS: list[dict[str, Any]] = [
    {},
    {"primary_site": "colorectal", "ki67": 80, "platinum_best_response": "PD", "lines_received": 1, "region": "EU"},
    {"primary_site": "pancreas", "braf_v600e": "positive", "ecog": 3, "prior_regimens": ["folfiri"]},
]


def ranked(knowledge: Knowledge, preference: str = "balanced", **features: Any) -> Ranking:
    return rank(knowledge.patient(features), knowledge, preference)


@pytest.mark.parametrize("features", PATIENTS)
def test_it_tells_what_the_rules_find(shipped: Any, features: dict[str, Any]) -> None:
    knowledge = shipped.knowledge
    usual, ranking = ranked(knowledge, **features), ranked(knowledge, "tolerability", **features)
    told = Explanation(ranking, knowledge, usual=usual)
    assert told.moves == moves(usual, ranking)
    assert told.trials == fitting_trials(ranking.patient, knowledge)
    assert told.closest == closest_cohorts(ranking)
    for option in ranking.options:
        slug = option.regimen.slug
        assert told.why_not[slug] == finding.why_not(option.regimen, ranking.patient, knowledge)
    assert set(told.why_not) == {option.regimen.slug for option in ranking.options}


def test_each_of_two_options_is_ahead_in_the_rest_of_the_draws(shipped: Any) -> None:
    knowledge = shipped.knowledge
    ranking = ranked(knowledge, **PATIENTS[1])
    slugs = [option.regimen.slug for option in ranking.options if option.rank is not None][:3]
    shares = Explanation(ranking, knowledge).ahead(slugs)
    assert len(shares) == 6
    assert all(shares[one, other] + shares[other, one] == pytest.approx(1) for one, other in shares)


def test_nothing_moves_where_the_ranking_is_the_usual_one(shipped: Any) -> None:
    assert Explanation(ranked(shipped.knowledge), shipped.knowledge).moves == {}


def test_out_of_scope_nothing_is_told(shipped: Any) -> None:
    ranking = ranked(shipped.knowledge, primary_site="lung")
    told = Explanation(ranking, shipped.knowledge)
    assert (told.trials, told.closest, dict(told.why_not)) == ((), (), {})


def test_why_not_is_asked_of_an_option_alone(shipped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("regimens.rules.explanation.why_not", lambda regimen, *_: asked.append(regimen.slug))
    told = Explanation(ranked(shipped.knowledge), shipped.knowledge)
    assert told.why_not["folfiri"] is None and asked == ["folfiri"]

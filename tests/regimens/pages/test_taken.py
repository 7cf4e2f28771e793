"""What is taken along says of any patient nothing but the ranking's own figures, and no caution less."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from display.cache import forget
from regimens import releases
from regimens.pages import present
from regimens.pages.ranking_document import cautions_in_full
from regimens.pages.summary import summary
from regimens.pages.taken import caution_criterion, taken
from regimens.rules.ranking import rank
from regimens.wording.outcomes import figure
from tests.factories.patients import worked

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
SIGNS = str.maketrans({**dict.fromkeys("–—−", "-"), "×": "x", "…": "...", "≥": ">=", "≤": "<=", "⁹": "^9", "’": "'"})


def in_one(words: str) -> str:
    return " ".join(words.translate(SIGNS).split())


@given(features=st.sampled_from(worked()))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_of_the_model_is_the_ranking_s_own_and_no_caution_is_lost(features: dict[str, Any]) -> None:
    knowledge = releases.current()
    ranking = rank(knowledge.patient(features.get("patient", features.get("features", features))), knowledge)
    told = taken(present(ranking, knowledge, today=AT.date()), at=AT)
    said = in_one(summary(told))
    own = {
        f"{figure(outcome, one.value)} ({figure(outcome, one.low)}-{figure(outcome, one.high)})"
        for option in ranking.options
        if option.synthesis
        for outcome, one in option.synthesis.estimates.items()
        if one.has_data
    }
    for model in re.findall(r"Model for this group: (.*?); \d", said):
        shown = {
            f"{number} ({low}-{high})"
            for number, low, high in re.findall(r"([\d.]+)(?: %| mo)? \(([\d.]+)-([\d.]+)\)", model)
        }
        assert shown and shown <= own
    in_print = cautions_in_full(told)
    for option, printed in zip(told.leading, in_print, strict=True):
        heads = in_one(
            " ".join(
                [*(line.head for g in printed.groups for line in g.lines), *(g.told_before for g in printed.groups)]
            )
        )
        unchecked = [f.caution for f in option.row.option.cautions if f.truth is None and f.caution.when]
        for caution in unchecked:
            words = in_one(caution_criterion(caution, knowledge))
            assert words in said
            assert words in heads


@pytest.mark.parametrize("ecog", [None, 1, 3])
def test_what_is_told_first_is_what_the_card_names_first(ecog: int | None) -> None:
    knowledge = releases.current()
    entered = {"ki67": 80.0, "region": "EU", "differentiation": "uncertain", "ecog": ecog}
    ranking = rank(knowledge.patient({name: value for name, value in entered.items() if value is not None}), knowledge)
    told = taken(present(ranking, knowledge, today=AT.date()), at=AT)
    card = told.page.card
    assert card and [option.words.slug for option in told.leading][: len(card.slugs)] == list(card.slugs)
    assert (card.slugs == ("best-supportive-care",)) is (ecog == 3)


def test_what_leads_on_leads_to_something(client: Any) -> None:
    forget()  # a page that is kept says nothing of what it was made of
    for values in (
        {"primary_site": "lung"},
        {"primary_site": "thymus"},
        {"primary_site": "skin"},
        {"platinum_received": False, "primary_site": "colorectal"},
        {"differentiation": "well"},
        {"pregnancy_or_breastfeeding": True},
    ):
        knowledge = releases.current()
        page = present(rank(knowledge.patient(values), knowledge), knowledge)
        (why,) = page.out_of_scope
        assert why.reason and why.leads
        for lead in why.leads:
            response = client.get(lead.url)
            assert response.status_code == 200
            assert "entries" not in response.context or len(response.context["entries"]) > 0, lead
            assert "trials" not in response.context or len(response.context["trials"]) > 0, lead
            assert "topics" not in response.context or len(response.context["topics"]) == 1, lead

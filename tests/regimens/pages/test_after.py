"""“And after that?”: as the rules rank the patient one line later, with what was assumed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from regimens import releases
from regimens.pages.after import AfterThat, after_that
from regimens.pages.patient_form import PatientForm
from regimens.rules.ranking import rank
from tests.factories.patients import colorectal
from tests.pages import text as shown

pytestmark = pytest.mark.django_db


def after(**values: Any) -> tuple[AfterThat, ...]:
    knowledge = releases.current()
    form = PatientForm(colorectal(**values), knowledge=knowledge)
    assert form.is_valid() and form.patient
    return after_that(rank(form.patient, knowledge), knowledge)


class TestWhatStandsFirstThen:
    def test_it_is_what_the_rules_rank_first_one_line_later(self) -> None:
        knowledge = releases.current()
        first, second = after()
        assert first.slug == "folfiri"
        later = knowledge.patient(
            {
                "primary_site": "colorectal",
                "histology": "small-cell",
                "differentiation": "poor",
                "ki67": 80,
                "platinum_received": True,
                "platinum_best_response": "PR",
                "platinum_free_interval_months": 2,
                "prior_regimens": ["etoposide-platinum", "folfiri"],
                "progressed_on": ["etoposide-platinum", "folfiri"],
                "lines_received": 2,
                "ecog": 1,
                "region": "US",
            }
        )
        ranking = rank(later, knowledge)
        assert first.first and ranking.first
        assert first.first.slug == ranking.first.regimen.slug
        assert second.first and second.first.slug == "folfiri"
        named = [option.regimen.name for option in ranking.options if option.rank in (2, 3)]
        assert list(first.first.following) == named

    def test_published_and_model_figures_stand_beside_each_other(self) -> None:
        second = after()[1]
        assert second.first
        orr = second.first.estimates[0]
        assert orr.published and orr.published.key == "walter-2023-bevanec"
        assert (orr.figure, orr.published.number) == ("22", "18\N{NO-BREAK SPACE}%")

    def test_what_was_assumed_is_said(self) -> None:
        first = after()[0]
        assert first.assumed_words == (
            "FOLFIRI was received, and the disease progressed on it or within 3 months of it. 2 lines received. "
            "Everything else as it is now."
        )
        unknown = after(lines_received="", platinum_free_interval_months="", platinum_best_response="")[0]
        assert "How many lines were received stays unknown." in unknown.assumed

    def test_after_platinum_the_interval_is_said(self) -> None:
        first = after(platinum_free_interval_months="9")[0]
        assert first.slug == "platinum-rechallenge"
        assert any("interval is then below 3 months" in words for words in first.assumed)

    def test_what_hangs_on_the_unknown_is_not_said(self) -> None:
        """Whether FOLFIRI can be given again hangs on whether the disease progressed on it."""
        lines = after(platinum_free_interval_months="4", lines_received="2", received=["folfiri"])
        (unsure,) = (line for line in lines if line.slug != "folfiri")
        assert unsure.first is None
        assert unsure.cannot.startswith("It cannot be said: FOLFIRI or ")
        assert "whether it progressed on" in unsure.cannot

    def test_out_of_scope_nothing_is_said(self) -> None:
        assert after(primary_site="lung") == ()


class TestThePart:
    def test_it_is_fetched_with_the_form(self, client: Client) -> None:
        said = shown(client.post("/part/after/", colorectal()))
        assert "If the disease progressed on FOLFIRI within 3 months Hypothetical" in said
        assert "18 % in 67 patients" in said and "22 % (13–33)" in said
        assert "Assumed" in said

    def test_borrowed_evidence_is_left_out_where_it_was_chosen(self, client: Client) -> None:
        knowledge = releases.current()
        form = PatientForm(colorectal(evidence="nec"), knowledge=knowledge)
        assert form.is_valid() and form.patient
        expected = after_that(rank(form.patient, knowledge.nec_only), knowledge.nec_only)
        said = shown(client.post("/part/after/", colorectal(evidence="nec")))
        for line in expected:
            assert line.first is None or line.first.name in said

    def test_where_nothing_is_ranked_there_is_no_such_part(self, client: Client) -> None:
        assert client.post("/part/after/", colorectal(ki67="180")).status_code == 404

    def test_it_is_all_there_without_a_script(self, client: Client) -> None:
        said = shown(client.post("/", colorectal(everything="yes")))
        assert "If the disease progressed on FOLFIRI within 3 months Hypothetical" in said

    def test_it_is_only_posted(self, client: Client) -> None:
        assert client.get("/part/after/").status_code == 405

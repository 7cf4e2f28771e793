"""`/method/validation/`: what the release holds of its predictions, in sentences, tables and plots."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from django.test import Client

from regimens import releases
from regimens.pages.library.validation import validation_in
from regimens.rules.evidence import OUTCOMES
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from tests.pages import html, text

pytestmark = pytest.mark.django_db

PAGE = "/method/validation/"


@pytest.fixture
def document() -> dict[str, Any]:
    """That of the release in force, to be spoilt."""
    found = dict(releases.current().document)
    found["validation"] = copy.deepcopy(found["validation"])
    return found


def put_in_force(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge = Knowledge.from_document(document, release=ReleaseIdentity("spoilt", "2026-11-28", "5" * 64))
    monkeypatch.setattr(releases, "current", lambda: knowledge)


def row_of(document: dict[str, Any], outcome: str) -> dict[str, Any]:
    wanted = ("leave-one-study-out", outcome, "all")
    return next(r for r in document["validation"]["table"] if (r["design"], r["outcome"], r["selection"]) == wanted)


def section(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end)]


class TestSentences:
    def test_one_for_each_outcome_as_the_rules_say_it(self, client: Client) -> None:
        validation = validation_in(releases.current())
        assert validation is not None
        page = text(client.get(PAGE))
        for outcome in OUTCOMES:
            assert str(validation.sentence(outcome)) in page

    def test_they_stand_with_the_method_too_which_leads_here(self, client: Client) -> None:
        response = client.get("/method/")
        assert "prediction is not shown to be better than the benchmark's" in text(response)
        assert f'href="{PAGE}"' in html(response)

    def test_what_is_not_demonstrated_leads_here_from_an_option(self, client: Client) -> None:
        assert f'<a href="{PAGE}#os">not demonstrated</a>' in html(client.get("/options/folfiri/"))

    def test_nothing_is_warned_of_as_shipped(self, client: Client) -> None:
        assert "notice warning" not in html(client.get(PAGE))


class TestTable:
    def test_it_has_each_design_outcome_and_selection(self, client: Client) -> None:
        knowledge = releases.current()
        page = text(client.get(PAGE))
        table = section(page, "Each study left out in turn", "What the columns mean")
        for row in knowledge.document["validation"]["table"]:
            if row["targets"]:
                held = f"{row['inside']} of {row['targets']}, {100 * row['coverage']:.0f} %"
                gain = f"{row['gain']:+.2f} ± {row['standard_error']:.2f}".replace("-", "−")
                assert f"{row['targets']} {row['studies']} {held}" in table
                assert gain in table
        assert table.count("NEC alone, of regimens with another study") == 2 * len(OUTCOMES)

    def test_what_could_not_be_computed_is_no_figure(self, client: Client) -> None:
        page = text(client.get(PAGE))
        assert "NEC alone, of regimens with another study 0 0 – – – –" in page


class TestPlots:
    def test_every_figure_is_a_link_to_its_cohort_in_the_plot_and_in_the_table(self, client: Client) -> None:
        page = html(client.get(PAGE))
        drawn, _bar, tables = page.partition('id="table-heading"')
        for each in releases.current().document["validation"]["predictions"]:
            if each["design"] == "leave-one-study-out":
                address = f'href="/evidence/{each["publication"]}/#cohort-{each["index"]}"'
                assert address in drawn
                assert address in tables

    def test_the_cohorts_are_there(self, client: Client) -> None:
        predictions = releases.current().document["validation"]["predictions"]
        for key in {each["publication"] for each in predictions}:
            wanted = {f'id="cohort-{each["index"]}"' for each in predictions if each["publication"] == key}
            page = html(client.get(f"/evidence/{key}/"))
            assert all(place in page for place in wanted)

    def test_a_point_says_what_it_is(self, client: Client) -> None:
        page = html(client.get(PAGE))
        name = 'aria-label="Walter T, Lancet Oncol, 2023, FOLFIRI: '
        assert re.search(rf'{name}observed 18 %, predicted \d+ % \(\d+–\d+\), inside"', page)
        assert re.search(rf"{name}observed 8\.9, predicted \d", page)

    def test_medians_have_axes_by_logarithm_and_units(self, client: Client) -> None:
        page = text(client.get(PAGE))
        assert page.count("Observed, months (log scale)") == page.count("Predicted, months (log scale)") == 2
        assert page.count("Observed, %") == page.count("Predicted, %") == 2

    def test_a_plot_is_drawn_alike_in_every_language(self, client: Client) -> None:
        def shapes(**headers: str) -> list[str]:
            return re.findall(r"<(?:circle|line|polygon)[^>]*>", html(client.get(PAGE, headers=headers)))

        assert shapes() == shapes(accept_language="de")


class TestWarnings:
    def test_intervals_that_hold_too_little(
        self, client: Client, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row_of(document, "pfs").update(coverage=0.84, inside=26)
        put_in_force(document, monkeypatch)
        page = text(client.get(PAGE))
        assert "Progression-free survival: 84 % of the figures held out fell inside their 95 % interval" in page
        assert "fewer than 90 %" in page

    def test_predictions_that_are_worse_than_the_benchmarks(
        self, client: Client, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row_of(document, "os").update(gain=-0.3, standard_error=0.1)
        put_in_force(document, monkeypatch)
        assert "Overall survival: prediction was worse than the benchmark’s." in text(client.get(PAGE))

    def test_a_release_without_a_validation_says_so(
        self, client: Client, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del document["validation"]
        put_in_force(document, monkeypatch)
        assert "The release in force was published without one, by the first edition" in text(client.get(PAGE))
        assert "without a validation, by the first edition" in text(client.get("/method/"))

    def test_an_outcome_of_which_nothing_could_be_held_out(
        self, client: Client, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = document["validation"]
        found["predictions"] = [each for each in found["predictions"] if each["outcome"] != "grade3"]
        put_in_force(document, monkeypatch)
        assert "Too few figures are on record to hold one out." in text(client.get(PAGE))

"""The answer on one card and the rows under it, held for the worked patients: never more than the ranking says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from regimens import releases
from regimens.pages import AnswerCard, OptionRow, RankingPage, present
from regimens.rules.evidence import RULING_OUT
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import Ranking, rank
from tests.factories.patients import worked

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 29)
COLORECTAL = {
    "primary_site": "colorectal",
    "histology": "large-cell",
    "ki67": 75,
    "platinum_received": True,
    "platinum_best_response": "PR",
    "platinum_free_interval_months": 3,
    "lines_received": 1,
    "ecog": 1,
    "region": "EU",
}
AFTER_ATEZOLIZUMAB: dict[str, Any] = {
    **{name: value for name, value in COLORECTAL.items() if name != "platinum_received"},
    "msi": "high",
    "primary_site": "stomach",
    "prior_regimens": ["etoposide-platinum-atezolizumab"],
    "progressed_on": ["etoposide-platinum-atezolizumab"],
}


def page_of(features: dict[str, Any], today: date | None = TODAY) -> RankingPage:
    knowledge = releases.current()
    return present(rank(knowledge.patient(features), knowledge), knowledge, today=today)


def card_of(features: dict[str, Any]) -> AnswerCard:
    card = page_of(features).card
    assert card is not None
    return card


@cache
def _rankings(knowledge_sha256: str) -> tuple[Ranking, ...]:
    knowledge = releases.current()
    return tuple(rank(knowledge.patient(features), knowledge) for features in worked())


def pages() -> Iterator[RankingPage]:
    knowledge: Knowledge = releases.current()
    for ranking in _rankings(knowledge.release.sha256):
        yield present(ranking, knowledge, today=TODAY)


def rows() -> Iterator[OptionRow]:
    for page in pages():
        for band in page.open_bands:
            yield from band.rows


class TestCard:
    def test_it_is_headed_as_an_order_and_names_the_first_with_its_condition(self) -> None:
        card = card_of(COLORECTAL)
        assert card.heading == "First in order for this patient"
        assert (card.names, card.slugs) == ("FOLFIRI", ("folfiri",))
        assert card.condition == "once complete DPD deficiency is excluded"
        assert card.firmness == "firm on guidelines, weak on figures"

    def test_it_says_who_names_it_and_what_the_largest_study_reported(self) -> None:
        because = card_of(COLORECTAL).because
        assert because is not None
        assert because.text == (
            "Recommended for primary site colon or rectum by ENETS guidance paper on digestive NEC, 2023. PRODIGE "
            "41-BEVANEC (67 patients) published response 18\N{NO-BREAK SPACE}%, survival 8.9 (5.7–10.6) months."
        )

    def test_it_names_what_cannot_be_checked_and_the_test_that_would_change_it(self) -> None:
        card = card_of(COLORECTAL)
        assert card.unless and card.unless.mark == "check"
        assert "might rule it out: DPD complete deficiency, " in card.unless.text
        assert card.test_first and card.test_first.text.startswith(
            "DPD, before the first dose: with complete deficiency, Nab-paclitaxel with bevacizumab would be first."
        )

    def test_a_condition_that_is_excluded_is_no_longer_asked_for(self) -> None:
        card = card_of(COLORECTAL | {"dpd": "normal"})
        assert (card.names, card.condition) == ("FOLFIRI", "")
        assert "DPD" not in " ".join(line.text for line in card.lines)

    def test_a_condition_that_holds_takes_the_option_away(self) -> None:
        assert card_of(COLORECTAL | {"dpd": "complete"}).names == "Nab-paclitaxel with bevacizumab"

    def test_it_names_what_is_close_behind_with_published_and_model_figures(self) -> None:
        close = card_of(COLORECTAL).close_behind
        assert close is not None
        for words in (
            "Nab-paclitaxel with bevacizumab: Zhang P 2025 (79 patients) published response 55",
            "survival 12.8 (8.6–17.4) months; model response ",
            "of the draws",
            "FOLFIRINOX (modified): ",
        ):
            assert words in close.text

    def test_what_earlier_treatment_of_the_same_class_keeps_out_is_said(self) -> None:
        card = card_of(AFTER_ATEZOLIZUMAB)
        assert card.had_before and card.had_before.mark == "had-before"
        assert "anti-PD-1/PD-L1, on which the disease progressed" in card.had_before.text
        assert "Pembrolizumab" in card.had_before.text
        assert "pembrolizumab" not in card.slugs
        assert card_of(COLORECTAL).had_before is None

    def test_a_caution_that_applies_is_said_before_what_cannot_be_checked(self) -> None:
        unless = card_of(COLORECTAL | {"dpd": "complete", "neuropathy_grade": 2}).unless
        assert unless and unless.mark == "present"
        assert unless.text.startswith("A caution applies: neuropathy grade at least 2. Not checked")

    def test_in_a_frail_patient_best_supportive_care_comes_first(self) -> None:
        card = card_of(COLORECTAL | {"ecog": 3})
        assert card.slugs == ("best-supportive-care",)
        assert card.because and "At ECOG 3 or 4" in card.because.text
        assert card.close_behind and "Pembrolizumab" in card.close_behind.text

    def test_out_of_scope_has_no_card(self) -> None:
        assert page_of({"primary_site": "lung", "region": "US"}).card is None

    def test_the_first_of_the_card_are_the_first_of_the_ranking(self) -> None:
        for page in pages():
            if page.card is None or page.is_care_first:
                continue
            ranked = [option.regimen.slug for option in page.ranking.options if option.rank is not None]
            assert page.card.slugs == tuple(ranked[: len(page.card.slugs)])

    def test_what_would_be_first_then_is_what_the_rules_say(self) -> None:
        """The sentence of Unless is worked out without another ranking; here it is ranked."""
        told = 0
        for page in pages():
            card, ranking = page.card, page.ranking
            then = card and card.unless and card.unless.text.partition("Then ")[2].removesuffix(" would be first.")
            if not then or not ranking.first:
                continue
            knowledge = releases.current()
            for finding in ranking.first.cautions:
                if finding.truth is None and finding.caution.level in RULING_OUT and len(finding.caution.features) == 1:
                    (name,) = finding.caution.features
                    supposed = finding.caution.when.get("at_least", finding.caution.when.get("is", True))
                    value = supposed[0] if isinstance(supposed, list) else supposed
                    patient = ranking.patient.supposing(name, value)
                    if patient and finding.caution.when.get("feature") == name and "below" not in finding.caution.when:
                        first = rank(patient, knowledge, draws=False).first
                        if first and first.regimen.slug != ranking.first.regimen.slug:
                            assert first.regimen.name == then
                            told += 1
        assert told > 0

    def test_it_orders_nobody_to_do_anything(self) -> None:
        for page in pages():
            for line in page.card.lines if page.card else ():
                assert not any(f" {word} " in f" {line.text.lower()} " for word in ("must", "give", "should", "start"))


class TestRows:
    def test_no_figure_of_the_model_stands_without_a_published_one(self) -> None:
        cells = [cell for row in rows() if row.figures for cell in row.figures.cells]
        assert sum(cell.model is not None for cell in cells) > 100
        assert all(cell.published for cell in cells if cell.model)

    def test_what_was_published_has_its_patients_and_study(self) -> None:
        for row in rows():
            if row.figures and any(cell.published for cell in row.figures.cells):
                assert row.figures.patients and row.figures.study and row.figures.citation

    def test_figures_of_another_disease_name_it_where_the_study_would_be(self) -> None:
        borrowed = [
            (row.figures.study, cell.published.borrowed)
            for row in rows()
            if row.figures
            for cell in row.figures.cells
            if cell.published and cell.published.borrowed and not cell.is_other
        ]
        assert borrowed
        assert all(study == disease for study, disease in borrowed)

    def test_a_caution_that_cannot_be_checked_is_never_said_not_to_apply(self) -> None:
        kinds: set[str] = set()
        for row in rows():
            found = {mark.kind for mark in row.safety}
            kinds |= found
            unknown = any(finding.truth is None for finding in row.option.cautions)
            assert ("check" in found) is unknown
            assert not (unknown and "none-applies" in found)
            assert found
        assert {"check", "present", "had-before"} <= kinds

    def test_an_option_that_is_ruled_out_says_so(self) -> None:
        page = page_of(COLORECTAL | {"dpd": "complete"})
        folfiri = next(option for option in page.ranking.options if option.regimen.slug == "folfiri")
        mark = page.presenter.row(folfiri).safety[0]
        assert (mark.kind, mark.word, mark.facts) == ("must-not", "Must not be given", "DPD complete deficiency")
        assert mark.link

    def test_all_that_share_a_place_bear_its_number(self) -> None:
        shared = 0
        for page in pages():
            places = page.presenter.places
            for before, after in zip(page.ranking.options, page.ranking.options[1:], strict=False):
                if before.rank is None or after.rank is None:
                    continue
                equal = before.about_equal_to_next and before.band is after.band
                assert (places[before.regimen.slug] == places[after.regimen.slug]) is equal
                shared += equal
        assert shared > 50

    def test_a_licence_has_its_region_and_its_day_or_says_that_none_is_on_record(self) -> None:
        for row in rows():
            assert row.licence and row.licence.word and row.licence.read

    def test_a_page_read_more_than_a_year_ago_says_how_long(self) -> None:
        features = COLORECTAL | {"msi": "high"}
        slug = "pembrolizumab"

        def licence(today: date | None) -> tuple[str, bool]:
            page = page_of(features, today)
            option = next(option for option in page.ranking.options if option.regimen.slug == slug)
            cell = page.presenter.row(option).licence
            assert cell is not None
            return cell.read, cell.is_stale

        assert licence(date(2026, 11, 29)) == ("read 28 Nov 2026", False)
        assert licence(date(2027, 11, 28)) == ("read 28 Nov 2026", False)
        assert licence(date(2028, 1, 27)) == ("read 13 months ago", True)
        assert licence(None) == ("read 28 Nov 2026", False)

    def test_bands_that_are_closed_name_all_that_is_left(self) -> None:
        for page in pages():
            shown = sum(len(band.rows) + len(band.rest) + bool(band.care) for band in page.open_bands)
            assert shown + sum(band.count for band in page.closed_bands) == len(page.ranking.options)
            assert all(fold.title and fold.summary for fold in page.folds)

    def test_every_fact_that_leaves_a_shown_caution_open_is_among_those_not_known(self) -> None:
        page = page_of(COLORECTAL)
        named = {fact for group in page.not_known for fact in group.facts}
        assert {"DPD", "bilirubin", "MSI / MMR", "bowel obstruction"} <= named
        assert page.not_known_words == f"{len(named)} facts not known"
        assert "DPD" not in {f for g in page_of(COLORECTAL | {"dpd": "normal"}).not_known for f in g.facts}


class TestTrials:
    def test_the_age_of_what_the_register_said_is_told(self) -> None:
        for trial in (trial for page in pages() for trial in page.first_trials):
            assert trial.seen
            assert {part.truth_word for part in trial.criteria} <= {"Met", "Not known"}

    def test_a_status_of_more_than_a_month_ago_is_stale(self) -> None:
        trials = page_of(COLORECTAL, date(2030, 1, 1)).first_trials
        assert trials
        assert all(trial.is_stale for trial in trials)

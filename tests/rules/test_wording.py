"""What the rules say: English as it always was, and in another language nothing that stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from regimens.rules.assessment import Band
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import COMPARISONS, Criterion, describe, explain
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import DERIVED, FEATURES, QUANTITIES, REGIONS, Feature
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_dict, of
from regimens.rules.trials import LINE_CRITERIA, trial_criterion
from regimens.rules.wording import ENGLISH, N_, Figure, Language, Listing, Sentence, say
from tests.factories.patients import worked

LOW = {"feature": "ki67", "above": 2}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def marked(message: str) -> str:
    """Every message in ⟦ ⟧, its placeholders outside: what stands there has to be said by itself."""
    return f"⟦{PLACEHOLDER.sub(lambda found: f'⟧{found[0]}⟦', message)}⟧"


MARKING = Language(text=marked, number=lambda value, spec: format(value, spec).replace(".", ","))


def unsaid(text: str) -> str:
    """The letters of a text that are in no message."""
    left = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return "".join(re.findall(r"[^\W\d_]+", left))


def criteria(value: Any) -> Iterator[Criterion]:
    """Every criterion of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("when", "where", "requires") and isinstance(inner, dict):
                yield inner
            yield from criteria(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from criteria(inner)


@pytest.fixture(scope="module")
def shipped(document: dict[str, Any]) -> list[Criterion]:
    found = [*criteria(document), *LINE_CRITERIA.values(), *map(trial_criterion, document["trials"])]
    assert len(found) > 200
    return found


@pytest.fixture(scope="module")
def rankings(knowledge: Knowledge) -> list[Ranking]:
    patients = worked()
    patients += [
        {"primary_site": "lung"},
        {"primary_site": "skin"},
        {"platinum_received": False},
        {"differentiation": "well"},
        {"differentiation": "uncertain", "ki67": 15},
        {"ki67": 50, "sstr": "positive"},
        {"progressed_on": ["folfiri"], "region": "CN", "ecog": 4},
        {"prior_regimens": ["folfiri"], "msi": "stable", "region": "EU"},
    ]
    return [rank(knowledge.patient(features), knowledge, draws=False) for features in patients]


class TestCriteria:
    def test_nothing_of_a_shipped_criterion_escapes_translation(self, shipped: list[Criterion]) -> None:
        for criterion in shipped:
            for asked in (criterion, {"not": criterion}):
                assert unsaid(describe(asked, names=AnyName(), language=MARKING)) == ""
                for part in explain(asked, {}, names=AnyName()):
                    assert unsaid(part.worded(MARKING)) == ""

    def test_marks_taken_away_it_is_the_english(self, shipped: list[Criterion], knowledge: Knowledge) -> None:
        in_place = Language(text=marked, number=format)
        for criterion in shipped:
            said = describe(criterion, names=knowledge.names, language=in_place)
            assert re.sub("[⟦⟧]", "", said) == describe(criterion, names=knowledge.names)
            for part in explain(criterion, {}, names=knowledge.names):
                assert re.sub("[⟦⟧]", "", part.worded(in_place)) == part.text

    @pytest.mark.parametrize(
        ("criterion", "german"),
        [
            ({}, "immer"),
            ({"feature": "ki67", "at_least": 55}, "Ki-67 mindestens 55 %"),
            ({"not": {"feature": "bilirubin_uln", "above": 1.5}}, "Bilirubin nicht über 1,5 × ULN"),
            ({"feature": "autoimmune_active", "is": False}, "keine aktive Autoimmunerkrankung"),
            (
                {"feature": "primary_site", "is": ["colorectal", "liver", "other"]},
                "Primärtumor Kolon oder Rektum, Leber oder anderer Ort",
            ),
            ({"not": {"feature": "primary_site", "is": "liver"}}, "Primärtumor nicht Leber"),
            ({"feature": "prior_regimens", "includes": "folfiri"}, "erhalten: FOLFIRI"),
            (
                {
                    "all": [
                        {"feature": "ecog", "at_most": 1},
                        {
                            "any": [
                                {"feature": "ki67", "below": 20},
                                {"not": {"all": [{"feature": "ki67", "above": 2}]}},
                            ]
                        },
                    ]
                },
                "ECOG höchstens 1 und (Ki-67 unter 20 % oder nicht (Ki-67 über 2 %))",
            ),
        ],
    )
    def test_a_language_puts_its_own_words_in_its_own_order(self, criterion: Criterion, german: str) -> None:
        catalogue = {
            "always": "immer",
            "%(feature)s at least %(value)s": "%(feature)s mindestens %(value)s",
            "%(feature)s at most %(value)s": "%(feature)s höchstens %(value)s",
            "%(feature)s above %(value)s": "%(feature)s über %(value)s",
            "%(feature)s not above %(value)s": "%(feature)s nicht über %(value)s",
            "%(feature)s below %(value)s": "%(feature)s unter %(value)s",
            "%(feature)s not %(value)s": "%(feature)s nicht %(value)s",
            "%(feature)s include %(value)s": "%(feature)s: %(value)s",
            "%(one)s and %(other)s": "%(one)s und %(other)s",
            "%(one)s or %(other)s": "%(one)s oder %(other)s",
            "not (%(criterion)s)": "nicht (%(criterion)s)",
            "bilirubin": "Bilirubin",
            "no active autoimmune disease": "keine aktive Autoimmunerkrankung",
            "primary site": "Primärtumor",
            "colon or rectum": "Kolon oder Rektum",
            "liver": "Leber",
            "another site": "anderer Ort",
            "regimens received": "erhalten",
        }
        language = Language(text=lambda m: catalogue.get(m, m), number=MARKING.number)
        assert describe(criterion, names={"folfiri": "FOLFIRI"}, language=language) == german


class AnyName(dict[str, str]):
    """Names of regimens without a letter."""

    def get(self, slug: str, default: Any = None) -> str:
        return "7"


class TestFeatures:
    @pytest.mark.parametrize("feature", [*FEATURES.values(), *DERIVED.values()], ids=lambda feature: feature.name)
    def test_every_value_can_be_said(self, feature: Feature) -> None:
        values = {"flag": [True, False], "set": [frozenset()], "choice": [*feature.values]}
        for value in values.get(feature.kind, [feature.low, feature.high]):
            assert unsaid(feature.worded(value, MARKING)) == ""
            assert re.sub("[⟦⟧]", "", feature.worded(value, MARKING)) == feature.worded(value)
        assert bool(feature.absent) == (feature.kind == "flag")
        assert not feature.unit or feature.unit in QUANTITIES

    @pytest.mark.parametrize(
        ("feature", "value", "words"),
        [
            ("primary_site", "colorectal", "colon or rectum"),
            ("histology", "minen", "MiNEN"),
            ("ki67", 80, "80 %"),
            ("platinum_free_interval_months", 2.5, "2.5 months"),
            ("ecog", 1, "1"),
            ("transplant", False, "no"),
            ("prior_regimens", frozenset(), "none"),
            ("prior_regimens", frozenset({"folfiri", "cav"}), "cav, folfiri"),
        ],
    )
    def test_values_in_english(self, feature: str, value: Any, words: str) -> None:
        assert FEATURES[feature].worded(value) == words

    def test_numbers_follow_the_language(self) -> None:
        assert FEATURES["bilirubin_uln"].worded(2.5, MARKING) == "⟦⟧2,5⟦ × ULN⟧"


class TestRankings:
    def test_reasons_are_whole_messages_around_evidence(self, rankings: list[Ranking], knowledge: Knowledge) -> None:
        seen = set()
        for ranking in rankings:
            assessed = [waiting.assessment for waiting in ranking.needs_test]
            for option in (*ranking.options, *assessed):
                seen.add(option.reason.message)
                assert re.sub("[⟦⟧]", "", option.reason.worded(Language(marked, format))) == option.decided_by
                assert unsaid(without_evidence(option.reason.worded(MARKING), knowledge)) == ""
        assert len(seen) >= 14

    def test_what_a_rule_cautions_against_is_said_in_any_language(
        self, rankings: list[Ranking], knowledge: Knowledge
    ) -> None:
        found = [f.caution for ranking in rankings for option in ranking.options for f in option.cautions]
        assert {caution.said.message for caution in found if isinstance(caution.said, Sentence)} == {
            "shares %(drugs)s with %(regimen)s, on which the disease progressed",
            "shares %(drugs)s with %(regimen)s, which was received; whether it failed is not known",
            "another drug of the class %(group)s, on which the disease progressed (%(regimen)s)",
            "another drug of the class %(group)s, which was received (%(regimen)s); whether it failed is not known",
        }
        for caution in found:
            if caution.use_the_other:
                assert caution.worded().endswith(" Use the other.")
                continue
            assert caution.worded(ENGLISH) == caution.text
            if caution.is_evidence:
                assert caution.worded(MARKING) == caution.text
            else:
                assert unsaid(without_evidence(caution.worded(MARKING), knowledge)) == ""

    def test_what_is_out_of_scope_or_to_be_checked_is_a_message(self, rankings: list[Ranking]) -> None:
        said = [sentence for r in rankings for _, sentence in (*r.scope.reasons, *r.scope.warnings)]
        assert len({sentence.message for sentence in said}) == 12
        for sentence in said:
            assert unsaid(sentence.worded(MARKING)) == ""
            assert "%%" not in str(sentence)

    def test_json_is_english(self, rankings: list[Ranking]) -> None:
        for ranking in rankings:
            found = as_dict(of(ranking))
            assert [option["decided_by"] for option in found["options"]] == [o.reason.worded() for o in ranking.options]
            assert found["scope"]["reasons"] == [str(sentence) for _, sentence in ranking.scope.reasons]

    def test_every_band_has_been_seen(self, rankings: list[Ranking]) -> None:
        assert {option.band for ranking in rankings for option in ranking.options} == set(Band)


def without_evidence(text: str, knowledge: Knowledge) -> str:
    """A text less the names and the words of the evidence base that stand between its messages."""
    evidence = {*knowledge.names, *knowledge.names.values(), *(r.name for r in knowledge.regimens.values())}
    for regimen in knowledge.regimens.values():
        evidence |= {*regimen.all_drugs, *regimen.lead_drugs}
        evidence |= {str(placed.caution.said) for placed in regimen.cautions}
    evidence |= {found.name for found in (*knowledge.exposure_classes.values(), *knowledge.drugs.values())}
    return "".join(
        piece
        for piece in re.split(r"(⟦[^⟦⟧]*⟧)", text)
        if piece not in evidence and not evidence.issuperset(piece.split(", "))
    )


class TestSentence:
    def test_it_is_put_together_in_the_language_that_is_asked_for(self) -> None:
        sentence = say(
            N_("%(drugs)s: %(share)s, 10 %% (%(region)s)"),
            drugs=Listing(("one", "two", "three")),
            share=Figure(0.456, ".2f"),
            region=say(REGIONS["US"]),
        )
        assert str(sentence) == "one and two and three: 0.46, 10 % (United States)"
        assert sentence.worded(MARKING) == "⟦⟧⟦⟧⟦⟧one⟦ and ⟧two⟦⟧⟦ and ⟧three⟦⟧⟦: ⟧0,46⟦, 10 % (⟧⟦United States⟧⟦)⟧"

    def test_equal_sentences_are_equal(self) -> None:
        assert say("a %(b)s", b=Figure(1)) == say("a %(b)s", b=Figure(1))
        assert say("a %(b)s", b=Figure(1)) != say("a %(b)s", b=Figure(2))


def test_comparisons_and_preferences_are_messages() -> None:
    for _, plainly, denied in COMPARISONS.values():
        assert PLACEHOLDER.findall(plainly) == PLACEHOLDER.findall(denied) == ["%(feature)s", "%(value)s"]
    assert [preference.label for preference in PREFERENCES.values()] == [
        "Balanced",
        "Survival",
        "Response",
        "Tolerability",
    ]

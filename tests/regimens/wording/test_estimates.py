"""An estimate in words beside what was published, and whether an outcome tells options apart."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules.assessment import Case
from regimens.rules.evidence import Outcome
from regimens.rules.knowledge import Knowledge
from regimens.wording.estimates import EstimateWords, estimates_in_words, published_words
from regimens.wording.outcomes import separation
from tests.factories.documents import publication, release, result

SHOWN: dict[Outcome, bool] = {"orr": True, "pfs": True, "os": False, "grade3": False}


def known(*results: dict[str, Any], **fields: Any) -> Knowledge:
    return release(publication("study-2020", *results, **fields) | {"authors": "Ada L, et al.", "journal": "J"})


def estimates(knowledge: Knowledge) -> dict[Outcome, EstimateWords]:
    case = Case.of(knowledge.patient({}), knowledge)
    found = case.synthesis(knowledge.regimens["drug"]).estimates
    published = {
        outcome: published_words(outcome, *estimate.published.place, knowledge)
        for outcome, estimate in found.items()
        if estimate.published
    }
    return {words.outcome: words for words in estimates_in_words(found, SHOWN, published)}


def test_a_published_figure_has_its_own_patients_and_interval() -> None:
    found = estimates(
        known(result(n=67, evaluable=61, responders=11, orr=18, orr_ci=[9, 30], os=8.9, os_ci=[5.7, 10.6], ci_level=90))
    )
    orr, os = found["orr"].published, found["os"].published
    assert orr and os
    assert (orr.number, orr.interval, orr.size) == ("18\N{NO-BREAK SPACE}%", "90 % CI 9–30", "11 of 61 patients")
    assert os.in_one == "8.9 mo (90 % CI 5.7–10.6) in 67 patients"
    assert (os.citation, os.who, os.borrowed) == ("Ada L, J, 2020", "the arm", "")
    assert found["pfs"].published is None


def test_a_rate_without_counts_is_as_it_was_printed() -> None:
    orr = estimates(known(result(n=40, orr=12.5)))["orr"].published
    assert orr
    assert (orr.number, orr.interval, orr.size) == ("12.5\N{NO-BREAK SPACE}%", "", "40 patients")


def test_one_from_another_disease_says_so() -> None:
    own = result(orr=20, population={"histology": "net-g3"})
    orr = estimates(known(own))["orr"].published
    assert orr and orr.in_one.endswith("in 20 patients, NET G3")
    orr = estimates(known(result(orr=20), histology="sclc"))["orr"].published
    assert orr and orr.borrowed == "small-cell lung cancer"


def test_an_outcome_that_is_not_demonstrated_bears_the_mark_and_a_median_its_factor() -> None:
    found = estimates(known(result(orr=40, os=9, grade3=20)))
    assert {outcome: words.mark for outcome, words in found.items()} == {
        "orr": "",
        "pfs": "",
        "os": "not demonstrated",
        "grade3": "not demonstrated",
    }
    assert found["os"].response_words == "adjusted for its response rate: ×\N{NO-BREAK SPACE}1.00"
    assert found["orr"].response_words == ""


@pytest.mark.parametrize(
    ("separates", "demonstrated", "said"),
    [
        ((5, 20), True, []),
        (
            (4, 20),
            True,
            ["Survival does not separate these options: 4 of 20 pairs are in an order that is at least 90 % sure."],
        ),
        (
            (20, 20),
            False,
            [
                "Survival does not separate these options: the survival shown follows mostly from the response rate "
                "and few reports."
            ],
        ),
        ((0, 0), False, []),
    ],
)
def test_whether_survival_separates(separates: tuple[int, int], demonstrated: bool, said: list[str]) -> None:
    assert list(separation({"os": separates}, {"os": demonstrated}, ["os"])) == said

"""What of an option a patient had before."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules.assessment import Case, cautions_of
from regimens.wording.earlier import earlier_treatment
from tests.factories.documents import drug, exposure_class, publication, regimen, release, result

KNOWLEDGE = release(
    publication("study", result("again", orr=20)),
    regimens=[
        regimen("again", drugs=["alpha", "companion"], lead_drugs=[]),
        regimen("doublet", drugs=["alpha", {"alternatives": ["cisplatin", "carboplatin"]}], lead_drugs=[]),
        regimen("platinum", drugs=["cisplatin"], lead_drugs=[]),
        regimen("sibling", drugs=["beta"], lead_drugs=[]),
    ],
    drugs=[
        drug("alpha", classes=["group"]),
        drug("beta", classes=["group"]),
        drug("cisplatin", classes=["platinum"]),
        drug("carboplatin", classes=["platinum"]),
    ],
    exposure_classes=[exposure_class("group", "none", "none"), exposure_class("platinum", "avoid", "caution")],
)


def said(slug: str, **features: Any) -> list[str]:
    case = Case.of(KNOWLEDGE.patient(features), KNOWLEDGE)
    found = KNOWLEDGE.regimens[slug]
    return list(earlier_treatment(found, tuple(cautions_of(found, case)), case.patient, KNOWLEDGE))


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"prior_regimens": ["again"]}, "whether the disease progressed on it is not known"),
        ({"prior_regimens": ["again"], "progressed_on": []}, "no progression on it was entered"),
        ({"prior_regimens": ["again"], "progressed_on": ["again"]}, "the disease progressed on it"),
        ({"progressed_on": ["again"]}, "the disease progressed on it"),
    ],
)
def test_the_regimen_itself(features: dict[str, Any], expected: str) -> None:
    assert said("again", **features) == [f"already received; {expected}"]


def test_a_drug_of_it_in_another_regimen_or_by_itself() -> None:
    received = {"prior_regimens": ["doublet"], "progressed_on": []}
    assert said("again", **received) == ["Alpha received before (Doublet); no progression on it was entered"]
    by_itself = said("again", prior_drugs=["alpha"], progressed_on_drugs=["alpha"])
    assert by_itself == ["Alpha received before; the disease progressed on it"]


def test_of_alternatives_none_is_said_to_have_been_received() -> None:
    (line,) = said("platinum", prior_regimens=["doublet"], progressed_on=[])
    assert line == "Cisplatin or Carboplatin received before (Doublet); no progression on it was entered"


def test_another_drug_of_its_class() -> None:
    (line,) = said("sibling", prior_regimens=["again"])
    assert line.startswith("another drug of the class group received before (Again); whether")


def test_what_a_caution_says_is_not_said_twice() -> None:
    assert said("platinum", prior_regimens=["doublet"], progressed_on=["doublet"]) == []
    assert said("platinum", prior_regimens=["doublet"]) == []


def test_nothing_received_says_nothing() -> None:
    assert said("again") == []
    assert said("again", prior_regimens=[], progressed_on=[]) == []

"""A caution in words: of what it is, what leaves it open, what can be done instead, and whose text that is."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from regimens.rules.assessment import Case, cautions_of
from regimens.rules.knowledge import Knowledge
from regimens.wording.cautions import CautionLine, caution_line, gravest_first
from regimens.wording.options import caution_item
from tests.factories.documents import caution, drug, exposure_class, publication, regimen, release, result

HEARING = {"feature": "hearing_impairment", "is": True}
ALLERGY = {"feature": "platinum_allergy", "is": True}
QTC = {"feature": "qtcf", "above": 470}
LABEL = {"label": "US", "section": "contraindications", "read_on": "https://example.org/copy"}


def known(**fields: Any) -> Knowledge:
    """A doublet of a drug with cisplatin or carboplatin, and what else is named."""
    doublet = regimen("doublet", drugs=["drug", {"alternatives": ["cisplatin", "carboplatin"]}], lead_drugs=["drug"])
    drugs = [
        drug("drug", classes=["group"]),
        drug("other", classes=["group"]),
        drug("cisplatin", {**caution("contraindicated", HEARING, "Not with it"), **LABEL}),
        drug("carboplatin", caution("caution", ALLERGY, "Care")),
    ]
    given: dict[str, Any] = {
        "regimens": [doublet, regimen("single", drugs=["other"])],
        "drugs": drugs,
        "exposure_classes": [exposure_class("group", "avoid", "caution")],
    }
    return release(publication("study", result("doublet", orr=20)), **given | fields)


def lines(knowledge: Knowledge, slug: str = "doublet", **features: Any) -> list[CautionLine]:
    case = Case.of(knowledge.patient({"platinum_received": True, **features}), knowledge)
    found = knowledge.regimens[slug]
    return [
        caution_line(finding, found, case.patient, knowledge) for finding in gravest_first(cautions_of(found, case))
    ]


def test_it_names_its_drug_and_the_other_that_can_be_given() -> None:
    (line,) = lines(known(), hearing_impairment=True, platinum_allergy=False)
    assert (line.opening, line.text, line.advice) == (
        "Caution, Cisplatin",
        "Not with it.",
        "Use the other: Carboplatin.",
    )
    assert (line.basis, line.section) == ("label (United States)", "contraindications")
    assert [link.text for link in line.links] == ["source", "page read"]
    assert line.lang == "en"


def test_without_a_drug_that_could_be_given_instead_it_keeps_its_level() -> None:
    both = [drug(slug, caution("contraindicated", HEARING, slug)) for slug in ("cisplatin", "carboplatin")]
    found = lines(known(drugs=both, exposure_classes=[]), hearing_impairment=True)
    assert {(line.opening, line.advice) for line in found} == {
        ("Contraindicated, Cisplatin", ""),
        ("Contraindicated, Carboplatin", ""),
    }


def test_one_that_cannot_be_checked_says_for_want_of_what() -> None:
    found = lines(known())
    assert {(line.opening, line.not_known) for line in found} == {
        ("Caution, Cisplatin, cannot be checked (not known: hearing impairment)", "hearing impairment"),
        ("Caution, Carboplatin, cannot be checked (not known: platinum allergy)", "platinum allergy"),
    }
    assert caution_item(found[0], truth=None).word == f"{found[0].opening}:"


def test_one_of_the_regimen_says_so_and_an_extrapolated_one_too() -> None:
    own = {**caution("avoid", QTC, "Not so"), "label": "EU", "section": "4.4", "extrapolated": True}
    knowledge = known(regimens=[regimen("single", drugs=["other"], cautions=[own])])
    (line,) = lines(knowledge, "single", qtcf=480)
    assert line.opening == "Avoid, this regimen"
    assert line.basis == "label (European Union), extrapolated from another drug of the class"
    assert line.section == "section 4.4"
    assert caution_item(line).further == "(label (European Union), extrapolated from another drug of the class)"


def test_a_class_says_on_what_it_rests_or_that_it_is_a_convention() -> None:
    text = {"text": "Little was seen.", "sources": []}
    convention = known(exposure_classes=[exposure_class("group") | text])
    failed = {"prior_drugs": ["drug"], "progressed_on_drugs": ["drug"]}
    (line,) = lines(convention, "single", **failed)
    assert line.text == "Another drug of the class group, on which the disease progressed (Drug)."
    assert (line.opening, line.basis, line.note) == ("Avoid", "a convention: no source was read", "Little was seen.")
    source = {"url": "https://example.org/trial", "finding": "8 %", "population": "lung"}
    (line,) = lines(
        known(exposure_classes=[exposure_class("group") | text | {"sources": [source]}]), "single", **failed
    )
    assert [(link.text, link.url) for link in line.links] == [("lung", "https://example.org/trial")]
    assert line.basis == ""


def test_what_was_received_without_a_word_how_it_went_is_open() -> None:
    knowledge = known(exposure_classes=[exposure_class("group") | {"text": "", "sources": []}])
    (line,) = lines(knowledge, "single", prior_drugs=["drug"])
    assert line.opening == "Avoid, cannot be checked (not known: drugs on which the disease progressed)"


def test_a_lead_drug_that_stands_for_two_is_named_as_both() -> None:
    doublets = [
        regimen(slug, drugs=[{"alternatives": ["cisplatin", "carboplatin"]}], lead_drugs=["cisplatin-carboplatin"])
        for slug in ("one", "two")
    ]
    knowledge = known(regimens=doublets)
    received = {"prior_regimens": ["one"], "progressed_on": ["one"], "hearing_impairment": False}
    (line,) = lines(knowledge, "two", platinum_allergy=False, **received)
    assert line.text == "Shares Cisplatin or Carboplatin with One, on which the disease progressed."


def test_the_text_stays_english_and_what_surrounds_it_does_not() -> None:
    with translation.override("de"):
        (line,) = lines(known(), hearing_impairment=True, platinum_allergy=False)
        assert line.text == "Not with it."
        assert line.word == "Vorsicht"

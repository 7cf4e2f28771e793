"""Whether a regimen is licensed for a patient, in words."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules.assessment import Case, licence_of
from regimens.rules.knowledge import Knowledge
from regimens.wording.licences import LicenceStanding, licence_standing
from tests.factories.documents import licence, publication, regimen, release, result

HER2 = {"feature": "her2", "is": "ihc-3+"}
AFTER_TWO = {"all": [HER2, {"feature": "lines_received", "at_least": 2}]}
SEEN = {"seen_on": "2026-11-28", "url": "https://example.org/label", "read_on": None}


def known(*licences: dict[str, Any], **fields: Any) -> Knowledge:
    return release(publication("study", result(orr=20)), regimens=[regimen(**fields)], licences=licences)


def standing(knowledge: Knowledge, **features: Any) -> LicenceStanding:
    case = Case.of(knowledge.patient(features), knowledge)
    return licence_standing(licence_of(knowledge.regimens["drug"], case), "drug", case.patient, knowledge)


def test_one_that_holds_says_what_it_is_for_since_when_and_when_it_was_read() -> None:
    found = standing(known(licence("drug", HER2, kind="accelerated", since=2024, **SEEN)), her2="ihc-3+", region="US")
    assert (found.status, found.word, found.where) == ("approved", "licensed for this", "United States")
    (line,) = found.holding
    assert (line.text, line.covers, line.brief) == (
        "For some.",
        "licensed for this",
        "accelerated approval, since 2024",
    )
    assert line.terms == "accelerated approval, since 2024; page read on 28 Nov 2026"
    assert [link.url for link in line.links] == ["https://example.org/label"]


def test_without_a_day_that_is_said() -> None:
    (line,) = standing(known(licence("drug", HER2, kind=None, since=None)), her2="ihc-3+").holding
    assert (line.brief, line.terms) == ("", "when the page was read is not on record")


@pytest.mark.parametrize(
    ("covers", "features", "word", "if_only"),
    [
        ("yes", {}, "off-label", "would be licensed if: HER2 IHC 3+"),
        ("arguable", {}, "off-label", "would be licensed for cancers of this site if: HER2 IHC 3+"),
        ("arguable", {"her2": "ihc-3+"}, "licensed for cancers of this site", None),
        ("yes", {"her2": "negative"}, "off-label", None),
        ("no", {"her2": "ihc-3+"}, "off-label", None),
    ],
)
def test_an_unknown_is_neither_licensed_nor_not(
    covers: str, features: dict[str, Any], word: str, if_only: str | None
) -> None:
    found = standing(known(licence("drug", HER2, covers=covers)), **features)
    assert found.word == word
    assert [line.if_only for line in found.possible] == ([if_only] if if_only else [])
    assert len((*found.holding, *found.possible, *found.further)) == 1


def test_what_is_known_already_is_not_asked_for_again() -> None:
    found = standing(known(licence("drug", AFTER_TWO)), lines_received=2)
    assert [line.if_only for line in found.possible] == ["would be licensed if: HER2 IHC 3+"]


def test_without_a_region_the_united_states_count_and_that_is_said() -> None:
    found = standing(known(licence("drug", HER2), licence("drug", HER2, region="EU")), her2="ihc-3+")
    assert found.where == "United States, since no region was entered"
    assert [line.where for line in found.holding] == ["United States"]
    assert [line.where for line in found.elsewhere] == ["European Union"]


def test_a_word_that_is_missing_was_not_verified() -> None:
    assert standing(known(otherwise={"EU": "off-label"}), region="US").word == "availability not verified"


def test_one_that_was_withdrawn_holds_for_nobody() -> None:
    found = standing(known(licence("drug", HER2, kind="withdrawn")), her2="ihc-3+")
    assert found.word == "off-label"
    assert [line.brief for line in found.further] == ["withdrawn, since 2020"]


def test_one_that_was_withdrawn_is_not_said_to_cover_anybody() -> None:
    found = standing(known(licence("drug", HER2, covers="yes", kind="withdrawn", since=2020)), her2="ihc-3+")
    (line,) = found.further
    assert (line.covers, line.brief) == ("withdrawn", "withdrawn, since 2020")
    assert found.word == "off-label"

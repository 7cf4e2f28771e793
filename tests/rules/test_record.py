"""A ranking as it travels: what is written reads back as the same record, and gives the same bytes again."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from audit.canonical import canonical_json
from regimens.rules.assessment import Band
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import RecordError, as_dict, as_json, from_json, of
from tests.factories.patients import shown_by_the_first_edition, worked

WORKED = worked()
PATIENT = {
    "platinum_received": True,
    "differentiation": "poor",
    "primary_site": "colorectal",
    "prior_regimens": ["folfox", "etoposide-platinum"],
    "progressed_on": ["etoposide-platinum"],
    "ki67": 60,
    "region": "EU",
}


@pytest.fixture(scope="module")
def ranking(knowledge: Knowledge) -> Ranking:
    return rank(knowledge.patient(PATIENT), knowledge)


def is_the_same_again(ranking: Ranking) -> bool:
    """Whether it reads back as it was written: as a line, and with its keys in order, as boards store it."""
    record, line = of(ranking), as_json(of(ranking))
    stored = canonical_json(as_dict(record))
    assert from_json(line) == from_json(stored)
    return as_json(from_json(line)) == line and canonical_json(as_dict(from_json(stored))) == stored


@pytest.mark.parametrize("number", range(len(WORKED)))
def test_every_worked_patient_reads_back_bit_for_bit(number: int, knowledge: Knowledge) -> None:
    patient = knowledge.patient(WORKED[number])
    assert is_the_same_again(rank(patient, knowledge, draws=number % 2 == 0))
    assert is_the_same_again(rank(patient, knowledge.nec_only, "survival", draws=False))


@pytest.mark.parametrize(
    ("feature", "value"), [("msi", "high"), ("tmb", 10), ("ecog", 3), ("dpd", "complete"), ("primary_site", "lung")]
)
def test_what_is_only_supposed_reads_back_too(feature: str, value: Any, knowledge: Knowledge) -> None:
    supposed = knowledge.patient(PATIENT).supposing(feature, value)
    patient = supposed if isinstance(supposed, Patient) else knowledge.patient({**PATIENT, feature: value})
    assert is_the_same_again(rank(patient, knowledge, draws=False))


def test_the_line_and_the_plain_values_are_the_same(ranking: Ranking) -> None:
    assert json.loads(as_json(of(ranking))) == as_dict(of(ranking))


def test_what_is_read_is_typed(ranking: Ranking) -> None:
    record = from_json(as_json(of(ranking)))
    assert record.patient["prior_regimens"] == {"folfox", "etoposide-platinum"}
    assert record.release == ranking.release and record.first is not None and record.first.band is Band.RECOMMENDED
    first = record.options[0]
    whole = ranking.options[0].synthesis
    assert whole is not None
    assert first.estimates["orr"].estimate == pytest.approx(whole.estimates["orr"].value, rel=1e-11)
    with pytest.raises(FrozenInstanceError):
        first.rank = 2  # type: ignore[misc]


def test_only_a_ranking_without_borrowed_evidence_says_so(ranking: Ranking, knowledge: Knowledge) -> None:
    own = rank(ranking.patient, knowledge.nec_only, draws=False)
    assert "evidence" not in as_dict(of(ranking)) and not from_json(as_json(of(ranking))).is_nec_only
    assert as_dict(of(own))["evidence"] == "nec-only" and from_json(as_json(of(own))).is_nec_only


def test_keys_of_a_later_edition_are_left_out(ranking: Ranking) -> None:
    content = as_dict(of(ranking))
    content["options"][0]["unheard_of"] = content["edition"] = 3
    assert from_json(json.dumps(content)) == from_json(as_json(of(ranking)))


@pytest.mark.parametrize("line", shown_by_the_first_edition())
def test_what_the_first_edition_wrote_reads_back_byte_for_byte(line: str) -> None:
    record = from_json(line)
    stored = canonical_json(as_dict(record))
    assert as_json(record) == line
    assert canonical_json(as_dict(from_json(stored))) == stored
    assert (record.method, record.can_be_made_again) == (1, False)


def test_a_record_of_the_first_edition_is_read_as_one_of_today() -> None:
    line = shown_by_the_first_edition()[20]
    written, record = json.loads(line), from_json(line)
    assert record.patient["bleeding_or_thrombosis"] is True
    assert record.options[0].estimates["orr"].estimate == written["options"][0]["estimates"]["orr"]["median"]
    assert [test.changes_order for test in record.tests] == [test["changes_order"] for test in written["tests"]]
    assert (record.implied, record.demonstrated, record.separates) == ({}, {}, {})
    assert all(
        (option.licence, option.expected_rank, option.published) == (None, None, {}) for option in record.options
    )
    assert all((caution.drug, caution.exposure_class) == (None, None) for o in record.options for caution in o.cautions)


def test_what_the_first_edition_said_first_is_a_warning_without_a_code() -> None:
    said = {tuple(json.loads(line)["scope"]["warnings"]) for line in shown_by_the_first_edition()}
    read = {tuple(warning.text for warning in from_json(line).scope.warnings) for line in shown_by_the_first_edition()}
    codes = {warning.code for line in shown_by_the_first_edition() for warning in from_json(line).scope.warnings}
    assert said == read and codes == {""}


@pytest.mark.parametrize("edition", [0, 3, "2", True, None, 2.0])
def test_an_edition_that_is_not_known_is_refused(edition: Any, ranking: Ranking) -> None:
    content = as_dict(of(ranking)) | {"method": edition}
    with pytest.raises(RecordError, match=r"^method: .* where an edition of the method that is known should be$"):
        from_json(json.dumps(content))


def test_a_damaged_record_of_the_first_edition_names_its_own_keys() -> None:
    content = json.loads(shown_by_the_first_edition()[0])
    del content["options"][0]["estimates"]["pfs"]["median"]
    with pytest.raises(RecordError, match=r"^options\[0\].estimates.pfs: “median” is missing$"):
        from_json(json.dumps(content))


def change(content: Any, path: str, value: Any) -> None:
    """Put something else at a place, or nothing."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        content = content[step]
    if value is None:
        del content[last]
    else:
        content[last] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("options/0/estimates/pfs/estimate", None, "options[0].estimates.pfs: “estimate” is missing"),
        ("options/1/band", None, "options[1]: “band” is missing"),
        ("release/sha256", None, "release: “sha256” is missing"),
        ("tests", None, "“tests” is missing"),
        ("options/0/rank", "1", "options[0].rank: text where a number or null should be"),
        ("options/0/band", "best", "options[0].band: “best” where one of recommended, supported, trial-only,"),
        ("options/0/cautions", {}, "options[0].cautions: an object where a list should be"),
        ("scope/warnings/0", 5, "scope.warnings[0]: a number where an object should be"),
        ("options/0/estimates/css", {}, "options[0].estimates.css: “css” where one of orr, pfs, os, grade3 should be"),
    ],
)
def test_a_damaged_record_says_what_is_missing_and_where(path: str, value: Any, said: str, ranking: Ranking) -> None:
    content = as_dict(of(ranking))
    content["scope"]["warnings"] = [{"code": "a", "text": ""}]
    change(content, path, value)
    with pytest.raises(RecordError) as raised:
        from_json(json.dumps(content))
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "null", '{"release": 1}', b"\xff"])
def test_what_is_no_record_is_refused(text: str | bytes) -> None:
    with pytest.raises(RecordError):
        from_json(text)

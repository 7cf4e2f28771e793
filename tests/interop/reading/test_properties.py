"""What holds for every record: order changes nothing, absence is unknown, and what is unrelated changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.reading import Reading
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES
from tests.factories.drawn import every_run_alike
from tests.factories.fhir import (
    ICD10,
    ICDO3,
    LOINC,
    PARTIAL_RESPONSE,
    PATIENT,
    PROGRESSION,
    concept,
    condition,
    dose,
    ki67,
    observation,
    quantity,
    status,
    variant,
)

few = settings(every_run_alike, max_examples=25)
Read = Callable[..., Reading]
Resource = dict[str, Any]

DAYS = st.sampled_from(["2025-01-06", "2025-02-17", "2025-03", "2025-07-07", "2025-09-01T08:00:00Z", "2026", None])
DATED = st.sampled_from(["2025-01-06", "2025-01-27", "2025-03-10", "2025-07-07", "2025-09-15", "2025-12-01"])
DRUGS = st.sampled_from(["L01XA01", "L01XA02", "L01CB01", "L01CE02", "L01BC02", "L01CE01", "L01EX03", "L01XX99"])
ANSWERS = st.sampled_from(["LA9633-4", "LA9634-2", "LA11884-6"])
GENES = st.sampled_from([("HGNC:6407", "KRAS"), ("HGNC:7989", "NRAS"), ("HGNC:1097", "BRAF"), ("HGNC:1097", "KRAS")])


def made(name: str) -> st.SearchStrategy[Resource]:
    """One resource that says something, of any of the kinds that are read."""
    return st.one_of(
        st.builds(lambda value, day: ki67(name, value, day), st.integers(0, 110), DAYS),
        st.builds(
            lambda value, day: observation(name, "89247-1", day=day, valueInteger=value), st.integers(0, 5), DAYS
        ),
        st.builds(
            lambda code, answer, day: observation(name, code, day=day, valueCodeableConcept=concept(LOINC, answer)),
            st.sampled_from(["81691-8", "81692-6", "81693-4", "81694-2", "85299-6", "18474-7"]),
            ANSWERS,
            DAYS,
        ),
        st.builds(lambda gene, answer: variant(name, gene, answer), GENES, ANSWERS),
        st.builds(
            lambda code, state: condition(name, ICD10, code, clinical=state),
            st.sampled_from(["C25.9", "C18.0", "C80.0", "J84.1", "K92.2", "C79.3"]),
            st.sampled_from(["active", "resolved"]),
        ),
        st.builds(
            lambda code, day: observation(name, "59847-4", day=day, valueCodeableConcept=concept(ICDO3, code)),
            st.sampled_from(["8041/3", "8246/3", "8249/3"]),
            DAYS,
        ),
        st.builds(lambda drug, day: dose(name, drug, day), DRUGS, st.one_of(DATED, st.none())),
        st.builds(lambda day, code: status(name, day, code), DATED, st.sampled_from([PROGRESSION, PARTIAL_RESPONSE])),
    )


@st.composite
def records(draw: st.DrawFn) -> list[Resource]:
    return [draw(made(f"r{index}")) for index in range(draw(st.integers(1, 12)))]


def whole(found: Reading) -> str:
    return json.dumps(found.as_plain())


class TestOrder:
    @few
    @given(records(), st.randoms(use_true_random=False))
    def test_changes_nothing(self, reading: Read, record: list[Resource], drawn: Any) -> None:
        first = whole(reading(*record))
        other = list(record)
        drawn.shuffle(other)
        assert whole(reading(*other)) == first


class TestAbsence:
    @few
    @given(records())
    def test_a_feature_about_which_nothing_speaks_is_unknown(self, reading: Read, record: list[Resource]) -> None:
        """Whatever is taken away until nothing speaks about a feature: it is unknown then, and without a reason."""
        for feature in reading(*record).statements:
            left, found = record, reading(PATIENT, *record)
            while feature in found.statements:
                speaking = {source.resource for each in found.statements[feature] for source in each.sources}
                kept = [each for each in left if f"{each['resourceType']}/{each['id']}" not in speaking]
                assert len(kept) < len(left)
                left, found = kept, reading(PATIENT, *kept)
            assert feature not in {*found.features, *found.unknown_because, *found.conflicts}

    @few
    @given(records())
    def test_whatever_is_read_is_a_patient(self, reading: Read, knowledge: Knowledge, record: list[Resource]) -> None:
        found = reading(*record)
        assert dict(knowledge.patient(found.features).features).keys() == found.features.keys()
        assert found.features.keys() <= FEATURES.keys()
        assert not found.features.keys() & {*found.unknown_because, *found.conflicts}

    @few
    @given(records())
    def test_no_answer_is_negative_that_was_not_said(self, reading: Read, record: list[Resource]) -> None:
        """Without any answer "absent" nothing is negative, stable or false."""
        said = [each for each in record if "LA9634-2" not in json.dumps(each)]
        stains = {"81691-8", "81692-6", "81693-4", "81694-2"}  # a protein that is there is no mutation
        kept = [each for each in said if each.get("code", {}).get("coding", [{}])[0].get("code") not in stains]
        found = reading(PATIENT, *kept).features
        assert not {"negative", "stable"} & {value for value in found.values() if isinstance(value, str)}
        assert False not in [value for value in found.values() if isinstance(value, bool)]


UNRELATED = [
    {"resourceType": "Basic", "id": "x", "subject": {"reference": "Patient/p1"}},
    {"resourceType": "Encounter", "id": "x", "status": "finished"},
    observation("x", "8302-2", valueQuantity=quantity(180, "cm")),
    condition("x", ICD10, "F32.1"),
    dose("x", "N02BE01", "2025-01-06"),
    {"resourceType": "ServiceRequest", "id": "x", "status": "active", "intent": "order"},
]


class TestUnrelated:
    @few
    @given(records(), st.sampled_from(UNRELATED))
    def test_changes_nothing(self, reading: Read, record: list[Resource], other: Resource) -> None:
        assert whole(reading(*record, other)) == whole(reading(*record))


@pytest.mark.parametrize("value", [0, 100])
def test_the_ends_of_a_range_are_in_it(value: int, reading: Read) -> None:
    assert reading(ki67("a", value)).features == {"ki67": value}

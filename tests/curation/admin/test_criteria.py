"""Criteria as text, and what the field of a criterion says of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from curation.admin.editing.criteria import operators_of, read, reading
from curation.admin.editing.criterion_text import ALL_FEATURES, CriterionTextError, from_text, to_text
from regimens.rules.logic import check_criterion
from regimens.rules.patient import Feature
from tests.factories.curation import somebody

KI67 = {"feature": "ki67", "at_least": 55}
MSI = {"feature": "msi", "is": "high"}


def values_of(feature: Feature) -> st.SearchStrategy[Any]:
    if feature.kind == "flag":
        return st.booleans()
    if feature.kind == "choice":
        return st.sampled_from(list(feature.values))
    if feature.kind == "set":
        return st.sampled_from([*("folfiri", "captem", "etoposide-platinum"), *("irinotecan", "nab-paclitaxel")])
    whole = st.integers(int(feature.low), int(feature.high))
    return whole if feature.kind == "count" else whole | whole.filter(lambda n: n < feature.high).map(lambda n: n + 0.5)


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    feature = ALL_FEATURES[draw(st.sampled_from(list(ALL_FEATURES)))]
    operator = draw(st.sampled_from(operators_of(feature)))
    if operator == "is" and feature.kind == "count":
        value: Any = draw(st.integers(int(feature.low), int(feature.high)))
    elif operator in ("is", "includes") and feature.kind in ("choice", "set"):
        several = draw(st.lists(values_of(feature), min_size=1, max_size=3, unique=True))
        value = several[0] if len(several) == 1 else several
    else:
        value = draw(values_of(feature))
    return {"feature": feature.name, operator: value}


criteria = st.recursive(
    comparisons() | st.just({}),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=8,
)


@given(criteria)
def test_a_criterion_is_written_and_read_back(criterion: Any) -> None:
    check_criterion(criterion)
    assert from_text(to_text(criterion)) == criterion


@pytest.mark.parametrize(
    ("text", "criterion"),
    [
        ("", {}),
        ("everybody", {}),
        ("Ki-67 at least 55", KI67),
        ("ki67 >= 55 %", KI67),
        ("KI-67   AT LEAST 55", KI67),
        ("MSI / MMR is MSI-high or dMMR", MSI),
        ("msi is high", MSI),
        ("msi is not high", {"not": MSI}),
        ("not msi is high", {"not": MSI}),
        ("Ki-67 at least 55\nmsi is high", {"all": [KI67, MSI]}),
        ("any of:\n  Ki-67 at least 55\n  msi is high", {"any": [KI67, MSI]}),
        ("not:\n  any of:\n    Ki-67 at least 55\n    msi is high", {"not": {"any": [KI67, MSI]}}),
        ("not:\n\tKi-67 at least 55\n\tmsi is high", {"not": {"all": [KI67, MSI]}}),
        ("tmb_high is yes", {"feature": "tmb_high", "is": True}),
        ("primary site is stomach, liver", {"feature": "primary_site", "is": ["stomach", "liver"]}),
        ("regimens received include folfiri", {"feature": "prior_regimens", "includes": "folfiri"}),
        ("drugs received include irinotecan", {"feature": "prior_drugs", "includes": "irinotecan"}),
        (
            "drugs on which the disease progressed do not include carboplatin, cisplatin",
            {"not": {"feature": "progressed_on_drugs", "includes": ["carboplatin", "cisplatin"]}},
        ),
        ("neutrophils below 1.5", {"feature": "anc", "below": 1.5}),
        ("platelets at least 100 × 10⁹/L", {"feature": "platelets", "at_least": 100}),
        ("child_pugh is not A", {"not": {"feature": "child_pugh", "is": "A"}}),
        ("venous_thrombosis is yes", {"feature": "venous_thrombosis", "is": True}),
        ('{"feature": "ki67", "at_least": 55}', KI67),
    ],
)
def test_ways_to_write_it(text: str, criterion: Any) -> None:
    assert from_text(text) == criterion


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ki-67", "is no comparison"),
        ("Ki-76 at least 55", "there is no feature “Ki-76”"),
        ("any of:", "stands below it, indented"),
        ("Ki-67 at least 55\n  msi is high", "line 2: only what belongs to"),
        ("Ki-67 at least 55, 60", "one value, not several"),
        ("{", "this is no JSON"),
        ('{"a":' * 5000, "this is no JSON"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(CriterionTextError, match=said):
        from_text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ki-67 at least 155", "allowed: 0 to 100 %"),
        ("Ki-67 is 55", "exactly one of at_least, above, at_most, below"),
        ("msi is low", "allowed: one of high, stable"),
        ("ecog is 1.5", "allowed: a whole number from 0 to 4"),
        ("never", "is no comparison"),
    ],
)
def test_what_is_no_criterion_says_what_is_allowed(text: str, said: str) -> None:
    assert said in read(text).problem


def test_it_says_for_how_many_reference_patients_it_holds() -> None:
    found = read("Ki-67 below 55")
    assert found.sentence == "Ki-67 below 55 %"
    assert len(found.holds) + len(found.fails) + len(found.unknown) == 30
    assert "Pancreas, Ki-67 30 %, SSTR positive (may be NET G3)" in found.holds
    assert "Small bowel, nothing known but the site" in found.unknown
    assert f"holds for {len(found.holds)}, does not for {len(found.fails)}" in found.counts


def test_everybody_and_never() -> None:
    assert len(reading(None).holds) == 30
    assert len(read("never", may_be_never=True).fails) == 30


@pytest.mark.django_db
def test_it_is_told_while_it_is_edited(client: Client) -> None:
    client.force_login(somebody("ada"))
    address = reverse("admin:criterion")
    told = client.post(address, {"text": '{"feature": "prior_regimens", "includes": "folfiri"}'}).json()
    assert told["sentence"] == "regimens received include FOLFIRI"
    assert told["text"] == "regimens received include folfiri"
    assert told["tree"] == {"feature": "prior_regimens", "includes": "folfiri"}
    assert told["problem"] == ""
    assert client.post(address, {"text": "prior_drugs includes nab-paclitaxel"}).json()["sentence"] == (
        "drugs received include Nab-paclitaxel"
    )
    assert client.post(address, {"text": "never", "never": "yes"}).json()["tree"] == "never"
    assert "is no comparison" in client.post(address, {"text": "never"}).json()["problem"]

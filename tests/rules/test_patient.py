"""What a patient may be: ranges, contradictions, derived features, scope."""

from __future__ import annotations

import pytest

from regimens.rules.patient import FEATURES, Patient, PatientError, Vocabulary, scope

VOCABULARY = Vocabulary(
    regimens=frozenset({"etoposide-platinum", "folfiri", "captem"}),
    drugs=frozenset({"cisplatin", "carboplatin", "irinotecan", "nivolumab"}),
    platinum=frozenset({"etoposide-platinum", "cisplatin", "carboplatin"}),
    synonyms={"cpt-11": "irinotecan", "opdivo": "nivolumab", "irinotecan with fluorouracil": "folfiri"},
)


def patient(**features):
    return Patient.from_features(features, vocabulary=VOCABULARY)


@pytest.mark.parametrize("name", [name for name, feature in FEATURES.items() if feature.is_numeric])
def test_numbers_are_accepted_to_the_ends_of_their_range_and_refused_beyond(name):
    feature = FEATURES[name]
    for value in (feature.low, feature.high):
        assert patient(**{name: value}).features[name] == value
    for value in (feature.low - 1, feature.high + 1):
        with pytest.raises(PatientError) as refused:
            patient(**{name: value})
        message = str(refused.value)
        assert name in message
        assert f"{value!r}" in message
        assert f"{feature.low:g} to {feature.high:g}" in message


@pytest.mark.parametrize(
    ("features", "says"),
    [
        (
            {"primary_site": "colon"},
            "primary_site: 'colon' is not allowed; allowed: one of oesophagus, oesophagogastric",
        ),
        ({"msi": "unknown"}, "msi: 'unknown' is not allowed; allowed: one of high, stable"),
        ({"ki67": "80"}, "ki67: '80' is not allowed; allowed: 0 to 100 %"),
        ({"ki67": True}, "ki67: True"),
        ({"ki67": float("nan")}, "ki67: nan"),
        ({"tmb": float("inf")}, "tmb: inf"),
        ({"ecog": 1.5}, "ecog: 1.5 is not allowed; allowed: a whole number from 0 to 4"),
        ({"transplant": 1}, "transplant: 1 is not allowed; allowed: true or false"),
        ({"transplant": "no"}, "transplant: 'no'"),
        ({"prior_regimens": "folfiri"}, "prior_regimens: 'folfiri' is not allowed; allowed: a list"),
        ({"prior_regimens": ["folfuri"]}, "prior_regimens: 'folfuri' is no regimen of this release"),
        ({"prior_regimens": [["folfiri"]]}, "prior_regimens"),
        ({"ki-67": 80}, "ki-67: unknown feature"),
    ],
)
def test_a_bad_value_names_feature_value_and_range(features, says):
    with pytest.raises(PatientError) as refused:
        patient(**features)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("features", "named"),
    [
        (
            {"platinum_best_response": "PD", "platinum_free_interval_months": 3},
            {"platinum_best_response", "platinum_free_interval_months"},
        ),
        ({"prior_regimens": [], "progressed_on": ["folfiri"]}, {"prior_regimens", "progressed_on"}),
        ({"platinum_received": False, "platinum_best_response": "CR"}, {"platinum_received", "platinum_best_response"}),
        (
            {"platinum_received": False, "platinum_free_interval_months": 0},
            {"platinum_received", "platinum_free_interval_months"},
        ),
        (
            {"platinum_received": False, "prior_regimens": ["etoposide-platinum"]},
            {"platinum_received", "prior_regimens"},
        ),
        ({"histology": "minen", "differentiation": "well"}, {"histology", "differentiation"}),
        ({"histology": "small-cell", "differentiation": "well"}, {"histology", "differentiation"}),
        ({"lines_received": 0, "prior_regimens": ["folfiri"]}, {"lines_received", "prior_regimens"}),
        ({"lines_received": 0, "progressed_on": ["folfiri"]}, {"lines_received", "progressed_on"}),
        ({"lines_received": 0, "progressed_on_drugs": ["nivolumab"]}, {"lines_received", "progressed_on_drugs"}),
        ({"prior_drugs": [], "progressed_on_drugs": ["nivolumab"]}, {"prior_drugs", "progressed_on_drugs"}),
        ({"platinum_received": False, "progressed_on": ["etoposide-platinum"]}, {"platinum_received", "progressed_on"}),
        ({"platinum_received": False, "prior_drugs": ["carboplatin"]}, {"platinum_received", "prior_drugs"}),
        ({"kras_g12c": "positive", "ras_mutation": False}, {"kras_g12c", "ras_mutation"}),
        ({"child_pugh": "C", "severe_hepatic_impairment": False}, {"child_pugh", "severe_hepatic_impairment"}),
        ({"child_pugh": "B", "severe_hepatic_impairment": True}, {"child_pugh", "severe_hepatic_impairment"}),
        ({"gynaecological_site": "ovary", "primary_site": "stomach"}, {"gynaecological_site", "primary_site"}),
    ],
)
def test_a_contradiction_names_both_features(features, named):
    with pytest.raises(PatientError) as refused:
        patient(**features)
    (problem,) = refused.value.problems
    assert set(problem.features) == named
    assert all(name in problem.message for name in named)


@pytest.mark.parametrize(
    "features",
    [
        {"platinum_best_response": "PD", "platinum_free_interval_months": 2.9},
        {"platinum_best_response": "PD"},
        {"progressed_on": ["folfiri"]},  # the regimens received are unknown, not none
        {"histology": "large-cell", "differentiation": "well"},
        {"lines_received": 0, "prior_regimens": []},
        {"platinum_received": False, "prior_regimens": ["folfiri"]},
    ],
)
def test_what_is_not_known_contradicts_nothing(features):
    assert patient(**features).features.keys() == features.keys()


def test_every_problem_is_reported_at_once():
    with pytest.raises(PatientError) as refused:
        patient(ki67=140, ecog=9, histology="minen", differentiation="well")
    assert len(refused.value.problems) == 3


def test_null_is_unknown_and_absent_stays_absent():
    found = patient(ki67=None, msi=None, ecog=1.0)
    assert dict(found.features) == {"ecog": 1}
    assert not found.knows("msi")
    assert found.values.get("tmb_high") is None


@pytest.mark.parametrize(
    ("features", "status"),
    [
        ({}, None),
        ({"platinum_received": False}, "naive"),
        ({"platinum_received": True}, None),
        ({"platinum_best_response": "PR"}, None),
        ({"platinum_best_response": "PD"}, "refractory"),
        ({"platinum_best_response": "PD", "platinum_free_interval_months": 2}, "refractory"),
        ({"platinum_free_interval_months": 0.9}, "refractory"),
        ({"platinum_free_interval_months": 1}, "resistant"),
        ({"platinum_free_interval_months": 2.9}, "resistant"),
        ({"platinum_free_interval_months": 3}, "intermediate"),
        ({"platinum_free_interval_months": 5.9}, "intermediate"),
        ({"platinum_free_interval_months": 6}, "sensitive"),
    ],
)
def test_platinum_status(features, status):
    assert patient(**features).derived["platinum_status"] == status


def test_other_derived_features():
    assert patient(tmb=9.99).derived["tmb_high"] is False
    assert patient(tmb=10).derived["tmb_high"] is True
    assert patient(lines_received=2).derived["lines_next"] == 3
    assert patient().derived == {"platinum_status": None, "tmb_high": None, "lines_next": None}


@pytest.mark.parametrize(
    ("features", "reasons"),
    [
        ({}, []),
        ({"primary_site": "unknown-primary"}, []),
        ({"primary_site": "lung"}, ["site"]),
        ({"primary_site": "thymus"}, ["site"]),
        ({"primary_site": "skin"}, ["site"]),
        ({"platinum_received": False}, ["first-line"]),
        ({"lines_received": 0}, ["first-line"]),
        ({"differentiation": "well"}, ["net-g3"]),
        ({"primary_site": "lung", "differentiation": "well", "lines_received": 0}, ["site", "first-line", "net-g3"]),
    ],
)
def test_scope(features, reasons):
    found = scope(patient(**features))
    assert [keyword for keyword, _ in found.reasons] == reasons
    assert found.in_scope is (not reasons)


@pytest.mark.parametrize(
    ("features", "warnings"),
    [
        ({"differentiation": "uncertain"}, ["maybe-net-g3"]),
        ({"ki67": 55, "sstr": "positive"}, ["maybe-net-g3"]),
        ({"ki67": 55, "sstr": "positive", "rb1_loss": "negative"}, ["maybe-net-g3"]),
        ({"ki67": 55, "sstr": "positive", "rb1_loss": "positive"}, []),
        ({"ki67": 56, "sstr": "positive"}, []),
        ({"ki67": 40}, []),
        ({"ki67": 19.9}, ["ki67-low"]),
        ({"ki67": 20}, []),
        ({"ki67": 15, "sstr": "positive", "differentiation": "uncertain"}, ["maybe-net-g3", "ki67-low"]),
    ],
)
def test_warnings(features, warnings):
    assert [keyword for keyword, _ in scope(patient(**features)).warnings] == warnings


def test_supposing_a_value_leaves_the_patient_and_refuses_contradictions():
    first = patient(platinum_free_interval_months=4)
    assert first.supposing("tmb", 10).values["tmb_high"] is True
    assert not first.knows("tmb")
    assert first.supposing("platinum_best_response", "PD") is None


@pytest.mark.parametrize(
    ("features", "implied"),
    [
        ({"platinum_best_response": "PD"}, {"platinum_free_interval_months": 0}),
        ({"kras_g12c": "positive"}, {"ras_mutation": True}),
        ({"ras_mutation": False}, {"kras_g12c": "negative"}),
        ({"ras_mutation": True}, {}),
        ({"child_pugh": "C"}, {"severe_hepatic_impairment": True}),
        ({"child_pugh": "A"}, {"severe_hepatic_impairment": False}),
        ({"primary_site": "stomach"}, {"gynaecological_site": "none"}),
        ({"primary_site": "gynaecological"}, {}),
        ({"prior_drugs": ["cisplatin"]}, {"platinum_received": True}),
        (
            {"progressed_on": ["etoposide-platinum"]},
            {"platinum_received": True, "progressed_on_drugs": frozenset()},
        ),
        ({"progressed_on": ["folfiri"], "prior_drugs": ["nivolumab"]}, {}),
        ({"progressed_on": ["folfiri"], "prior_drugs": []}, {"progressed_on_drugs": frozenset()}),
        ({"progressed_on_drugs": ["nivolumab"]}, {"progressed_on": frozenset()}),
        ({"progressed_on_drugs": ["nivolumab"], "prior_regimens": ["folfiri"]}, {}),
    ],
)
def test_what_follows_is_implied_and_marked_so(features, implied):
    found = patient(**features)
    assert dict(found.implied) == implied
    assert found.features.keys() == features.keys()
    assert all(found.values[name] == value for name, value in implied.items())


def test_no_site_is_the_one_that_only_another_primary_implies():
    with pytest.raises(PatientError):
        patient(gynaecological_site="none")


@pytest.mark.parametrize(
    ("features", "nearest"),
    [
        ({"prior_drugs": ["CPT-11"]}, "irinotecan"),
        ({"prior_drugs": ["Opdivo"]}, "nivolumab"),
        ({"prior_drugs": ["nivolumap"]}, "nivolumab"),
        ({"prior_regimens": ["Folfiri"]}, "folfiri"),
        ({"prior_regimens": ["irinotecan with fluorouracil"]}, "folfiri"),
    ],
)
def test_an_unknown_treatment_names_the_nearest(features, nearest):
    with pytest.raises(PatientError) as refused:
        patient(**features)
    assert str(refused.value).endswith(f"did you mean {nearest}?")


@pytest.mark.parametrize(
    ("features", "codes"),
    [
        ({"ki67": 0.8}, ["ki67-low", "unit-ki67"]),
        ({"ki67": 0}, ["ki67-low"]),
        ({"creatinine_clearance": 1.1}, ["unit-creatinine_clearance"]),
        ({"creatinine_clearance": 5}, []),
        ({"platinum_free_interval_months": 26}, ["unit-platinum_free_interval_months"]),
        ({"tmb": 201}, ["unit-tmb"]),
        ({"bilirubin_uln": 16}, ["unit-bilirubin_uln"]),
        ({"ast_alt_uln": 41}, ["unit-ast_alt_uln"]),
        ({"anc": 31}, ["unit-anc"]),
        ({"platelets": 4}, ["unit-platelets"]),
        ({"lvef": 14}, ["unit-lvef"]),
        ({"proteinuria": 21}, ["unit-proteinuria"]),
        ({"ecog": 4, "active_infection": True}, ["ecog-4", "infection"]),
        ({"prior_regimens": ["folfiri", "captem"], "lines_received": 1}, ["lines-and-regimens"]),
        ({"progressed_on": ["etoposide-platinum"], "platinum_free_interval_months": 12}, ["progressed-yet-late"]),
        ({"progressed_on": ["folfiri"], "platinum_free_interval_months": 12}, []),
    ],
)
def test_what_looks_wrong_is_a_warning(features, codes):
    found = scope(patient(**features))
    assert [code for code, _ in found.warnings] == codes
    assert all(str(sentence) for _, sentence in found.warnings)


@pytest.mark.parametrize(("one", "other"), [(80, 80.0), (0, -0.0), (2, 2.0)])
def test_a_number_has_one_form(one, other):
    for name in ("ki67", "tmb"):
        values = [patient(**{name: value}).features[name] for value in (one, other)]
        assert [(type(value), str(value)) for value in values] == [(int, str(one))] * 2

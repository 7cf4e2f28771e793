"""Why an option is not recommended: what is found against what trying everything finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regimens.rules.assessment import Band, Case, band_of
from regimens.rules.evidence import Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Criterion, describe, evaluate, features_named
from regimens.rules.patient import FEATURES, REGIONS, Patient, PatientError, Value, in_scope
from regimens.rules.ranking import rank
from regimens.rules.why_not import CHANGING, GROWING, MOST_WAYS, Fact, Facts, WhyNot, why_not
from tests.factories.documents import caution, drug, exposure_class, indication, licence, regimen, release
from tests.factories.drawn import every_run_alike, patients
from tests.factories.patients import worked

few = settings(every_run_alike, max_examples=25)
many = settings(every_run_alike, max_examples=120)


def asked(knowledge: Knowledge, slug: str = "drug", **features: Any) -> WhyNot:
    return why_not(knowledge.regimens[slug], knowledge.patient(features), knowledge)


def worded(found: WhyNot) -> list[list[tuple[str, str]]]:
    return [[(describe(fact.criterion), fact.kind) for fact in way] for way in found.smallest]


def ways(found: WhyNot) -> tuple[Facts, ...]:
    return found.smallest + found.attainable


def is_recommended(slug: str, patient: Patient, knowledge: Knowledge) -> bool:
    assert in_scope(patient)
    case, drug = Case.of(patient, knowledge), knowledge.regimens[slug]
    return band_of(drug, case, case.synthesis(drug))[0] is Band.RECOMMENDED


def changed(patient: Patient, values: Mapping[str, Value], knowledge: Knowledge) -> Patient:
    """Made anew and checked as any patient is; a primary that is not gynaecological has no gynaecological site.

    Raises PatientError.
    """
    features: dict[str, Any] = {**patient.features, **values}
    if values.get("primary_site", "gynaecological") != "gynaecological" and "gynaecological_site" not in values:
        features.pop("gynaecological_site", None)
    return knowledge.patient(features)


def fulfilling(fact: Fact, patient: Patient) -> list[Value]:
    """Values of all kinds that fulfil a fact: every choice, and of a number each end and what lies between."""
    feature = FEATURES[fact.feature]
    tried: list[Value] = [fact.value_in(patient)]
    if feature.kind == "choice":
        tried += list(feature.values)
    elif feature.kind == "count":
        tried += list(range(int(feature.low), int(feature.high) + 1))
    elif feature.kind == "number":
        steps = (-0.01, 0, 0.01)
        turns = set(numbers(fact.criterion)) | {feature.low, feature.high, 3.0, 6.0}
        tried += [turn + step for turn in turns for step in steps if feature.low <= turn + step <= feature.high]
    return [value for value in tried if evaluate(fact.criterion, {fact.feature: value}) is True]


def numbers(criterion: Any) -> Iterator[float]:
    if isinstance(criterion, Mapping):
        for part in criterion.values():
            yield from numbers(part)
    elif isinstance(criterion, (list, tuple)):
        for part in criterion:
            yield from numbers(part)
    elif isinstance(criterion, (int, float)) and not isinstance(criterion, bool):
        yield criterion


def check_that_every_way_leads_there(found: WhyNot, slug: str, patient: Patient, knowledge: Knowledge) -> None:
    for way in ways(found):
        for fact in way:
            assert fact.value_in(patient) in fulfilling(fact, patient)
            assert patient.features.get(fact.feature) not in fulfilling(fact, patient)
        for values in product(*(fulfilling(fact, patient) for fact in way)):
            supposed = {fact.feature: value for fact, value in zip(way, values, strict=True)}
            other = changed(patient, supposed, knowledge)
            if in_scope(other):
                assert is_recommended(slug, other, knowledge), (slug, supposed)
        assert in_scope(changed(patient, {fact.feature: fact.value_in(patient) for fact in way}, knowledge))


def cost_of(patient: Patient, values: Mapping[str, Value]) -> tuple[int, int]:
    """Facts, and those that cannot change: reckoned anew."""
    fixed = 0
    for name, value in values.items():
        before: Any = patient.features.get(name)
        if name == "primary_site" and before is None and "gynaecological_site" in patient.features:
            before = "gynaecological"
        if before not in (None, value) and name not in CHANGING and not (name in GROWING and before < value):
            fixed += 1
    return len(values), fixed


def costs_of_all(
    slug: str, patient: Patient, knowledge: Knowledge, grid: Mapping[str, list[Value]], most: int
) -> set[tuple[int, int]]:
    """The costs of all changes of at most so many features that lead there: every one is tried."""
    found: set[tuple[int, int]] = set()
    for size in range(most + 1):
        for names in combinations(grid, size):
            for values in product(*(grid[name] for name in names)):
                supposed = dict(zip(names, values, strict=True))
                cost = cost_of(patient, supposed)
                if any(patient.features.get(name) == value for name, value in supposed.items()) or cost in found:
                    continue
                try:
                    other = changed(patient, supposed, knowledge)
                except PatientError:
                    continue
                if in_scope(other) and is_recommended(slug, other, knowledge):
                    found.add(cost)
    return found


def check_that_none_is_cheaper(
    found: WhyNot, slug: str, patient: Patient, knowledge: Knowledge, grid: Mapping[str, list[Value]], most: int
) -> None:
    tried = costs_of_all(slug, patient, knowledge, grid, most)
    smallest = {cost(patient, way) for way in found.smallest}
    attainable = {cost(patient, way) for way in found.attainable}
    assert len(smallest) <= 1
    assert len(attainable) <= 1
    assert not tried or min(tried) >= min(smallest)
    assert not smallest or min(smallest)[0] > most or min(tried) == min(smallest)
    unfixed = {number for number, fixed in tried if fixed == 0}
    reached = {number for number, fixed in smallest | attainable if fixed == 0}
    assert not unfixed or min(reached) <= min(unfixed)
    assert not reached or min(reached) > most or min(reached) == min(unfixed)
    assert not attainable or min(smallest)[1] > 0 == min(attainable)[1]


def cost(patient: Patient, way: Facts) -> tuple[int, int]:
    return cost_of(patient, {fact.feature: fact.value_in(patient) for fact in way})


# ---- by hand


MSI = {"feature": "msi", "is": "high"}
TMB = {"feature": "tmb", "at_least": 10}
GYNAECOLOGICAL = {"feature": "primary_site", "is": "gynaecological"}
SENSITIVE = {"feature": "platinum_status", "is": "sensitive"}


def one(when: Criterion, **fields: Any) -> Knowledge:
    """A release with one regimen that one indication recommends; `fields` are those of the regimen."""
    return release(regimens=[regimen("drug", **fields)], indications=[indication("recommend", when)])


class TestFacts:
    def test_an_unknown_biomarker_is_for_a_test_to_show(self):
        assert worded(asked(one(MSI))) == [[("MSI / MMR MSI-high or dMMR", "open")]]

    def test_a_known_one_cannot_change(self):
        assert worded(asked(one(MSI), msi="stable")) == [[("MSI / MMR MSI-high or dMMR", "fixed")]]

    def test_a_number_is_asked_for_by_its_bound(self):
        assert worded(asked(one({"feature": "ki67", "below": 55}))) == [[("Ki-67 below 55 %", "open")]]
        assert worded(asked(one({"feature": "ki67", "above": 55}), ki67=55)) == [[("Ki-67 above 55 %", "fixed")]]
        between = {"all": [{"feature": "ki67", "at_least": 20}, {"feature": "ki67", "at_most": 55}]}
        assert worded(asked(one(between))) == [[("Ki-67 at least 20 % and Ki-67 at most 55 %", "open")]]

    def test_what_the_record_tells_is_asked(self):
        assert worded(asked(one(GYNAECOLOGICAL))) == [[("primary site gynaecological", "open")]]

    def test_what_passes_may_change(self):
        knowledge = one({}, cautions=[caution("avoid", {"feature": "bilirubin_uln", "above": 1.5})])
        assert worded(asked(knowledge, bilirubin_uln=3)) == [[("bilirubin at most 1.5 × ULN", "changing")]]

    def test_lines_may_be_added_and_never_taken_back(self):
        later = one({"feature": "lines_next", "at_least": 4})
        assert worded(asked(later, lines_received=1)) == [[("lines received at least 3", "changing")]]
        assert worded(asked(later)) == [[("lines received at least 3", "open")]]
        second = one({"feature": "lines_next", "is": 2})
        assert worded(asked(second, lines_received=3)) == [[("lines received 1", "fixed")]]

    def test_a_derived_feature_is_reached_by_those_that_are_entered(self):
        assert worded(asked(one(SENSITIVE))) == [[("platinum-free interval at least 6 months", "open")]]
        assert worded(asked(one({"feature": "tmb_high", "is": True}), tmb=3)) == [[("TMB at least 10 mut/Mb", "fixed")]]
        refractory = {"feature": "platinum_status", "is": "refractory"}
        assert worded(asked(one(refractory))) == [
            [("best response to platinum progression", "open")],
            [("platinum-free interval below 1 months", "open")],
        ]

    def test_features_that_contradict_each_other_are_set_together(self):
        assert worded(asked(one(SENSITIVE), platinum_best_response="PD")) == [
            [
                ("best response to platinum not progression", "fixed"),
                ("platinum-free interval at least 6 months", "open"),
            ]
        ]

    def test_a_requirement_counts_although_no_indication_names_it(self):
        knowledge = one({}, requires={"feature": "ret", "is": "positive"})
        assert worded(asked(knowledge)) == [[("RET fusion positive", "open")]]
        assert worded(asked(knowledge, ret="positive")) == [[]]

    def test_an_unknown_caution_and_an_unknown_stance_against_stand_in_nobodys_way(self):
        knowledge = release(
            regimens=[regimen("drug", cautions=[caution("contraindicated", {"feature": "dpd", "is": "complete"})])],
            indications=[indication("recommend", {}), indication("against", {"feature": "ecog", "at_least": 3})],
        )
        assert worded(asked(knowledge)) == [[]]
        assert worded(asked(knowledge, ecog=3)) == [[("ECOG at most 2", "changing")]]

    def test_a_resistance_that_is_shared_cannot_change(self):
        knowledge = release(
            regimens=[regimen("drug"), regimen("cousin", lead_drugs=["drug"])],
            indications=[indication("recommend", {})],
        )
        progressed = "regimens on which the disease progressed do not include cousin"
        found = asked(knowledge, prior_regimens=["cousin", "drug"], progressed_on=["cousin"])
        assert worded(found) == [[(progressed, "fixed")]]
        assert worded(asked(knowledge, prior_regimens=["cousin"])) == [[]]

    def test_progression_on_the_regimen_itself_unless_it_may_be_given_again(self):
        given_before = {"prior_regimens": ["drug"], "progressed_on": ["drug"]}
        progressed = ("regimens on which the disease progressed do not include drug", "fixed")
        assert worded(asked(one(MSI), **given_before)) == [[progressed, ("MSI / MMR MSI-high or dMMR", "open")]]
        again = release(regimens=[regimen()], indications=[indication("recommend", MSI, rechallenge=True)])
        assert worded(asked(again, **given_before)) == [[("MSI / MMR MSI-high or dMMR", "open")]]

    def test_a_regimen_that_must_have_been_given_or_must_not(self):
        regimens = [regimen("drug"), regimen("first"), regimen("second")]
        given_first = {"feature": "prior_regimens", "includes": ["first", "second"]}
        after = release(regimens=regimens, indications=[indication("recommend", given_first)])
        received = "regimens received include first or second"
        assert worded(asked(after)) == [[(received, "open")]]
        assert worded(asked(after, prior_regimens=[])) == [[(received, "changing")]]
        before = release(regimens=regimens, indications=[indication("recommend", {"not": given_first})])
        assert worded(asked(before, prior_regimens=["first"])) == [
            [("regimens received do not include first", "fixed")]
        ]
        progressed = {"prior_regimens": ["first"], "progressed_on": ["first"]}
        assert worded(asked(before, **progressed)) == [
            [
                ("regimens received do not include first", "fixed"),
                ("regimens on which the disease progressed do not include first", "fixed"),
            ]
        ]


def resisting(alone: str = "avoid", combined: str = "caution", *exceptions: str) -> Knowledge:
    """One of a class, one that brings another class beside it, and one on whose drug of the class a disease fails."""
    return release(
        drugs=[
            drug("drug", classes=["inhibitor"]),
            drug("other", classes=["chemotherapy"]),
            drug("twin", classes=["inhibitor"]),
        ],
        exposure_classes=[
            exposure_class("inhibitor", alone, combined, *exceptions),
            exposure_class("chemotherapy", "none", "none"),
        ],
        regimens=[regimen("drug"), regimen("both", drugs=["drug", "other"], lead_drugs=["other"]), regimen("twin")],
        indications=[indication("recommend", {}), indication("recommend", {}, "both")],
    )


FAILED = {"prior_regimens": ["twin"], "progressed_on": ["twin"]}
NOT_FAILED = ("regimens on which the disease progressed do not include twin", "fixed")
NOT_FAILED_DRUG = ("drugs on which the disease progressed do not include twin", "fixed")


class TestSharedResistance:
    def test_a_class_on_which_the_disease_progressed_cannot_change(self):
        assert worded(asked(resisting(), **FAILED)) == [[NOT_FAILED]]
        assert worded(asked(resisting(), prior_drugs=["twin"], progressed_on_drugs=["twin"])) == [[NOT_FAILED_DRUG]]
        both = {**FAILED, "prior_drugs": ["twin"], "progressed_on_drugs": ["twin"]}
        assert worded(asked(resisting(), **both)) == [[NOT_FAILED, NOT_FAILED_DRUG]]

    def test_what_was_received_and_may_not_have_failed_stands_in_nobodys_way(self):
        assert worded(asked(resisting(), prior_regimens=["twin"])) == [[]]
        assert worded(asked(resisting(), prior_drugs=["twin"])) == [[]]

    def test_a_regimen_that_brings_another_class_asks_for_the_level_of_the_combined(self):
        assert worded(asked(resisting(), "both", **FAILED)) == [[]]
        assert worded(asked(resisting(combined="avoid"), "both", **FAILED)) == [[NOT_FAILED]]

    def test_an_exception_and_a_level_of_none_stand_in_nobodys_way(self):
        assert worded(asked(resisting("avoid", "avoid", "drug"), **FAILED)) == [[]]
        assert worded(asked(resisting("none"), **FAILED)) == [[]]

    def test_a_lead_drug_that_failed_by_itself_counts(self):
        alone = release(regimens=[regimen("drug")], indications=[indication("recommend", {})])
        failed = "drugs on which the disease progressed do not include drug"
        assert worded(asked(alone, prior_drugs=["drug"], progressed_on_drugs=["drug"])) == [[(failed, "fixed")]]

    def test_platinum_again_is_advised_against_for_none_of_its_drugs(self):
        again = regimen("platinum-rechallenge", drugs=["cisplatin", "etoposide"], lead_drugs=["cisplatin", "etoposide"])
        first = regimen("etoposide-platinum", drugs=["cisplatin", "etoposide"], lead_drugs=["cisplatin", "etoposide"])
        knowledge = release(
            drugs=[drug(slug, classes=[slug]) for slug in ("cisplatin", "etoposide")],
            exposure_classes=[exposure_class(slug) for slug in ("cisplatin", "etoposide")],
            regimens=[again, first],
            indications=[indication("recommend", {}, "platinum-rechallenge")],
        )
        failed = {"prior_regimens": ["etoposide-platinum"], "progressed_on": ["etoposide-platinum"]}
        assert worded(asked(knowledge, "platinum-rechallenge", **failed)) == [[]]


class TestCautionsOfDrugs:
    CLEARANCE = {"feature": "creatinine_clearance", "below": 60}
    HEARING = {"feature": "hearing_impairment", "is": True}
    ALLERGY = {"feature": "platinum_allergy", "is": True}

    def test_what_rules_out_its_drug_rules_it_out(self):
        knowledge = release(
            drugs=[drug("drug", caution("contraindicated", self.CLEARANCE))],
            regimens=[regimen("drug")],
            indications=[indication("recommend", {})],
        )
        found = worded(asked(knowledge, creatinine_clearance=40))
        assert found == [[("creatinine clearance at least 60 mL/min", "changing")]]

    def test_where_another_drug_can_be_given_only_what_rules_out_both_counts(self):
        knowledge = release(
            drugs=[
                drug("cisplatin", caution("avoid", self.CLEARANCE), caution("contraindicated", self.ALLERGY)),
                drug("carboplatin", caution("avoid", self.HEARING), caution("contraindicated", self.ALLERGY)),
            ],
            regimens=[regimen("drug", drugs=[{"alternatives": ["cisplatin", "carboplatin"]}], lead_drugs=[])],
            indications=[indication("recommend", {})],
        )
        assert worded(asked(knowledge, creatinine_clearance=40)) == [[]]
        assert worded(asked(knowledge, creatinine_clearance=40, hearing_impairment=True)) == [
            [("creatinine clearance at least 60 mL/min", "changing")]
        ]
        assert worded(asked(knowledge, platinum_allergy=True)) == [[("no platinum allergy", "fixed")]]


class TestImplied:
    def test_what_follows_from_another_feature_is_mended_there(self):
        caused = one({}, cautions=[caution("avoid", {"feature": "ras_mutation", "is": True})])
        assert worded(asked(caused, kras_g12c="positive")) == [[("KRAS G12C negative", "fixed")]]
        assert worded(asked(caused, ras_mutation=True)) == [[("no RAS mutation", "fixed")]]
        severe = one({}, cautions=[caution("avoid", {"feature": "severe_hepatic_impairment", "is": True})])
        assert worded(asked(severe, child_pugh="C")) == [[("Child-Pugh class not C", "changing")]]

    def test_a_primary_elsewhere_has_no_gynaecological_site(self):
        digestive = one({"feature": "primary_site", "is": ["colorectal", "pancreas"]})
        elsewhere = ("primary site colon or rectum or pancreas", "fixed")
        for known in ({"primary_site": "gynaecological"}, {}):
            assert worded(asked(digestive, gynaecological_site="cervix", **known)) == [[elsewhere]]
        cervix = one({"feature": "gynaecological_site", "is": "cervix"})
        assert worded(asked(cervix)) == [[("gynaecological site cervix", "open")]]
        assert worded(asked(cervix, primary_site="pancreas")) == [
            [("primary site gynaecological", "fixed"), ("gynaecological site cervix", "open")]
        ]

    def test_treatments_elsewhere_in_a_set_are_still_there(self):
        """Progression on no drug follows only where no drug was received at all, one that matters to nobody too."""
        never = one({"not": {"feature": "progressed_on_drugs", "includes": "drug"}})
        assert worded(asked(never, progressed_on=[], prior_drugs=["drug"])) != [[]]
        assert worded(asked(never, progressed_on=[])) == [[]]
        knowledge = release(
            regimens=[regimen("drug"), regimen("other")],
            indications=[indication("recommend", {"not": {"feature": "progressed_on_drugs", "includes": "drug"}})],
        )
        found = worded(asked(knowledge, progressed_on=[], prior_drugs=["other"]))
        assert found == [[("drugs on which the disease progressed do not include drug", "open")]]


class TestChoice:
    def test_a_larger_set_stands_beside_a_smaller_that_cannot_be(self):
        either = {"any": [{"all": [MSI, TMB]}, {"feature": "ki67", "below": 55}]}
        found = asked(one(either), ki67=80)
        assert worded(found) == [[("Ki-67 below 55 %", "fixed")]]
        assert [[fact.feature for fact in way] for way in found.attainable] == [["msi", "tmb"]]
        assert asked(one(either), ki67=80, msi="stable").attainable == ()
        assert asked(one(either)).attainable == ()

    def test_the_fewest_facts_come_first_and_equals_stand_beside_each_other(self):
        assert worded(asked(one({"any": [TMB, MSI, {"all": [TMB, GYNAECOLOGICAL]}]}))) == [
            [("MSI / MMR MSI-high or dMMR", "open")],
            [("TMB at least 10 mut/Mb", "open")],
        ]

    def test_only_a_few_equals_are_named(self):
        markers = [{"feature": name, "is": "positive"} for name in ("braf_v600e", "ntrk", "ret", "dll3", "sstr")]
        found = asked(one({"any": markers}))
        assert [way[0].feature for way in found.smallest] == ["braf_v600e", "ntrk", "ret"]
        assert len(found.smallest) == MOST_WAYS

    def test_values_that_hang_together_are_not_torn_apart(self):
        low_or_negative = {
            "any": [
                {"all": [{"feature": "ki67", "below": 55}, {"feature": "sstr", "is": "positive"}]},
                {"all": [{"feature": "ki67", "at_least": 55}, {"feature": "sstr", "is": "negative"}]},
            ]
        }
        assert worded(asked(one(low_or_negative))) == [
            [("Ki-67 below 55 %", "open"), ("SSTR imaging positive", "open")],
            [("Ki-67 at least 55 %", "open"), ("SSTR imaging negative", "open")],
        ]


def obstacles(knowledge: Knowledge, **features: Any) -> list[str]:
    found = asked(knowledge, **features)
    assert ways(found) == ()
    return [str(obstacle) for obstacle in found.obstacles]


ONLY_ELSEWHERE = "what recommends it holds only in other regions: United States and Japan"
IMPOSSIBLE = "whatever would have it recommended would also speak against it"


class TestObstacles:
    def test_nobody_recommends_it(self):
        knowledge = release(regimens=[regimen()], indications=[indication("consider", {})])
        assert obstacles(knowledge) == ["no guideline, approval or review recommends it for any situation"]

    def test_only_elsewhere(self):
        knowledge = release(regimens=[regimen()], indications=[indication("recommend", MSI, regions=["US", "JP"])])
        assert obstacles(knowledge, region="EU") == [ONLY_ELSEWHERE]
        assert obstacles(knowledge, region="EU", msi="high") == [
            ONLY_ELSEWHERE,
            "with nothing else changed it would be recommended in: United States and Japan",
        ]
        assert asked(knowledge, region="US").obstacles == ()
        assert asked(knowledge).obstacles == ()  # an unknown region counts as the United States

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("investigational", "it is given only in trials in this region (European Union)"),
            ("unavailable", "it is not available in this region (European Union)"),
        ],
    )
    def test_it_is_not_to_be_had(self, status, said):
        knowledge = one({}, otherwise=dict.fromkeys(REGIONS, "off-label") | {"EU": status, "UK": status})
        there = "with nothing else changed it would be recommended in: United States and Japan and China"
        assert obstacles(knowledge, region="EU") == [said, there]
        assert asked(knowledge, region="US").smallest == ((),)

    def test_where_a_licence_would_do_it_says_what_would_bring_it(self):
        licences = [licence("drug", MSI, region="EU"), licence("drug", TMB, region="EU", covers="arguable", key="b")]
        licences += [licence("drug", {}, region="EU", covers="no", key="c")]
        fields = {"otherwise": {"EU": "unavailable"}}
        knowledge = release(
            regimens=[regimen("drug", **fields)],
            licences=licences,
            indications=[indication("recommend", {"feature": "ki67", "below": 55})],
        )
        found = asked(knowledge, region="EU", msi="stable")
        assert [describe(fact.criterion) for (way,) in [found.smallest] for fact in way] == [
            "Ki-67 below 55 %",
            "TMB at least 10 mut/Mb",
        ]
        assert (found.obstacles, found.licensed) == ((), ())
        assert worded(asked(knowledge, region="EU", msi="high", ki67=40)) == [[]]
        unnamed = release(regimens=[regimen("drug", **fields)], licences=licences)
        found = asked(unnamed, region="EU", msi="stable")
        assert [str(obstacle) for obstacle in found.obstacles] == [
            "no guideline, approval or review recommends it for any situation"
        ]
        assert [[describe(fact.criterion) for fact in way] for way in found.licensed] == [["TMB at least 10 mut/Mb"]]
        assert [[fact.feature for fact in way] for way in asked(unnamed, region="EU").licensed] == [["msi"], ["tmb"]]
        assert asked(unnamed, region="EU", msi="high").licensed == ()
        assert asked(unnamed, region="US").licensed == ()

    def test_a_licence_for_another_disease_or_withdrawn_brings_nothing(self):
        licences = [
            licence("drug", {}, covers="no", key="a"),
            licence("drug", {}, kind="withdrawn", key="b"),
            licence("drug", {}, covers="reimbursed", key="c"),
        ]
        knowledge = release(
            regimens=[regimen("drug", otherwise={"US": "investigational"})],
            licences=licences,
            indications=[indication("recommend", {}, regions=["US"])],
        )
        assert obstacles(knowledge) == ["it is given only in trials in this region (United States)"]

    def test_what_recommends_it_also_rules_it_out(self):
        assert obstacles(one(MSI, cautions=[caution("avoid", MSI)])) == [IMPOSSIBLE]

    def test_a_value_out_of_scope_is_no_way(self):
        assert obstacles(one({"feature": "primary_site", "is": "lung"})) == [IMPOSSIBLE]
        with pytest.raises(ValueError, match="out of scope"):
            asked(one({}), primary_site="lung")


# ---- drawn criteria: against trying everything


GRID: dict[str, list[Value]] = {
    "primary_site": ["colorectal", "pancreas", "bladder"],
    "ki67": [10, 20, 30, 55, 80],
    "platinum_best_response": ["PR", "SD", "PD"],
    "platinum_free_interval_months": [0.5, 1, 3, 6],
    "prior_regimens": [frozenset(c) for n in range(4) for c in combinations(("drug", "cousin", "other"), n)],
    "progressed_on": [frozenset(c) for n in range(3) for c in combinations(("drug", "cousin", "other"), n)],
    "lines_received": [1, 2, 3],
    "ecog": [0, 1, 2],
    "msi": ["high", "stable"],
    "tmb": [5, 10],
    "kras_g12c": ["positive", "negative"],
    "ras_mutation": [True, False],
    "child_pugh": ["A", "C"],
    "severe_hepatic_impairment": [True, False],
    "progressed_on_drugs": [frozenset(c) for n in range(3) for c in combinations(("drug", "cousin", "twin"), n)],
}
# Those of a patient that no way has to name, since saying the other thing outright does as well.
ALSO_KNOWN: dict[str, list[Value]] = {
    "prior_drugs": [frozenset(), frozenset({"twin"}), frozenset({"cousin", "drug", "twin"})],
}


def drawn_criteria() -> st.SearchStrategy[Criterion]:
    numeric = {
        "ki67": (20, 55),
        "platinum_free_interval_months": (1, 6),
        "tmb": (10,),
        "ecog": (1,),
        "lines_next": (3,),
    }
    chosen = {
        "primary_site": ["colorectal", "pancreas", "lung"],
        "platinum_best_response": ["PD", "SD"],
        "platinum_status": ["refractory", "resistant", "intermediate", "sensitive"],
        "msi": ["high", "stable"],
        "tmb_high": [True, False],
        "kras_g12c": ["positive", "negative"],
        "ras_mutation": [True, False],
        "child_pugh": ["A", "B", "C"],
        "severe_hepatic_impairment": [True, False],
    }
    parts: list[st.SearchStrategy[Criterion]] = []
    for name, bounds in numeric.items():
        operators = ["at_least", "below"] if name in ("tmb", "platinum_free_interval_months") else None
        compared = st.sampled_from(operators or ["at_least", "above", "at_most", "below"])
        parts.append(st.builds(lambda op, b, n=name: {"feature": n, op: b}, compared, st.sampled_from(bounds)))
    for name, values in chosen.items():
        wanted = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
        parts.append(st.builds(lambda found, n=name: {"feature": n, "is": found}, wanted))
    slugs = st.lists(st.sampled_from(["drug", "cousin", "other"]), min_size=1, max_size=2, unique=True)
    for name in ("prior_regimens", "progressed_on"):
        parts.append(st.builds(lambda found, n=name: {"feature": n, "includes": found}, slugs))

    def joined(inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
        several = st.lists(inner, min_size=1, max_size=3)
        every, some = (st.builds(lambda found, w=word: {w: found}, several) for word in ("all", "any"))
        return every | some | st.builds(lambda found: {"not": found}, inner)

    return st.recursive(st.one_of(parts), joined, max_leaves=4)


@st.composite
def drawn_releases(draw: st.DrawFn) -> Knowledge:
    criteria = drawn_criteria()
    cautions = [caution("avoid", when) for when in draw(st.lists(criteria, max_size=2))]
    fields = {"requires": draw(st.none() | criteria), "cautions": cautions}
    stances = draw(st.lists(st.sampled_from(["recommend", "against"]), max_size=2))
    indications = [
        indication(stance, draw(criteria), key=f"{stance}-{number}", rechallenge=draw(st.booleans()))
        for number, stance in enumerate(["recommend", *stances])
    ]
    cousin = regimen("cousin", lead_drugs=["drug"])
    levels = st.sampled_from([("avoid", "caution"), ("avoid", "avoid"), ("caution", "caution"), ("none", "none")])
    own = draw(st.sets(st.sampled_from(["one", "two"])))
    of_drug = [caution("avoid", when) for when in draw(st.lists(criteria, max_size=1))]
    of_twin = [caution("contraindicated", when) for when in draw(st.lists(criteria, max_size=1))]
    given = ["drug"] if draw(st.booleans()) else [{"alternatives": ["drug", "twin"]}]
    licences = [licence("drug", when, key=str(key)) for key, when in enumerate(draw(st.lists(criteria, max_size=2)))]
    status = draw(st.sampled_from(["off-label", "off-label", "investigational"]))
    return release(
        drugs=[drug("drug", *of_drug, classes=own), drug("twin", *of_twin, classes=["one"])],
        exposure_classes=[exposure_class(name, *draw(levels)) for name in ("one", "two")],
        licences=licences,
        regimens=[regimen("drug", **fields, drugs=given, otherwise={"US": status}), cousin, regimen("other")],
        indications=indications,
    )


@st.composite
def drawn_patients(draw: st.DrawFn, knowledge: Knowledge) -> Patient:
    grids = {**GRID, **ALSO_KNOWN}
    features = draw(st.fixed_dictionaries({}, optional={name: st.sampled_from(grid) for name, grid in grids.items()}))
    try:
        return knowledge.patient(features)
    except PatientError:
        return knowledge.patient({name: value for name, value in features.items() if name in ("ki67", "msi", "ecog")})


@settings(every_run_alike, max_examples=60)
@given(data=st.data())
def test_with_any_criteria_the_ways_are_right_and_trying_everything_finds_none_that_is_cheaper(data):
    knowledge = data.draw(drawn_releases())
    patient = data.draw(drawn_patients(knowledge))
    found = why_not(knowledge.regimens["drug"], patient, knowledge)
    check_that_every_way_leads_there(found, "drug", patient, knowledge)
    check_that_none_is_cheaper(found, "drug", patient, knowledge, GRID, 2)
    for facts in ways(found):
        assert {fact.feature for fact in facts} <= GRID.keys() | ALSO_KNOWN.keys()
        assert all(describe(fact.criterion) for fact in facts)


# ---- the shipped evidence


def outside(patient: Patient, knowledge: Knowledge) -> list[Regimen]:
    """The regimens that are not recommended for a patient, those that wait for a test among them."""
    ranking = rank(patient, knowledge, draws=False)
    below = [option.regimen for option in ranking.options if option.band is not Band.RECOMMENDED]
    return below + [waiting.regimen for waiting in ranking.needs_test]


def check_kinds(found: WhyNot, patient: Patient) -> None:
    for fact in (fact for way in ways(found) for fact in way):
        assert fact.feature in FEATURES
        assert fact.feature != "region"
        assert features_named(fact.criterion) == {fact.feature}
        if fact.feature != "primary_site" or "gynaecological_site" not in patient.features:
            assert (fact.kind == "open") == (fact.feature not in patient.features)


@pytest.mark.parametrize("number", range(len(worked())))
def test_ranking_a_worked_patient_again_with_the_facts_puts_the_option_among_the_recommended(number, knowledge):
    patient = knowledge.patient(worked()[number])
    for each in outside(patient, knowledge) if in_scope(patient) else []:
        found = why_not(each, patient, knowledge)
        assert bool(found.smallest) != bool(found.obstacles)
        check_kinds(found, patient)
        check_that_every_way_leads_there(found, each.slug, patient, knowledge)
        for way in ways(found):
            assert way
            other = changed(patient, {fact.feature: fact.value_in(patient) for fact in way}, knowledge)
            bands = {option.regimen.slug: option.band for option in rank(other, knowledge, draws=False).options}
            assert bands[each.slug] is Band.RECOMMENDED


@few
@given(data=st.data())
def test_for_any_patient_the_ways_lead_there_and_a_shorter_one_does_not(shipped, data):
    knowledge, patient = shipped.knowledge, data.draw(patients(shipped))
    for each in outside(patient, knowledge):
        found = why_not(each, patient, knowledge)
        check_kinds(found, patient)
        check_that_every_way_leads_there(found, each.slug, patient, knowledge)
        for way in ways(found):
            values = {fact.feature: fact.value_in(patient) for fact in way}
            for left_out in values:
                fewer = {name: value for name, value in values.items() if name != left_out}
                try:
                    other = changed(patient, fewer, knowledge)
                except PatientError:
                    continue
                assert not is_recommended(each.slug, other, knowledge)


@few
@given(data=st.data())
def test_trying_every_single_feature_finds_no_way_that_is_cheaper(shipped, data):
    knowledge, patient = shipped.knowledge, data.draw(patients(shipped))
    grid: dict[str, list[Value]] = {}
    for name, feature in FEATURES.items():
        if feature.kind == "flag":
            grid[name] = [True, False]
        elif name == "region":
            continue
        elif feature.kind == "choice":
            grid[name] = list(feature.values)
        elif feature.is_numeric:
            low, high, step = feature.low, feature.high, 1 if feature.kind == "count" else 0.01
            turns = {turn + by for turn in knowledge.thresholds.get(name, ()) for by in (-step, 0, step)}
            grid[name] = [int(v) if feature.kind == "count" else v for v in {low, high, *turns} if low <= v <= high]
        else:
            grid[name] = [frozenset()]
    for each in outside(patient, knowledge):
        if any(indication.stance == "recommend" for indication in each.indications):
            found = why_not(each, patient, knowledge)
            check_that_none_is_cheaper(found, each.slug, patient, knowledge, grid, 1)


@many
@given(data=st.data())
def test_what_nothing_would_move_is_recommended_for_nobody_in_the_region(shipped, data):
    knowledge, patient = shipped.knowledge, data.draw(patients(shipped))
    of_region = knowledge.patient({"region": patient.region})
    for each in knowledge.ranked_regimens:
        if why_not(each, of_region, knowledge).obstacles:
            assert not is_recommended(each.slug, patient, knowledge)


@few
@given(data=st.data())
def test_the_regions_in_which_a_patient_would_do_are_those_that_rank_so(shipped, data):
    knowledge, patient = shipped.knowledge, data.draw(patients(shipped))
    for each in outside(patient, knowledge):
        found = why_not(each, patient, knowledge)
        others = [changed(patient, {"region": region}, knowledge) for region in REGIONS if region != patient.region]
        there = [other.region for other in others if is_recommended(each.slug, other, knowledge)]
        said = (
            f"with nothing else changed it would be recommended in: {' and '.join(REGIONS[region] for region in there)}"
        )
        assert (said in map(str, found.obstacles)) == bool(there and found.obstacles)


@few
@given(data=st.data())
def test_what_the_release_remembers_is_what_it_would_find_again(shipped, data):
    knowledge, patient = shipped.knowledge, data.draw(patients(shipped))
    remembered = {each.slug: why_not(each, patient, knowledge) for each in knowledge.ranked_regimens}
    knowledge.reasons_against.clear()
    assert {each.slug: why_not(each, patient, knowledge) for each in knowledge.ranked_regimens} == remembered

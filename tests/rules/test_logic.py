"""Three-valued truth against Kleene's tables, and criteria: what is refused, what holds, how it reads."""

from __future__ import annotations

from itertools import product

import pytest

from regimens.rules.logic import (
    CriterionError,
    all_of,
    any_of,
    check_criterion,
    describe,
    evaluate,
    explain,
    features_named,
    not_,
)

T, F, U = True, False, None

# Kleene (1952), strong connectives, written out.
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
NOT = {T: F, F: T, U: U}

# One flag stands for a variable: present and true, present and false, absent.
FLAGS = ("transplant", "ild", "warfarin")


def values_of(truths):
    return {flag: truth for flag, truth in zip(FLAGS, truths, strict=False) if truth is not None}


def flag(name):
    return {"feature": name, "is": True}


@pytest.mark.parametrize(("left", "right"), list(product((T, F, U), repeat=2)))
def test_connectives_follow_kleenes_tables(left, right):
    assert all_of([left, right]) is AND[left, right]
    assert any_of([left, right]) is OR[left, right]
    values = values_of((left, right))
    assert evaluate({"all": [flag("transplant"), flag("ild")]}, values) is AND[left, right]
    assert evaluate({"any": [flag("transplant"), flag("ild")]}, values) is OR[left, right]


@pytest.mark.parametrize("truth", [T, F, U])
def test_negation_keeps_unknown(truth):
    assert not_(truth) is NOT[truth]
    assert evaluate({"not": flag("transplant")}, values_of((truth,))) is NOT[truth]


@pytest.mark.parametrize("truths", list(product((T, F, U), repeat=3)))
def test_three_parts_and_de_morgan(truths):
    a, b, c = truths
    values, parts = values_of(truths), [flag(name) for name in FLAGS]
    assert evaluate({"all": parts}, values) is AND[AND[a, b], c]
    assert evaluate({"any": parts}, values) is OR[OR[a, b], c]
    assert evaluate({"not": {"all": parts}}, values) is evaluate({"any": [{"not": part} for part in parts]}, values)


def test_the_empty_criterion_is_true():
    assert evaluate({}, {}) is True
    check_criterion({})


@pytest.mark.parametrize(
    ("criterion", "values", "truth"),
    [
        ({"feature": "ki67", "at_least": 55}, {"ki67": 55}, T),
        ({"feature": "ki67", "above": 55}, {"ki67": 55}, F),
        ({"feature": "ki67", "at_most": 55}, {"ki67": 55}, T),
        ({"feature": "ki67", "below": 55}, {"ki67": 55}, F),
        ({"feature": "ki67", "below": 55}, {}, U),
        ({"feature": "msi", "is": "high"}, {"msi": "stable"}, F),
        ({"feature": "her2", "is": ["ihc-2+", "ihc-3+"]}, {"her2": "ihc-2+"}, T),
        ({"feature": "lines_received", "is": [1, 2]}, {"lines_received": 2}, T),
        ({"feature": "prior_regimens", "includes": "folfiri"}, {"prior_regimens": frozenset({"folfiri"})}, T),
        ({"feature": "prior_regimens", "includes": ["cav", "epico"]}, {"prior_regimens": frozenset({"epico"})}, T),
        # an empty set is known to be empty; an absent one is unknown
        ({"feature": "prior_regimens", "includes": "folfiri"}, {"prior_regimens": frozenset()}, F),
        ({"feature": "prior_regimens", "includes": "folfiri"}, {}, U),
        # a false flag is known: not the same as absent
        ({"feature": "transplant", "is": False}, {"transplant": False}, T),
        ({"feature": "transplant", "is": False}, {}, U),
    ],
)
def test_comparisons(criterion, values, truth):
    check_criterion(criterion)
    assert evaluate(criterion, values) is truth


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        (None, "no criterion"),
        ("never", "no criterion"),
        ({"feature": "ki76", "at_least": 55}, "unknown feature 'ki76'"),
        ({"feature": "ki67", "over": 55}, "at_least"),
        ({"feature": "ki67", "at_least": 20, "below": 55}, "exactly one"),
        ({"feature": "ki67", "is": 55}, "exactly one"),
        ({"feature": "ki67", "at_least": 101}, "0 to 100"),
        ({"feature": "ki67", "at_least": "55"}, "0 to 100"),
        ({"feature": "ki67", "at_least": True}, "0 to 100"),
        ({"feature": "ki67", "at_least": float("nan")}, "0 to 100"),
        ({"feature": "ecog", "is": 1.5}, "whole number"),
        ({"feature": "msi", "is": "low"}, "high, stable"),
        ({"feature": "msi", "is": []}, "empty list"),
        ({"feature": "transplant", "is": "yes"}, "true or false"),
        ({"feature": "prior_regimens", "is": "folfiri"}, "includes"),
        ({"feature": "prior_regimens", "includes": "folfuri"}, "folfuri"),
        ({"all": []}, "one criterion or more"),
        ({"any": "ki67"}, "one criterion or more"),
        ({"all": [{}], "any": [{}]}, "exactly one"),
        ({"all": [None]}, "no criterion"),
        ({"not": {"feature": "nothing", "is": 1}}, "unknown feature"),
        ({"some": [{}]}, "exactly one"),
    ],
)
def test_a_criterion_that_cannot_be_evaluated_is_refused(criterion, says):
    with pytest.raises(CriterionError, match=says):
        check_criterion(criterion, regimens={"folfiri"})


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        ({}, "always"),
        ({"feature": "ki67", "below": 55}, "Ki-67 below 55 %"),
        ({"feature": "primary_site", "is": ["biliary", "liver"]}, "primary site gallbladder or bile duct or liver"),
        ({"not": {"feature": "primary_site", "is": "colorectal"}}, "primary site not colon or rectum"),
        ({"feature": "transplant", "is": True}, "organ transplant"),
        ({"feature": "transplant", "is": False}, "no organ transplant"),
        ({"feature": "prior_regimens", "includes": "folfiri"}, "regimens received include FOLFIRI"),
        (
            {
                "any": [
                    {"all": [{"feature": "ecog", "at_most": 1}, {"feature": "tmb", "at_least": 10}]},
                    {"not": {"all": [{"feature": "ild", "is": True}]}},
                ]
            },
            "(ECOG at most 1 and TMB at least 10 mut/Mb) or not (interstitial lung disease)",
        ),
    ],
)
def test_criteria_in_words(criterion, words):
    assert describe(criterion, names={"folfiri": "FOLFIRI"}) == words


def test_explanation_gives_each_part_its_truth_and_pushes_not_down():
    criterion = {
        "all": [
            {"feature": "braf_v600e", "is": "positive"},
            {"not": {"feature": "primary_site", "is": "colorectal"}},
            {"feature": "ecog", "at_most": 1},
        ]
    }
    parts = explain(criterion, {"braf_v600e": "positive", "primary_site": "colorectal"})
    assert [(part.text, part.truth) for part in parts] == [
        ("BRAF V600E positive", True),
        ("primary site not colon or rectum", False),
        ("ECOG at most 1", None),
    ]
    assert features_named(criterion) == {"braf_v600e", "primary_site", "ecog"}

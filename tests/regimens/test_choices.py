"""Enumerations and the rules: what the rules go through or look up is what an entry may say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import pytest
from django.db.models import TextChoices

from regimens.models import choices
from regimens.rules import assessment, evidence, patient, readings, synthesis, trials


@pytest.mark.parametrize(
    ("named", "wordings"),
    [
        (choices.Region, patient.REGIONS),
        (choices.Site, evidence.COHORT_SITES),
        (choices.Stance, evidence.STANCES),
    ],
)
def test_lists_of_the_rules_are_the_enumerations(named: type[TextChoices], wordings: dict[str, str]) -> None:
    assert [(one.value, str(one.label)) for one in named] == list(wordings.items())


def test_a_cohort_may_be_of_every_site_of_a_patient_of_each_group_and_of_any() -> None:
    assert evidence.COHORT_SITES.keys() == patient.SITES.keys() | evidence.SITE_GROUPS.keys() | {"any"}
    assert [site for site in evidence.COHORT_SITES if site in patient.SITES] == list(patient.SITES)


@pytest.mark.parametrize(
    ("named", "known"),
    [
        (choices.Design, synthesis.DESIGN_WEIGHT.keys() | {"meta-analysis"}),  # never pooled
        (choices.Histology, synthesis.HISTOLOGY_WEIGHT.keys() | {"tumour-agnostic"}),  # has two weights
        (choices.Line, synthesis.LINE_WEIGHT),
        (choices.SelectionBiomarker, evidence.POSITIVE_FOR),
        (choices.CautionLevel, evidence.LEVELS),
        (choices.SubgroupKind, set(evidence.SUBGROUP_ORDER) - {None}),
        (choices.ReadingKind, (readings.FIRST, readings.SECOND, readings.SETTLING)),
    ],
)
def test_the_rules_know_each_value(named: type[TextChoices], known: Iterable[str]) -> None:
    assert set(named.values) == set(known)


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        (choices.Design, evidence.RETROSPECTIVE_DESIGNS),
        (choices.Line, evidence.LATER_LINES),
        (choices.Line, trials.LINE_CRITERIA),
        (choices.CautionLevel, evidence.RULING_OUT),
        (choices.ClassResistance, (*evidence.RULING_OUT[1:], "caution", "none")),
        (choices.Availability, set(get_args(assessment.Status)) - {"approved", "licensed-by-site"}),
        (choices.TrialStatus, trials.OPEN_STATUSES),
    ],
)
def test_what_the_rules_choose_is_a_value(named: type[TextChoices], chosen: Iterable[str]) -> None:
    assert set(chosen) <= set(named.values)

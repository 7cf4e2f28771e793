"""Rows of the evidence base: what a save refuses, and what the database refuses whatever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from audit.guard import ROWS
from regimens.models import (
    Biomarker,
    Caution,
    Cohort,
    Drug,
    DrugCaution,
    ExposureClass,
    GuidelineStatement,
    Indication,
    IndicationSource,
    KnowledgeRelease,
    Licence,
    Prevalence,
    Publication,
    Regimen,
    RegionalAvailability,
    StudyReport,
    SurvivalRate,
    Trial,
)
from regimens.models.release import ImmutableError

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql, pytest.mark.usefixtures("open_rows")]

COHORT_RULES: list[tuple[dict[str, Any], str]] = [
    ({"objective_response_rate": 101, "responders": None}, "cohort_objective_response_rate_in_range"),
    ({"objective_response_rate_low": -1}, "cohort_objective_response_rate_low_in_range"),
    ({"objective_response_rate_high": 100.5}, "cohort_objective_response_rate_high_in_range"),
    ({"disease_control_rate": -0.5}, "cohort_disease_control_rate_in_range"),
    ({"grade3_events": 250}, "cohort_grade3_events_in_range"),
    ({"progression_free_survival": -1}, "cohort_progression_free_survival_in_range"),
    ({"overall_survival": 201, "overall_survival_high": None}, "cohort_overall_survival_in_range"),
    ({"overall_survival_high": 400}, "cohort_overall_survival_high_in_range"),
    ({"duration_of_response": -0.1}, "cohort_duration_of_response_in_range"),
    ({"hazard_ratio_low": 2, "hazard_ratio_high": 1}, "cohort_hazard_ratio_interval_in_order"),
    (
        {"objective_response_rate_low": 20, "objective_response_rate_high": 10},
        "objective_response_rate_interval_in_order",
    ),
    ({"progression_free_survival_low": 5.2, "progression_free_survival_high": 5.1}, "survival_interval_in_order"),
    ({"overall_survival_low": 9.5}, "cohort_overall_survival_not_below_interval"),
    ({"overall_survival_high": 8.3}, "cohort_overall_survival_not_above_interval"),
    ({"responders": 62, "evaluable": 61}, "cohort_responders_among_evaluable"),
    ({"responders": 30, "evaluable": 61}, "cohort_response_rate_is_responders_of_evaluable"),
    ({"subgroup": "Ki-67 55 % or more"}, "cohort_subgroup_and_kind_go_together"),
    ({"subgroup": "70 or older", "subgroup_kind": "age"}, "cohort_subgroup_kind_is_listed"),
    ({"confidence_level": 99}, "cohort_confidence_level_is_listed"),
    ({"population_line": "third"}, "cohort_population_line_is_listed"),
    ({"population_histology": "adenocarcinoma"}, "cohort_population_histology_is_listed"),
    ({"population_biomarker": "msi"}, "cohort_population_biomarker_is_listed"),
    ({"hazard_ratio": 0.9}, "cohort_hazard_ratio_has_endpoint_and_comparator"),
]


@pytest.fixture
def open_rows() -> Iterator[None]:
    """As inside of a curation action: what is refused here is refused there."""
    with ROWS.open():
        yield


@pytest.fixture
def cohort() -> Cohort:
    """FOLFIRI in BEVANEC: 18 % of 61, OS 8.9 (5.7 to 10.6), PFS 3.5 (1.9 to 5.1)."""
    return Cohort.objects.get(publication__key="walter-2023-bevanec", position=0)


@pytest.mark.parametrize(("values", "name"), COHORT_RULES, ids=[name for _, name in COHORT_RULES])
def test_a_cohort_that_breaks_a_rule_is_refused_on_save_and_by_the_database(
    cohort: Cohort, values: dict[str, Any], name: str
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(
        hazard_ratio=None,
        hazard_ratio_low=None,
        hazard_ratio_high=None,
        hazard_ratio_endpoint="",
        hazard_ratio_versus="",
    )
    cohort.refresh_from_db()
    for field, value in values.items():
        setattr(cohort, field, value)
    with pytest.raises(ValidationError):
        cohort.save()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(**values)


@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        (Publication, {"kind": "paper"}, "publication_kind_is_listed"),
        (Publication, {"verified": "abstract", "verified_at": ""}, "publication_verified_somewhere"),
        (Publication, {"verified": "heard"}, "publication_verified_is_listed"),
        (Publication, {"review_mark": "good"}, "publication_review_mark_is_listed"),
        (StudyReport, {"design": "phase-9"}, "studyreport_design_is_listed"),
        (StudyReport, {"line": "third"}, "studyreport_line_is_listed"),
        (StudyReport, {"histology": "adenocarcinoma"}, "studyreport_histology_is_listed"),
        (SurvivalRate, {"percent": 101}, "survivalrate_percent_in_range"),
        (SurvivalRate, {"endpoint": "dfs"}, "survivalrate_endpoint_is_listed"),
        (Regimen, {"setting": "third-line"}, "regimen_setting_is_listed"),
        (RegionalAvailability, {"status": "yes"}, "regionalavailability_status_is_listed"),
        (RegionalAvailability, {"region": "XX"}, "regionalavailability_region_is_listed"),
        (Licence, {"region": "XX"}, "licence_region_is_listed"),
        (Licence, {"covers": "perhaps"}, "licence_covers_is_listed"),
        (Licence, {"kind": "old"}, "licence_kind_is_listed"),
        (Licence, {"covers": "yes", "when": {}}, "licence_is_for_somebody"),
        (Caution, {"level": "grave"}, "caution_level_is_listed"),
        (Caution, {"level": "contraindicated", "when": {}}, "caution_ruling_out_has_criterion"),
        (DrugCaution, {"level": "grave"}, "drugcaution_level_is_listed"),
        (DrugCaution, {"level": "avoid", "when": {}}, "drugcaution_ruling_out_has_criterion"),
        (ExposureClass, {"alone": "contraindicated"}, "exposureclass_alone_is_listed"),
        (ExposureClass, {"combined": ""}, "exposureclass_combined_is_listed"),
        (Indication, {"stance": "maybe"}, "indication_stance_is_listed"),
        (GuidelineStatement, {"topic": "third"}, "guidelinestatement_topic_is_listed"),
        (GuidelineStatement, {"verified": "heard"}, "guidelinestatement_verified_is_listed"),
        (Prevalence, {"percent": 101}, "prevalence_percent_in_range"),
        (Prevalence, {"chance_percent": 3, "chance_sites": None}, "prevalence_chance_has_sites"),
        (Trial, {"phase": "9"}, "trial_phase_is_listed"),
        (Trial, {"status_as_seen": "open"}, "trial_status_as_seen_is_listed"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_on_save_and_by_the_database(
    model: Any, values: dict[str, Any], name: str
) -> None:
    row = model.objects.first()
    for field, value in values.items():
        setattr(row, field, value)
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Publication, "key"),
        (Regimen, "slug"),
        (Drug, "slug"),
        (Drug, "name"),
        (ExposureClass, "slug"),
        (Licence, "key"),
        (Indication, "key"),
        (GuidelineStatement, "key"),
        (Biomarker, "slug"),
        (Trial, "nct"),
    ],
)
def test_keys_are_unique_in_the_database(model: Any, field: str) -> None:
    first, second = model.objects.all()[:2]
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=second.pk).update(**{field: getattr(first, field)})


@pytest.mark.parametrize(
    "criterion",
    [
        {"feature": "ki76", "at_least": 55},
        {"feature": "ki67", "at_least": 155},
        {"feature": "ki67", "is": 55},
        {"feature": "msi", "is": "low"},
        {"feature": "transplant", "is": "yes"},
        {"feature": "ki67", "at_least": 55, "below": 70},
        {"all": []},
        {"any": [{"feature": "ecog", "at_most": 9}]},
        {"either": []},
        ["ki67"],
        "ki67 >= 55",
    ],
)
def test_a_criterion_that_cannot_be_evaluated_is_refused_on_save(criterion: Any) -> None:
    for row, field in (
        (Indication.objects.first(), "when"),
        (Caution.objects.first(), "when"),
        (DrugCaution.objects.first(), "when"),
        (Licence.objects.first(), "when"),
        (Regimen.objects.first(), "requires"),
        (Cohort.objects.first(), "where"),
    ):
        setattr(row, field, criterion)
        with pytest.raises(ValidationError) as caught:
            row.save()
        assert field in caught.value.message_dict


def test_a_cohort_may_stand_for_nobody_but_not_for_an_empty_criterion(cohort: Cohort) -> None:
    cohort.where = "never"
    cohort.save()
    cohort.where = {}
    with pytest.raises(ValidationError, match="a criterion, null"):
        cohort.save()


def test_an_indication_stands_on_exactly_one_thing_a_source() -> None:
    source = IndicationSource.objects.filter(statement__isnull=False).first()
    source.licence = Licence.objects.first()
    with pytest.raises(ValidationError, match="exactly one"):
        source.save()
    with pytest.raises(IntegrityError, match="indicationsource_is_one_thing"), transaction.atomic():
        IndicationSource.objects.filter(pk=source.pk).update(licence=source.licence)


@pytest.mark.parametrize("since", ["2024-13-45", "2024-02-30", "1066", "2101", "24", "2024-4-5", "in 2024"])
def test_a_licence_is_since_a_year_or_a_day(since: str) -> None:
    row = Licence.objects.first()
    row.since = since
    with pytest.raises(ValidationError) as caught:
        row.save()
    assert list(caught.value.message_dict) == ["since"]


@pytest.mark.parametrize("since", ["", "2024", "2024-02-29"])
def test_a_licence_may_say_since_when(since: str) -> None:
    row = Licence.objects.first()
    row.since = since
    row.save()


@pytest.mark.parametrize(
    "address",
    [
        "http://10.1.2.3/x",
        "https://user@10.1.2.3:8000/x",
        "http://[2001:db8::1]/x",
        "HTTPS://10.1.2.3",
        "http://3232235777/",
    ],
)
@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Publication, "url"),
        (Publication, "read_on"),
        (Regimen, "schedule_url"),
        (Regimen, "schedule_read_on"),
        (Licence, "read_on"),
        (DrugCaution, "read_on"),
        (Trial, "read_on"),
    ],
)
def test_an_address_says_whose_page_it_is(model: Any, field: str, address: str) -> None:
    row = model.objects.first()
    setattr(row, field, address)
    with pytest.raises(ValidationError) as caught:
        row.save()
    assert list(caught.value.message_dict) == [field]


def test_a_release_is_never_changed_or_deleted() -> None:
    release = KnowledgeRelease.objects.get()
    release.name = "another"
    for change in (
        release.save,
        release.delete,
        KnowledgeRelease.objects.all().delete,
        lambda: KnowledgeRelease.objects.update(name="another"),
        lambda: KnowledgeRelease.objects.bulk_update([release], ["name"]),
    ):
        with pytest.raises(ImmutableError):
            change()
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE regimens_knowledgerelease SET name = 'another'")
    assert KnowledgeRelease.objects.get().name == "shipped"

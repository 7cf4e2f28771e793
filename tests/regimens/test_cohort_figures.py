"""The figures of a cohort are declared once: everything that holds, asks for or shows them follows the list."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import models

from curation.admin.editing.entries import CohortForm
from curation.admin.readings.reading_form import SecondReadingForm
from curation.imports.cohorts import CohortResource, result_of, row_of
from curation.review.differences import differences
from regimens.knowledge import loader, schema
from regimens.knowledge.document import document
from regimens.models import Cohort
from regimens.models.base import MonthsField, PercentField
from regimens.models.cohort_figures import COHORT_FIGURES, NUMBERS, WITH_INTERVAL, CohortFigure
from regimens.pages.library.evidence import as_csv, publication_page
from regimens.rules.readings import FIGURES, POINTS, figures_of
from regimens.wording.readings import figure_name
from tests.factories.documents import release

SHIPPED = loader.read(loader.SHIPPED)
PUBLICATION = next(entry for entry in SHIPPED["publications"].values() if len(entry["results"]) > 1)
RESULT = PUBLICATION["results"][0]

KEYS = [key for figure in COHORT_FIGURES for key in figure.keys]
COLUMNS = [name for figure in COHORT_FIGURES for name in (figure.key, *figure.bounds)]
NO_FIGURE = {
    *("arm", "regimen", "subgroup", "subgroup_kind", "where", "population", "hr", "note", "readings"),
    *("population_histology", "population_line", "population_biomarker", "population_sites"),
    *("hr_endpoint", "hr_value", "hr_ci", "hr_low", "hr_high", "hr_versus"),
}


def columns_of(figure: CohortFigure) -> tuple[str, ...]:
    return (figure.column, *figure.bound_columns)


def only_figures(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in NO_FIGURE]


def test_the_rules_and_the_list_know_the_same_figures() -> None:
    assert {figure.key for figure in COHORT_FIGURES} == POINTS.keys() | {"rates"}
    assert {name for name in COLUMNS if name != "rates"} == FIGURES.keys()
    assert figures_of({**RESULT, "rates": {}}).keys() == FIGURES.keys()


def test_a_result_of_a_file_has_these_figures() -> None:
    assert only_figures(schema.Result.model_fields) == KEYS
    required = {name for name, field in schema.Result.model_fields.items() if field.is_required()}
    assert required & set(KEYS) == set(KEYS) - {"ci_level"}


def test_the_columns_of_a_cohort_are_these_figures() -> None:
    numeric = (models.IntegerField, models.FloatField)
    others = ("hazard_ratio", "position")
    columns = [
        field.name
        for field in Cohort._meta.fields
        if isinstance(field, numeric) and not field.primary_key and not field.name.startswith(others)
    ]
    assert sorted(columns) == sorted(
        column for figure in COHORT_FIGURES for column in (figure.column, *figure.bound_columns) if column
    )
    kinds = {"count": models.PositiveIntegerField, "percent": PercentField, "months": MonthsField}
    for figure in NUMBERS:
        assert all(isinstance(Cohort._meta.get_field(column), kinds[figure.kind]) for column in columns_of(figure))


def test_the_database_keeps_each_rate_and_each_median_in_its_range_and_around_it_its_interval() -> None:
    names = {constraint.name for constraint in Cohort._meta.constraints}
    in_range = {column for figure in NUMBERS if figure.kind != "count" for column in columns_of(figure)}
    assert {name for name in names if name.endswith("_in_range")} == {
        f"cohort_{column}_in_range" for column in (*in_range, "hazard_ratio")
    }
    assert {name for name in names if name.endswith("_interval_in_order")} == {
        f"cohort_{column}_interval_in_order" for column in (*(one.column for one in WITH_INTERVAL), "hazard_ratio")
    }


@pytest.mark.django_db
def test_a_spreadsheet_has_a_column_for_each() -> None:
    headers = [name for name in CohortResource().get_export_headers() if name not in ("publication", "index")]
    assert only_figures(name for name in headers if name != "exported") == COLUMNS
    assert result_of(row_of(PUBLICATION, 0)) | {"readings": 0} == RESULT | {"readings": 0}


def test_differences_name_each_in_words() -> None:
    changed = {key: [0.25, 0.75] if key.endswith("_ci") else {"os-9": 1.5} if key == "rates" else 80 for key in KEYS}
    after = {**PUBLICATION, "results": [RESULT | changed, *PUBLICATION["results"][1:]]}
    told = [one.label.rpartition(": ")[2] for one in differences("publications", PUBLICATION, after)]
    called = [(figure.called, f"interval of the {figure.called}")[: len(figure.keys)] for figure in COHORT_FIGURES]
    assert told == [name for names in called for name in names]


def test_the_form_of_an_entry_asks_for_each() -> None:
    form = CohortForm(offers={"regimens": {}, "drugs": {}})
    laid_out = [name for group in form.layout for row in group.rows for name in row]
    for names in (list(form.fields), laid_out):
        assert sorted(only_figures(names)) == sorted(KEYS)
    assert sorted(laid_out) == sorted(form.fields)


def test_the_second_reader_is_asked_for_each() -> None:
    form = SecondReadingForm({0: {"arm": "CAPTEM", "subgroup": None}})
    asked = {name.removeprefix("c0-") for name in form.fields if name.startswith("c0-")}
    assert {name for name in asked if name in FIGURES} == FIGURES.keys()
    (cohort,) = form.cohorts()
    assert [row.label for row in cohort.rows] == [figure.with_unit(figure.asked) for figure in NUMBERS]
    assert [bool(row.low and row.high) for row in cohort.rows] == [figure.has_interval for figure in NUMBERS]
    assert cohort.rates


def test_the_library_gives_each_number_as_csv() -> None:
    headers = as_csv([], None).strip().split(",")
    bounds = [bound for figure in WITH_INTERVAL for bound in figure.bounds]
    start = headers.index("subgroup") + 1
    assert headers[start : headers.index("read")] == [*(figure.key for figure in NUMBERS), *bounds]


def test_each_has_a_name_on_a_page() -> None:
    assert all(figure_name(name) != name.upper() or name in ("orr", "dcr", "pfs", "os", "dor") for name in FIGURES)


@pytest.mark.django_db
def test_rows_give_each_figure_back() -> None:
    (entry,) = [entry for entry in document()["publications"] if entry["key"] == PUBLICATION["key"]]
    assert entry["results"] == PUBLICATION["results"]


def test_the_page_of_a_publication_shows_each_number() -> None:
    figures = {figure.key: 40 for figure in NUMBERS} | {f"{figure.key}_ci": [30, 50] for figure in WITH_INTERVAL}
    entry = {**PUBLICATION, "results": [RESULT | figures | {"rates": {"os-6": 40}, "hr": None}]}
    page = publication_page(release(entry), entry["key"])
    assert page is not None
    (shown,) = page.results
    assert {one.label for one in shown.figures} == {
        *(figure_name(figure.key) for figure in NUMBERS if figure.key not in ("n", "evaluable", "responders")),
        figure_name("os-6"),
    }
    assert (shown.patients, shown.figures[0].value) == ("40", "40/40 (30–50)")

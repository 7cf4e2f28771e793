"""The evidence base in the admin: every model is listed, searched and shown, and no row is changed there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import EventSeal
from curation import accepted, actions
from curation.actions.second_readings import shape_of
from curation.admin.editing.pages import MODELS as EDITED_MODELS
from curation.models import Entry, Report, ReportCount
from regimens.models import Publication
from tests.factories.curation import agree, rename_folfiri, somebody
from tests.factories.surveillance import one_of_each

pytestmark = pytest.mark.django_db

KEY = "walter-2023-bevanec"
MODELS = [
    model
    for model in apps.get_app_config("regimens").get_models()
    # Former versions are shown with their entry, seals with their event, and reports on pages of their own.
    if not model._meta.auto_created and model not in (Entry.history.model, EventSeal, Report, ReportCount)
]

# Those whose forms make proposals, which tests/curation/admin tests; what they are posted here says nothing.
EDITED = set(EDITED_MODELS.values())


@pytest.fixture(scope="module", autouse=True)
def decided(rows_of_a_module: None) -> None:
    """One row at least of everything that people write."""
    rename_folfiri()
    agree("publications", KEY, lambda entry: entry["results"][0].update(pfs=3.7))
    read = {0: actions.CohortRead({"pfs": 4.1})}
    place = {"at": "https://example.org/paper", "how": "fulltext", "read_on": date(2026, 11, 2)}
    shape = shape_of(accepted.accepted()["publications"][KEY])
    actions.enter_second_reading(KEY, cohorts=read, shape=shape, by=somebody("cleo"), **place)
    one_of_each()
    drafted = actions.Drafted("regimens", "new", {"slug": "new"})
    actions.begin_package(title="A regimen", entries=[drafted], by=somebody("ada"))
    asked = actions.Asked("publications", KEY, "locator", "1:2-3", "1:2", "The first page alone.", "PubMed")
    actions.ask_questions([asked], by=somebody("ada"))


@pytest.fixture
def staff(client: Client) -> Client:
    """The browser of a curator who sees events too."""
    curator, auditors = somebody("curator"), Group.objects.create(name="Auditor")
    auditors.permissions.add(Permission.objects.get(codename="view_event"))
    curator.groups.add(auditors)
    client.force_login(curator)
    return client


def address(model: type[Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:regimens_{model._meta.model_name}_{page}", args=arguments)


def test_every_model_is_registered() -> None:
    assert set(MODELS) <= set(admin.site._registry)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestEachModel:
    def test_it_is_listed_in_a_bounded_number_of_queries(self, staff: Client, model: type[Model]) -> None:
        with CaptureQueriesContext(connection) as queries:
            response = staff.get(address(model, "changelist"))
        assert response.status_code == 200
        assert len(queries) <= 16

    def test_it_is_searched(self, staff: Client, model: type[Model]) -> None:
        assert admin.site._registry[model].search_fields
        response = staff.get(address(model, "changelist"), {"q": "zzzz-nothing"})
        assert response.status_code == 200
        assert "0 results" in response.content.decode()

    def test_it_is_shown(self, staff: Client, model: type[Model]) -> None:
        row = model._default_manager.first()
        assert row is not None
        response = staff.get(address(model, "change", row.pk))
        assert response.status_code == 200
        assert 'name="_save"' not in response.content.decode()

    def test_it_is_neither_added_changed_nor_deleted(self, staff: Client, model: type[Model]) -> None:
        row = model._default_manager.first()
        assert row is not None
        answer = 200 if model in EDITED else 403
        assert staff.post(address(model, "add"), {}).status_code == answer
        assert staff.post(address(model, "change", row.pk), {}).status_code == answer
        assert staff.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == answer
        action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        staff.post(address(model, "changelist"), action)
        assert model._default_manager.filter(pk=row.pk).exists()


def test_what_nobody_read_is_said(staff: Client) -> None:
    page = staff.get("/admin/regimens/publication/", {"verified__exact": "none"}).content.decode()
    unread = Publication.objects.filter(verified="none").count()
    assert f"{unread} publications" in page
    assert page.count("not read") >= unread > 0


def test_a_criterion_is_shown_in_words(staff: Client) -> None:
    page = staff.get("/admin/regimens/indication/", {"q": "captem-lower-ki67"}).content.decode()
    assert "Ki-67 below 55 %" in page


def test_regions_are_listed_in_words(staff: Client) -> None:
    list_of = "/admin/regimens/indication/"
    assert "everywhere" in staff.get(list_of, {"q": "captem-lower-ki67"}).content.decode()
    assert "United States" in staff.get(list_of, {"q": "dabrafenib-trametinib-braf"}).content.decode()


def test_it_asks_for_a_sign_in(client: Client) -> None:
    assert client.get("/admin/regimens/publication/").status_code == 302


def test_pages_keep_to_the_policy(staff: Client) -> None:
    for path in ("/admin/", "/admin/regimens/cohort/"):
        html = staff.get(path).content.decode()
        assert "<style" not in html
        assert " onclick=" not in html


def groups_of(lists: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {group["name"]: [model["object_name"] for model in group["models"]] for group in lists}


def test_the_start_page_has_what_is_edited_in_groups_and_what_is_looked_at_folded(staff: Client) -> None:
    page = staff.get("/admin/")
    edited, looked_at = groups_of(page.context["app_list"]), groups_of(page.context["looked_at"])
    assert list(edited) == ["Evidence", "Options", "Biomarkers, guidelines, trials"]
    assert list(looked_at)[-2:] == ["Surveillance", "Decisions"]
    assert edited["Evidence"][0] == "Publication"
    assert {"Reading", "ReadingTask"} <= set(looked_at["Decisions"])
    shown = {
        lists: {model for models in lists_of.values() for model in models}
        for lists, lists_of in (("edited", edited), ("looked_at", looked_at))
    }
    assert shown["edited"] == {model.__name__ for model in EDITED}
    assert shown["looked_at"] >= {model.__name__ for model in MODELS} - shown["edited"]
    assert not shown["looked_at"] & shown["edited"]


@pytest.mark.parametrize(
    ("model", "entry"),
    [
        ("cohort", "publication"),
        ("finding", "publication"),
        ("survivalrate", "publication"),
        ("studyreport", "publication"),
        ("study", "publication"),
        ("caution", "regimen"),
        ("leaddrug", "regimen"),
        ("regimendrug", "regimen"),
        ("drugcaution", "drug"),
        ("regionalavailability", "regimen"),
        ("indicationsource", "indication"),
        ("prevalence", "biomarker"),
    ],
)
def test_rows_of_entries_lead_to_where_they_are_edited(staff: Client, model: str, entry: str) -> None:
    assert f'href="/admin/regimens/{entry}/' in staff.get(f"/admin/regimens/{model}/").content.decode()
    row = apps.get_model("regimens", model).objects.order_by("-pk").first()
    page = staff.get(f"/admin/regimens/{model}/{row.pk}/change/").content.decode()
    assert re.search(rf'href="/admin/regimens/{entry}/\d+/change/"', page)

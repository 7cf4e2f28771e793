"""How people type into the forms of entries, and what is said while they do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from curation.admin.editing.fields import DoiField, FigureField, IntervalField, RatesField
from curation.admin.editing.labels import label_of
from curation.models import Proposal
from regimens.models import Publication, Regimen
from tests.forms import WHY, filled

URLENCODED = "application/x-www-form-urlencoded"
KEY = "walter-2023-bevanec"


@pytest.mark.parametrize(("typed", "value"), [("41,7", 41.7), ("41.7", 41.7), (" 0,25 ", 0.25), ("12", 12), ("", None)])
def test_decimals_stand_behind_a_comma_or_a_point(typed: str, value: float | None) -> None:
    assert FigureField(label="x").clean(typed) == value
    assert IntervalField(label="x").clean([typed, typed]) == [value, value]
    assert RatesField(label="x").clean([("os", "6", typed)] if typed else []) == ({"os-6": value} if typed else {})


def test_thousands_are_no_decimals() -> None:
    with pytest.raises(Exception, match="number"):
        FigureField(label="x").clean("1,250")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("https://doi.org/10.1016/j.ejca.2017.04.009", "10.1016/j.ejca.2017.04.009"), ("none", "none"), ("", None)],
)
def test_a_pasted_address_is_a_doi(typed: str, value: str | None) -> None:
    assert DoiField(label="x").clean(typed) == value


@pytest.mark.parametrize(
    ("kind", "place", "label"),
    [
        ("publications", "results[0].orr", "Cohort 1, ORR, %"),
        ("publications", "study.line", "Line"),
        ("drugs", "cautions[1].when", "Caution 2, Applies to patients with"),
        ("regimens", "class", "Class"),
        ("elsewhere", "x", "x"),
    ],
)
def test_a_place_is_called_as_its_field_is(kind: str, place: str, label: str) -> None:
    assert label_of(kind, place) == label


@pytest.mark.django_db
class TestForm:
    @pytest.fixture
    def address(self) -> str:
        return reverse("admin:regimens_publication_change", args=[Publication.objects.get(key=KEY).pk])

    def posted(self, client: Client, address: str, data: QueryDict, button: str) -> Any:
        return client.post(address, f"{data.urlencode()}&{button}=1", content_type=URLENCODED)

    def test_an_odd_figure_is_warned_of_and_proposed_all_the_same(self, as_ada: Client, address: str) -> None:
        html = as_ada.get(address).content.decode()
        data = filled(html, results__0__pfs="0", **WHY)
        for name in ("results-0-pfs_ci_0", "results-0-pfs_ci_1", "results-0-pfs_ci_low", "results-0-pfs_ci_high"):
            if name in data:
                data[name] = ""
        said = json.loads(self.posted(as_ada, address, data, "_live").content)
        assert "of 0 months" in said["warnings"]["id_results-0-pfs"][0]
        done = self.posted(as_ada, address, data, "_propose")
        assert done.status_code == 302, said
        assert Proposal.objects.count() == 1
        proposal = Proposal.objects.get()
        page = as_ada.get(reverse("admin:regimens_proposal_change", args=[proposal.pk])).content.decode()
        assert "Worth a second look" in page and "of 0 months" in page

    def test_what_a_browser_kept_comes_back(self, as_ada: Client, address: str) -> None:
        data = filled(as_ada.get(address).content.decode(), title="Half typed")
        page = self.posted(as_ada, address, data, "_restore").content.decode()
        assert "Half typed" in page and "data-bound" in page and not Proposal.objects.exists()

    def test_studies_and_classes_are_picked(self, as_ada: Client, address: str) -> None:
        page = as_ada.get(address).content.decode()
        study = Publication.objects.get(key=KEY).study
        assert f'<option value="{study.key}">' in page.partition('<datalist id="studies"')[2]
        regimen = Regimen.objects.get(slug="folfiri")
        form = reverse("admin:regimens_regimen_change", args=[regimen.pk])
        html = as_ada.get(form).content.decode()
        assert filled(html)["drug_class"] == regimen.drug_class
        self.posted(as_ada, form, filled(html, new_class="a new class", **WHY), "_propose")
        assert Proposal.objects.get().values["class"] == "a new class"

    def test_who_decides_is_said_before_it_is_proposed(self, as_ada: Client, address: str, ben: Any) -> None:
        assert "Who may decide on what you propose: ben" in as_ada.get(address).content.decode()
        ben.is_active = False
        ben.save()
        assert "Nobody else may decide at the moment." in as_ada.get(address).content.decode()

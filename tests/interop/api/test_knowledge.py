"""The calls that read a release: whole entries in their shapes, the filters of the pages, pages that hang together."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.db import transaction
from jsonschema import Draft202012Validator

from curation.actions.publishing import publish
from interop.api import knowledge as calls
from interop.api.document import shapes
from regimens.models import KnowledgeRelease
from regimens.pages.library.evidence import EvidenceFilter, listed
from regimens.pages.library.options import all_options
from regimens.pages.library.search import chosen
from regimens.pages.library.trials import TrialFilter, ordered_trials
from regimens.releases import current
from tests.factories.curation import rename_folfiri

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

LISTS = {
    "options": ("slug", "Option"),
    "publications": ("key", "Publication"),
    "biomarkers": ("slug", "Biomarker"),
    "guidelines": ("key", "GuidelineStatement"),
    "trials": ("nct", "Trial"),
    "releases": ("name", "Release"),
}


def problems(content: Any, shape: str) -> list[str]:
    """What of an answer is not as the document says."""
    schema = {"$ref": f"#/components/schemas/{shape}", "components": {"schemas": shapes()}}
    return [error.message for error in Draft202012Validator(schema).iter_errors(content)]


def walk(system: Any, path: str) -> list[dict[str, Any]]:
    """Every entry of a list, page after page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = system.get(path + (f"{'&' if '?' in path else '?'}cursor={cursor}" if cursor else "")).json()
        found += page["items"]
        if page["next"] is None:
            assert len(found) == page["total"]
            return found
        assert len(page["items"]) == 100
        cursor = page["next"]


@pytest.mark.parametrize("name", LISTS)
def test_every_page_and_entry_has_the_shape_that_the_document_gives(system: Any, name: str) -> None:
    key, shape = LISTS[name]
    page = system.get(name).json()
    assert problems(page, f"{shape}Page") == []
    one = system.get(f"{name}/{page['items'][0][key]}").json()
    assert problems(one, "ReleaseDetail" if name == "releases" else shape) == []
    assert name == "releases" or one == page["items"][0]


@pytest.mark.parametrize("name", ["options", "publications"])
def test_pages_make_the_whole_list(system: Any, name: str) -> None:
    found = walk(system, name)
    assert len(found) > 100
    assert len({entry[LISTS[name][0]] for entry in found}) == len(found)
    assert [problem for entry in found for problem in problems(entry, LISTS[name][1])] == []


@pytest.mark.parametrize(
    "query",
    [
        "q=everolimus",
        "site=pancreas&line=second-or-later",
        "checked=twice&sort=-year",
        "since=2020",
        "design=retrospective",
    ],
)
def test_publications_are_filtered_as_on_their_page(system: Any, query: str, rf: Any) -> None:
    expected = [entry.key for entry in listed(current(), EvidenceFilter(rf.get(f"/?{query}").GET))]
    assert [entry["key"] for entry in walk(system, f"publications?{query}")] == expected
    assert 0 < len(expected) < len(current().publications)


@pytest.mark.parametrize(
    "query",
    ["q=everolimus", "status=recruiting", "country=France", "site=pancreas", "line=second-or-later", "biomarker=dll3"],
)
def test_trials_are_filtered_as_on_their_page(system: Any, query: str, rf: Any) -> None:
    knowledge = current()
    expected = [trial["nct"] for trial in ordered_trials(knowledge, TrialFilter(rf.get(f"/?{query}").GET, knowledge))]
    assert [entry["nct"] for entry in walk(system, f"trials?{query}")] == expected


@pytest.mark.parametrize("words", ["cpt11", "capox", "fluorouracil", "nothing-of-this-name"])
def test_options_are_searched_as_on_their_page(system: Any, words: str) -> None:
    expected = {option.slug for option in chosen(words, all_options(current()))}
    assert {entry["slug"] for entry in walk(system, f"options?q={words}")} == expected


def test_every_filter_of_a_page_is_one_of_the_call() -> None:
    for call, form in ((calls.publication_list, EvidenceFilter), (calls.trial_list, TrialFilter)):
        assert form.base_fields.keys() == inspect.signature(call).parameters.keys() - {"request", "release", "cursor"}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("publications?site=moon", "site"),
        ("publications?since=1900", "since"),
        ("publications?since=then", "since"),
        ("publications?q=" + "x" * 101, "q"),
        ("trials?status=shut", "status"),
        ("trials?country=Atlantis", "country"),
        ("trials?biomarker=moon", "biomarker"),
        ("options?cursor=100", "cursor"),
        ("options?cursor=" + "0" * 16 + "-0&release=shipped", "cursor"),
        ("biomarkers?q=braf", None),
        ("options/folfiri?q=x", None),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(system: Any, query: str, parameter: str | None) -> None:
    response = system.get(query)
    assert response.status_code == 422, response.content
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]


@pytest.mark.parametrize("path", [f"{name}/nothing-of-this-key" for name in LISTS])
def test_an_entry_that_is_not_there(system: Any, path: str) -> None:
    response = system.get(path)
    assert response.status_code == 404
    assert "nothing-of" not in response.content.decode()


def test_an_option_has_what_is_recorded_for_it(system: Any) -> None:
    found = system.get("options/folfiri").json()
    rows = current().document
    for name in ("indications", "licences"):
        assert found[name] == [row for row in rows[name] if row["regimen"] == "folfiri"]
    assert found["indications"] and found["cohorts"]


def test_a_key_that_holds_a_space_is_found(system: Any) -> None:
    rename_folfiri("FOLFIRI again")
    publish("2026-12 b")
    assert system.get("releases/2026-12%20b").json()["name"] == "2026-12 b"


def test_what_says_the_same_has_its_own_name(system: Any) -> None:
    """Of two databases one after the other: where another one was put in place, a row's number tells nothing."""
    for name in ("one", "another"):
        with transaction.atomic():
            rename_folfiri("FOLFIRI again")
            publish(name)
            assert system.get(f"releases/{name}").json()["name"] == name  # in force
            rename_folfiri("FOLFIRI once more")
            publish(f"after {name}")
            assert system.get(f"releases/{name}").json()["name"] == name
            transaction.set_rollback(True)


class TestReleases:
    @pytest.fixture
    def two(self) -> None:
        rename_folfiri("FOLFIRI again")
        publish("second")

    def test_each_is_listed_and_one_is_in_force(self, system: Any, two: None) -> None:
        items = system.get("releases").json()["items"]
        assert [(item["name"], item["in_force"]) for item in items] == [("second", True), ("shipped", False)]

    def test_one_has_its_counts(self, system: Any, two: None) -> None:
        former = KnowledgeRelease.objects.get(name="shipped")
        found = system.get(f"releases/{former.sha256[:12]}").json()
        assert (found["name"], found["sha256"], found["in_force"], found["edition"]) == (
            *("shipped", former.sha256),
            *(False, 2),
        )
        assert found["counts"]["publications"] == len(current().publications)

    def test_entries_are_of_the_release_that_is_named(self, system: Any, two: None) -> None:
        names = [
            system.get(f"options/folfiri{of}").json()["name"] for of in ("", "?release=shipped", "?release=second")
        ]
        assert names == ["FOLFIRI again", "FOLFIRI", "FOLFIRI again"]

    def test_pages_stay_with_the_release_that_they_began_with(self, system: Any) -> None:
        first = system.get("publications").json()
        rename_folfiri("FOLFIRI again")
        publish("second")
        second = system.get(f"publications?cursor={first['next']}").json()
        assert second["release"] == first["release"]

    @pytest.mark.parametrize("path", ["releases", "options", "options/folfiri"])
    def test_without_one(self, system: Any, without_releases: None, path: str) -> None:
        response = system.get(path)
        assert (path == "releases") == (response.status_code == 200)
        assert "necapp-release" not in response.headers


class TestTag:
    @pytest.mark.parametrize("path", ["options", "options/folfiri", "trials?status=recruiting", "guidelines"])
    def test_it_is_the_release(self, system: Any, path: str) -> None:
        response = system.get(path)
        assert response.headers["ETag"] == f'"{current().release.sha256}"'
        assert response.headers["Cache-Control"] == "private, no-cache"
        again = system.get(path, **{"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_new_release_has_another(self, system: Any) -> None:
        tag = system.get("options").headers["ETag"]
        rename_folfiri("FOLFIRI again")
        publish("second")
        assert system.get("options", **{"If-None-Match": tag}).status_code == 200

    @pytest.mark.parametrize("path", ["releases", "openapi.json"])
    def test_it_is_the_answer_where_that_is_not_of_one_release(self, system: Any, path: str) -> None:
        tag = system.get(path).headers["ETag"]
        assert system.get(path, **{"If-None-Match": tag}).status_code == 304

    def test_what_is_not_there_is_not_the_same(self, system: Any) -> None:
        tag = system.get("options").headers["ETag"]
        assert system.get("options/nothing", **{"If-None-Match": tag}).status_code == 404


def test_a_head_is_a_get_without_its_body(system: Any) -> None:
    got = system.get("options")
    response = system.client.head("/api/v1/options", headers=system.headers)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(got.content))
    assert response.headers["ETag"] == got.headers["ETag"]

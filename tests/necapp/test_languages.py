"""The language of a page: from the browser or from the menu, with nothing lost on the way."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = pytest.mark.django_db


def language(response: HttpResponse) -> str:
    """What the page says of itself, twice."""
    named = re.search(r'<html lang="([^"]+)">', response.content.decode())
    assert named is not None
    assert response.headers["Content-Language"] == named[1]
    return named[1]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9", "en-gb"),
        ("en", "en-gb"),
        ("fr", "fr"),
        ("fr-CH,de;q=0.8", "fr"),
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("ca,es;q=0.5", "es"),
        ("it-IT,de;q=0.5", "de"),
        ("it", "en-gb"),
        ("", "en-gb"),
        ("no language; at all", "en-gb"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(client: Client, asked: str, expected: str) -> None:
    assert language(client.get("/about/", headers={"Accept-Language": asked})) == expected


class TestMenu:
    def test_it_names_each_other_language_in_that_language(self, client: Client) -> None:
        languages = {"en-gb": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
        for asked in languages:
            html = client.get("/about/", headers={"Accept-Language": asked}).content.decode()
            offered = [(code, name) for code, name in languages.items() if code != asked]
            assert re.findall(r'name="language"\s+value="([a-z-]+)"\s+lang="\1">(\w+)<', html) == offered

    def test_what_is_chosen_outweighs_the_browser_and_lasts(self, client: Client) -> None:
        response = client.post("/language/", {"language": "de", "next": "/evidence/?histology=nec"})
        assert (response.status_code, response.headers["Location"]) == (302, "/evidence/?histology=nec")
        cookie = response.cookies["django_language"]
        assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Strict", True, 365 * 24 * 3600)
        assert language(client.get("/evidence/", headers={"Accept-Language": "en"})) == "de"
        assert language(client.get("/nowhere/", headers={"Accept-Language": "en"})) == "de"

    @pytest.mark.parametrize("chosen", ["it", "xx", "", "de;q=1"])
    def test_a_language_that_is_not_there_changes_nothing(self, client: Client, chosen: str) -> None:
        client.post("/language/", {"language": chosen, "next": "/about/"})
        assert language(client.get("/about/")) == "en-gb"

    def test_it_leads_to_no_other_site(self, client: Client) -> None:
        response = client.post("/language/", {"language": "de", "next": "https://elsewhere.example/"})
        assert response.headers["Location"] == "/"

    def test_it_needs_the_forms_token(self, strict_client: Client) -> None:
        assert strict_client.post("/language/", {"language": "de"}).status_code == 403
        token = strict_client.get("/about/").cookies["csrftoken"].value
        sent = {"language": "de", "next": "/about/", "csrfmiddlewaretoken": token}
        assert strict_client.post("/language/", sent).status_code == 302

    def test_it_is_no_address_to_visit(self, client: Client) -> None:
        assert client.get("/language/").status_code == 405

    def test_a_page_without_a_request_offers_none(self, client: Client) -> None:
        response = client.post("/", "{}", content_type="application/json")
        assert response.status_code == 415
        assert 'name="language"' not in response.content.decode()


class TestPatient:
    ENTERED = {"ki67": "61", "primary_site": "pancreas", "preference": "tolerability"}

    def test_its_button_carries_the_form(self, client: Client) -> None:
        html = client.get("/").content.decode()
        button = re.search(r'<button[^>]*name="language"[^>]*>', html)
        assert button is not None
        assert 'form="patient-form"' in button[0]
        assert 'formaction="/language/"' in button[0]

    def test_enter_in_the_form_does_not_choose_a_language(self, client: Client) -> None:
        html = client.get("/").content.decode()
        first = re.search(r'<button[^>]*form="patient-form"[^>]*>', html)
        assert first is not None
        assert "name=" not in first[0]

    def test_what_was_entered_is_posted_again_and_is_in_no_address(self, client: Client) -> None:
        response = client.post("/language/", self.ENTERED | {"language": "de"}, follow=True)
        assert response.redirect_chain == [("/", 307)]
        assert language(response) == "de"
        html = response.content.decode()
        assert re.search(r'name="ki67"\s+value="61"', html)
        assert re.search(r'<option value="pancreas"\s+selected>', html)

    def test_an_entry_to_correct_is_kept_too(self, client: Client) -> None:
        response = client.post("/language/", {"ki67": "610", "language": "de"}, follow=True)
        assert re.search(r'name="ki67"\s+value="610"', response.content.decode())


@pytest.mark.parametrize("path", ["/", "/about/", "/evidence.csv", "/nowhere/"])
def test_caches_are_told_what_the_language_depends_on(client: Client, path: str) -> None:
    varies = {name.strip() for name in client.get(path).headers["Vary"].split(",")}
    assert {"Accept-Language", "Cookie"} <= varies


@pytest.mark.parametrize("asked", ["de", "fr", "es"])
def test_what_machines_read_is_the_same_in_every_language(client: Client, asked: str) -> None:
    english, other = (
        client.get("/evidence.csv", {"q": "bevanec"}, headers={"Accept-Language": language}).content
        for language in ("en", asked)
    )
    assert english == other
    assert b",8.9," in other


@pytest.mark.parametrize("language", ["de", "fr", "es"])
@pytest.mark.parametrize(("address", "name"), [("/compare/", "compare"), ("/trials/", "trials")])
def test_a_page_that_took_a_patient_comes_back_in_the_other_language(
    client: Client, address: str, name: str, language: str
) -> None:
    entered = {"primary_site": "colorectal", "region": "EU", "ki67": "2.5", "compare": ["folfiri", "folfox"]}
    entered |= {"decimal_mark": "."}
    html = client.post(address, entered).content.decode()
    form = re.findall(r'<form[^>]*id="page-form".*?</form>', html, re.DOTALL)[0]
    sent = re.findall(r'name="([a-z_0-9]+)"\s+value="([^"]*)"', form)
    assert ("page", name) in sent
    assert 'form="page-form"' in html
    data: dict[str, list[str]] = {}
    for field, value in sent:
        data.setdefault(field, []).append(value)
    response = client.post("/language/", data | {"language": language})
    assert (response.status_code, response.headers["Location"]) == (307, address)
    again = client.post(response.headers["Location"], data).content.decode()
    assert f'<html lang="{language}">' in again
    assert "Ki-67 2,5" in again


def test_an_unknown_page_is_no_way_out(client: Client) -> None:
    response = client.post("/language/", {"language": "de", "page": "https://example.org/"})
    assert response.headers["Location"] == "/"

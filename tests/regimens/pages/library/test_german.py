"""The library in German: its words, its decimal comma and its dates; the evidence in English, and marked as such."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from regimens import releases
from tests.pages import LIBRARY, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def german() -> Client:
    return Client(headers={"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"})


@pytest.mark.parametrize("path", LIBRARY)
def test_every_page_is_german(german: Client, path: str) -> None:
    response = german.get(path)
    page = text(response)
    assert '<html lang="de">' in response.content.decode()
    assert "Patient Optionen Medikamente Evidenz Biomarker Leitlinien Studien Methode Über necapp" in page
    assert "Unterstützt das klinische Urteil und ersetzt es nicht." in page


def test_a_forest_plot_has_a_decimal_comma_and_the_same_drawing(german: Client, client: Client) -> None:
    response = german.get("/options/folfiri/")
    page = text(response)
    assert "8,9 5,7–10,6 22 %" in page
    assert "nicht belegt 7,4 5,7–9,5 100 %" in page
    assert "weniger als fünf Patienten" in page
    drawings = [
        re.findall(r"<svg.*?</svg>", answer.content.decode(), re.DOTALL)
        for answer in (response, client.get("/options/folfiri/"))
    ]
    assert drawings[0] == drawings[1]


def test_a_publication_keeps_its_english_texts_and_says_that_they_are(german: Client) -> None:
    response = german.get("/evidence/walter-2023-bevanec/")
    page = text(response)
    assert "zweimal gelesen, in der Wiedergabe durch eine andere Arbeit" in page
    assert "HR OS 0,97 (0,64–1,47) gegenüber FOLFIRI" in page
    assert "OS 8,9 (5,7–10,6) Mon." in page
    html = response.content.decode()
    assert re.search(r'<h1 lang="en">Bevacizumab plus FOLFIRI', html)
    assert re.search(r'<ul class="sentences" lang="en">\s*<li>FOLFIRI alone after', html)


def test_nouns_keep_their_capitals_within_a_line(german: Client) -> None:
    assert "Fluoropyrimidin-Kombination · Spätere Therapielinie" in text(german.get("/options/folfiri/"))
    assert "Übersichtsarbeit" in text(german.get("/evidence/"))


def test_a_bar_is_as_wide_as_in_english(german: Client, client: Client) -> None:
    widths = [
        re.findall(r'<rect width="([^"]+)"', answer.get("/biomarkers/msi-mmr/").content.decode())
        for answer in (german, client)
    ]
    assert widths[0] == widths[1]
    assert "5.3%" in widths[0]


def test_filters_and_what_is_wrong_with_them_are_german(german: Client) -> None:
    page = text(german.get("/evidence/", {"histology": "nec", "since": "gestern"}))
    assert "Bitte eine ganze Zahl eingeben." in page
    assert "Therapielinie beliebig Erstlinie Zweitlinie" in page
    assert re.search(r"\d+ von 235 Publikationen", page)


def test_the_method_states_its_constants_in_german(german: Client) -> None:
    page = text(german.get("/method/"))
    rate = releases.current().benchmark.rates["orr"]
    assert f"{100 * rate.mean:.1f} %".replace(".", ",") in page
    assert "2048 festgelegte Ziehungen" in page
    assert "0,40 0,25 0,20 0,15" in page


def test_the_release_is_dated_as_in_german(german: Client) -> None:
    day = releases.current().release.published_on
    page = text(german.get("/about/"))
    assert re.search(rf"veröffentlicht am {day.day}\. [A-ZÄÖÜa-zäöü]+ {day.year}", page)


def test_what_cannot_be_answered_is_said_in_german(german: Client) -> None:
    for response, heading in (
        (german.get("/nirgends/"), "Seite nicht gefunden"),
        (german.post("/about/"), "Methode nicht erlaubt"),
        (german.post("/", "{}", content_type="application/json"), "Kein Formular"),
    ):
        assert f"<h1>{heading}</h1>" in response.content.decode()

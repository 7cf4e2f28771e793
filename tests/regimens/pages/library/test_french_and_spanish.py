"""The library in French and Spanish: its words, its decimals and dates; the evidence in English, and marked as such."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from regimens import releases
from tests.pages import LIBRARY, text

pytestmark = pytest.mark.django_db

NAVIGATION = {
    "fr": "Patient Options Médicaments Preuves Biomarqueurs Recommandations Essais Méthode À propos",
    "es": "Paciente Opciones Fármacos Evidencia Biomarcadores Guías Ensayos Método Acerca de",
}
JUDGEMENT = {
    "fr": "Aide au jugement clinique, qu’il ne remplace pas.",
    "es": "Apoya el juicio clínico y no lo sustituye.",
}


@pytest.fixture(params=NAVIGATION)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(language: str) -> Client:
    return Client(headers={"Accept-Language": f"{language}-CH,{language};q=0.9,en;q=0.5"})


@pytest.mark.parametrize("path", LIBRARY)
def test_every_page_is_in_the_language(reader: Client, language: str, path: str) -> None:
    response = reader.get(path)
    page = text(response)
    assert f'<html lang="{language}">' in response.content.decode()
    assert NAVIGATION[language] in page
    assert JUDGEMENT[language] in page


def test_a_publication_keeps_its_english_texts_and_says_that_they_are(reader: Client, language: str) -> None:
    response = reader.get("/evidence/walter-2023-bevanec/")
    page = text(response)
    assert {"fr": "SG 8,9 (5,7–10,6) mois", "es": "SG 8,9 (5,7–10,6) meses"}[language] in page
    assert {"fr": "HR SG 0,97 (0,64–1,47) par rapport à FOLFIRI", "es": "HR SG 0,97 (0,64–1,47) frente a FOLFIRI"}[
        language
    ] in page
    assert re.search(r'<h1 lang="en">Bevacizumab plus FOLFIRI', response.content.decode())


def test_the_release_is_dated_as_the_language_dates(reader: Client, language: str) -> None:
    day = releases.current().release.published_on
    page = text(reader.get("/about/"))
    expected = {
        "fr": rf"publié le {day.day} [a-zéû]+ {day.year}",
        "es": rf"publicado el {day.day} de [a-z]+ de {day.year}",
    }[language]
    assert re.search(expected, page)


def test_what_is_wrong_with_a_filter_is_said_in_the_language(reader: Client, language: str) -> None:
    page = text(reader.get("/evidence/", {"since": "x"}))
    assert {"fr": "Saisissez un nombre entier.", "es": "Introduzca un número entero."}[language] in page


def test_what_cannot_be_answered_is_said_in_the_language(reader: Client, language: str) -> None:
    heading = {"fr": "Page introuvable", "es": "Página no encontrada"}[language]
    assert f"<h1>{heading}</h1>" in reader.get("/nowhere/").content.decode()

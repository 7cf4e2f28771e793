"""Every word of every page is a message or evidence: pages in a pseudo-language, whose every message stands in ⟦ ⟧."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from regimens import releases
from tests.factories.patients import colorectal
from tests.pages import LIBRARY
from tests.pseudo_language import Known, check, in_force, untranslated

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", [*LIBRARY, "/options/?q=·", "/drugs/?q=·", "/evidence/?q=zzz&since=x", "/trials/?q=zzz"]
)
def test_every_word_of_a_page_is_translated(pseudo_client: Client, path: str) -> None:
    known = in_force().with_names("keytruda", "zzz")  # what is searched is shown as it was entered
    check(pseudo_client.get(path), known)


def test_every_word_on_every_page_of_an_entry_is_translated(pseudo_client: Client) -> None:
    knowledge, known = releases.current(), in_force()
    for address in (
        *(f"/options/{slug}/" for slug in knowledge.regimens),
        *(f"/drugs/{slug}/" for slug in knowledge.drugs),
        *(f"/evidence/{key}/" for key in knowledge.publications),
        *(f"/biomarkers/{row['slug']}/" for row in knowledge.document["biomarkers"]),
        *(f"/evidence/?page={number}" for number in range(1, 7)),
    ):
        check(pseudo_client.get(address), known)


@pytest.mark.parametrize(
    "entered",
    [
        {},
        colorectal(),
        colorectal(preference="survival", evidence="nec", received=["folfox", "captem"]),
        colorectal() | {"try": "msi:high", "progressed": ["folfiri"], "conditions": ["ild", "warfarin"]},
        {
            "region": "UK",
            "primary_site": "pancreas",
            "ki67": "15",
            "differentiation": "uncertain",
            "ecog": "3",
            "others_absent": "on",
        },
        {"region": "EU", "primary_site": "lung", "first_line_platinum": "not-given", "compare": ["folfiri"]},
        {
            "ki67": "180",
            "platinum_best_response": "PD",
            "platinum_free_interval_months": "1.000",
            "lines_received": "x",
        },
        colorectal(compare=["folfiri", "tarlatamab", "nothing"]),
    ],
)
def test_every_word_of_a_ranking_is_translated(pseudo_client: Client, entered: dict[str, Any]) -> None:
    known = in_force().with_names("nothing", "x")  # what was entered is shown as it was
    check(pseudo_client.post("/", entered), known)
    check(pseudo_client.post("/", entered, headers={"HX-Request": "true"}), known)


def test_every_word_of_a_comparison_is_translated(pseudo_client: Client) -> None:
    ticked = ["folfiri", "nab-paclitaxel-bevacizumab", "captem", "best-supportive-care"]
    check(pseudo_client.post("/compare/", colorectal(compare=ticked)), in_force())
    check(pseudo_client.post("/compare/", colorectal(compare=ticked[:1])), in_force())
    check(pseudo_client.post("/compare/", colorectal(compare=ticked, evidence="nec")), in_force())


@pytest.mark.parametrize(
    "entered", [colorectal(), {"primary_site": "lung", "region": "EU"}, colorectal() | {"try": "dll3:positive"}]
)
def test_every_word_of_trials_checked_against_a_patient_is_translated(
    pseudo_client: Client, entered: dict[str, str]
) -> None:
    check(pseudo_client.post("/trials/", entered), in_force())


class TestPlainPages:
    def test_requests_that_cannot_be_answered(self, pseudo_client: Client, settings: Any) -> None:
        settings.RANKINGS_A_MINUTE = 1
        answers = {
            429: pseudo_client.post("/ranking.pdf", colorectal(), REMOTE_ADDR="192.0.2.1"),
            404: pseudo_client.get("/nowhere/"),
            405: pseudo_client.post("/about/"),
            413: pseudo_client.post("/", {"ki67": "8" * 300_000}),
            415: pseudo_client.post("/", "{}", content_type="application/json"),
            400: pseudo_client.post(
                "/", "&".join(f"f{i}=" for i in range(6000)), content_type="application/x-www-form-urlencoded"
            ),
        }
        for status, response in answers.items():
            assert response.status_code == status
            check(response, in_force())

    def test_a_form_without_its_token(self, pseudo_client: Client) -> None:
        pseudo_client.handler.enforce_csrf_checks = True
        response = pseudo_client.post("/", {"ki67": "80"})
        assert response.status_code == 403
        check(response, in_force())

    def test_a_fault_of_ours(self, pseudo_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("regimens.pages.library.views.Region", None)
        response = pseudo_client.get("/options/")
        assert response.status_code == 500
        check(response, in_force())

    def test_without_a_release(self, pseudo_client: Client, without_releases: None) -> None:
        response = pseudo_client.get("/")
        assert response.status_code == 503
        assert untranslated(response.content.decode(), Known()) == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>⟦Options⟧ 18 %</p>", []),
        ("<p>Options</p>", ["Options"]),
        ("<p>⟦Figures: ⟦read once⟧⟧ · 8,9–10</p>", []),
        ("<p>⟦Figures⟧: read once</p>", [" · : read once"]),
        ("<p>⟦Read <a>here⟧</a></p> there", [" there"]),
        ('<input placeholder="search">', ["search"]),
        ('<a aria-label="⟦Main⟧">FOLFIRI</a>', []),
        ("<p>Well tolerated by most</p>", ["Well tolerated by most"]),
        ('<p lang="en">Well tolerated</p>', []),
        ('<p lang="en">Well tolerated; FOLFIRI</p>', []),
        ("<p>Well tolerated</p>", ["Well tolerated"]),
        ('<p lang="en">Options</p>', ["Options"]),
        ('<p lang="en">Well tolerated <a lang="de">Weiter</a></p>', ["Weiter"]),
        ("<script>const x = 1;</script><code>manage.py</code>", []),
    ],
)
def test_an_untranslated_word_is_found(html: str, expected: list[str]) -> None:
    known = Known(names=frozenset({"FOLFIRI"}), texts=frozenset({"Well tolerated"}))
    assert untranslated(html, known) == expected

"""Pages of the admin that speak the reader's language: every word is a message, a name or evidence."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from curation import actions
from curation.actions import reports
from tests.factories.curation import REASON, proposed
from tests.factories.reports import WORDS, a_report
from tests.pseudo_language import AROUND, Known, in_force, own_words_of_django, untranslated

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(db: None) -> Known:
    names = {"ada", "ben", "(0)", "(1)", "(2)", "(3)", "shipped", *own_words_of_django()}
    texts = {WORDS, *REASON.values(), "FOLFIRI, renamed", "Mine", "Another", "none", "name", "folfiri", "regimens"}
    return in_force().with_names(*(" ".join(text.split()).strip(AROUND) for text in (*names, *texts)))


@pytest.fixture
def pseudo(pseudo_client: Client, ben: User) -> Client:
    pseudo_client.force_login(ben)
    return pseudo_client


@pytest.fixture
def address(ada: User, ben: User) -> dict[str, str]:
    """Something of each kind to be shown, and where."""
    open_one, asked = proposed(ada), proposed(ben, "regimens", "topotecan", name="Mine")
    actions.ask_for_change(asked, by=ada, comment="Another")
    report, answered = a_report(), a_report()
    reports.answer(answered, published="Another", answer="Another", by=ada)
    return {
        "start": "/admin/",
        "reports": "/admin/reports/",
        "report": f"/admin/reports/{report.pk}/",
        "answered": f"/admin/reports/{answered.pk}/",
        "waiting": "/admin/waiting/",
        "nothing": "/admin/waiting/?kind=trials",
        "proposal": f"/admin/regimens/proposal/{open_one.pk}/change/",
        "effect": f"/admin/regimens/proposal/{open_one.pk}/change/?effect=shown",
        "asked": f"/admin/regimens/proposal/{asked.pk}/change/",
        "several": f"/admin/waiting/several/?selected={open_one.pk}",
        "interests": "/admin/interests/",
    }


@pytest.mark.parametrize(
    "which",
    [
        "start",
        "reports",
        "report",
        "answered",
        "waiting",
        "nothing",
        "several",
        "interests",
        "proposal",
        "effect",
        "asked",
    ],
)
def test_every_word_is_a_message(pseudo: Client, address: dict[str, str], known: Known, which: str) -> None:
    response = pseudo.get(address[which])
    assert response.status_code == 200
    html = response.content.decode()
    assert 'lang="de"' in html
    left = [" ".join(text.split()) for text in untranslated(html, known)]
    assert not left, left

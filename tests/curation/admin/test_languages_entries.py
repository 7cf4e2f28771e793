"""Entries, their versions, the search and decisions on many speak the reader's language, all but the evidence."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from curation import actions
from curation.models import Entry
from curation.review.differences import differences
from tests.factories.curation import REASON, proposed
from tests.pseudo_language import AROUND, Known, Reader, in_force, own_words_of_django, untranslated

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(db: None) -> Known:
    folfiri = Entry.objects.get(kind="regimens", key="folfiri")
    said = {text for one in differences("regimens", None, folfiri.values) for text in (one.label, one.after)}
    names = {
        "ada",
        "ben",
        *own_words_of_django(),
        *REASON.values(),
        "FOLFIRI, renamed",
        "FOLFIRI, renamed |",
        "Mine",
        "as shipped",
    }
    names |= set(Entry.objects.values_list("key", flat=True)) | {"a", "folfirii"}
    found = in_force().with_names(*(" ".join(text.split()).strip(AROUND) for text in names))
    return Known(found.names, found.texts | said | {line for text in said for line in text.splitlines()})


@pytest.fixture
def pseudo(pseudo_client: Client, ben: User) -> Client:
    pseudo_client.force_login(ben)
    return pseudo_client


def check(response: HttpResponse, known: Known, status: int = 200) -> None:
    assert response.status_code == status
    html = response.content.decode()
    assert 'lang="de"' in html
    left = untranslated(html, known)
    assert not left, left


def test_an_entry_and_its_versions(pseudo: Client, known: Known, ada: User, ben: User) -> None:
    proposal = proposed(ada)
    actions.accept(proposal, by=ben)
    entry = Entry.objects.get(kind="regimens", key="folfiri")
    proposed(ada, name="Mine")
    newest, oldest = entry.history.order_by("-history_id")
    page = f"/admin/regimens/entry/{entry.pk}/change/"
    check(pseudo.get(f"{page}?then={oldest.pk}&now={newest.pk}"), known)
    version = f"/admin/regimens/entry/{entry.pk}/versions/{oldest.pk}/"
    check(pseudo.get(version), known)
    check(pseudo.post(version, {}), known, 422)
    answer = pseudo.post(version, REASON, follow=True)
    check(answer, known)


@pytest.mark.parametrize("query", ["", "?q=a", "?q=folfiri", "?q=folfiri&group=regimens", "?q=folfirii", "?q=2026"])
def test_the_search(pseudo: Client, known: Known, ada: User, query: str) -> None:
    """What is found is marked within its text, so that only what is no evidence is looked at here."""
    proposed(ada)
    reader = Reader()
    reader.feed(pseudo.get(f"/admin/search/{query}").content.decode())
    left = [text for text, english in reader.told if not english and not known.allows(text, english=False)]
    assert not left, left

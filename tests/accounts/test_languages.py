"""Pages on which administrators see to accounts and tokens speak the reader's language."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from accounts import two_administrators
from accounts.models import AccountRequest
from interop import actions as tokens
from interop.models import ApiToken, CardFeedback
from tests.pseudo_language import AROUND, Known, own_words_of_django, untranslated

pytestmark = pytest.mark.django_db

LIMITS = {"rankings_a_minute": 60, "reads_a_minute": 600, "networks": ""}


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", email="", password=None)


@pytest.fixture
def pseudo(pseudo_client: Client, root: User, settings: Any) -> Client:
    settings.REQUIRE_SECOND_FACTOR = False
    pseudo_client.force_login(root)
    return pseudo_client


@pytest.fixture
def known(address: dict[str, str]) -> Known:
    names = {"root", "second", "new", "(0)", "(1)", "(2)", "One system", "CDS Hooks", "topic", "urgent"}
    names |= {"knowledge.read", "JSON", "CDS", str(ApiToken.objects.first() or ""), *own_words_of_django()}
    names |= {"Work packages", "Questions of imports"}  # said in English where imports and packages are
    # Django's own words, with what it puts into them.
    names |= {"Benutzer zur Änderung auswählen |", "Benutzer zur Änderung auswählen", "› Benutzer", "3 Benutzer"}
    names |= {"0 von 3 ausgewählt", "Nach Aktiv", "Nach Gruppen", "Search", "True", "False", "› new", "› Clinician"}
    names |= {f"Dieses Objekt für eine Aktion auswählen - {name}" for name in ("new", "root", "second")}
    names |= {"new | Benutzer ändern |", "Benutzer ändern", "Clinician | Gruppe ansehen |", "Gruppe ansehen"}
    names |= {"Gruppe zum Ansehen auswählen |", "Gruppe zum Ansehen auswählen", "› Gruppen", "5 Gruppen"}
    names |= set(Group.objects.values_list("name", flat=True))
    return Known(frozenset(" ".join(name.split()).strip(AROUND) for name in names))


@pytest.fixture
def address(root: User) -> dict[str, str]:
    second = User.objects.create_superuser("second", email="", password=None)
    person = User.objects.create_user("new", is_staff=True)
    two_administrators.ask(person, AccountRequest.Kind.LINK, by=second)
    two_administrators.ask(person, AccountRequest.Kind.SECOND_FACTOR, by=root)
    now = timezone.now()
    token, _ = tokens.make_token(
        name="One system", scopes=["knowledge.read"], expires_on=now.date(), by=root, now=now, **LIMITS
    )
    return {
        "start": "/admin/",
        "invite": "/admin/invite/",
        "to be confirmed": "/admin/to-be-confirmed/",
        "accounts": "/admin/auth/user/",
        "account": f"/admin/auth/user/{person.pk}/change/",
        "roles": "/admin/auth/group/",
        "role": f"/admin/auth/group/{Group.objects.get(name='Clinician').pk}/change/",
        "new token": "/admin/tokens/new/",
        "limits": f"/admin/tokens/{token.pk}/limits/",
        "feedback": "/admin/card-feedback/",
    }


def test_every_word_is_a_message(pseudo: Client, address: dict[str, str], known: Known) -> None:
    CardFeedback.objects.create(
        card="7f2f8a5e-5a0e-4f4c-8f5e-0c4a8d1f8a11",
        topic="topic",
        outcome="overridden",
        reason="urgent",
        has_comment=True,
        day=timezone.now().date(),
    )
    left = {}
    for which, page in address.items():
        response = pseudo.get(page)
        assert response.status_code == 200, which
        html = response.content.decode()
        left[which] = ([] if 'lang="de"' in html else ["not German"]) + untranslated(html, known)
    assert not any(left.values()), left

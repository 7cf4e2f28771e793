"""No account is made, or renamed, so that it passes for another one."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts import actions
from tests.factories.accounts import account

pytestmark = pytest.mark.django_db


@pytest.fixture
def adelheid() -> User:
    return account("adelheid", "Clinician", first_name="Adelheid", last_name="Kanarienvogel")


def invite(username: str, first_name: str = "", last_name: str = "") -> User:
    by = User.objects.get(username="root")
    names = {"username": username, "first_name": first_name, "last_name": last_name}
    return actions.invite(**names, email="", roles=[], by=by)[0]


@pytest.mark.parametrize(
    "names",
    [
        ("аdеlhеid",),
        ("ade1heid",),
        ("Adelheid",),
        ("adelheid.",),
        ("puppet", "Adelheid", "Kanarienvogel"),
        ("puppet", "Adelheid", "Kаnarienvogel"),
        ("puppet", "ADELHEID", "KANARIENVOGEL"),
        ("puppet", "Adelheid", " Kanarienvogel"),
        ("puppet", "Adelheid\u200b", "Kanarienvogel"),
        ("puppet", "adelheid"),
    ],
)
def test_nobody_is_invited_who_looks_like_somebody(names: tuple[str, ...], root: Client, adelheid: User) -> None:
    with pytest.raises(actions.AccountError):
        invite(*names)
    assert not User.objects.filter(username="puppet").exists()


def test_a_user_name_is_of_one_alphabet(root: Client) -> None:
    with pytest.raises(actions.AccountError, match="one alphabet"):
        invite("zoё")
    assert invite("müller").username == "müller"
    assert invite("zoe", "Zoë", "Müller").first_name == "Zoë"


def test_nobody_is_renamed_so(root: Client, adelheid: User) -> None:
    other = account("ben", "Clinician", first_name="Ben", last_name="Lund")
    by = User.objects.get(username="root")
    for changes in ({"username": "adeIheid"}, {"first_name": "Adelheid", "last_name": "Kanarienvogel"}):
        with pytest.raises(actions.AccountError, match="adelheid"):
            actions.change_names(other, changes, by=by)
    actions.change_names(other, {"first_name": "Benjamin", "email": "ben@hospital.example"}, by=by)
    actions.change_names(adelheid, {"last_name": "Kanarienvogel-Lund"}, by=by)
    assert User.objects.get(username="ben").get_full_name() == "Benjamin Lund"

"""Accounts for tests: with a password, with an authenticator app, and what the app shows."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AccountRequest, AuthenticatorApp
from accounts.seeds import opened
from accounts.sessions import Session

PASSWORD = "marmalade under seven bridges"  # noqa: S105 - of accounts that live as long as a test


def account(username: str, role: str = "Curator", **fields: object) -> User:
    person = User.objects.create_user(username, password=PASSWORD, is_staff=role != "Clinician", **fields)
    person.groups.add(Group.objects.get(name=role))
    return person


def signed_in(person: User) -> Client:
    """The browser of somebody who is signed in, without having signed in."""
    client = Client()
    client.force_login(person)
    return client


def with_app(person: User) -> AuthenticatorApp:
    return AuthenticatorApp.objects.create(user=person, confirmed=True, name="app")


def code_of(device: TOTPDevice, *, steps: int = 0) -> str:
    """What an app shows now, or that many half minutes from now."""
    return _code(opened(device.key, device.user_id), steps)


def code_for(secret: str, *, steps: int = 0) -> str:
    """The same for a secret as a page shows it."""
    return _code(b32decode(secret.replace(" ", "")), steps)


def signs_in(client: Client, username: str, password: str = PASSWORD, token: str = "") -> bool:
    """Whether the page of the sign-in lets somebody in."""
    client.post("/account/sign-in/", {"username": username, "password": password, "token": token})
    return is_signed_in(client)


def is_signed_in(client: Client) -> bool:
    """Whether the server knows whose the browser is; unlike `client.session`, this makes no session."""
    cookie = client.cookies.get("sessionid")
    return cookie is not None and SESSION_KEY in Session.get_session_store_class()(cookie.value or None)


def confirmed(browser: Client, username: str, kind: str = "link") -> Any:
    """What an administrator is answered who confirms what another one asked for."""
    asked = AccountRequest.objects.get(person__username=username, kind=kind, outcome="")
    return browser.post("/admin/to-be-confirmed/", {"request": asked.pk, "confirm": "Confirm"})


def link_on(response: Any) -> str:
    """The link to set a password on a page that shows one to an administrator."""
    found = re.search(r'value="http://testserver(/account/invitation/[^"]+)"', response.content.decode())
    assert found is not None
    return found[1]


def _code(key: bytes, steps: int) -> str:
    totp = TOTP(key)
    totp.time = time.time() + steps * totp.step
    return f"{totp.token():06d}"

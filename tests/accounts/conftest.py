from __future__ import annotations

import pytest
from django.db.models import F
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.factories.accounts import account, code_of, signs_in, with_app


@pytest.fixture(autouse=True)
def as_on_a_server(without_second_factor: None, settings: pytest.FixtureRequest) -> None:
    """With the second factor; and with a hash that is quick, for passwords that protect nothing."""
    settings.REQUIRE_SECOND_FACTOR = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db: None) -> Client:
    """The browser of a curator who is signed in."""
    return _signed_in("ada", "Curator")


@pytest.fixture
def root(db: None) -> Client:
    """The browser of an administrator who is signed in."""
    return _signed_in("root", "Administrator")


@pytest.fixture
def other(db: None) -> Client:
    """The browser of another administrator who is signed in."""
    return _signed_in("other", "Administrator")


def _signed_in(username: str, role: str) -> Client:
    device = with_app(account(username, role))
    client = Client()
    assert signs_in(client, username, token=code_of(device))
    # As if it were half a minute ago, so that a test can use the code that the app shows now, which works but once.
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=F("last_t") - 1)
    return client

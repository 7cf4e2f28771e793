"""Who signs in: a name and a password, and a code where the account has an authenticator app; all three or nobody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from .rights import RolePermissions
from .second_factor import accepts, device_of


class SecondFactorBackend(RolePermissions):
    """Takes the code together with the password, so that no session exists that has passed only half of it."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        token: str = "",
        **rest: Any,
    ) -> User | None:
        """`token` is called so that Django hides it from those who hear of a failure."""
        person = super().authenticate(request, username=username, password=password)
        if not isinstance(person, User):
            return None
        device = device_of(person)
        if device:
            if not accepts(device, token):
                return None
            person.otp_device = device  # django-otp notes it in the session at sign-in
        return person

"""Who signs in: a name and a password, and a code where the account has an authenticator app; all three or nobody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from .identity_provider import is_local
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
        if not isinstance(person, User) or not is_local(person.get_username()):
            return None
        device = device_of(person)
        if settings.OIDC_ISSUER and device is None:
            return None  # a break-glass account has its app before it is needed
        if device:
            if not accepts(device, token):
                return None
            person.otp_device = device  # django-otp notes it in the session at sign-in
        return person

    def get_user(self, user_id: int) -> User | None:
        """A session of before there was an identity provider ends with it."""
        person = super().get_user(user_id)
        return person if isinstance(person, User) and is_local(person.get_username()) else None


class IdentityBackend(RolePermissions):
    """Whose session it is who came by the hospital's identity provider: accounts/oidc/."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, identity: User | None = None, token: str = "", **rest: Any
    ) -> User | None:
        """The code of an app, after the provider's word on whose `identity` it is."""
        device = device_of(identity) if identity else None
        if identity is None or device is None or not accepts(device, token):
            return None
        identity.otp_device = device  # type: ignore[attr-defined]
        return identity

    def get_user(self, user_id: int) -> User | None:
        person = super().get_user(user_id) if settings.OIDC_ISSUER else None
        return person if isinstance(person, User) and not is_local(person.get_username()) else None

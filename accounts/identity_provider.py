"""The hospital's identity provider as the settings name it (OIDC_…), and who still signs in here where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest

from .origins import ANYWHERE, Reach, origin_of

BACKEND = "accounts.backends.IdentityBackend"
# The groups of this project: regimens/migrations/0005_roles.py.
ADMINISTRATOR = "Administrator"
ROLES = ("Clinician", "Board member", "Curator", "Publisher", ADMINISTRATOR)


@dataclass(frozen=True)
class Provider:
    """What is set of it.

    issuer         as it writes itself in its tokens, to the letter
    scopes         that are asked for, "openid" among them
    username_claim from which a new account gets its user name
    groups_claim   where the groups of a person stand; a dot leads into an object: realm_access.roles
    roles          the roles of each group
    acr, amr       of which one, or all, have to be said of a sign-in; empty: whatever is said
    max_age        for so many seconds a sign-in at the provider is good for one here; None: for ever
    origins        where its endpoints lie
    certificates   a PEM file of authorities that are trusted beside the public ones; empty for none
    asks_userinfo  whether claims are asked for besides those in the token
    second_factor  whether it answers for the second factor, or is asked for here
    """

    issuer: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    username_claim: str
    groups_claim: str
    roles: Mapping[str, tuple[str, ...]]
    acr: tuple[str, ...]
    amr: tuple[str, ...]
    max_age: int | None
    origins: frozenset[str]
    certificates: str
    asks_userinfo: bool
    answers_for_second_factor: bool
    break_glass: frozenset[str]

    @property
    def reach(self) -> Reach:
        """What may be asked of it: in the hospital's own network as a rule."""
        return _reach(self.origins, self.certificates)

    def reaches(self, url: object) -> bool:
        """Whether an address is one of the provider's: by https, or on this machine alone."""
        return isinstance(url, str) and "#" not in url and self.reach.has(url)


def provider() -> Provider | None:
    """None where people sign in here. Settings in which `faults` finds any may raise ValueError."""
    if not settings.OIDC_ISSUER:
        return None
    given = {
        group: (roles,) if isinstance(roles, str) else tuple(roles) for group, roles in settings.OIDC_ROLES.items()
    }
    return Provider(
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        scopes=tuple(dict.fromkeys(["openid", *settings.OIDC_SCOPES])),
        username_claim=settings.OIDC_USERNAME_CLAIM,
        groups_claim=settings.OIDC_GROUPS_CLAIM,
        roles=given,
        acr=tuple(settings.OIDC_REQUIRED_ACR),
        amr=tuple(settings.OIDC_REQUIRED_AMR),
        max_age=settings.OIDC_MAX_AGE,
        origins=frozenset(map(origin_of, [settings.OIDC_ISSUER, *settings.OIDC_ORIGINS])),
        certificates=settings.OIDC_CERTIFICATES,
        asks_userinfo=settings.OIDC_USERINFO,
        answers_for_second_factor=settings.OIDC_SECOND_FACTOR == "provider",
        break_glass=frozenset(settings.OIDC_BREAK_GLASS),
    )


def is_local(username: str) -> bool:
    """Whether an account has a password of its own here: everybody's, or that of the break-glass accounts alone."""
    return not settings.OIDC_ISSUER or username in settings.OIDC_BREAK_GLASS


def is_by_provider(request: HttpRequest) -> bool:
    """Whether who is signed in came by the identity provider."""
    return bool(request.session.get(BACKEND_SESSION_KEY) == BACKEND)


def mixes(roles: set[str] | tuple[str, ...]) -> bool:
    """Whether somebody would administer accounts and have a hand in the evidence or a board besides."""
    return ADMINISTRATOR in roles and len(set(roles)) > 1


def faults() -> list[str]:
    """What is wrong with the settings, in words; nothing where there is no provider."""
    if not settings.OIDC_ISSUER:
        return []
    found = [f"{name} is not set." for name in ("OIDC_CLIENT_ID", "OIDC_BREAK_GLASS") if not getattr(settings, name)]
    for url in [settings.OIDC_ISSUER, *settings.OIDC_ORIGINS]:
        try:
            is_one = "#" not in url and _reach(frozenset({origin_of(url)})).has(url)
            fault = "" if is_one else "an address of https is wanted, without #"
        except ValueError as error:
            fault = str(error)
        if fault:
            found.append(f"OIDC_ISSUER, OIDC_ORIGINS: {url!r}: {fault}.")
    if settings.OIDC_CERTIFICATES and not Path(settings.OIDC_CERTIFICATES).is_file():
        found.append(f"OIDC_CERTIFICATES: there is no file {settings.OIDC_CERTIFICATES}.")
    return found + _faults_of_roles(settings.OIDC_ROLES)


def _faults_of_roles(given: Any) -> list[str]:
    if not isinstance(given, dict) or not given:
        return ['OIDC_ROLES: an object is wanted, such as {"necapp-curators": "Curator"}.']
    found = []
    for group, roles in given.items():
        named = [roles] if isinstance(roles, str) else roles
        if not isinstance(named, list) or not named or not all(role in ROLES for role in named):
            found.append(f"OIDC_ROLES: {group}: one or several of {', '.join(ROLES)} are wanted.")
        elif mixes(set(named)):
            found.append(f"OIDC_ROLES: {group}: who is {ADMINISTRATOR} has no other role.")
    return found


def _reach(origins: frozenset[str], certificates: str = "") -> Reach:
    return Reach(origins, ANYWHERE, this_machine=True, certificates=certificates)

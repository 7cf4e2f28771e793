"""Django's system checks of the settings of accounts: every fault of them, in words, before anybody signs in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connection

from . import identity_provider
from .seeds import SHORTEST_KEY

_DEPLOY = "docs/deploy.md says how it is set."
_KEY = "Put the former key behind the first one, with a comma between; without it these people set up an app anew."
LOCKED = (
    "{apps} authenticator apps are locked: their seeds were encrypted with a key that is not among those of SEED_KEY."
)


def seed_key(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """Keys are long enough."""
    if all(len(key) >= SHORTEST_KEY for key in settings.SEED_KEYS):
        return []
    words = f"A key of SEED_KEY is shorter than {SHORTEST_KEY} characters."
    return [Error(words, hint=_DEPLOY, id="accounts.E001")]


def seed_key_is_its_own(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """On a server there is one."""
    if settings.SEED_KEYS and settings.SEED_KEYS[0] != settings.SECRET_KEY:
        return []
    words = "SEED_KEY is not set: the seeds of authenticator apps are encrypted with a key made of SECRET_KEY."
    return [checks.Warning(words, hint=_DEPLOY, id="accounts.W001")]


def seeds_open(app_configs: Any = None, databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """The key of the seeds is the one with which they were encrypted. Asked with `check --database`."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    from .models import AuthenticatorApp
    from .second_factor import locked

    is_there = AuthenticatorApp._meta.db_table in connection.introspection.table_names()
    apps = locked() if is_there else 0
    return [checks.Warning(LOCKED.format(apps=apps), hint=_KEY, id="accounts.W003")] if apps else []


def breached_passwords(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """The list that is named is there."""
    if not settings.BREACHED_PASSWORDS or Path(settings.BREACHED_PASSWORDS).is_file():
        return []
    words = f"BREACHED_PASSWORDS: there is no file {settings.BREACHED_PASSWORDS}."
    return [Error(words, hint=_DEPLOY, id="accounts.E002")]


def identity(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """The settings of the identity provider belong together."""
    return [Error(fault, hint=_DEPLOY, id="accounts.E003") for fault in identity_provider.faults()]


def identity_is_strong(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """On a server nobody gets in by a password alone."""
    if not settings.OIDC_ISSUER or settings.OIDC_SECOND_FACTOR != "provider":
        return []
    if settings.OIDC_REQUIRED_ACR or settings.OIDC_REQUIRED_AMR:
        return []
    words = "The identity provider answers for the second factor, and neither OIDC_REQUIRED_ACR nor _AMR asks for one."
    return [checks.Warning(words, hint=_DEPLOY, id="accounts.W002")]

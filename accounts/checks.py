"""Django's system checks of the settings of accounts: every fault of them, in words, before anybody signs in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

from . import identity_provider
from .seeds import SHORTEST_KEY

_DEPLOY = "docs/deploy.md says how it is set."


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

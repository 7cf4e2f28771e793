"""Settings from the environment: what is wrong with a variable is said by its name, and without its value, which may be
a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import dj_email_url
from environs import EnvError, FileAwareEnv, ValidationError

ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class Environment(FileAwareEnv):
    """A variable, or what stands in the file that the variable with `_FILE` behind its name names."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except (OSError, ValueError) as error:
            why = getattr(error.__cause__ or error, "strerror", None) or "it is no text"
            raise EnvError(f'Environment variable "{env_key}_FILE" names no file that can be read: {why}') from error


def check_database(database: Mapping[str, Any]) -> None:
    if database.get("ENGINE") not in ENGINES:
        raise EnvError('Environment variable "DATABASE_URL" invalid: neither postgres:// nor sqlite:///')


def check_mail(url: str) -> None:
    if url and urlsplit(url).scheme not in dj_email_url.SCHEMES:
        raise ValidationError("No such as submission://user:password@host:587.")


def check_collector(to: str) -> None:
    """Of security events: nowhere, to standard error, or to a collector that speaks syslog."""
    if to in ("", "-"):
        return
    try:
        address = urlsplit(to)
        is_one = address.scheme == "syslog" and bool(address.hostname) and address.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValidationError("Neither - nor such as syslog://collector.example:514.")

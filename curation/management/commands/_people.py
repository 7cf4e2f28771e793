"""On whose behalf a command acts: `--by USERNAME`."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser


def add_by(parser: CommandParser, help: str) -> None:
    parser.add_argument("--by", metavar="USERNAME", help=help)


def person(username: str | None) -> User:
    """Raises CommandError."""
    if not username:
        raise CommandError("say who does this: --by USERNAME")
    found = get_user_model().objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"there is no account named {username}")
    return found

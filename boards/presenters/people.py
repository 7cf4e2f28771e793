"""How people of a board are named: by their full name where the account has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def person_name(person: User) -> str:
    return str(person.get_full_name() or person.get_username())

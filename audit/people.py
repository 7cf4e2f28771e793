"""The person who asks for an action: how they are named, and whether they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from .errors import NotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def person_name(person: User) -> str:
    """As whom a person is shown: by their full name where the account has one."""
    return str(person.get_full_name() or person.get_username())


def known(by: User | None) -> User:
    """The person as the database knows them now. Raises NotAllowed."""
    pk = getattr(by, "pk", None)
    person = get_user_model().objects.filter(pk=pk, is_active=True).first() if pk else None
    if person is None:
        raise NotAllowed(_("Only a person who is signed in may do this."))
    return person


def permitted(by: User | None, permission: str) -> User:
    """The person, who holds a permission. Raises NotAllowed."""
    person = known(by)
    if not person.has_perm(permission):
        raise NotAllowed(_("%(person)s has no permission to do this.") % {"person": person})
    return person

"""What every action on accounts stands in: who may act on whose account, and how sessions end."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from .sessions import Session

ADD, CHANGE = "auth.add_user", "auth.change_user"

P = ParamSpec("P")
R = TypeVar("R")


class AccountError(Exception):
    """Something that cannot be done to an account, in words."""


def whole(action: Callable[P, R]) -> Callable[P, R]:
    """An action as one transaction."""

    @wraps(action)
    def in_one(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return action(*args, **kwargs)

    return in_one


def permitted(by: User, permission: str) -> User:
    """Who asks for it, as the database knows them now. Raises AccountError."""
    known = User.objects.filter(pk=getattr(by, "pk", None), is_active=True).first()
    if known is None or not known.has_perm(permission):
        raise AccountError(_("You have no permission to do this."))
    return known


def another(person: User, by: User) -> User:
    """The account as it is now, kept from others until the transaction ends, which is not one's own."""
    known = permitted(by, CHANGE)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == known.pk:
        raise AccountError(
            _("Your own account is on the page of your account; another administrator changes the rest.")
        )
    return person


def end_sessions_of(person: User, *, keeping: str | None = None) -> int:
    return Session.objects.filter(person=person).exclude(pk=keeping or "").delete()[0]

"""What is done to accounts, each in one transaction. Raise AccountError, in words for its reader.

What changes an account itself is an event by Django's signals (accounts/events.py); the rest is recorded here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.contrib.auth.models import Group, User
from django.db import transaction

from audit.events import record

from . import identity_provider, links, lockout, second_factor, seeds
from .models import AuthenticatorApp, Identity
from .sessions import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ADD, CHANGE = "auth.add_user", "auth.change_user"
# Who only uses the pages outside of the admin.
OUTSIDE_THE_ADMIN = ("Clinician",)

P = ParamSpec("P")
R = TypeVar("R")


class AccountError(Exception):
    """Something that cannot be done to an account, in words."""


def _whole(action: Callable[P, R]) -> Callable[P, R]:
    @wraps(action)
    def in_one(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            return action(*args, **kwargs)

    return in_one


# ---- by administrators


@_whole
def invite(
    *, username: str, first_name: str, last_name: str, email: str, roles: Iterable[Group], by: User
) -> tuple[User, str]:
    """An account without a password, and the path of the link with which its person sets one."""
    _permit(by, ADD)
    _need_password(username)
    if User.objects.filter(username__iexact=username).exists():
        raise AccountError(f"There is an account named {username}.")
    person = User(username=username, first_name=first_name, last_name=last_name, email=email)
    person.set_unusable_password()
    person.save()
    given = set_roles(person, roles)
    record("invite", person, by=by, details={"roles": given})
    return person, links.path_for(person)


@_whole
def make_link(person: User, *, by: User) -> str:
    """The path of a new link to set a password; the password and every link before stop working, and sessions end."""
    person = _another(person, by)
    _need_password(person.get_username())
    if not person.is_active:
        raise AccountError(f"The account {person} is closed.")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    _end(person)
    record("make-link", person, by=by)
    return links.path_for(person)


@_whole
def deactivate(person: User, *, by: User) -> None:
    """Nobody signs in with the account any more, and its sessions end."""
    person = _another(person, by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    _end(person)


@_whole
def activate(person: User, *, by: User) -> None:
    person = _another(person, by)
    person.is_active = True
    person.save(update_fields=["is_active"])


@_whole
def reset_second_factor(person: User, *, by: User) -> None:
    """For somebody who lost app and codes: the next sign-in sets up another. Their sessions end."""
    person = _another(person, by)
    second_factor.forget(person)
    _end(person)
    record("reset-second-factor", person, by=by)


@_whole
def end_sessions(person: User, *, by: User) -> int:
    person = _another(person, by)
    ended = _end(person)
    record("end-sessions", person, by=by, details={"sessions": ended})
    return ended


@_whole
def lift_lockout(person: User, *, by: User) -> None:
    """Let a person try again at once who failed too often."""
    person = _another(person, by)
    lockout.lift(person.get_username())
    record("lift-lock-out", person, by=by)


@_whole
def change_roles(person: User, roles: Iterable[Group], *, by: User) -> None:
    set_roles(_another(person, by), roles)


def set_roles(person: User, roles: Iterable[Group]) -> list[str]:
    """The groups of a person, and with them whether the admin is open; the names of the roles."""
    given = sorted(role.name for role in roles)
    person.groups.set(Group.objects.filter(name__in=given))
    person.is_staff = person.is_superuser or bool(set(given) - set(OUTSIDE_THE_ADMIN))
    person.save(update_fields=["is_staff"])
    return given


# ---- by whoever may run manage.py


@_whole
def connect_identity(username: str, subject: str, *, now: datetime) -> User:
    """Have an account that is there be whose identity it is from now on, without its password. Raises AccountError."""
    known = identity_provider.provider()
    if known is None:
        raise AccountError("No identity provider is set (OIDC_ISSUER).")
    person = User.objects.select_for_update().filter(username=username).first()
    if person is None:
        raise AccountError(f"There is no account named {username}.")
    if person.is_superuser or identity_provider.is_local(username):
        raise AccountError(f"{username} is a superuser's or a break-glass account: it signs in here.")
    if Identity.objects.filter(person=person).exists():
        raise AccountError(f"{username} is connected already.")
    if not subject or Identity.objects.filter(issuer=known.issuer, subject=subject).exists():
        raise AccountError("The identity is empty, or another account's.")
    Identity.objects.create(person=person, issuer=known.issuer, subject=subject, made_at=now)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    second_factor.forget(person)
    _end(person)
    record("connect-identity", person)
    return person


@_whole
def reseal_seeds() -> int:
    """Encrypt the seeds of apps with the key that seals now; how many were not. Raises AccountError, changing none."""
    changed = 0
    for app in AuthenticatorApp.objects.select_for_update().order_by("pk"):
        if seeds.is_current(app.key):
            continue
        try:
            key = seeds.sealed(app.bin_key, app.user_id)
        except seeds.SeedError as error:
            raise AccountError(f"The authenticator app of {app.user}: {error}") from error
        AuthenticatorApp.objects.filter(pk=app.pk).update(key=key)
        changed += 1
    record("reseal-seeds", "authenticator apps", details={"apps": changed})
    return changed


# ---- by the person whose account it is


@_whole
def accept_invitation(number: str, token: str, password: str) -> User:
    """Set the password with a link, which then no longer works. Raises AccountError where it does not now."""
    person = links.person_of(number, token, lock=True)
    if person is None:
        raise AccountError("The link does not work any more.")
    person.set_password(password)
    person.save(update_fields=["password"])
    _end(person)
    record("accept-invitation", person, by=person)
    return person


@_whole
def change_password(person: User, password: str, *, keeping: str | None) -> None:
    """End every session but the one that is kept."""
    person.set_password(password)
    person.save(update_fields=["password"])
    _end(person, keeping=keeping)


@_whole
def set_up_second_factor(device: AuthenticatorApp, code: str, *, keeping: str | None) -> list[str] | None:
    """Put an app in force; its recovery codes, None where the code is wrong. Every session but this ends."""
    if not second_factor.confirm(device, code):
        return None
    _end(device.user, keeping=keeping)
    record("set-up-second-factor", device.user, by=device.user)
    return second_factor.new_recovery_codes(device.user)


@_whole
def renew_recovery_codes(person: User) -> list[str]:
    record("renew-recovery-codes", person, by=person)
    return second_factor.new_recovery_codes(person)


@_whole
def sign_out_everywhere(person: User) -> int:
    ended = _end(person)
    record("sign-out-everywhere", person, by=person, details={"sessions": ended})
    return ended


def end_all_sessions(person: User) -> None:
    """Of somebody who has no role any more."""
    _end(person)


def _need_password(username: str) -> None:
    """That an account has one here, for which links are made."""
    if not identity_provider.is_local(username):
        raise AccountError("People sign in with the hospital's identity: their first sign-in makes the account.")


def _end(person: User, *, keeping: str | None = None) -> int:
    ended, _ = Session.objects.filter(person=person).exclude(pk=keeping or "").delete()
    return ended


def _permit(by: User, permission: str) -> User:
    known = User.objects.filter(pk=getattr(by, "pk", None), is_active=True).first()
    if known is None or not known.has_perm(permission):
        raise AccountError("You have no permission to do this.")
    return known


def _another(person: User, by: User) -> User:
    """The account as it is now, which is not one's own, and above oneself only for those who are so too."""
    known = _permit(by, CHANGE)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == known.pk:
        raise AccountError("Your own account is on the page of your account; another administrator changes the rest.")
    if person.is_superuser and not known.is_superuser:
        raise AccountError(f"{person} is a superuser, whose account only a superuser changes.")
    return person

"""What is done to accounts, each in one transaction. Raise AccountError, in words for its reader.

What changes an account itself is an event by Django's signals (accounts/events.py); the rest is recorded here. What two
administrators do together is in accounts/two_administrators.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext as _

from audit.events import record

from . import identity_provider, links, lockout, mail, notices, rights, second_factor, seeds, two_administrators
from .administering import ADD, CHANGE, AccountError, another, end_sessions_of, permitted, whole
from .models import AccountRequest, AuthenticatorApp, Identity
from .names import refuse_look_alike

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ADD", "CHANGE", "AccountError"]

Kind = AccountRequest.Kind


# ---- by administrators


@whole
def invite(
    *, username: str, first_name: str, last_name: str, email: str, roles: Iterable[Group], by: User
) -> tuple[User, str | None]:
    """An account without a password, and the path of the link with which its person sets one, to be sent to them.

    None where mail does not reach the person: another administrator confirms the link, and hands it over. So it is with
    the role of an administrator, which the account gets when it is confirmed.
    """
    permitted(by, ADD)
    _need_password(username)
    if User.objects.filter(username__iexact=username).exists():
        raise AccountError(_("There is an account named %(username)s.") % {"username": username})
    if email and User.objects.filter(email__iexact=email).exists():
        raise AccountError(_("There is an account with the address %(email)s.") % {"email": email})
    refuse_look_alike(username=username, first_name=first_name, last_name=last_name)
    person = User(username=username, first_name=first_name, last_name=last_name, email=email)
    person.set_unusable_password()
    person.save()
    wanted = sorted(role.name for role in roles)
    if refused := rights.why_not_together(wanted):
        raise AccountError(refused)
    is_administrator = rights.ADMINISTRATOR in wanted
    given = two_administrators.set_roles(person, [] if is_administrator else wanted)
    record("invite", person, by=by, details={"roles": given})
    if is_administrator:
        two_administrators.ask(person, Kind.ADMINISTRATOR, by=by)
    return person, _link(person, by=by)


@whole
def make_link(person: User, *, by: User) -> str | None:
    """The path of a new link to set a password, to be sent to the person; None where another administrator confirms it.

    The password and every link before stop working, and sessions end, once there is one.
    """
    person = another(person, by)
    _need_password(person.get_username())
    if not person.is_active:
        raise AccountError(_("The account %(person)s is closed.") % {"person": person})
    return _link(person, by=by)


def _link(person: User, *, by: User) -> str | None:
    others = notices.steps_since_sign_in(person) - {notices.LINK}
    if mail.reaches(person) and not others:
        return two_administrators.new_link(person, by=by)
    two_administrators.ask(person, Kind.LINK, by=by)
    return None


@whole
def deactivate(person: User, *, by: User) -> None:
    """Nobody signs in with the account any more, and its sessions end."""
    person = another(person, by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions_of(person)
    notices.note(person, "deactivate", by=by)


@whole
def activate(person: User, *, by: User) -> None:
    person = another(person, by)
    person.is_active = True
    person.save(update_fields=["is_active"])
    notices.note(person, "activate", by=by)


@whole
def reset_second_factor(person: User, *, by: User) -> bool:
    """For somebody who lost app and codes: the next sign-in sets up another. Their sessions end.

    False where another administrator confirms it, since a link was made, or the address changed, since they signed in.
    """
    person = another(person, by)
    if notices.steps_since_sign_in(person) - {notices.SECOND_FACTOR}:
        two_administrators.ask(person, Kind.SECOND_FACTOR, by=by)
        return False
    two_administrators.forget_second_factor(person, by=by)
    return True


@whole
def end_sessions(person: User, *, by: User) -> int:
    person = another(person, by)
    ended = end_sessions_of(person)
    notices.note(person, "end-sessions", by=by)
    record("end-sessions", person, by=by, details={"sessions": ended})
    return ended


@whole
def lift_lockout(person: User, *, by: User) -> None:
    """Let a person try again at once who failed too often."""
    person = another(person, by)
    lockout.lift(person.get_username())
    notices.note(person, "lift-lock-out", by=by)
    record("lift-lock-out", person, by=by)


@whole
def change_roles(person: User, roles: Iterable[Group], *, by: User) -> bool:
    """False where it makes an administrator, which another one confirms; until then the roles stay as they are."""
    person = another(person, by)
    wanted = sorted(role.name for role in roles)
    if refused := rights.why_not_together(wanted):
        raise AccountError(refused)
    if rights.ADMINISTRATOR in wanted and not rights.is_administrator(person):
        two_administrators.refuse_other_standing(person)
        two_administrators.ask(person, Kind.ADMINISTRATOR, by=by)
        return False
    given = two_administrators.set_roles(person, wanted)
    notices.note(person, "change-roles", by=by, roles=given)
    return True


@whole
def change_names(person: User, changes: dict[str, str], *, by: User) -> None:
    """The user name, the name or the address of a person: what was changed, and nothing else."""
    person = another(person, by)
    if "username" in changes:
        _keep_way_in(person.get_username(), changes["username"])
    former = person.email
    for name, value in changes.items():
        setattr(person, name, value)
    if set(changes) - {"email"}:
        refuse_look_alike(
            username=person.get_username(),
            first_name=person.first_name,
            last_name=person.last_name,
            besides=person.pk,
        )
    person.save(update_fields=list(changes))
    if "email" in changes:
        notices.note(person, notices.ADDRESS, by=by, also_to=former)
    if set(changes) - {"email"}:
        notices.note(person, "change-name", by=by)


# ---- by whoever may run manage.py


@whole
def connect_identity(username: str, subject: str, *, now: datetime) -> User:
    """Have an account that is there be whose identity it is from now on, without its password. Raises AccountError."""
    known = identity_provider.provider()
    if known is None:
        raise AccountError("No identity provider is set (OIDC_ISSUER).")
    person = User.objects.select_for_update().filter(username=username).first()
    if person is None:
        raise AccountError(f"There is no account named {username}.")
    if identity_provider.is_local(username):
        raise AccountError(f"{username} is a break-glass account: it signs in here.")
    if Identity.objects.filter(person=person).exists():
        raise AccountError(f"{username} is connected already.")
    if not subject or Identity.objects.filter(issuer=known.issuer, subject=subject).exists():
        raise AccountError("The identity is empty, or another account's.")
    Identity.objects.create(person=person, issuer=known.issuer, subject=subject, made_at=now)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    second_factor.forget(person)
    end_sessions_of(person)
    record("connect-identity", person)
    return person


@whole
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


@whole
def accept_invitation(number: str, token: str, password: str) -> User:
    """Set the password with a link, which then no longer works. Raises AccountError where it does not now."""
    person = links.person_of(number, token, lock=True)
    if person is None:
        raise AccountError("The link does not work any more.")
    person.set_password(password)
    person.save(update_fields=["password"])
    end_sessions_of(person)
    record("accept-invitation", person, by=person)
    return person


@whole
def change_password(person: User, password: str, *, keeping: str | None) -> None:
    """End every session but the one that is kept."""
    person.set_password(password)
    person.save(update_fields=["password"])
    end_sessions_of(person, keeping=keeping)


@whole
def set_up_second_factor(device: AuthenticatorApp, code: str, *, keeping: str | None) -> list[str] | None:
    """Put an app in force; its recovery codes, None where the code is wrong. Every session but this ends."""
    if not second_factor.confirm(device, code):
        return None
    end_sessions_of(device.user, keeping=keeping)
    record("set-up-second-factor", device.user, by=device.user)
    return second_factor.new_recovery_codes(device.user)


@whole
def renew_recovery_codes(person: User) -> list[str]:
    record("renew-recovery-codes", person, by=person)
    return second_factor.new_recovery_codes(person)


@whole
def sign_out_everywhere(person: User) -> int:
    ended = end_sessions_of(person)
    record("sign-out-everywhere", person, by=person, details={"sessions": ended})
    return ended


def _keep_way_in(former: str, name: str) -> None:
    """A name makes no break-glass account of somebody who comes by the hospital's identity, nor the reverse."""
    if settings.OIDC_ISSUER and (identity_provider.is_local(former) or identity_provider.is_local(name)):
        raise AccountError(_("Break-glass accounts are named in the settings: no account takes or leaves such a name."))


def _need_password(username: str) -> None:
    """That an account has one here, for which links are made."""
    if not identity_provider.is_local(username):
        raise AccountError(_("People sign in with the hospital's identity: their first sign-in makes the account."))

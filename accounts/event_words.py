"""What the events of accounts and groups are called."""

from __future__ import annotations

from collections.abc import Sequence

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in

_PHRASES = {
    "sign-in": "signed in",
    "sign-out": "signed out",
    "sign-in-failed": "could not sign in as {}",
    "change-password": "changed the password of {}",
    "create-account": "created the account {}",
    "change-account": "changed the account {}",
    "activate-account": "activated the account {}",
    "deactivate-account": "deactivated the account {}",
    "delete-account": "deleted the account {}",
    "change-account-groups": "changed the groups of the account {}",
    "change-account-permissions": "changed the permissions of the account {}",
    "invite": "invited {}",
    "make-link": "made a link for {} to set a new password",
    "accept-invitation": "set the password of {} with a link",
    "set-up-second-factor": "set up an authenticator app of {}",
    "reset-second-factor": "reset the second factor of {}",
    "use-break-glass": "signed in with the break-glass account {}",
    "refuse-identity": "refused a sign-in by the hospital's identity of {}",
    "connect-identity": "connected the account {} with the hospital's identity",
    "reseal-seeds": "encrypted the seeds of {} with another key",
    "renew-recovery-codes": "made new recovery codes of {}",
    "use-recovery-code": "used a recovery code of {}",
    "end-sessions": "ended the sessions of {}",
    "sign-out-everywhere": "signed out everywhere as {}",
    "lift-lock-out": "let {} try to sign in again",
    "end-own-sessions": "ended other sessions of their own as {}",
    "acknowledge-notices": "read what was done to the account {}",
    "ask-for-link": "asked another administrator for a link for {}",
    "ask-to-reset-second-factor": "asked another administrator to reset the second factor of {}",
    "ask-for-administrator": "asked another administrator to make {} an administrator",
    "withdraw-account-request": "withdrew what was asked for the account {}",
    "make-administrator": "made an administrator of {}",
    "give-roles": "gave {} roles at the server",
    "superuser-became-administrator": "the superuser {} became an administrator",
    "refuse-access": "was refused {}",
    "create-group": "created the group {}",
    "change-group": "changed the group {}",
    "delete-group": "deleted the group {}",
    "change-group-permissions": "changed the permissions of the group {}",
}
_LABELS = {
    "account": None,
    "group": None,
    "roles": "Roles",
    "by": "By",
    "sessions": "Sessions",
    "apps": "Apps",
    "asked_by": "Asked for by",
    "asked": "Asked for",
    "notices": "Notices",
    "method": "Method",
    "row": "Row",
    "is_staff": "May enter the admin",
    "is_superuser": "May do everything",
}
_FIELDS = {
    "username": "name",
    "is_active": "active",
    "is_staff": "may enter the admin",
    "is_superuser": "may do everything",
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail address",
}


def register() -> None:
    sentences.register("accounts", _PHRASES, labels=_LABELS, fields=_FIELDS, subjects=_subjects)


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    """The pages of accounts and groups that are still there."""
    found = {}
    for event in events:
        if event.action != "delete-account" and (pk := number_in(event, "account")):
            found[event.pk] = Subject(page=("admin:auth_user_change", pk))
        elif event.action != "delete-group" and (pk := number_in(event, "group")):
            found[event.pk] = Subject(page=("admin:auth_group_change", pk))
    return found

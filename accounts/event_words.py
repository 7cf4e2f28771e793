"""What the events of accounts and groups are called."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in

_PHRASES = {
    "sign-in": pgettext_lazy("event", "signed in"),
    "sign-out": _("signed out"),
    "sign-in-failed": _("could not sign in as {}"),
    "change-password": _("changed the password of {}"),
    "create-account": _("created the account {}"),
    "change-account": _("changed the account {}"),
    "activate-account": _("activated the account {}"),
    "deactivate-account": _("deactivated the account {}"),
    "delete-account": _("deleted the account {}"),
    "change-account-groups": _("changed the groups of the account {}"),
    "change-account-permissions": _("changed the permissions of the account {}"),
    "invite": _("invited {}"),
    "make-link": _("made a link for {} to set a new password"),
    "accept-invitation": _("set the password of {} with a link"),
    "set-up-second-factor": _("set up an authenticator app of {}"),
    "reset-second-factor": _("reset the second factor of {}"),
    "use-break-glass": _("signed in with the break-glass account {}"),
    "refuse-identity": _("refused a sign-in by the hospital's identity of {}"),
    "connect-identity": _("connected the account {} with the hospital's identity"),
    "reseal-seeds": _("encrypted the seeds of {} with another key"),
    "renew-recovery-codes": _("made new recovery codes of {}"),
    "use-recovery-code": _("used a recovery code of {}"),
    "end-sessions": _("ended the sessions of {}"),
    "sign-out-everywhere": _("signed out everywhere as {}"),
    "lift-lock-out": _("let {} try to sign in again"),
    "end-own-sessions": _("ended other sessions of their own as {}"),
    "acknowledge-notices": _("read what was done to the account {}"),
    "ask-for-link": _("asked another administrator for a link for {}"),
    "ask-to-reset-second-factor": _("asked another administrator to reset the second factor of {}"),
    "ask-for-administrator": _("asked another administrator to make {} an administrator"),
    "withdraw-account-request": _("withdrew what was asked for the account {}"),
    "make-administrator": _("made an administrator of {}"),
    "give-roles": _("gave {} roles at the server"),
    "superuser-became-administrator": _("the superuser {} became an administrator"),
    "refuse-access": _("was refused {}"),
    "create-group": _("created the group {}"),
    "change-group": _("changed the group {}"),
    "delete-group": _("deleted the group {}"),
    "change-group-permissions": _("changed the permissions of the group {}"),
}
_LABELS = {
    "account": None,
    "group": None,
    "roles": _("Roles"),
    "by": _("By"),
    "sessions": _("Sessions"),
    "apps": _("Apps"),
    "asked_by": _("Asked for by"),
    "asked": _("Asked for"),
    "notices": _("Notices"),
    "method": _("Method"),
    "row": _("Row"),
    "is_staff": _("May enter the admin"),
    "is_superuser": _("May do everything"),
}
_FIELDS = {
    "username": _("name"),
    "is_active": _("active"),
    "is_staff": _("may enter the admin"),
    "is_superuser": _("may do everything"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "email": _("e-mail address"),
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

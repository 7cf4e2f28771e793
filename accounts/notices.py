"""A person is told what others did to their account: by mail at once, and at their next sign-in at the latest.

At the next sign-in it stands on a page that comes before every other one, until its person says that they have read it.
Afterwards it stays on the page of the account.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.events import record
from audit.people import person_name

from . import second_factor
from .models import AccountNotice

logger = logging.getLogger(__name__)

LINK, SECOND_FACTOR, ADDRESS = "make-link", "reset-second-factor", "change-address"
# Of these, two of different kinds would make somebody else of the person, if one administrator did both.
STEPS = (LINK, SECOND_FACTOR, ADDRESS)
# In the session of somebody who has not read yet what was done.
UNREAD = "account_notices"
SHOWN = 10


@dataclass(frozen=True)
class Told:
    """A notice in words: what was done, by whom, when."""

    what: str
    by: str
    at: datetime


def note(
    person: User,
    what: str,
    *,
    by: User | None,
    asked_by: User | None = None,
    roles: Iterable[str] = (),
    also_to: str = "",
) -> None:
    """Tell a person what was done; `also_to` is an address of theirs until now.

    Whoever never signed in has nothing to be told of: their account begins with it.
    """
    now = timezone.now()
    notice = AccountNotice.objects.create(
        person=person,
        what=what,
        by=by,
        asked_by=asked_by,
        at=now,
        roles=sorted(roles),
        acknowledged_at=None if person.last_login else now,
    )
    if person.last_login:
        transaction.on_commit(partial(_send, notice, tuple({person.email, also_to} - {""})), robust=True)


def steps_since_sign_in(person: User) -> set[str]:
    """Those of STEPS that are not over: the person did not sign in since and say that they read it.

    A new second factor is over once an app is in force; a password alone is no sign of whose the account is.
    """
    done = AccountNotice.objects.filter(person=person, what__in=STEPS)
    steps = set(done.filter(Q(signed_in_at=None) | Q(acknowledged_at=None)).values_list("what", flat=True))
    if done.filter(what=SECOND_FACTOR).exists() and second_factor.device_of(person) is None:
        steps.add(SECOND_FACTOR)
    return steps


def unread(person: User) -> list[Told]:
    return _told(person.account_notices.filter(acknowledged_at=None))


def read(person: User) -> list[Told]:
    """The last of those that were read, the newest first."""
    return _told(
        person.account_notices.filter(acknowledged_at__isnull=False, signed_in_at__isnull=False).order_by("-pk")[:SHOWN]
    )


def acknowledge(person: User) -> None:
    """The person has read what was done."""
    with transaction.atomic():
        count = person.account_notices.filter(acknowledged_at=None).update(acknowledged_at=timezone.now())
        if count:
            record("acknowledge-notices", person, by=person, details={"notices": count})


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="notices")


def _signed_in(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """What was done before is over; what is unread comes before every page of this session."""
    AccountNotice.objects.filter(person=user, signed_in_at=None).update(signed_in_at=timezone.now())
    if request is not None and AccountNotice.objects.filter(person=user, acknowledged_at=None).exists():
        request.session[UNREAD] = True


def _told(notices: Any) -> list[Told]:
    return [Told(_words(notice), _who(notice), notice.at) for notice in notices.select_related("by", "asked_by")]


def _words(notice: AccountNotice) -> str:
    words = {
        LINK: _(
            "A link to set a new password was made for your account; the password before it does not work any more."
        ),
        SECOND_FACTOR: _("Your authenticator app and your recovery codes were removed."),
        ADDRESS: _("Your e-mail address was changed."),
        "change-name": _("Your name or user name was changed."),
        "deactivate": _("Your account was closed."),
        "activate": _("Your account was opened again."),
        "end-sessions": _("You were signed out everywhere."),
        "lift-lock-out": _("After failed attempts to sign in as you, further attempts were allowed at once."),
    }
    said = words.get(notice.what, notice.what)
    if notice.what == "change-roles":
        roles = ", ".join(notice.roles) or _("none")
        said = _("Your roles were changed. Since then they are: %(roles)s.") % {"roles": roles}
    return said


def _who(notice: AccountNotice) -> str:
    if notice.by is None:
        return _("somebody at the server")
    if notice.asked_by is None:
        return person_name(notice.by)
    return _("%(asked_by)s and %(by)s") % {"asked_by": person_name(notice.asked_by), "by": person_name(notice.by)}


def _send(notice: AccountNotice, addresses: tuple[str, ...]) -> None:
    """A letter to each address. Where there is no server for it, the page at the next sign-in tells."""
    if not settings.EMAIL_URL:
        return
    with translation.override(settings.LANGUAGE_CODE):  # whoever reads it is not who did it
        lines = [
            _("To your account %(name)s at necapp this was done:") % {"name": notice.person.get_username()},
            _words(notice),
            _("By %(who)s, %(at)s UTC.") % {"who": _who(notice), "at": f"{notice.at:%Y-%m-%d %H:%M}"},
            _("If you did not expect this, speak to another administrator."),
        ]
        subject = _("Your account at necapp")
    for address in addresses:
        try:
            send_mail(subject, "\n\n".join(lines), None, [address])
        except (SMTPException, OSError):
            logger.exception("a person could not be told by mail what was done to their account")

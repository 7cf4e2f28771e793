"""The letter of an invitation, where there is a server for e-mail."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

logger = logging.getLogger(__name__)


def reaches(person: User) -> bool:
    """Whether there is a server for mail, and an address of the person."""
    return bool(settings.EMAIL_URL and person.email)


def send_link(person: User, link: str) -> bool:
    """Whether a link was handed to the server; where it was not, another administrator is asked."""
    if not reaches(person):
        return False
    with translation.override(settings.LANGUAGE_CODE):  # whoever reads it is not who asks for it
        days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
        lines = [
            _("You have an account at necapp. Your user name is %(name)s.") % {"name": person.get_username()},
            _("With this link you choose your password, and then set up an authenticator app:"),
            link,
            ngettext(
                "It works once, and for %(count)d day. Pass it on to nobody.",
                "It works once, and for %(count)d days. Pass it on to nobody.",
                days,
            )
            % {"count": days},
        ]
        subject = _("Your account at necapp")
    try:
        send_mail(subject, "\n\n".join(lines), None, [person.email])
    except (SMTPException, OSError):
        logger.exception("an invitation could not be sent")
        return False
    return True

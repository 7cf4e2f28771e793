"""What curation tells by mail: that a change was asked of what somebody proposed. Nothing of it is of a patient.

It goes out once the decision stands, and where a server for e-mail is configured; what cannot be sent is logged, since
the start page and every page of the admin say the same.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.people import person_name

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)


def tell_of_asked_change(proposer: User | None, *, what: str, page: str, number: int, comment: str, by: User) -> None:
    """Write to the proposer, after the transaction. `page` is the admin's, by its name, of what has this number."""
    if not settings.EMAIL_URL or proposer is None or not proposer.is_active or not proposer.email:
        return
    lines = [
        _("%(person)s asked for a change of what you proposed: %(what)s.") % {"person": person_name(by), "what": what},
        comment,
        settings.PUBLIC_URL.rstrip("/") + reverse(f"admin:{page}", args=[number]),
    ]
    # A subject of a fixed text: nothing that somebody wrote stands in a header.
    transaction.on_commit(lambda: _send(_("A change is asked for"), "\n\n".join(lines), proposer.email), robust=True)


def _send(subject: str, text: str, address: str) -> None:
    try:
        send_mail(subject, text, None, [address])
    except (SMTPException, OSError):
        logger.exception("a letter on a change that is asked for could not be sent")

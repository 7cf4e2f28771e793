"""`manage.py tell_boards`: sends what mail tells the members of boards, and what could not be sent before."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from boards.mail import is_configured, tell


class Command(BaseCommand):
    help = (
        "Send what mail tells the members of boards: meetings, decisions to sign, actions that are due or overdue, "
        "outcomes, and what speaks against a decision since. Each message is sent once, however often and in however "
        "many processes this runs; what the server did not take is sent the next time. Run it every few minutes."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_configured():
            self.stdout.write("No server for e-mail is configured (EMAIL_URL): nothing is sent.")
            return
        told = tell(timezone.now())
        self.stdout.write(f"{told.sent} sent, {told.failed} to be sent again.")

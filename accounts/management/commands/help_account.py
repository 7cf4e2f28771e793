"""`manage.py help_account NAME`: a link, a new second factor or roles, at the server: for the first administrators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import at_the_server
from accounts.administering import AccountError


class Command(BaseCommand):
    help = (
        "Help an account where no second administrator can: make a link to set a password, which is printed; forget "
        "the second factor, which is set up anew at the next sign-in; or give roles, these and no others. Each is an "
        "event, and the person is told."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--link", action="store_true", help="print a link with which its person sets a password")
        parser.add_argument("--reset-second-factor", action="store_true", help="forget app and recovery codes")
        parser.add_argument(
            "--roles", nargs="*", metavar="ROLE", help='such as Administrator, or Curator "Board member"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["link"] and not options["reset_second_factor"] and options["roles"] is None:
            raise CommandError("say what to do: --link, --reset-second-factor or --roles")
        try:
            with transaction.atomic():
                person = at_the_server.account_named(options["username"])
                if options["roles"] is not None:
                    at_the_server.give_roles(person, options["roles"])
                if options["reset_second_factor"]:
                    at_the_server.reset_second_factor(person)
                path = at_the_server.make_link(person) if options["link"] else None
        except AccountError as error:
            raise CommandError(str(error)) from error
        if path:
            self.stdout.write(f"{settings.PUBLIC_URL.rstrip('/')}{path}")

"""`manage.py connect_identity`: has an account that is there sign in with the hospital's identity from now on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import AccountError, connect_identity


class Command(BaseCommand):
    help = (
        "Connect an account that is there with somebody's identity at the hospital, by what the identity "
        "provider calls them (the claim sub). Its password and its authenticator app end. Be sure whose it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("subject", help="the claim sub of the identity provider in OIDC_ISSUER")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = connect_identity(options["username"], options["subject"], now=timezone.now())
        except AccountError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{person} signs in with the hospital's identity.")

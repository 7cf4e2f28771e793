"""`manage.py reseal_seeds`: has every seed of an authenticator app encrypted with the first key of SEED_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import AccountError, reseal_seeds


class Command(BaseCommand):
    help = (
        "Encrypt the seeds of authenticator apps anew with the first key of SEED_KEY. Run it after a new key was put "
        "in front of the former ones; then the former ones can be taken away. Nothing changes if a seed cannot be read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = reseal_seeds()
        except AccountError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done} encrypted with the first key of SEED_KEY.")

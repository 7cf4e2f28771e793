"""`manage.py reinstate_release NAME --by USERNAME --reason TEXT`: ask that a former release be put back in force."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation import actions, errors
from regimens import releases

from ._people import add_by, person


class Command(BaseCommand):
    help = "Ask that a former or imported release be put in force, which another person does with confirm_release."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name or SHA-256 of the release")
        add_by(parser, "who asks")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why it should be in force")

    def handle(self, *args: Any, name: str, by: str | None, reason: str, **options: Any) -> None:
        asking = person(by)
        try:
            asked = actions.ask_to_reinstate(releases.find(name), reason=reason, by=asking)
        except (releases.ReleaseError, errors.ActionRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Asked; another person has to confirm: confirm_release {asked.release.name!r} --by USERNAME")

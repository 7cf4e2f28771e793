"""`manage.py confirm_release NAME --by USERNAME`: put in force the release that another person asked for."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation import actions, errors
from regimens import releases

from ._people import add_by, person


class Command(BaseCommand):
    help = "Put a former or imported release in force, as another person asked with reinstate_release."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name or SHA-256 of the release")
        add_by(parser, "who confirms; not who asked")

    def handle(self, *args: Any, name: str, by: str | None, **options: Any) -> None:
        confirming = person(by)
        try:
            release = releases.find(name)
            asked = next((row for row in actions.waiting() if row.release_id == release.pk), None)
            if asked is None:
                raise CommandError(f"nobody asks that release {release} be put in force: see reinstate_release")
            actions.confirm_reinstatement(asked, by=confirming)
        except (releases.ReleaseError, errors.ActionRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"In force: release {release}, SHA-256 {release.sha256}")

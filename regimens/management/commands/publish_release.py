"""`manage.py publish_release NAME`: the evidence base, compiled into an immutable release and put in force."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens import releases
from regimens.curation.errors import CurationError

from ._people import add_by, person


class Command(BaseCommand):
    help = "Compile the evidence base into an immutable release and put it in force, unless nothing changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the release is called, for people")
        add_by(parser, "who publishes it; left out, whoever runs this command")
        parser.add_argument("--summary", default="", metavar="TEXT", help="what is new, kept with the release")

    def handle(self, *args: Any, name: str, by: str | None, summary: str, **options: Any) -> None:
        publisher = person(by) if by else None
        try:
            release, is_new = releases.publish(name, by=publisher, summary=summary)
        except (releases.ReleaseError, CurationError) as error:
            raise CommandError(str(error)) from error
        said = "Published" if is_new else "Nothing changed; still in force:"
        self.stdout.write(f"{said} release {release.name}, SHA-256 {release.sha256}")

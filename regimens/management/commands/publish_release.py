"""`manage.py publish_release NAME`: the evidence base, compiled into an immutable release and put in force."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens import releases


class Command(BaseCommand):
    help = "Compile the evidence base into an immutable release and put it in force, unless nothing changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the release is called, for people")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            release, is_new = releases.publish(name)
        except releases.ReleaseError as error:
            raise CommandError(str(error)) from error
        said = "Published" if is_new else "Nothing changed; still in force:"
        self.stdout.write(f"{said} release {release.name}, SHA-256 {release.sha256}")

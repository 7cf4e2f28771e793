"""`manage.py load_evidence [DIRECTORY]`: the evidence base from its files into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens.knowledge.loader import SHIPPED, LoadError, load


class Command(BaseCommand):
    help = (
        "Load the evidence base from its YAML files, all of it or, when anything is wrong, nothing. "
        "What the database already holds is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, default=SHIPPED, help="default: the files as shipped")

    def handle(self, *args: Any, directory: Path, verbosity: int, **options: Any) -> None:
        try:
            report = load(directory)
        except LoadError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            count = len(error.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}; nothing was loaded") from error
        for name, added in report.added.items():
            changed, left, kept = report.changed[name], report.left[name], report.database_only[name]
            self.stdout.write(f"{name}: {len(added)} added, {len(changed)} changed, {len(left)} left as they were")
            if kept:
                self.stdout.write(f"  in the database and not in the files, kept: {', '.join(kept)}")
            if verbosity > 1 or len(added) + len(changed) <= 10:
                for verb, keys in (("added", added), ("changed", changed)):
                    for key in keys:
                        self.stdout.write(f"  {verb} {key}")

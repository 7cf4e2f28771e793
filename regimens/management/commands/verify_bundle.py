"""`manage.py verify_bundle FILE`: makes the ranking of a bundle again and says whether it is the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens.bundles import BundleError, differences


class Command(BaseCommand):
    help = "Make the ranking of a bundle again, on the release that it names, and compare the two bit for bit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            found = differences(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except BundleError as error:
            raise CommandError(f"{file}: {error}") from error
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            self.stdout.write(f"{len(found)} differences")
            sys.exit(1)
        self.stdout.write("The same, bit for bit")

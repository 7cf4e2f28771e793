"""`manage.py verify_bundle FILE`: makes the ranking of a bundle again and says whether it is the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens.bundles import BundleError, FormerEdition, differences

NOT_MADE_AGAIN = 2


class Command(BaseCommand):
    help = (
        "Make the ranking of a bundle again, on the release that it names, and compare the two: numbers to 1e-9, all "
        "else exactly. The exit status is 0 where they are the same, 1 where they are not, and 2 for a bundle of the "
        "method's first edition, which the version of then makes again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            found = differences(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file}: this is no text") from error
        except FormerEdition as former:
            self.stdout.write(f"Not made again: {former}")
            sys.exit(NOT_MADE_AGAIN)
        except BundleError as error:
            raise CommandError(f"{file}: {error}") from error
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            self.stdout.write(f"{len(found)} differences")
            sys.exit(1)
        self.stdout.write("The same: numbers to 1e-9, all else exactly")

"""`manage.py registry_report OUT FILE`: what a ranked registry tells, as one HTML page or as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from regimens.releases import ReleaseError


class Command(BaseCommand):
    help = (
        "Write what a ranked registry tells: a self-contained page (.html) or a .pdf. Counts below 5 are hidden "
        "unless --all-counts is given. With --before another folder of the same patients, ranked on the release "
        "before, it also says what moves between the two, and by which change of the knowledge."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", metavar="OUT", type=Path)
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--before", type=Path, metavar="FOLDER", help="the same patients on another release")
        parser.add_argument("--all-counts", action="store_true", help="show small counts: not to be handed on")
        parser.add_argument("--language", choices=("en", "de", "fr", "es"), default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        from registries.engine.folder import FolderError
        from registries.report.comparison import ComparisonError, compare, manifest_in
        from registries.report.files import as_html, as_pdf
        from registries.report.manifest import ManifestError
        from registries.report.sections import EVERYTHING, Hiding, report

        file, now = options["file"], timezone.now()
        if file.suffix.lower() not in (".html", ".pdf"):
            raise CommandError(f"{file}: a report is an .html or a .pdf file")
        try:
            manifest = manifest_in(options["out"])
            comparison = compare(options["before"], options["out"]) if options["before"] else None
        except (FolderError, ManifestError, ComparisonError, ReleaseError) as error:
            raise CommandError(str(error)) from error
        hiding = EVERYTHING if options["all_counts"] else Hiding()
        with translation.override(options["language"]):
            document = report(manifest, at=now, hiding=hiding, comparison=comparison)
            data = as_html(document) if file.suffix.lower() == ".html" else as_pdf(document, at=now)
        try:
            file.write_bytes(data)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(f"Wrote {file}")

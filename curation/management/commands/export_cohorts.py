"""`manage.py export_cohorts FILE.csv|.xlsx`: every cohort in force as a table, for import_cohorts to read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.events import record
from curation.imports.cohorts import CohortResource
from curation.imports.tables import write_table
from regimens.knowledge.loader import LoadError


class Command(BaseCommand):
    help = "Write every cohort in force to a CSV or XLSX file: a row a result, with all its figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        table = CohortResource().export()
        try:
            with transaction.atomic():
                record("export", f"cohorts, {file.name}", details={"rows": len(table)})
                write_table(file, table)
        except LoadError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote {len(table)} cohorts to {file}")

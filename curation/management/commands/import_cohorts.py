"""`manage.py import_cohorts FILE`: what a table of cohorts changes, shown; with --apply, proposed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from curation.accepted import accepted
from curation.imports.cohorts import WIDGETS, CohortResource
from curation.imports.tables import read_table
from curation.review.second_looks import second_looks

from ._importing import ImportCommand, refuse


class Command(ImportCommand):
    help = (
        "Show what a table that export_cohorts wrote changes, value by value; with --apply, propose it, one proposal "
        "for each publication. Nothing is imported when anything is wrong with the table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="make the proposals")
        parser.add_argument("--reason", help="why; default: that the table says so")
        parser.add_argument("--source", help="where the figures were read; default: each publication's own page")

    def run(self, *, by: Any, file: Path, apply: bool, **options: Any) -> None:
        resource = CohortResource()
        given = {"reason": options["reason"], "source": options["source"]}
        result = resource.import_data(
            read_table(file, columns=tuple(WIDGETS)), dry_run=not apply, user=by, file=file.name, **given
        )
        refuse(resource.problems)
        for error in result.base_errors:
            raise error.error
        for change in resource.changes:
            self.stdout.write(change.publication)
            for difference in change.differences:
                self.stdout.write(f"  {difference}")
            before = resource.publications[change.publication]
            for one in second_looks("publications", before, change.content, accepted()):
                self.stderr.write(f"Worth a second look: {change.publication}: {one.place}: {one.text}")
        if resource.outcome is not None:
            self.report(resource.outcome)
        else:
            count = len(resource.changes)
            said = f"{count} publication{'' if count == 1 else 's'} would change" if count else "Nothing would change"
            self.stdout.write(f"{said}; --apply proposes it" if count else said)

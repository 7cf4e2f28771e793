"""`manage.py read_registry fhir|omop IN OUT`: hospitals' records as a folder of Parquet that `rank_registry` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registries.asked import exported


class Command(BaseCommand):
    help = (
        "Read a folder of FHIR R4 files (one patient a file), or of the tables of an OMOP CDM v5.4 as Parquet or CSV, "
        "into a folder that rank_registry takes. What cannot be read is in files _unread beside it, with why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=("fhir", "omop"))
        parser.add_argument("given", metavar="IN", type=Path)
        parser.add_argument("out", metavar="OUT", type=Path)
        parser.add_argument("--release", help="a release by name or SHA-256, or an exported file; default: in force")
        parser.add_argument(
            "--key",
            metavar="COLUMN",
            help="a column for the name of the file, or the person_id; without it there is none",
        )
        parser.add_argument("--concepts", type=Path, metavar="FILE", help="a hospital's own concept ids of OMOP")

    def handle(self, *args: Any, **options: Any) -> None:
        from interop.terminology import TerminologyError, terminology
        from registries.records import fhir, omop
        from registries.records.read import write_records

        out = options["out"]
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} holds other files: choose an empty folder")
        _, knowledge = exported(options["release"])
        try:
            terms = terminology()
            if options["kind"] == "fhir":
                records = fhir.read_folder(options["given"], knowledge, terms)
            else:
                concepts = omop.Concepts.read(options["concepts"])
                records = omop.read_folder(options["given"], knowledge, terms, concepts)
            counts = write_records(records, out, key=options["key"])
        except (TerminologyError, fhir.FolderError, omop.OmopError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        self.stdout.write(
            f"{counts['read']} records read, {counts['refused']} refused; {counts['unread']} entries say nothing: "
            f"{out / '_unread-*.parquet'}"
        )

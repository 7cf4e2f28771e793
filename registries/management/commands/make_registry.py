"""`manage.py make_registry N OUT`: patients who were drawn, to try registries out. Every file says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registries.asked import count, exported


class Command(BaseCommand):
    help = (
        "Write a folder of Parquet with N patients who were drawn by the prevalence figures of a release: synthetic, "
        "as every file says, and the same ones for the same seed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("many", metavar="N", type=count)
        parser.add_argument("out", metavar="OUT", type=Path)
        parser.add_argument("--release", help="a release by name or SHA-256, or an exported file; default: in force")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, many: int, out: Path, release: str | None, seed: int, **options: Any) -> None:
        from registries.synthetic import make

        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} holds other files: choose an empty folder")
        _, knowledge = exported(release)
        try:
            files = make(many, out, knowledge, seed=seed)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{many} synthetic patients in {len(files)} files: {out}")

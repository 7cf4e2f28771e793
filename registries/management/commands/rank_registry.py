"""`manage.py rank_registry IN OUT`: a registry's patients, each ranked, as a folder of Parquet (docs/registries.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens.rules.ordering import DEFAULT_PREFERENCE, PREFERENCES
from registries.asked import count, exported

if TYPE_CHECKING:
    from registries.engine.sources import Part


class Command(BaseCommand):
    help = (
        "Rank the later-line options for the patients of a registry. IN is Parquet, CSV or JSON lines: a file, a "
        "folder of parts or a pattern in quotation marks. OUT is a folder of Parquet with a manifest; the same command "
        "goes on where it was interrupted. Rows that are refused are in OUT/errors, and the exit status is then 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("given", metavar="IN")
        parser.add_argument("out", metavar="OUT", type=Path)
        parser.add_argument("--release", help="a release by name or SHA-256, or an exported file; default: in force")
        parser.add_argument("--columns", type=Path, metavar="FILE", help="YAML that says which column is which feature")
        parser.add_argument("--key", metavar="COLUMN", help="the column by which patients are known, passed through")
        parser.add_argument("--preference", choices=PREFERENCES, default=DEFAULT_PREFERENCE, help="what matters more")
        parser.add_argument("--nec-only", action="store_true", help="without evidence borrowed from other tumours")
        parser.add_argument("--draws", action="store_true", help="with the shares of draws (slower)")
        parser.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask cluster, such as tcp://host:8786")
        parser.add_argument("--workers", type=count, metavar="N", help="processes here; default: one a core")

    def handle(self, *args: Any, **options: Any) -> None:
        from registries.engine.cluster_error import ClusterError
        from registries.engine.folder import FolderError
        from registries.engine.mapping import MappingError
        from registries.engine.release import ReleaseDamaged
        from registries.engine.run import Asked, run
        from registries.engine.sources import SourceError

        names = ("given", "out", "columns", "key", "preference", "nec_only", "draws", "scheduler", "workers")
        try:
            export, _ = exported(options["release"])
            asked = Asked(release=export, **{name: options[name] for name in names})
            manifest = run(asked, _progress)
        except (SourceError, MappingError, FolderError, ClusterError, ReleaseDamaged) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(f"interrupted: the same command goes on where {options['out']} stopped") from None
        rows = manifest["counts"]["rows"]
        self.stdout.write(
            f"{sum(rows.values())} rows: {rows['ranked']} ranked, {rows['out-of-scope']} out of scope, "
            f"{rows['refused']} refused; release {manifest['release']['name']}"
        )
        for feature, alike, known in _mixed_units(manifest):
            self.stderr.write(f"{feature}: {alike} of {known} values look like another unit")
        if rows["refused"]:
            self.stderr.write(f"Why rows are refused: {options['out'] / 'errors'}")
            sys.exit(1)


def _progress(done: Iterator[Part], rows: int, before: int) -> Iterable[Part]:
    """A bar with rate and time left, on a terminal alone."""
    from tqdm import tqdm

    with tqdm(total=rows, initial=before, unit=" patients", disable=None) as bar:
        for part in done:
            bar.update(part.rows)
            yield part


def _mixed_units(manifest: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Features of which some values look like another unit, with how many do, and how many values there are."""
    counted: dict[str, dict[bool, int]] = {}
    for feature, is_alike, many in manifest["summary"]["numbers"]:
        counted.setdefault(feature, {})[is_alike] = many
    for feature, by in counted.items():
        if True in by:
            yield feature, by[True], sum(by.values())

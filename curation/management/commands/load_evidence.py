"""`manage.py load_evidence [DIRECTORY]`: the evidence base from its files into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import ActionRefused
from curation.actions.loading import LoadReport, load, load_baseline, load_proposals
from curation.actions.upgrading import Upgrade
from curation.errors import InvalidContent
from regimens.knowledge.loader import LoadError

from ._people import add_by, person


class Command(BaseCommand):
    help = (
        "Load the evidence base from its YAML files, all of it or, when anything is wrong, nothing. The files as "
        "shipped are in force but for entries that people decided on; those of a DIRECTORY become proposals of --by. "
        "What the database already holds is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, help="default: the files as shipped")
        add_by(parser, "who proposes what the files of the DIRECTORY say")
        parser.add_argument("--reason", default="", help="why, for those who decide on the proposals")
        parser.add_argument("--source", default="", help="an address or a citation; default: the DIRECTORY")
        parser.add_argument(
            "--as-baseline",
            action="store_true",
            help="put the DIRECTORY in force as it is, which an empty evidence base takes once",
        )

    def handle(self, *args: Any, directory: Path | None, verbosity: int, **options: Any) -> None:
        try:
            report = self._load(directory, **options)
        except (LoadError, InvalidContent) as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            count = len(error.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}; nothing was loaded") from error
        except ActionRefused as error:
            raise CommandError(f"{error} Nothing was loaded.") from error
        self._say(report, verbosity)

    @staticmethod
    def _load(
        directory: Path | None, *, by: str | None, reason: str, source: str, as_baseline: bool, **options: Any
    ) -> LoadReport:
        if directory is None:
            if by or as_baseline:
                raise CommandError("--by and --as-baseline go with a DIRECTORY")
            return load()
        if as_baseline:
            return load_baseline(directory)
        return load_proposals(directory, by=person(by), reason=reason, source=source)

    def _say(self, report: LoadReport, verbosity: int) -> None:
        if report.upgrade:
            self._say_upgraded(report.upgrade)
        for name, added in report.added.items():
            changed, left, kept = report.changed[name], report.left[name], report.database_only[name]
            self.stdout.write(f"{name}: {len(added)} added, {len(changed)} changed, {len(left)} left as they were")
            if kept:
                self.stdout.write(f"  in the database and not in the files, kept: {', '.join(kept)}")
            if retired := report.retired[name]:
                self.stdout.write(f"  no longer among the shipped files, retired: {', '.join(retired)}")
            if proposed := report.proposed[name]:
                self.stdout.write(f"  proposed, for people to decide on: {', '.join(proposed)}")
            if verbosity > 1 or len(added) + len(changed) <= 10:
                for verb, keys in (("added", added), ("changed", changed)):
                    for key in keys:
                        self.stdout.write(f"  {verb} {key}")

    def _say_upgraded(self, upgrade: Upgrade) -> None:
        """What became of what people entered under the first edition."""
        carried, added = len(upgrade.carried), len(upgrade.added)
        self.stdout.write("The evidence base is carried over to its second edition, once; an event tells each change.")
        self.stdout.write(f"  entries that people decided on, in their new shape: {carried}; added for them: {added}")
        for (kind, key), notes in upgrade.notes.items():
            for note in notes:
                self.stdout.write(f"  to look at, {kind} {key}: {note}")
        self.stdout.write(f"  open proposals, carried over: {len(upgrade.proposals)}")
        for proposal, why in upgrade.given_back:
            self.stdout.write(f"  given back, proposal {proposal.pk} on {proposal.kind} {proposal.key}: {why}")

"""What the import commands share: who imports, files and folders, and what they print."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation.actions import Asked, ask_questions
from curation.imports.batch import RecordOutcome
from curation.imports.bounds import bytes_of
from regimens.knowledge.loader import LoadError, LoadProblem

from ._people import person


class ImportCommand(ABC, BaseCommand):
    """A command whose problems are all listed.

    What is wrong with a file stops everything before anything is imported; a record that is wrong fails alone.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", metavar="USERNAME", required=True, help="who proposes")

    def handle(self, *args: Any, by: str, **options: Any) -> None:
        try:
            self.run(by=person(by), **options)
        except LoadError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            count = len(error.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}; nothing was imported") from error

    @abstractmethod
    def run(self, *, by: Any, **options: Any) -> None:
        """Import what the options say, proposed by a person. Raises LoadError with every problem."""

    def end(self, failed: Sequence[LoadProblem]) -> None:
        """Fails where records were left alone because something is wrong with them; the others were imported."""
        for problem in failed:
            self.stderr.write(str(problem))
        if failed:
            count = len({(problem.file, problem.key) for problem in failed})
            raise CommandError(f"{count} record{' was' if count == 1 else 's were'} not imported; the others were")

    def report(self, outcome: RecordOutcome) -> None:
        """What was proposed, with its changes, and what was left alone."""
        for made in outcome.proposed:
            self.stdout.write(f"proposed {made.wanted.key} (proposal {made.proposal.pk}): {made.wanted.reason}")
            if made.competing:
                verb = "is" if made.competing == 1 else "are"
                self.stdout.write(f"  {made.competing} other open on it {verb} superseded by the first accepted")
        for left in outcome.left:
            self.stdout.write(f"left {left.key}: {left.why}")
        self.stdout.write(f"{len(outcome.proposed)} proposed, {len(outcome.left)} left alone")

    def ask(self, asked: Sequence[Asked], *, by: Any) -> None:
        """Put to curators what an import would make worse, and say it; what was asked before is not asked again."""
        for one in ask_questions(asked, by=by):
            self.stdout.write(
                f"asked of {one.key}, {one.field}: {one.held_value!r} is here, {one.offered_value!r} read"
            )
            self.stdout.write(f"  {one.why} A curator answers, in the admin")


def files_in(paths: Sequence[Path], suffix: str) -> list[tuple[str, bytes]]:
    """Name and content of files, and of those with the suffix in folders. Raises LoadError with all that fail."""
    found: list[tuple[str, bytes]] = []
    problems: list[LoadProblem] = []
    for path in paths:
        listed = sorted(path.glob(f"*{suffix}")) if path.is_dir() else [path]
        if not listed:
            problems.append(LoadProblem(str(path), "", "", None, f"a folder with files that end in {suffix}"))
        for one in listed:
            try:
                found.append((str(one), bytes_of(one)))
            except OSError as error:
                problems.append(LoadProblem(str(one), "", "", None, f"cannot be read: {error.strerror}"))
    if problems:
        raise LoadError(problems)
    return found


def refuse(problems: Iterable[LoadProblem]) -> None:
    """Raises LoadError where there are any."""
    if found := list(problems):
        raise LoadError(found)

"""`manage.py verify_events`: whether any event, or any record that events tell of, was changed, replaced, added or
taken out since.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import chain

MOST_NAMED = 20


class Command(BaseCommand):
    help = (
        "Check the chain of hashes over all events and name the first break, then every decision, plan, ballot, "
        "signature, version of a case and follow-up that is not as its event says. Keep the last hash, which is "
        "printed, where nobody who can change the database can change it: given with --holds another time, it shows "
        "that no event up to it was taken out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--holds", metavar="SHA256", help="a hash that was printed before, or stands in an export")
        parser.add_argument("--seal", action="store_true", help="add events without a hash to the end of the chain")
        parser.add_argument("--file", type=Path, help="check an export (JSON lines) in place of the database")

    def handle(self, *args: Any, holds: str | None, seal: bool, file: Path | None, **options: Any) -> None:
        if file is not None:
            self._verify_file(file)
            return
        found = chain.verify()
        if found.broken:
            raise CommandError(f"The chain is broken after {found.sealed} events at {found.broken}")
        if holds and not chain.holds(holds.strip().lower()):
            raise CommandError(f"The chain holds {found.sealed} events, and none with the hash {holds}")
        if found.unsealed and not seal:
            raise CommandError(
                f"{len(found.unsealed)} events carry no hash, the first is event {found.unsealed[0]}: a process was "
                "stopped before it sealed them, or they were written past the app. Look at them; --seal adds them."
            )
        if found.unsealed:
            self.stdout.write(f"Sealed {chain.seal_all()} events that carried no hash")
            found = chain.verify()
        if found.wrong:
            more = f"\n… and {len(found.wrong) - MOST_NAMED} more" if len(found.wrong) > MOST_NAMED else ""
            raise CommandError(
                f"{found.sealed} events, none changed, but {len(found.wrong)} records are not as events tell:\n"
                + "\n".join(found.wrong[:MOST_NAMED])
                + more
            )
        self.stdout.write(f"{found.sealed} events, none changed; the last hash is {found.head or 'none'}")
        if found.records:
            self.stdout.write(f"{found.records} records that they tell of, each as it was sealed")
        if found.late:
            self.stdout.write(
                f"{found.late} of the events were sealed late, as events of the kind {chain.SEALED_LATE} say: a "
                "process was stopped before it sealed them, or they were written past the app"
            )

    def _verify_file(self, file: Path) -> None:
        try:
            with file.open(encoding="utf-8") as lines:
                count, broken = chain.verify_lines(map(json.loads, lines))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise CommandError(f"{file} is no export of events as JSON lines: {error}") from error
        if broken:
            raise CommandError(f"Changed after {count} events that hold: {broken}")
        self.stdout.write(f"{count} events in {file}, each as its hash says")

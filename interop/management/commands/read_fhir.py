"""`manage.py read_fhir FILE`: what is read of a patient from FHIR, and why the rest is not (INTEROP, section 1)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interop.reading import Reading, Refused, read
from interop.terminology import TerminologyError, terminology
from regimens import releases
from regimens.rules.knowledge import KnowledgeError


class Command(BaseCommand):
    help = (
        "Read a FHIR R4 Bundle, array, NDJSON or resource into the features of a patient. A file that is refused gives "
        "an OperationOutcome, and the exit status is then 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a file; - is standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
        parser.add_argument("--release", help="a release by name or SHA-256 whose regimens count; default: in force")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = options["release"]
            knowledge = releases.compiled(releases.find(name)) if name else releases.current()
            terms = terminology()
        except (releases.ReleaseError, KnowledgeError, TerminologyError) as error:
            raise CommandError(str(error)) from error
        try:
            reading = read(_bytes(options["file"]), knowledge=knowledge, terms=terms)
        except Refused as refused:
            self.stdout.write(json.dumps(refused.outcome(), ensure_ascii=False))
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(reading.as_plain(), ensure_ascii=False))
            return
        for line in _lines(reading):
            self.stdout.write(line)


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error


def _lines(reading: Reading) -> Iterator[str]:
    yield f"{reading.resources} resources"
    for feature, value in reading.features.items():
        yield f"{feature}: {_written(value)}"
        for source in reading.provenance.get(feature, ()):
            yield f"      {source.resource} {source.element} {source.date or 'no date'}"
    for feature, why in reading.unknown_because.items():
        yield f"{feature}: unknown ({why})"
    for ignored in reading.ignored:
        yield f"ignored: {ignored.resource} ({ignored.why}{f', {ignored.path}' if ignored.path else ''})"


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)

"""A folder of FHIR R4 files, one patient a file, as `interop.reading` reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interop.reading import Refused, read
from interop.terminology import Terminology
from regimens.rules.knowledge import Knowledge

from .read import Read, Unread, of_reading

ENDINGS = (".json", ".ndjson")


class FolderError(ValueError):
    """A folder that holds no records."""


def read_folder(folder: Path, knowledge: Knowledge, terms: Terminology) -> Iterator[Read]:
    """The records in the order of their names; the key is the name without its ending. Raises FolderError."""
    if not folder.is_dir():
        raise FolderError(f"{folder} is no folder")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if not files:
        raise FolderError(f"{folder} holds no {' or '.join(ENDINGS)} files")
    return (_read(number, path, knowledge, terms) for number, path in enumerate(files, 1))


def _read(number: int, path: Path, knowledge: Knowledge, terms: Terminology) -> Read:
    try:
        return of_reading(number, path.stem, read(path.read_bytes(), knowledge=knowledge, terms=terms))
    except (Refused, OSError) as error:
        return Read(number, path.stem, {}, (Unread(number, path.name, "", str(error)),), is_refused=True)

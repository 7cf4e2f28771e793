"""What the commands of registries share: the release that is meant, as it is exported, and how many of something."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import CommandError

from regimens import releases
from regimens.rules.knowledge import Knowledge, KnowledgeError


def exported(release: str | None) -> tuple[bytes, Knowledge]:
    """Its bytes and what they hold; None is the release in force. Raises CommandError unless it can be ranked with."""
    try:
        if release is not None and Path(release).is_file():
            knowledge, export = releases.read_export(Path(release)), Path(release).read_bytes()
        else:
            row = releases.find(release) if release is not None else releases.in_force()
            if row is None:
                raise releases.NoRelease
            knowledge, export = releases.compiled(row), releases.exported(row)
        knowledge.check_edition()
    except (releases.ReleaseError, KnowledgeError) as error:
        raise CommandError(str(error)) from error
    return export, knowledge


def count(text: str) -> int:
    """An argument that is a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not allowed; allowed: a whole number from 1 on")
    return int(text)

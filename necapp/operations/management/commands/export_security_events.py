"""`manage.py export_security_events FILE`: who did what, when and from where, for a collector of security events."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.db.models import QuerySet

from audit.export_command import ExportCommand
from audit.models import Event
from necapp.operations.security import lines_of


class Command(ExportCommand):
    help = (
        "Write events as JSON lines, as SECURITY_LOG sends each when it happens: who did what, when and from where, "
        "and to which account or group. The trail itself, complete and with its hashes, is exported by export_events."
    )

    def lines(self, file: Path, events: QuerySet[Event]) -> Iterable[str]:
        return lines_of(events.order_by("pk").select_related("by").iterator(500))

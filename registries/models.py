"""No rows: the permission to see reports needs something that it is about, and a report is nowhere stored."""

from __future__ import annotations

from django.db import models

SEE = "registries.see_reports"


class Report(models.Model):
    """What a ranked registry tells; it exists while it is shown, and has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("see_reports", "Can see reports of registries")]

    def __str__(self) -> str:
        return "report of a registry"

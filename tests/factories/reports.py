"""Reports that something is wrong, as anybody makes them."""

from __future__ import annotations

from typing import Any

from django.test import Client

from curation.models import Report
from regimens.models.choices import ReportState

WORDS = "Table 2 gives a median survival of 5.9 months, not 9.5."
ABOUT = {"about": "regimens:folfiri", "at": "os"}


def report_by_form(client: Client | None = None, **fields: str) -> Any:
    return (client or Client()).post("/reports/new/", {**ABOUT, "words": WORDS, **fields})


def a_report(**fields: str) -> Report:
    """One that waits to be looked into."""
    response = report_by_form(**fields)
    assert response.status_code == 302, response.content.decode()
    return Report.objects.get(reference=response["Location"].rstrip("/").rpartition("/")[2], state=ReportState.OPEN)

"""A day with its time: always in a time zone that is named beside it, since who reads it may be in another one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

UNSAID = "UTC"


def moment_words(moment: datetime, zone_name: str = UNSAID) -> str:
    """In the reader's language: "3 Dec 2026, 5 p.m. (Europe/Berlin)"; of an empty zone's name, in UTC."""
    name = zone_name or UNSAID
    return _("%(time)s (%(zone)s)") % {
        "time": date_format(moment.astimezone(ZoneInfo(name)), "DATETIME_FORMAT"),
        "zone": name,
    }

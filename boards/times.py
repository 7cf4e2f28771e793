"""Days and times of meetings: in the board's time zone, which is always named beside a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from display.moments import UNSAID

from .errors import Refused
from .models import Meeting

# How long before today, and after it, a meeting may be when it is made or put on another day.
DAYS_BEFORE, DAYS_AHEAD = timedelta(days=7), timedelta(days=731)
# The day of a meeting is that of its board, and nobody is locked out by a clock.
AROUND = timedelta(days=1)


@cache
def zone_names() -> tuple[str, ...]:
    """The time zones that can be chosen, by their names in the IANA database: UTC, then those named by a place."""
    return (UNSAID, *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or UNSAID)


def day_of(now: datetime, zone_name: str) -> date:
    return now.astimezone(zone(zone_name)).date()


def refuse_far_day(held_on: date, zone_name: str, now: datetime) -> None:
    """Raises Refused for a day long ago or years ahead."""
    today = day_of(now, zone_name)
    first, last = today - DAYS_BEFORE, today + DAYS_AHEAD
    if not first <= held_on <= last:
        raise Refused(
            _("A meeting on %(day)s cannot be entered: give a day from %(first)s to %(last)s.")
            % {"day": held_on.isoformat(), "first": first.isoformat(), "last": last.isoformat()},
            "held_on",
        )


def is_before_its_day(meeting: Meeting, now: datetime) -> bool:
    """Whether the day of a meeting is to come, even somewhere else."""
    return day_of(now, meeting.time_zone) < meeting.held_on - AROUND


def is_about_its_day(meeting: Meeting, now: datetime) -> bool:
    return abs(day_of(now, meeting.time_zone) - meeting.held_on) <= AROUND


def begins(meeting: Meeting) -> datetime | None:
    """When it begins; None where no time of day was said."""
    if meeting.begins_at is None:
        return None
    return datetime.combine(meeting.held_on, meeting.begins_at, zone(meeting.time_zone))


def when_words(meeting: Meeting) -> str:
    """The day, with the time of day and its zone where it has one: "3 Dec 2026, 5 p.m. (Europe/Berlin)"."""
    day = date_format(meeting.held_on, "DATE_FORMAT")
    if meeting.begins_at is None:
        return day
    time = time_format(meeting.begins_at, "TIME_FORMAT")
    return _("%(day)s, %(time)s (%(zone)s)") % {"day": day, "time": time, "zone": meeting.time_zone or UNSAID}


def time_words(moment: datetime, zone_name: str) -> str:
    """A time of day in a time zone, which is named."""
    there = moment.astimezone(zone(zone_name))
    return _("%(time)s (%(zone)s)") % {"time": time_format(there, "TIME_FORMAT"), "zone": zone_name or UNSAID}

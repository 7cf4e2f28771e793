"""Meetings as iCalendar (RFC 5545, RFC 5546): for the mail that invites, and to download.

A calendar holds the board, the day, the place and a link, and nothing of a patient. Text is brought onto one line, so
that nothing that was typed can end a line and begin another property.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from boards.models import Meeting
from boards.times import zone

PRODUCT = "-//necapp//boards//EN"


@dataclass(frozen=True)
class Entry:
    """A meeting in a person's calendar.

    sequence   one more with each change that the person was told of
    cases      how many are on its agenda
    """

    meeting: Meeting
    sequence: int = 0
    cases: int = 0


def calendar(entries: Iterable[Entry], *, now: datetime, name: str = "") -> bytes:
    """Meetings to be taken into a calendar by hand, with their boards at hand."""
    found = _calendar("PUBLISH")
    if name:
        found.add("x-wr-calname", one_line(name))
    for entry in entries:
        found.add_component(_event(entry, now))
    return _written(found)


def invitation(entry: Entry, *, address: str, now: datetime) -> bytes:
    """A meeting as a person is invited to it by mail, or told that it changed."""
    found, event = _calendar("REQUEST"), _event(entry, now)
    _between(event, address)
    found.add_component(event)
    return _written(found)


def cancellation(meeting: int, held_on: date, *, sequence: int, address: str, now: datetime) -> bytes:
    """That a meeting is not held any more, which may be gone from the database."""
    found, event = _calendar("CANCEL"), Event()
    event.add("uid", uid(meeting))
    event.add("dtstamp", now)
    event.add("dtstart", held_on)
    event.add("sequence", sequence)
    event.add("status", "CANCELLED")
    event.add("summary", _("Meeting cancelled"))
    _between(event, address)
    found.add_component(event)
    return _written(found)


def uid(meeting: int) -> str:
    """By which a calendar knows the meeting again, whatever changes."""
    return f"meeting-{meeting}@{settings.PUBLIC_URL.partition('://')[2].partition('/')[0] or 'necapp'}"


def public_link(name: str, *arguments: object) -> str:
    """The address of a page of boards from outside of it."""
    return settings.PUBLIC_URL.rstrip("/") + reverse(f"boards:{name}", args=arguments)


def one_line(text: str) -> str:
    """A text without line breaks and other characters that cannot be seen, which headers and calendars cannot hold."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _calendar(method: str) -> Calendar:
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", method)
    return found


def _event(entry: Entry, now: datetime) -> Event:
    """As long as its agenda is meant to take, one case at least; the whole day where no time of day was said."""
    meeting, event = entry.meeting, Event()
    event.add("uid", uid(meeting.pk))
    event.add("dtstamp", now)
    event.add("sequence", entry.sequence)
    event.add("summary", one_line(_("Tumour board: %(board)s") % {"board": meeting.board.name}))
    if meeting.begins_at is None:
        event.add("dtstart", meeting.held_on)
    else:
        start = datetime.combine(meeting.held_on, meeting.begins_at, zone(meeting.time_zone))
        event.add("dtstart", start)
        event.add("duration", timedelta(minutes=meeting.minutes_each * max(1, entry.cases)))
    if place := one_line(meeting.place):
        event.add("location", place)
    event.add("url", public_link("meeting", meeting.pk))
    event.add("status", "CONFIRMED")
    return event


def _between(event: Event, address: str) -> None:
    """Who invites, and who is invited: nobody else is named."""
    organizer = vCalAddress(f"mailto:{parseaddr(one_line(settings.DEFAULT_FROM_EMAIL))[1]}")
    organizer.params["CN"] = "necapp"
    attendee = vCalAddress(f"mailto:{one_line(address)}")
    attendee.params["RSVP"] = "FALSE"
    event.add("organizer", organizer)
    event.add("attendee", attendee)


def _written(found: Calendar) -> bytes:
    found.add_missing_timezones()
    return found.to_ical()

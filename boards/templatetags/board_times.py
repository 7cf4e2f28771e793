"""Times as templates of boards show them: with the time zone in which they are meant, which is never left out."""

from __future__ import annotations

from django import template

from boards.models import Meeting
from boards.times import when_words

register = template.Library()


@register.filter
def clock(seconds: int) -> str:
    """Minutes and seconds: "4:12"."""
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def when(meeting: Meeting) -> str:
    """The day of a meeting, with its time of day and zone where it has one."""
    return when_words(meeting)

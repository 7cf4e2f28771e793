"""What the events of releases that are read, and not changed, are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from audit import sentences
from audit.models import Event
from audit.sentences import Subject

from .models import KnowledgeRelease

_PHRASES = {"export-release": _("exported release {}")}


def register() -> None:
    sentences.register("regimens", _PHRASES, subjects=_subjects)


def pages_of_releases(events: Sequence[Event], actions: Collection[str]) -> dict[int, Subject]:
    """The page of the release that an event of these actions names as its subject; one query."""
    concerned = [event for event in events if event.action in actions]
    names = {event.subject for event in concerned}
    pages = dict(KnowledgeRelease.objects.filter(name__in=names).values_list("name", "pk")) if names else {}
    return {
        event.pk: Subject(page=("admin:regimens_knowledgerelease_change", pages[event.subject]))
        for event in concerned
        if event.subject in pages
    }


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    return pages_of_releases(events, _PHRASES)

"""What stands in the audit trail, for tests of what leaves an event there."""

from __future__ import annotations

import json

from audit import chain
from audit.models import Event


def since(before: int) -> list[str]:
    """The actions recorded after an event, the first first."""
    return list(Event.objects.filter(pk__gt=before).order_by("pk").values_list("action", flat=True))


def newest() -> int:
    event = Event.objects.first()
    return event.pk if event else 0


def everything_said() -> str:
    return json.dumps([chain.fields_of(event) for event in Event.objects.all()], ensure_ascii=False)

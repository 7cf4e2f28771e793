"""What stands in the audit trail, for tests of what leaves an event there, and in the database as a whole."""

from __future__ import annotations

import json

from django.db import connection

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


def everything_stored() -> str:
    """Every row of every table."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)

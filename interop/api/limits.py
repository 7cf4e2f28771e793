"""How often a caller may call: counted in fixed minutes, in the database, which all workers share."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_network

from django.db import connection, transaction

from interop.models import CallCount

from .problems import Problem

RANKINGS, READS, KNOCKS = "rankings", "reads", "knocks"
# A minute, of an address without a token; a token has its own.
ANONYMOUS = {RANKINGS: 60, READS: 600, KNOCKS: 60}

_COUNT = """
    INSERT INTO interop_callcount (caller, minute, calls) VALUES (%s, %s, 1)
    ON CONFLICT (caller, minute) DO UPDATE SET calls = interop_callcount.calls + 1
"""


def count(caller: str, what: str, now: datetime) -> int:
    """How often a caller has called in this minute, this call included. Former minutes are forgotten."""
    minute = int(now.timestamp()) // 60
    mine = CallCount.objects.filter(caller=f"{what} {caller}", minute=minute)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [f"{what} {caller}", minute])
        calls = mine.values_list("calls", flat=True).get()
        if calls == 1:
            CallCount.objects.filter(minute__lt=minute).delete()
    return calls


def limit(caller: str, what: str, most: int, now: datetime) -> None:
    """Count a call. Raises Problem where it is one too many in this minute."""
    if count(caller, what, now) > most:
        raise too_many(f"At most {most} {what} a minute.", now)


def too_many(detail: str, now: datetime) -> Problem:
    seconds = 60 - int(now.timestamp()) % 60
    return Problem("too-many-calls", detail, headers={"Retry-After": str(seconds)})


def caller_at(address: str | None) -> str:
    """Who calls without a token: an address; of IPv6 the network of 64 bits that a connection is given whole."""
    if address and ":" in address:
        return str(ip_network(f"{address}/64", strict=False))
    return address or "nowhere"

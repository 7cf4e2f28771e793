"""`python -m benchmarks.events [postgresql]`: the administrators' list over 100,000 events, on a database of its own.

Each page is asked for 40 times; printed are the median and the 95th percentile, in milliseconds. Besides: what it takes
to record an event and to seal it, to check the whole chain, and to export all of it.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from curation import accepted
from curation.actions import publishing
from tests.postgresql import served

from .timing import p50_p95, say

EVENTS = 100_000
ROUNDS = 40
LIST = "/admin/regimens/event/"
PAGES: dict[str, dict[str, Any]] = {
    "the newest": {},
    "page 1,500": {"p": 1500},
    "one action that is frequent": {"action": "sign-in"},
    "one action that is rare": {"action": "publish"},
    "one person": {"by": 3},
    "one person and one action": {"by": 3, "action": "accept"},
    "one month": {"since": "2026-03-01", "until": "2026-03-31"},
    "one year": {"since": "2025-01-01", "until": "2025-12-31"},
    "a part of a subject": {"subject": "person 17"},
    "one address": {"address": "192.0.2.7"},
    "a search": {"q": "proposal 7"},
    "a search that finds nothing": {"q": "zzzz"},
}


def main() -> None:
    if "postgresql" in sys.argv[1:]:
        with served() as url:
            measure(url)
        return
    with tempfile.TemporaryDirectory(prefix="necapp-events-") as folder:
        measure(f"sqlite:///{Path(folder) / 'events.sqlite3'}")


def measure(url: str) -> None:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
    os.environ |= {"DEBUG": "false", "ALLOWED_HOSTS": "testserver"}
    django.setup()
    from django.core.management import call_command

    from audit import chain
    from audit.events import coming_from, record
    from audit.export import csv_lines, json_lines
    from audit.models import Event

    _fill()
    start = time.perf_counter()
    chain.seal_all()
    say(f"sealing {EVENTS:,} events", _seconds(start))
    client = _administrator()
    for name, asked in PAGES.items():
        times = []
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            response = client.get(LIST, asked)
            times.append(time.perf_counter() - start)
            assert response.status_code == 200, (name, response.status_code)
        p50, p95 = p50_p95(times[1:])
        say(f"list: {name}", f"{p50:.0f} / {p95:.0f} ms", f"{response.context['cl'].result_count:,} found")
    times = []
    with coming_from("192.0.2.7"):
        for number in range(500):
            start = time.perf_counter()
            record("sign-in", f"person {number}")
            times.append(time.perf_counter() - start)
    p50, p95 = p50_p95(times)
    say("recording and sealing one event", f"{p50:.1f} / {p95:.1f} ms")
    start = time.perf_counter()
    call_command("verify_events")
    say("checking the whole chain", _seconds(start))
    for name, lines in (("CSV", csv_lines), ("JSON lines", json_lines)):
        start = time.perf_counter()
        size = sum(map(len, lines(Event.objects.all())))
        say(f"exporting all as {name}", _seconds(start), f"{size / 2**20:.0f} MiB")


def _fill() -> None:
    """The evidence base, proposals on it, and years of events as a hospital would have them: most are sign-ins."""
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command
    from django.utils import timezone

    from audit.guard import RECORDS
    from audit.models import Event
    from curation import actions
    from curation.actions.loading import load
    from curation.models import Proposal

    call_command("migrate", verbosity=0)
    load()
    publishing.publish("shipped")
    people = [User.objects.create_user(f"person {number}") for number in range(1, 60)]
    Group.objects.get(name="Curator").user_set.add(*people)
    folfiri = accepted.accepted()["regimens"]["folfiri"]
    for number in range(20):
        changed = folfiri | {"name": f"FOLFIRI {number}"}
        actions.propose(
            kind="regimens", key="folfiri", content=changed, reason="Read.", source="https://example.org", by=people[0]
        )
    proposals = list(Proposal.objects.all())
    draw = random.Random(1)  # noqa: S311 - the same events each time
    now = timezone.now()
    events = []
    for number in range(EVENTS):
        person, days = draw.choice(people), 1000 * (1 - number / EVENTS)
        kind = draw.random()
        proposal = draw.choice(proposals)
        action, subject, details = (
            ("sign-in", person.username, {"account": person.pk})
            if kind < 0.6
            else ("sign-in-failed", person.username, {})
            if kind < 0.7
            else ("propose", str(proposal), {"proposal": proposal.pk, "reason": "Read again.", "sha256": "0" * 64})
            if kind < 0.85
            else ("accept", str(proposal), {"proposal": proposal.pk, "sha256": "0" * 64})
            if kind < 0.9995
            else ("publish", "shipped", {"sha256": "0" * 64})
        )
        address = f"192.0.2.{draw.randrange(250)}"
        at = now - timedelta(days=days)
        events.append(Event(action=action, subject=subject, details=details, by=person, address=address, at=at))
    with RECORDS.open():
        Event.objects.bulk_create(events, batch_size=2000)


def _administrator() -> Any:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    client = Client()
    client.force_login(User.objects.get(username="person 1"))
    return client


def _seconds(start: float) -> str:
    return f"{time.perf_counter() - start:.1f} s"


if __name__ == "__main__":
    main()

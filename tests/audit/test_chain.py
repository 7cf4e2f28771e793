"""The chain of hashes: what is changed, taken out or written past the app does not go unseen."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import chain
from audit import events as audit_events
from audit.guard import RECORDS
from audit.models import Event, EventSeal
from tests.databases import ROOT, own_database, without_triggers
from tests.factories.curation import rename_folfiri

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


class TestChain:
    @pytest.fixture(autouse=True)
    def sealed(self) -> None:
        rename_folfiri()
        chain.seal_all()

    def test_an_event_is_sealed_when_it_is_committed(self, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            event = audit_events.record("try", "one")
        assert event.seal.former == EventSeal.objects.get(pk__lt=event.seal.pk, sha256=event.seal.former).sha256
        assert chain.verify().unsealed == ()

    def test_it_holds(self) -> None:
        found = chain.verify()
        assert found == chain.Chain(Event.objects.count(), EventSeal.objects.last().sha256, "", ())
        out = io.StringIO()
        call_command("verify_events", holds=found.head, stdout=out)
        assert found.head in out.getvalue()

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE regimens_event SET subject = 'another' WHERE id = %s",
            "UPDATE regimens_event SET at = '2020-01-01 00:00:00+00:00' WHERE id = %s",
            "UPDATE regimens_event SET by_id = NULL WHERE id = %s",
            "UPDATE regimens_event SET address = '192.0.2.1' WHERE id = %s",
            "UPDATE regimens_event SET details = '{}' WHERE id = %s",
        ],
    )
    def test_a_changed_event_is_named(self, change: str) -> None:
        pk = Event.objects.get(action="accept").pk
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute(change, [pk])
        with pytest.raises(CommandError, match=f"event {pk} .*not what its hash says"):
            call_command("verify_events")

    def test_one_that_was_taken_out_is_named(self) -> None:
        pk = Event.objects.get(action="accept").pk
        self._delete(pk)
        with pytest.raises(CommandError, match=r"broken after|none with the hash"):
            call_command("verify_events", holds=self.head)

    def test_so_is_one_in_the_middle_without_any_hash_kept(self) -> None:
        pk = Event.objects.get(action="propose").pk
        self._delete(pk)
        with pytest.raises(CommandError, match="what stood before it in the chain is gone"):
            call_command("verify_events")

    def test_one_written_past_the_app_is_named(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO regimens_event (at, action, subject, details) "
                "VALUES ('2026-11-25 12:00:00+00:00', 'forged', '', '{}')"
            )
        with pytest.raises(CommandError, match="1 events carry no hash"):
            call_command("verify_events")
        call_command("verify_events", seal=True, stdout=io.StringIO())
        assert chain.verify().unsealed == ()

    def test_what_a_killed_process_left_is_sealed_late_and_said(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        """By the next event, but for what another process may be about to seal; each process looks once a minute."""
        monkeypatch.setattr(chain, "_looked_at", None)
        long_ago, just_now = audit_events.record("try", "left"), audit_events.record("try", "just now")
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_event SET at = %s WHERE id = %s", ["2026-11-01T12:00:00Z", long_ago.pk])
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                audit_events.record("try", "next")
        said = Event.objects.get(action="seal-late")
        assert (said.by, said.details) == (None, {"events": [long_ago.pk]})
        found = chain.verify()
        assert (found.unsealed, found.broken, found.late) == ((just_now.pk,), "", 1)
        out = io.StringIO()
        call_command("verify_events", seal=True, stdout=out)
        assert "1 of the events were sealed late" in out.getvalue()

    def test_events_from_before_are_sealed_by_the_migration(self) -> None:
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM regimens_eventseal")
        migration = importlib.import_module("regimens.migrations.0007_event_seals")
        with RECORDS.open():
            migration.seal_what_is_there(apps, None)
        assert chain.verify().sealed == Event.objects.count()

    def _delete(self, pk: int) -> None:
        self.head = EventSeal.objects.last().sha256
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM regimens_eventseal WHERE event_id = %s", [pk])
            cursor.execute("DELETE FROM regimens_event WHERE id = %s", [pk])


AT_ONCE = """
import json, threading
import django
django.setup()
from django.contrib.auth.models import User
from django.db import connection
from audit import chain
from audit.events import record

person = User.objects.create_user("ada")
start = threading.Barrier(6)

def sign_in(name):
    start.wait()
    for turn in range(20):
        record("sign-in", f"{name} {turn}", by=person)
    connection.close()

threads = [threading.Thread(target=sign_in, args=[name]) for name in "abcdef"]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
found = chain.verify()
print(json.dumps([found.sealed, found.broken, len(found.unsealed)]))
"""


def test_events_at_the_same_moment_make_one_chain(tmp_path_factory: pytest.TempPathFactory) -> None:
    environment = own_database("events_at_once", tmp_path_factory.mktemp("database"))
    before = 2  # the evidence base was loaded, and published
    command = [sys.executable, "-c", AT_ONCE]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == [before + 1 + 6 * 20, "", 0]

"""Two people at the same moment, and a process killed in the middle: each in a database of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.databases import ROOT, own_database

pytestmark = pytest.mark.postgresql

START = """
import json, os, signal, sys, threading
import django
django.setup()
from django.db import connection
from audit.models import Event
from curation import actions
from curation.accepted import intruders
from curation.actions import proposals, publishing
from curation.errors import AlreadyDecided
from curation.models import Entry, Proposal
from regimens import releases
from regimens.models import Regimen, ReleaseInForce
from tests.factories.curation import REASON, content, rename_folfiri, somebody

def proposed(by, name):
    values = content("regimens", "folfiri", name=name)
    return actions.propose(kind="regimens", key="folfiri", content=values, by=by, **REASON).proposal

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""

AT_ONCE = """
ada, ben = somebody("ada"), somebody("ben")
said = []
for turn in range(10):
    pair = [(proposed(ada, f"Ada's {turn}"), ben), (proposed(ben, f"Ben's {turn}"), ada)]
    start, results = threading.Barrier(2), []
    def decide(proposal, reviewer):
        start.wait()
        try:
            actions.accept(proposal, by=reviewer)
            results.append("accepted")
        except AlreadyDecided:
            results.append("refused")
        finally:
            connection.close()
    threads = [threading.Thread(target=decide, args=one) for one in pair]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    statuses = sorted(Proposal.objects.filter(pk__in=[one.pk for one, _ in pair]).values_list("status", flat=True))
    entry = Entry.objects.get(key="folfiri")
    is_whole = entry.proposal.status == "accepted" and Regimen.objects.get(slug="folfiri").name == entry.values["name"]
    said.append([sorted(results), statuses, is_whole])
print(json.dumps([said, intruders() == [], publishing.publish("after")[1]]))
"""

KILLED = """
proposal = proposed(somebody("ada"), f"Half made, killed {sys.argv[1]}")
if sys.argv[1] == "before the entry":
    proposals._put_in_force = die
elif sys.argv[1] == "before the rows":
    proposals.project = die
elif sys.argv[1] == "before the event":
    proposals.record = die
else:
    record = proposals.record
    def record_and_die(*args, **kwargs):
        record(*args, **kwargs)
        die()
    proposals.record = record_and_die
actions.accept(proposal, by=somebody("ben"))
"""

FOUND = """
print(json.dumps([
    sorted(set(Proposal.objects.values_list("status", flat=True))),
    Entry.objects.get(key="folfiri").origin,
    Entry.objects.get(key="folfiri").history.count(),
    Regimen.objects.get(slug="folfiri").name,
    Event.objects.filter(action="accept").count(),
    publishing.publish("after")[1],
]))
"""

KILLED_PUBLISHING = """
rename_folfiri("Agreed")
if sys.argv[1] == "before it is in force":
    publishing._put_in_force = die
else:
    publishing.record = die
publishing.publish("second")
"""

IN_FORCE = """
from regimens.models import KnowledgeRelease
print(json.dumps([releases.current().release.name, KnowledgeRelease.objects.count(), ReleaseInForce.objects.count()]))
"""


def run(script: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START + script, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def told(script: str, environment: dict[str, str]) -> Any:
    finished = run(script, environment)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_of_two_who_accept_competing_proposals_at_once_one_does(tmp_path_factory: pytest.TempPathFactory) -> None:
    turns, is_clean, is_published = told(AT_ONCE, own_database("at_once", tmp_path_factory.mktemp("database")))
    assert turns == [[["accepted", "refused"], ["accepted", "superseded"], True]] * 10
    assert is_clean and is_published


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return own_database("killed_deciding", tmp_path_factory.mktemp("database"))


@pytest.mark.parametrize("moment", ["before the entry", "before the rows", "before the event", "before the commit"])
def test_a_process_killed_while_accepting_leaves_nothing_half_made(elsewhere: dict[str, str], moment: str) -> None:
    assert run(KILLED, elsewhere, moment).returncode == -signal.SIGKILL
    assert told(FOUND, elsewhere) == [["proposed"], "shipped", 1, "FOLFIRI", 0, False]


@pytest.mark.parametrize("moment", ["before it is in force", "before the event"])
def test_a_process_killed_while_publishing_leaves_the_former_release(
    tmp_path_factory: pytest.TempPathFactory, moment: str
) -> None:
    environment = own_database("killed_publishing", tmp_path_factory.mktemp("database"))
    assert run(KILLED_PUBLISHING, environment, moment).returncode == -signal.SIGKILL
    assert told(IN_FORCE, environment) == ["shipped", 1, 1]

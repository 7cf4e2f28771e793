"""Several people at the same moment, each in a thread with a connection of its own: nothing is lost or doubled."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.databases import ROOT, own_database

pytestmark = pytest.mark.postgresql

START = """
import json, threading
import django
django.setup()
from django.db import connection
from boards import actions
from audit.errors import ActionRefused
from boards.errors import ChangedMeanwhile, Refused
from boards.models import AgendaItem, Ballot, CaseVersion, Decision, Signature
from audit.models import Event
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, an_item, decide, entered

def at_once(*jobs):
    start, said = threading.Barrier(len(jobs)), []
    def run(job):
        start.wait()
        try:
            job()
            said.append("done")
        except ActionRefused as error:
            said.append(type(error).__name__)
        except Exception as error:
            said.append(repr(error))
        finally:
            connection.close()
    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(said)

board = a_board(blind_first=True)
people = [account(f"member{n}") for n in range(7)]
for person in people:
    actions.add_member(board, person=person, by=account("chair"))
people += [account(name) for name in ("ada", "ben", "chair")]
said = []
"""

DECISIONS = """
seeing = a_board("Seeing")
for turn in range(10):
    item = a_meeting(seeing, a_case(seeing, f"Colon {turn}")).items.get()
    there = [account("ben"), account("ada")]
    results = at_once(*[
        lambda name=name: decide(item, rationale=name, present=there) for name in ("first", "second")
    ])
    said.append([results, list(item.decisions.values_list("number", flat=True))])
item = item.decisions.get()
signed = at_once(*[lambda name=name: actions.sign(item, by=account(name)) for name in ("ada", "ben", "chair")])
print(json.dumps([said, signed, Signature.objects.count(), Event.objects.filter(action="decide").count()]))
"""

VOTES = """
item = an_item(board)
results = at_once(*[lambda by=by: actions.vote(item, choice=FOLFIRI, by=by) for by in [*people, people[0]]])
item.refresh_from_db()
closed = item.vote_closed_at is not None and item.vote_closed_by is None
changes = at_once(*[lambda by=by: actions.change_choice(item, choice=FOLFOX, by=by) for by in people])
print(json.dumps([results, closed, Ballot.objects.count(), changes, Ballot.objects.filter(is_changed=True).count(),
    Event.objects.filter(action="close-vote").count()]))
"""

EDITS = """
case = a_case(board)
meeting = a_meeting(board, fixed=False)
snapshot = entered(ecog="2")
versions = at_once(
    *[lambda by=by: actions.add_version(case, based_on=1, snapshot=snapshot, by=by) for by in people]
)
numbers = sorted(CaseVersion.objects.filter(case=case).values_list("number", flat=True))
cases = [a_case(board, f"Colon {n}") for n in range(10, 20)]
listed = at_once(*[lambda one=one: actions.list_case(meeting, case=one, by=account("ada")) for one in cases])
twice = at_once(*[lambda: actions.list_case(meeting, case=case, by=account("ada"))] * 3)
first, last = meeting.items.order_by("position").first(), meeting.items.order_by("position").last()
moved = at_once(
    lambda: actions.move(first, up=False, by=account("ada")), lambda: actions.move(last, up=True, by=account("ben"))
)
asked = at_once(*[
    lambda by=by: actions.prepare(first, question=f"{by}?", based_on=first.prepared, by=by) for by in people
])
places = sorted(meeting.items.values_list("position", flat=True))
print(json.dumps([versions, numbers, set(listed) == {"done"}, twice, moved, asked, places]))
"""

PRESSES = """
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from django.conf import settings
from boards.models import Meeting
setup_test_environment()
settings.REQUIRE_SECOND_FACTOR = False
browsers = [Client() for _ in range(5)]
for browser in browsers:
    browser.force_login(account("ada"))
form = {"held_on": timezone.localdate().isoformat(), "csrfmiddlewaretoken": "a" * 64}
answers = []
def press(browser):
    answers.append(browser.post(f"/boards/{board.pk}/meetings/new/", form, secure=True))
before = Meeting.objects.count()
results = at_once(*[lambda browser=browser: press(browser) for browser in browsers])
places = sorted({answer.headers.get("Location") for answer in answers})
meetings = [f"/meetings/{one.pk}/" for one in Meeting.objects.filter(board=board)]
statuses, made = [answer.status_code for answer in answers], Meeting.objects.count() - before
print(json.dumps([results, statuses, places, meetings, made]))
"""


def told(script: str, environment: dict[str, str]) -> Any:
    finished = subprocess.run(
        [sys.executable, "-c", START + script], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_of_two_who_decide_at_once_the_second_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    environment = own_database("deciding", tmp_path_factory.mktemp("database"))
    turns, signed, signatures, events = told(DECISIONS, environment)
    assert turns == [[["ChangedMeanwhile", "done"], [1]]] * 10
    assert signed == ["Refused", "done", "done"]
    assert (signatures, events) == (2, 10)


def test_of_ten_who_vote_at_once_each_has_one_ballot(tmp_path_factory: pytest.TempPathFactory) -> None:
    results, closed, ballots, changes, changed, closings = told(
        VOTES, own_database("voting", tmp_path_factory.mktemp("database"))
    )
    assert results == ["Refused", *["done"] * 10]
    assert (closed, ballots, closings) == (True, 10, 1)
    assert (changes, changed) == (["done"] * 10, 10)


def test_of_ten_who_write_at_once_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory) -> None:
    versions, numbers, listed, twice, moved, asked, places = told(
        EDITS, own_database("editing", tmp_path_factory.mktemp("database"))
    )
    assert (versions, numbers) == (["ChangedMeanwhile"] * 9 + ["done"], [1, 2])
    assert asked == ["ChangedMeanwhile"] * 9 + ["done"]
    assert listed
    assert twice == ["Refused", "Refused", "done"]
    assert moved == ["done", "done"]
    assert places == list(range(1, 12))


def test_of_five_presses_at_once_one_makes_a_meeting_and_all_lead_there(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    results, statuses, places, meetings, made = told(
        PRESSES, own_database("pressing", tmp_path_factory.mktemp("database"))
    )
    assert (results, statuses) == (["done"] * 5, [302] * 5)
    assert (places, made) == (meetings, 1)

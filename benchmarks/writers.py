"""People who write over HTTP, keep what the server acknowledged, and look afterwards whether all of it is there.

Each team of three takes one case after another through a board: saved, a second version, a meeting, its agenda, three
votes, a decision, two signatures. Curators accept proposals, and a publisher publishes them. Whoever gets no answer, or
one that is none, goes on with the next; what was not acknowledged may be there or not, but never in part.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from .server import HOST, ROOT

TEAM = ("ada", "ben", "chair")
PATIENT = {
    "primary_site": "colorectal",
    "histology": "small-cell",
    "differentiation": "poor",
    "first_line_platinum": "etoposide-platinum",
    "platinum_best_response": "PR",
    "platinum_free_interval_months": "2",
    "lines_received": "1",
    "region": "US",
}


class NotAcknowledgedError(Exception):
    """No answer, or one that does not say that it is done."""


class Person:
    """Somebody who is signed in and sends forms."""

    def __init__(self, port: int, session: str, said: Counter[str]):
        self.port, self.session, self.said = port, session, said
        self.token = ""

    def page(self, path: str) -> str:
        status, _headers, body = self._ask("GET", path, "")
        if status != 200:
            raise NotAcknowledgedError(f"{path}: {status}")
        return body

    def send(self, path: str, fields: Any, *, leads_to: str) -> str:
        """Where the answer leads, of which `leads_to` is a pattern: its first group is given."""
        if not self.token:
            found = re.search(r'"token": ?"(\w+)"', self.page("/account/session/"))
            self.token = found[1] if found else ""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields}, doseq=True)
        status, headers, _body = self._ask("POST", path, body)
        found = re.fullmatch(leads_to, headers.get("location", "")) if status == 302 else None
        if not found:
            raise NotAcknowledgedError(f"{path}: {status}")
        return found[1] if found.groups() else ""

    def _ask(self, method: str, path: str, body: str) -> tuple[int, dict[str, str], str]:
        cookies = f"sessionid={self.session}; csrftoken={self.token}" if self.token else f"sessionid={self.session}"
        headers = {"Cookie": cookies}
        if body:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.said[type(error).__name__] += 1
            time.sleep(0.2)
            raise NotAcknowledgedError(path) from error
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        is_excused = answer.status == 503 and "retry-after" in found and "<html" in text
        self.said[f"{answer.status}{' with Retry-After, in the app’s style' if is_excused else ''}"] += 1
        if new := re.search(r"csrftoken=(\w+)", found.get("set-cookie", "")):
            self.token = self.token and new[1]
        return answer.status, found, text


class Writers:
    """All of them, each in a thread, until they are stopped."""

    def __init__(self, port: int, teams: int, marker: str = "No hair loss."):
        self.marker = marker
        self.said, self.refused = Counter[str](), Counter[str]()
        self.kept: dict[str, list[Any]] = {name: [] for name in CHECKED}
        self._over = threading.Event()
        self._desk = threading.Lock()  # nothing is accepted between what a publisher sees and publishes
        seeded = Seeded(teams)
        people = {name: Person(port, session, self.said) for name, session in seeded.sessions.items()}
        self._work: list[Callable[[], None]] = [
            lambda team=team, board=board: self._through_a_board(team, board, people)  # type: ignore[misc]
            for team, board in enumerate(seeded.boards)
        ]
        proposals = deque(seeded.proposals)
        self._work.append(lambda: self._accepted(proposals, people["reviewer"]))
        names = (f"written {number}" for number in range(1, 10_000))
        self._work.append(lambda: self._published(next(names), people["publisher"]))
        self._turns = iter(range(1, 1_000_000))
        self._threads = [threading.Thread(target=self._go_on, args=(work,), daemon=True) for work in self._work]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def acknowledged(self) -> int:
        return sum(map(len, self.kept.values()))

    def wait_for_more(self, seconds: float) -> None:
        """Until something more was acknowledged than now, or for so long."""
        before, ends = self.acknowledged(), time.monotonic() + seconds
        while self.acknowledged() == before and time.monotonic() < ends:
            time.sleep(0.05)

    def say(self, what: str) -> int:
        """What was acknowledged and what of it is wrong; 1 where anything is."""
        from django.db import connection

        connection.close()  # its server may have been killed
        command = [sys.executable, "manage.py", "verify_events"]
        verified = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        losses, parts = list(lost(self.kept)), list(halves())
        lines = (
            f"On {connection.display_name}: {what}",
            f"  acknowledged: { {name: len(each) for name, each in self.kept.items()} }",
            f"  answers: {dict(self.said.most_common())}",
            f"  not acknowledged: {dict(self.refused.most_common())}",
            f"  lost: {len(losses)} {losses[:5]}",
            f"  half-made: {len(parts)} {parts[:5]}",
            f"  verify_events ({verified.returncode}): {(verified.stdout + verified.stderr).strip()}",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        return int(bool(losses or parts or verified.returncode))

    def _go_on(self, work: Callable[[], None]) -> None:
        while not self._over.is_set():
            try:
                work()
            except NotAcknowledgedError as error:
                self.refused[re.sub(r"\d+/", "", str(error))] += 1
                time.sleep(0.1)

    def _through_a_board(self, team: int, board: int, people: dict[str, Person]) -> None:
        number = next(self._turns)
        ada, ben, chair = (people[name] for name in TEAM)
        label, patient = f"Colon {number}", PATIENT | {"ki67": str(21 + number % 79)}
        first = patient | {"ecog": "1", "label": label, "board": board, "notes": self.marker, "save": "1"}
        case = int(ada.send("/cases/new/", first, leads_to=r"/cases/(\d+)/"))
        self.kept["cases"].append((case, label))
        second = patient | {"ecog": "2", "notes": self.marker, "save": "1", "based_on": "1"}
        ada.send(f"/cases/{case}/new-version/", second, leads_to=rf"/cases/{case}/")
        self.kept["versions"].append((case, 2))
        day = {"held_on": timezone.localdate().isoformat(), "place": f"Room {number}"}
        meeting = int(ada.send(f"/boards/{board}/meetings/new/", day, leads_to=r"/meetings/(\d+)/"))
        self.kept["meetings"].append((meeting, day["place"]))
        ada.send(f"/cases/{case}/list/", {"meeting": meeting}, leads_to=rf"/cases/{case}/")
        chair.send(f"/meetings/{meeting}/fix/", {}, leads_to=rf"/meetings/{meeting}/")
        found = re.search(r"/agenda/(\d+)/", ada.page(f"/meetings/{meeting}/"))
        if not found:
            raise NotAcknowledgedError("agenda")
        item = int(found[1])
        for person, name in ((ada, "ada"), (ben, "ben"), (chair, "chair")):
            chosen = {"kind": "ranked", "regimen": "folfiri"}
            person.send(f"/agenda/{item}/vote/", chosen, leads_to=rf"/agenda/{item}/")
            self.kept["votes"].append((item, name))
        shown = ada.page(f"/agenda/{item}/decide/")
        decided = {"step-0-do": "ranked:folfiri", "rationale": "Best evidence.", "based_on": "0"}
        there = re.findall(r'name="present"\s+value="(\d+)"', shown)
        ada.send(f"/agenda/{item}/decide/", decided | {"present": there}, leads_to=rf"/agenda/{item}/decision/")
        self.kept["decisions"].append((item, 1))
        for person, name in ((ada, "ada"), (chair, "chair")):
            person.send(f"/agenda/{item}/sign/", {"number": "1"}, leads_to=rf"/agenda/{item}/decision/")
            self.kept["signatures"].append((item, name))

    def _accepted(self, proposals: deque[int], reviewer: Person) -> None:
        """The next one; the same again, after others, where it was not acknowledged."""
        if proposals:
            proposal = proposals.popleft()
            proposals.append(proposal)
            decision = {"decision": "accept", "comment": "Read."}
            with self._desk:
                reviewer.send(f"/admin/regimens/proposal/{proposal}/decide/", decision, leads_to="/admin/waiting/")
            proposals.remove(proposal)
            self.kept["proposals"].append((proposal, "accepted"))
        self._over.wait(2)

    def _published(self, name: str, publisher: Person) -> None:
        with self._desk:
            seen = re.search(r'name="seen" value="(\w+)"', publisher.page("/admin/publish/"))
            if seen:
                fields = {"name": name, "summary": "Written.", "looked": "on", "seen": seen[1]}
                publisher.send("/admin/publish/", fields, leads_to=r"/admin/releases/.*|/admin/.*")
                self.kept["releases"].append((name,))
        self._over.wait(3)


class Seeded:
    """What is there before: boards on which the same three sit, proposals that wait, and who is signed in."""

    PROPOSALS = 120

    def __init__(self, teams: int):
        from curation import actions
        from curation.models import Entry
        from tests.factories.accounts import account as staff
        from tests.factories.boards import a_board, account
        from tests.factories.running.boards import session_of

        self.boards = [a_board(f"Board {number}", blind_first=True).pk for number in range(teams)]
        curator, reviewer, publisher = staff("curator"), staff("reviewer"), staff("publisher", "Publisher")
        for person in (curator, reviewer):
            actions.declare_interests(by=person, companies="none")
        trials = Entry.objects.filter(kind="trials").order_by("key")[: self.PROPOSALS]
        self.proposals = [
            actions.propose(
                kind="trials",
                key=row.key,
                content=row.values | {"seen_note": "Looked at once more."},
                reason="Once more",
                source="https://example.org",
                by=curator,
            ).proposal.pk
            for row in trials
        ]
        signing_in = {name: account(name) for name in TEAM} | {"reviewer": reviewer, "publisher": publisher}
        self.sessions = {name: session_of(person) for name, person in signing_in.items()}


def lost(kept: dict[str, list[Any]]) -> Iterator[str]:
    """What was acknowledged and is not there."""
    for name, there in CHECKED.items():
        for missing in sorted(set(kept[name]) - set(there())):
            yield f"{name}: {missing}"


def halves() -> Iterator[str]:
    """What is there in part: a row without what belongs to it, or without its event."""
    from audit.models import Event
    from boards.models import Ballot, Case, CaseVersion, Decision, Meeting, Signature
    from regimens import releases
    from regimens.models import KnowledgeRelease, ReleaseInForce

    for case in Case.objects.all():
        numbers = set(CaseVersion.objects.filter(case=case).values_list("number", flat=True))
        if case.current_id is None or numbers != set(range(1, len(numbers) + 1)):
            yield f"case {case.pk} with versions {numbers}"
    for model, action in ((Decision, "decide"), (Signature, "sign"), (Meeting, "make-meeting"), (Ballot, "vote")):
        rows, told = model._default_manager.count(), Event.objects.filter(action=action).count()
        if rows != told:
            yield f"{rows} rows of {model.__name__} and {told} events of them"
    names = set(KnowledgeRelease.objects.filter(times_in_force=None).values_list("name", flat=True))
    if names:
        yield f"releases that never were in force: {names}"
    in_force = releases.in_force()
    if in_force is None:
        yield "no release in force"
    else:
        releases.compiled(ReleaseInForce.objects.latest("pk").release)


def _rows(model: str, *fields: str) -> Callable[[], list[Any]]:
    def there() -> list[Any]:
        from django.apps import apps

        return list(apps.get_model(model).objects.values_list(*fields))

    return there


# What is acknowledged, and what of it is in the database.
CHECKED = {
    "cases": _rows("boards.Case", "pk", "label"),
    "versions": _rows("boards.CaseVersion", "case_id", "number"),
    "meetings": _rows("boards.Meeting", "pk", "place"),
    "votes": _rows("boards.Ballot", "item_id", "voter__username"),
    "decisions": _rows("boards.Decision", "item_id", "number"),
    "signatures": _rows("boards.Signature", "decision__item_id", "person__username"),
    "proposals": _rows("regimens.Proposal", "pk", "status"),
    "releases": _rows("regimens.KnowledgeRelease", "name"),
}

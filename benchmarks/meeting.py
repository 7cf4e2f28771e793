"""Ten browsers on one meeting from its room: votes from telephones, moves of the agenda, attendance, plans, the end.

    python -m benchmarks.meeting [--items 6]

works on databases of its own, one of SQLite and one of PostgreSQL, each served as `make run` serves. Each browser is a
session of a member who asks over HTTP, with the forms and tokens of the pages, as a telephone or a laptop does; all act
at the same moment. In the end every write that an answer confirmed is looked for in the database: it stands there once.
Ends with 1 otherwise.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from .timing import p50_p95, say

PEOPLE = 10
OPTIONS = ("folfiri", "folfox", "captem")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')

# What an answer confirmed: what was written, on which item or meeting, by whom, and its text.
Written = tuple[str, int, str, str]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=6, metavar="N", help="cases on the agenda (6)")
    parser.add_argument("--on", metavar="URL", help="one database, which is made ready first")
    given = parser.parse_args(arguments)
    if given.on:
        return on_database(given.on, given.items)
    from tests.postgresql import served as postgresql

    with tempfile.TemporaryDirectory(prefix="necapp-meeting-") as folder, postgresql() as url:
        databases = (f"sqlite:///{Path(folder) / 'meeting.sqlite3'}", url)
        command = [sys.executable, "-m", "benchmarks.meeting", f"--items={given.items}", "--on"]
        return max(subprocess.call([*command, each]) for each in databases)


def on_database(url: str, items: int) -> int:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
    os.environ["REQUIRE_SECOND_FACTOR"] = "false"  # sessions are made without signing in
    with tempfile.TemporaryDirectory(prefix="necapp-meeting-") as folder:
        os.environ["STATIC_ROOT"] = str(Path(folder) / "static")
        import django

        django.setup()
        logging.getLogger("httpx").setLevel(logging.WARNING)
        from .server import HOST, served

        with served(Path(folder), url) as port:
            meeting = _Meeting(f"http://{HOST}:{port}", items)
            meeting.hold()
            return meeting.compare(url)


class _Browser:
    """A member who is signed in: pages, and forms that are sent with the token of the page."""

    def __init__(self, address: str, session: str, key: int):
        self.key = key
        cookies, headers = {"sessionid": session}, {"Accept-Language": "en"}
        self.client = httpx.Client(
            base_url=address, cookies=cookies, headers=headers, follow_redirects=True, timeout=60
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def send(self, page: str, data: dict[str, object], to: str = "") -> httpx.Response:
        """Fill in the form of a page, and send it there or to another address."""
        token = TOKEN.search(self.get(page).text)
        if token is None:
            raise RuntimeError(f"no form on {page}")
        referer = {"Referer": str(self.client.base_url.join(page))}
        return self.client.post(to or page, data=data | {"csrfmiddlewaretoken": token[1]}, headers=referer)


class _Meeting:
    """What the browsers do, and what they were told is written."""

    def __init__(self, address: str, items: int):
        self.address = address
        self.confirmed: list[Written] = []
        self.refused: Counter[str] = Counter()
        self.pressed: list[float] = []
        self.polls: Counter[int] = Counter()
        self.noting = threading.Lock()
        self._make(items)

    def hold(self) -> None:
        self._order_the_agenda()
        chair, everybody = self.browsers["chair"], [browser.key for browser in self.browsers.values()]
        room = f"/meetings/{self.meeting}/room/"
        self._at_once({"chair": lambda: chair.send(room, {"present": everybody}, f"{room}open/")})
        for place, item in enumerate(self.agenda):
            if place:
                self._at_once({"chair": lambda item=item: chair.send(room, {"item": item}, f"{room}show/")})
            self._vote(item)
            self._come_and_go(room, everybody)
            if item != self.agenda[-1]:  # which is carried over
                self._decide(item)
        self._finish(room)

    def compare(self, url: str) -> int:
        confirmed, stored = Counter(self.confirmed), Counter(self._stored())
        lost, doubled = confirmed - stored, stored - confirmed
        p50, p95 = p50_p95(self.pressed)
        kinds = Counter(kind for kind, *_rest in self.confirmed)
        cases = len(self.agenda)
        expected = cases * (PEOPLE + 2) + (cases - 1) * 3 + 1
        say(f"ten browsers in the room of one meeting, {url.partition(':')[0]}", f"{len(self.agenda)} cases")
        say("forms sent", str(len(self.pressed)), f"p50 {p50:.0f} ms, p95 {p95:.0f} ms to the answer")
        say("asked what is live", str(self.polls.total()), ", ".join(f"{n} × {s}" for s, n in self.polls.items()))
        say("writes confirmed", str(confirmed.total()), ", ".join(f"{kind} {n}" for kind, n in kinds.items()))
        say("refused with a reason", str(self.refused.total()), ", ".join(map(str, self.refused.items())))
        say("lost writes", str(lost.total()), "; ".join(map(str, lost)))
        say("doubled or unconfirmed writes", str(doubled.total()), "; ".join(map(str, doubled)))
        say(
            "writes expected",
            str(expected),
            "10 votes and 2 attendances a case; 1 decision and 2 signatures, but for the last, carried over; 1 end",
        )
        say("moves of the agenda", str(self.moved), "and its places are 1, 2, 3 … afterwards")
        return int(bool(lost or doubled) or confirmed.total() != expected)

    def _order_the_agenda(self) -> None:
        """Ten move at once; each moves another case, or the same."""
        page = f"/meetings/{self.meeting}/"
        jobs = {}
        for place, (name, browser) in enumerate(self.browsers.items()):
            item = self.agenda[place % len(self.agenda)]
            # To the place after the next, which is always another one than where it stands now or comes to stand.
            jobs[name] = lambda browser=browser, item=item, place=place: browser.send(
                page, {"position": 1 + (place + 2) % len(self.agenda)}, f"/agenda/{item}/move/"
            )
        self.moved = sum("moved=" in str(answer.url) for answer in self._at_once(jobs).values())
        self.agenda = self._order()

    def _vote(self, item: int) -> None:
        """Everybody from a telephone, and twice at the same moment: one of the two counts."""
        jobs = {}
        for place, (name, browser) in enumerate(self.browsers.items()):
            landed = browser.get(f"/v/{self.meeting}/")
            if f"/agenda/{item}/vote/" not in str(landed.url):
                raise RuntimeError(f"the code leads to {landed.url}, and not to the vote on {item}")
            first = {"kind": "ranked", "regimen": OPTIONS[place % 3]} if place % 4 else {"kind": "abstention"}
            for turn, device in enumerate((browser, self.others[name])):
                jobs[f"{name} {turn}"] = lambda device=device, first=first: device.send(
                    f"/agenda/{item}/vote/?room=1", first
                )
        voted = set()
        for name, answer in self._at_once(jobs).items():
            if "Your choice is recorded." in answer.text:
                voted.add(
                    name.partition(" ")[0]
                )  # once closed, the second press is the choice afterwards, and the same
            else:
                self.refused["voted twice"] += 1
        self.confirmed += [("vote", item, name, "") for name in sorted(voted)]
        self._poll(item)

    def _poll(self, item: int) -> None:
        """As the projector does: once for what is there, and again for what changed."""
        for browser in self.browsers.values():
            first = browser.get(f"/agenda/{item}/live/", **{"HX-Request": "true"})
            again = browser.get(
                f"/agenda/{item}/live/", **{"HX-Request": "true", "If-None-Match": first.headers.get("ETag", "")}
            )
            self.polls.update([first.status_code, again.status_code])

    def _come_and_go(self, room: str, everybody: list[int]) -> None:
        """One leaves and comes back, said by the chair and by the coordinator."""
        chair, leaving = self.browsers["chair"], self.browsers["member0"].key
        for present in ([key for key in everybody if key != leaving], everybody):
            answer = chair.send(room, {"present": present}, f"{room}attendance/")
            if answer.is_success:
                self.confirmed.append(("attend", self.meeting, "chair", ""))

    def _decide(self, item: int) -> None:
        """Two record a decision at once: one of them does, and the other is told; then two sign at once."""
        page = f"/agenda/{item}/decide/"
        jobs = {}
        for name in ("ada", "ben"):
            given = {"kind": "ranked", "regimen": "folfiri", "rationale": f"by {name} on {item}", "based_on": 0}
            given["present"] = [each.key for each in self.browsers.values()]
            jobs[name] = lambda given=given, name=name: self.browsers[name].send(page, given)
        for name, answer in self._at_once(jobs).items():
            if "The decision is recorded." in answer.text:
                self.confirmed.append(("decide", item, name, f"by {name} on {item}"))
            else:
                self.refused["somebody else decided"] += 1
        decision = f"/agenda/{item}/decision/"
        jobs = {
            name: lambda name=name: self.browsers[name].send(decision, {"number": 1}, f"/agenda/{item}/sign/")
            for name in ("ada", "ben", "chair")
        }
        answers = self._at_once(jobs)
        signed = [name for name, answer in answers.items() if "Your signature is recorded." in answer.text]
        self.confirmed += [("sign", item, name, "") for name in signed]
        self.refused["signed by two already"] += len(jobs) - len(signed)

    def _finish(self, room: str) -> None:
        """Pressed by two chairs at once."""
        page = f"{room}finish/"
        answers = self._at_once(
            {name: lambda name=name: self.browsers[name].send(page, {}) for name in ("chair", "member1")}
        )
        done = [name for name, answer in answers.items() if "Its minutes stay as they are." in answer.text]
        self.confirmed += [("finish", self.meeting, name, "") for name in done]
        self.refused["finished already"] += len(answers) - len(done)

    def _at_once(self, jobs: dict[str, object]) -> dict[str, httpx.Response]:
        start = threading.Barrier(len(jobs))

        def run(job: object) -> httpx.Response:
            start.wait()
            begun = time.perf_counter()
            answer = job()  # type: ignore[operator]
            with self.noting:
                self.pressed.append(time.perf_counter() - begun)
            return answer

        with ThreadPoolExecutor(len(jobs)) as pool:
            return dict(zip(jobs, pool.map(run, jobs.values()), strict=True))

    def _make(self, items: int) -> None:
        from boards import actions
        from tests.factories.boards import a_board, a_case, a_meeting, account
        from tests.factories.running.boards import session_of

        board = a_board(blind_first=True)
        people = [account(f"member{n}") for n in range(PEOPLE - 3)]
        for person in people:
            role = "chair" if person.get_username() == "member1" else "member"
            actions.add_member(board, person=person, role=role, by=account("chair"))
        people += [account(username) for username in ("ada", "ben", "chair")]
        meeting = a_meeting(board, *(a_case(board, f"Colon {n}") for n in range(items)), fixed=False)
        self.meeting = meeting.pk
        self.agenda = self._order()
        self.moved = 0
        self.browsers, self.others = (
            {person.get_username(): _Browser(self.address, session_of(person), person.pk) for person in people}
            for _device in range(2)
        )

    def _order(self) -> list[int]:
        from boards.models import AgendaItem

        items = AgendaItem.objects.filter(meeting=self.meeting).order_by("position")
        if [item.position for item in items] != list(range(1, len(items) + 1)):
            raise RuntimeError("the places of the agenda are not 1, 2, 3 …")
        return [item.pk for item in items]

    def _stored(self) -> list[Written]:
        """All that stands in the database; of who is there and of the end, their events."""
        from audit.models import Event
        from boards.models import AgendaItem, Ballot, Decision, Meeting, Signature
        from boards.models.choices import CaseStatus

        rows: list[Written] = [
            ("vote", ballot.item_id, ballot.voter.get_username(), "")
            for ballot in Ballot.objects.select_related("voter")
        ]
        for decision in Decision.objects.select_related("decided_by"):
            rows.append(("decide", decision.item_id, decision.decided_by.get_username(), decision.rationale))
        for signature in Signature.objects.select_related("decision", "person"):
            rows.append(("sign", signature.decision.item_id, signature.person.get_username(), ""))
        for event in Event.objects.filter(action__in=["attend", "finish-meeting"]).select_related("by"):
            kind = event.action.removesuffix("-meeting")
            rows.append((kind, self.meeting, event.by.get_username(), ""))
        carried = AgendaItem.objects.get(pk=self.agenda[-1])
        if carried.case.status != CaseStatus.WAITING or not Meeting.objects.get(pk=self.meeting).is_finished:
            rows.append(("not carried over", carried.pk, "", ""))
        return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

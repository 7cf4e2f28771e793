"""Ten browsers on one meeting: they vote, change their votes, edit, decide and sign at the same moment.

    python -m benchmarks.browsers [--items 10]

works on databases of its own, one of SQLite and one of PostgreSQL, each served as `make run` serves. Each browser is a
Chromium process with a member of the board signed in. Who is told that somebody else wrote meanwhile presses the button
again. In the end all that a page confirmed is looked for in the database: it stands there once. Ends with 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from .timing import p50_p95, say

PEOPLE = 10
OPTIONS = ("FOLFIRI", "FOLFOX", "CAPTEM")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MEANWHILE = "while you were writing"

# What a page confirmed: what was written, on which item, by whom, and its text.
Written = tuple[str, int, str, str]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10, metavar="N", help="cases on the agenda (10)")
    parser.add_argument("--on", metavar="URL", help="one database, which is made ready first")
    given = parser.parse_args(arguments)
    if given.on:
        return on_database(given.on, given.items)
    from tests.postgresql import served as postgresql

    with tempfile.TemporaryDirectory(prefix="necapp-browsers-") as folder, postgresql() as url:
        databases = (f"sqlite:///{Path(folder) / 'browsers.sqlite3'}", url)
        command = [sys.executable, "-m", "benchmarks.browsers", f"--items={given.items}", "--on"]
        return max(subprocess.call([*command, each]) for each in databases)


def on_database(url: str, items: int) -> int:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
    os.environ["REQUIRE_SECOND_FACTOR"] = "false"  # sessions are made without signing in
    with tempfile.TemporaryDirectory(prefix="necapp-browsers-") as folder:
        os.environ["STATIC_ROOT"] = str(Path(folder) / "static")
        import django

        django.setup()
        from .server import HOST, served

        with served(Path(folder), url) as port:
            sessions, agenda = _meeting(items)
            meeting = _Meeting(f"http://{HOST}:{port}", agenda)
            asyncio.run(meeting.hold(sessions))
            return _compare(url, meeting, agenda)


class _Meeting:
    """What the browsers do, and what their pages confirmed."""

    def __init__(self, address: str, agenda: dict[int, int]):
        self.address = address
        self.agenda = agenda
        self.confirmed: list[Written] = []
        self.told = 0
        self.pressed: list[float] = []
        self.together = asyncio.Barrier(PEOPLE)

    async def hold(self, sessions: dict[str, str]) -> None:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        async with async_playwright() as playwright:
            launched = (playwright.chromium.launch(executable_path=chromium, args=FLAGS) for _username in sessions)
            browsers = await asyncio.gather(*launched)
            members = zip(sessions.items(), browsers, strict=True)
            await asyncio.gather(*(self._attend(n, *one, browser) for n, (one, browser) in enumerate(members)))
            await asyncio.gather(*(browser.close() for browser in browsers))

    async def _attend(self, place: int, username: str, session: str, browser: Browser) -> None:
        context = await browser.new_context(locale="en-GB")
        await context.add_cookies([{"name": "sessionid", "value": session, "url": self.address}])
        page = await context.new_page()
        for item, case in self.agenda.items():
            await self._vote(page, item, username, OPTIONS[place % 3], "vote")
            if place < 4:
                await self._vote(page, item, username, OPTIONS[(place + 1) % 3], "change")
            elif place < 6:
                await self._write(page, f"/agenda/{item}/prepare/", ("ask", item, username), "question")
            elif place < 8:
                await self._write(page, f"/agenda/{item}/decide/", ("decide", item, username), "rationale", _choose)
            else:
                await self._write(page, f"/cases/{case}/new-version/", ("version", item, username), "notes")
            await self.together.wait()  # nobody decides any more
            await self._sign(page, item, username)

    async def _vote(self, page: Page, item: int, username: str, option: str, kind: str) -> None:
        await page.goto(f"{self.address}/agenda/{item}/vote/")
        await page.get_by_label("An option of the ranking").check()
        await page.get_by_label("Option", exact=True).select_option(option)
        await self._press(page, "Record my choice", first=True)
        if await page.get_by_text("Your choice is recorded.").count():
            self.confirmed.append((kind, item, username, option))
        if kind == "vote":
            await self.together.wait()  # until the vote is closed

    async def _write(
        self,
        page: Page,
        path: str,
        what: tuple[str, int, str],
        field: str,
        fill: Callable[[Page], Awaitable[None]] | None = None,
    ) -> None:
        """Fill in a form of which two are open, and press its button until it is taken."""
        text = f"{what[0]} of {what[2]} on {what[1]}"
        await page.goto(self.address + path)
        await page.locator(f"textarea[name={field}]").fill(text)
        if fill:
            await fill(page)
        await self._press(page, None, first=True)
        while await page.get_by_text(MEANWHILE).count():
            self.told += 1
            if await page.locator(f"textarea[name={field}]").input_value() != text:
                raise RuntimeError(f"what was written is gone: {text}")
            await self._press(page, None)
        self.confirmed.append((*what, text))

    async def _sign(self, page: Page, item: int, username: str) -> None:
        await page.goto(f"{self.address}/agenda/{item}/decision/")
        await self._press(page, "Sign this version", first=True)
        if await page.get_by_text("Your signature under").count():
            self.confirmed.append(("sign", item, username, ""))
        await self.together.wait()

    async def _press(self, page: Page, name: str | None, *, first: bool = False) -> None:
        """Press a button, the `first` time together with the nine others, and wait for the page that follows."""
        button = page.get_by_role("button", name=name) if name else page.locator("main form button.btn-primary").last
        if first:
            await self.together.wait()
        start = time.perf_counter()
        async with page.expect_navigation():
            await button.click()
        self.pressed.append(time.perf_counter() - start)


async def _choose(page: Page) -> None:
    await page.get_by_label("Do", exact=True).first.select_option("FOLFIRI")
    for name in ("chair", "ada", "ben"):
        await page.get_by_label(name, exact=True).check()


def _meeting(items: int) -> tuple[dict[str, str], dict[int, int]]:
    """Sessions by user name, and the cases of a fixed agenda by item."""
    from boards import actions
    from tests.factories.boards import a_board, a_case, a_meeting, account
    from tests.factories.running.boards import session_of

    board = a_board(blind_first=True)
    people = [account(f"member{n}") for n in range(PEOPLE - 3)]
    for person in people:
        actions.add_member(board, person=person, by=account("chair"))
    people += [account(username) for username in ("ada", "ben", "chair")]
    meeting = a_meeting(board, *(a_case(board, f"Colon {n}") for n in range(items)))
    agenda = dict(meeting.items.order_by("position").values_list("pk", "case"))
    return {person.get_username(): session_of(person) for person in people}, agenda


def _stored(agenda: dict[int, int]) -> list[Written]:
    """All that stands in the database; of the questions, each in the place of the one before, their events."""
    from audit.models import Event
    from boards.models import Ballot, CaseVersion, Decision, Signature

    item_of = {case: item for item, case in agenda.items()}
    rows: list[Written] = []
    for ballot in Ballot.objects.select_related("voter"):
        name = ballot.voter.get_username()
        rows.append(("vote", ballot.item_id, name, _name(ballot.first_option)))
        if ballot.is_changed:
            rows.append(("change", ballot.item_id, name, _name(ballot.final_option)))
    for decision in Decision.objects.select_related("decided_by"):
        rows.append(("decide", decision.item_id, decision.decided_by.get_username(), decision.rationale))
    for version in CaseVersion.objects.filter(number__gt=1).select_related("created_by"):
        rows.append(("version", item_of[version.case_id], version.created_by.get_username(), version.notes))
    for signature in Signature.objects.select_related("decision", "person"):
        rows.append(("sign", signature.decision.item_id, signature.person.get_username(), ""))
    for event in Event.objects.filter(action="ask-board").select_related("by"):
        item, name = event.details["item"], event.by.get_username()
        rows.append(("ask", item, name, f"ask of {name} on {item}"))
    return rows


def _name(slug: str) -> str:
    from regimens import releases

    return releases.current().names[slug]


def _compare(url: str, meeting: _Meeting, agenda: dict[int, int]) -> int:
    confirmed, stored = Counter(meeting.confirmed), Counter(_stored(agenda))
    lost, unconfirmed = confirmed - stored, stored - confirmed
    p50, p95 = p50_p95(meeting.pressed)
    kinds = Counter(kind for kind, *_rest in meeting.confirmed)
    say(f"ten browsers on one meeting, {url.partition(':')[0]}", f"{len(agenda)} cases")
    say("buttons pressed", str(len(meeting.pressed)), f"p50 {p50:.0f} ms, p95 {p95:.0f} ms to the page that follows")
    say("writes confirmed", str(confirmed.total()), ", ".join(f"{kind} {n}" for kind, n in kinds.items()))
    say("told that somebody else wrote meanwhile", str(meeting.told), "and written after another press")
    say("lost writes", str(lost.total()), _listed(lost))
    say("doubled or unconfirmed writes", str(unconfirmed.total()), _listed(unconfirmed))
    expected = len(agenda) * (PEOPLE + 4 + 2 + 2 + 2 + 2)
    say(
        "writes expected",
        str(expected),
        "10 votes, 4 changed, 2 questions, 2 decisions, 2 versions, 2 signatures a case",
    )
    return int(bool(lost or unconfirmed) or confirmed.total() != expected)


def _listed(writes: Iterable[Written]) -> str:
    return "; ".join(" ".join(map(str, write)) for write in list(writes)[:5])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m benchmarks.texts [COUNT]`: each of 1,000 texts of all planes through each form of a board, page and PDF.

A text that a form refuses has to come back with the reason (status 200, nothing written); one that it takes has to be
on the pages and in the documents. Printed are how many were taken and refused by each field, and what went wrong:
errors, formulas in the table of decisions, headers that a text began. Works on a database in memory.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import django

from .timing import say

FORMULA = tuple("=+@\t\r")
A_CASE = 20  # texts that one item takes


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="necapp-texts-") as folder:
        os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings"}
        os.environ |= {"HTTPS": "false", "DEBUG": "false", "ALLOWED_HOSTS": "testserver", "STATIC_ROOT": folder}
        os.environ |= {"REQUIRE_SECOND_FACTOR": "false"}
        django.setup()
        from django.test.utils import override_settings

        from .pages import PLAIN_STATIC

        _prepare()
        with override_settings(STORAGES=PLAIN_STATIC):
            measure(count)


def measure(count: int) -> None:
    from tests.factories.texts import any_texts

    start, found = time.perf_counter(), Counter[str]()
    board = _Board()
    for text in any_texts(count):
        for field, sent in board.sent(text):
            found[f"{field}: {sent}"] += 1
    for what, number in sorted(found.items()):
        say(what, f"{number:,}")
    for what, number in board.documents().items():
        say(what, f"{number:,}")
    say("texts, each through every field", f"{count:,}", f"{time.perf_counter() - start:.0f} s")


class _Board:
    """A board whose forms are filled in as a member does; each item takes a few texts, since it lists all versions."""

    def __init__(self) -> None:
        from django.test import Client

        from tests.factories.boards import a_board, account

        self.board, self.present = a_board(), account("ada").pk
        self.client = Client(raise_request_exception=False)
        self.client.force_login(account("chair"))
        self.responses = Counter[str]()
        self.count = 0

    def sent(self, text: str) -> Iterator[tuple[str, str]]:
        """The text through each form, then on pages and in documents: the fields, and what came of it."""
        from tests.factories.patients import colorectal

        if self.count % A_CASE == 0:
            self._next_item()
        self.count += 1
        text = text.encode(errors="replace").decode()  # a browser sends no half of a surrogate pair
        case = colorectal() | {"board": self.board.pk, "save": "1", "notes": ""}
        yield "label", self._post("case-new", [], case | {"label": text, "another": "on"})
        notes = case | {"notes": text, "sure": "on", "based_on": self._newest()}
        yield "notes", self._post("version-new", [self.item.case_id], notes)
        yield "place", self._post("meeting-new", [self.board.pk], {"held_on": "2026-12-03", "place": text})
        self.item.refresh_from_db()
        asked = {"question": text, "based_on": self.item.prepared, "options": self._options()}
        yield "question", self._post("item-prepare", [self.item.pk], asked)
        settings = {"name": "NEC board", "header": "", "ballots": "named"}
        yield "name of the board", self._post("board-settings", [self.board.pk], settings | {"name": text})
        yield "header", self._post("board-settings", [self.board.pk], settings | {"header": text})
        ordinary = {"kind": "other", "words": "Surgery", "reason": "other", "reason_words": "Why.", "rationale": "Why."}
        yield "guests, correction", self._decide(ordinary | {"guests": text, "correction": text}, is_correction=True)
        written = dict.fromkeys(("words", "reason_words", "rationale", "dissent"), text)
        yield "words, reason, rationale, dissent", self._decide(ordinary | written)
        given = dict.fromkeys(("stop_reason", "best_response", "progression", "vital"), "unknown")
        given |= {"kind": "other", "words": text, "based_on": str(self.item.follow_ups.count())}
        yield "words of a follow-up", self._post("follow-up", [self.item.pk], given)
        for name in ("decision", "report", "report-pdf"):
            self._get(name, [self.item.pk])

    def _next_item(self) -> None:
        from tests.factories.boards import a_case, a_meeting, signed

        self.item = a_meeting(self.board, a_case(self.board, f"Rectum {self.count + 1000}")).items.get()
        signed(self.item)

    def _decide(self, given: dict[str, Any], *, is_correction: bool = False) -> str:
        from boards import actions
        from boards.actions.decisions import latest_decision
        from tests.factories.boards import account

        latest = latest_decision(self.item)
        if is_correction:
            for username in ("ada", "chair")[latest.signatures.count() :]:
                actions.sign(latest, by=account(username))
        return self._post("decide", [self.item.pk], given | {"present": self.present, "based_on": latest.number})

    def documents(self) -> dict[str, int]:
        """What went wrong on pages, in documents and in the table, after all texts."""
        from boards.models import AgendaItem, Meeting

        for item in AgendaItem.objects.filter(meeting__board=self.board).order_by("pk"):
            self._get("case", [item.case_id])
            for name in ("item", "decide", "follow-up"):
                self._get(name, [item.pk])
        for name in ("board", "figures"):
            self._get(name, [self.board.pk])
        for meeting in Meeting.objects.order_by("pk"):
            self._get("minutes-pdf", [meeting.pk])
        self._agendas()
        made = self.client.post(_address("decisions-csv", [self.board.pk]), {"start": "", "end": ""})
        rows = list(csv.reader(io.StringIO(made.content.decode())))
        formulas = sum(cell.startswith(FORMULA) for row in rows for cell in row)
        return dict(sorted(self.responses.items())) | {"rows of the table": len(rows), "formulas": formulas}

    def _agendas(self) -> None:
        """Every case, and so every label, on the agenda and in the minutes of a meeting, fifty at a time."""
        from boards.models import Case
        from tests.factories.boards import a_meeting

        cases = list(Case.objects.filter(board=self.board, items__isnull=True).order_by("pk"))
        for place in range(0, len(cases), 50):
            meeting = a_meeting(self.board, *cases[place : place + 50])
            for name in ("meeting", "minutes", "minutes-pdf"):
                self._get(name, [meeting.pk])

    def _post(self, name: str, arguments: list[Any], data: dict[str, Any]) -> str:
        answer = self.client.post(_address(name, arguments), data)
        self._note(answer)
        return {302: "taken", 200: "refused"}.get(answer.status_code, f"status {answer.status_code}")

    def _get(self, name: str, arguments: list[Any]) -> None:
        answer = self.client.get(_address(name, arguments))
        self._note(answer)
        kind = "documents" if name.endswith("-pdf") else "pages"
        is_whole = answer.content.startswith(b"%PDF-") if kind == "documents" else answer.status_code == 200
        self.responses[f"{kind} shown" if is_whole else f"{kind} NOT shown"] += 1

    def _note(self, answer: Any) -> None:
        self.responses["errors"] += answer.status_code >= 500
        self.responses["headers begun"] += any("\n" in value or name == "Bcc" for name, value in answer.items())

    def _newest(self) -> int:
        return self.item.case.versions.order_by("-number").values_list("number", flat=True)[0]

    def _options(self) -> list[str]:
        from boards.shown.stored_ranking import Frozen

        return list(self.item.options or Frozen(self.item.version).usual_options())


def _address(name: str, arguments: list[Any]) -> str:
    from django.urls import reverse

    return reverse(f"boards:{name}", args=arguments)


def _prepare() -> None:
    from django.core.management import call_command

    from curation.actions import publishing
    from curation.actions.loading import load

    call_command("migrate", verbosity=0)
    load()
    publishing.publish("measured")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

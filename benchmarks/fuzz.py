"""Thousands of requests that no page sends: none is answered by a failure, and nothing is ranked from bad input.

    python -m benchmarks.fuzz [--requests 20000] [--seed 1] [--sqlite]

On PostgreSQL unless SQLite is asked for. Somebody anonymous, a clinician, the chair of a board, a curator, a publisher,
an administrator and a system with a token ask at every address of the app (`surface.py`). What they send are the forms
on their pages with values replaced, left out, repeated and added, JSON, FHIR and CDS Hooks with places changed, broken
bodies, odd headers, queries and methods (`mutations.py`), the same for the same seed. Counted are answers of 5xx, what
has no answer in 30 seconds, and rankings of a value that the form or the API does not offer. Ends with 1 where there is
any, or where an event is not whole afterwards. What an interface refuses with Retry-After since it is busy with a batch
or records is counted apart.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from .setting_up import set_up

ROOT = Path(__file__).parents[1]
THREADS = 8
# What an interface answers by design where a worker ranks a batch, or reads four records: no failure.
BUSY = re.compile(rb"/api/problems/(busy|reading)/")
QUERY = (
    *("q", "page", "p", "o", "e", "all", "release", "from", "to", "start", "end", "site", "status", "option", "board"),
    *("year", "region", "term", "model_name", "app_label", "field_name", "proposal", "next", "sort", "regimen", "kind"),
    *("id__exact", "publication__key__regex", "at__gte", "_popup", "_to_field", "before", "after", "cursor", "since"),
    *(
        "preference",
        "draws",
        "first",
        "second",
        "lang",
        "iss",
        "launch",
        "code",
        "state",
        "error",
        "language",
        "_facets",
    ),
)
METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "POST", "get", "PROPFIND")
RANKINGS = ("/ranking.json", "/bundle.json", "/ranking.fhir.json")
OF_A_PATIENT = (*RANKINGS, "/", "/", "/compare/", "/summary.txt", "/print/", "/details/folfiri/", "/part/recommended/")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=20_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite rather than PostgreSQL")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="necapp-fuzz-") as name, _database(name, is_file=given.sqlite) as url:
        log = Path(name, "server.log")
        set_up(Path(name), url, CDS_REQUIRE_JWT="false")
        from .server import served

        with served(Path(name), url, log=log) as port:
            failed = Fuzz(port, given.seed).run(given.requests)
        command = [sys.executable, "manage.py", "verify_events"]
        verified = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        sys.stdout.write(f"verify_events ({verified.returncode}): {(verified.stdout + verified.stderr).strip()}\n")
        if failed:
            sys.stdout.write(log.read_text(encoding="utf-8", errors="replace")[-200_000:])
    return int(failed or verified.returncode > 0)


@contextmanager
def _database(folder: str, *, is_file: bool) -> Iterator[str]:
    if is_file:
        yield f"sqlite:///{folder}/necapp.sqlite3"
        return
    from tests.postgresql import served

    with served() as url:
        yield url


@dataclass(frozen=True)
class Sent:
    """A request; `wrong` is what of it is no value of a patient, where a ranking is asked for."""

    who: str
    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    status: str
    seconds: float
    fault: str = ""


class Fuzz:
    """The requests, drawn from a seed, and what became of them."""

    def __init__(self, port: int, seed: int):
        from .surface import addresses, surface

        self.port, self.renewing = port, Lock()
        self.drawn = random.Random(seed)  # noqa: S311 - draws requests, no secrets
        people, self.system = _people()
        every = list(addresses())
        with ThreadPoolExecutor(len(people)) as pool:
            self.surfaces = list(pool.map(lambda person: surface(port, person, every), people))
        self.people = {person.name: person for person in (*people, self.system)}
        self.ways: dict[Callable[[], Sent], int] = {
            self._form: 40,
            self._patient: 20,
            self._query: 12,
            self._interface: 18,
            self._body: 6,
            self._method: 4,
        }

    def run(self, count: int) -> bool:
        found = {each.person.name: f"{len(each.addresses)}, {len(each.forms)}" for each in self.surfaces}
        sys.stdout.write(f"addresses and forms of each: {found}\n")
        requests = [self._next() for _ in range(count)]
        answers, slowest, start = Counter[tuple[str, str]](), (0.0, ""), time.monotonic()
        wrong: list[tuple[Sent, Answer]] = []
        with ThreadPoolExecutor(THREADS) as pool:
            for number, (sent, answer) in enumerate(zip(requests, pool.map(self._ask, requests), strict=True), 1):
                answers[sent.who, answer.status] += 1
                slowest = max(slowest, (answer.seconds, f"{sent.method} {sent.path[:80]}"))
                if answer.fault:
                    wrong.append((sent, answer))
                    _say(sent, answer)
                if number % 2000 == 0:
                    sys.stdout.write(f"{number} after {time.monotonic() - start:.0f} s, wrong {len(wrong)}\n")
                    sys.stdout.flush()
        for who in self.people:
            told = {status: times for (name, status), times in sorted(answers.items()) if name == who}
            sys.stdout.write(f"{who:<16}{sum(told.values()):>7} requests: {told}\n")
        faults = Counter(answer.fault for _sent, answer in wrong)
        sys.stdout.write(
            f"{count} requests, slowest {slowest[0]:.1f} s ({slowest[1]}); faults: {dict(faults) or 'none'}\n"
        )
        return bool(wrong)

    # What is sent

    def _next(self) -> Sent:
        from .mutations import NASTY_HEADERS

        sent = self.drawn.choices(list(self.ways), list(self.ways.values()))[0]()
        if self.drawn.random() < 0.2:
            sent.headers["HX-Request"] = "true"
        if self.drawn.random() < 0.15:
            name = self.drawn.choice(list(NASTY_HEADERS))
            sent.headers[name] = self.drawn.choice(NASTY_HEADERS[name])
        return sent

    def _form(self) -> Sent:
        """A form of somebody's page."""
        from .mutations import FORM, form, parts, query

        known = self.drawn.choice(self.surfaces)
        page = self.drawn.choice(known.forms)
        fields = form(self.drawn, page.fields, page.names)
        if page.method != "POST" and self.drawn.random() < 0.7:
            return Sent(known.person.name, "GET", f"{page.path}?{query(fields)}")
        if self.drawn.random() < 0.15:
            kind = {"Content-Type": "multipart/form-data; boundary=x"}
            return Sent(known.person.name, "POST", page.path, parts(fields), kind)
        return Sent(known.person.name, "POST", page.path, query(fields).encode(), {"Content-Type": FORM})

    def _patient(self) -> Sent:
        """A patient's form, at whatever answers with a ranking."""
        from regimens.rules.patient import FEATURES

        from .mutations import FORM, form, not_offered, query
        from .writers import PATIENT

        fields = form(self.drawn, [*PATIENT.items(), ("ki67", "80"), ("ecog", "1")], list(FEATURES))
        path = self.drawn.choice(OF_A_PATIENT)
        wrong = not_offered(fields) if path in RANKINGS else ()
        who = self.drawn.choice(self.surfaces).person.name
        return Sent(who, "POST", path, query(fields).encode(), {"Content-Type": FORM}, tuple(wrong))

    def _query(self) -> Sent:
        from .mutations import NASTY, query

        known = self.drawn.choice(self.surfaces)
        path = self.drawn.choice(known.addresses)
        if self.drawn.random() < 0.15:  # another part of the address
            kept, _, _last = path.rstrip("/").rpartition("/")
            path = f"{kept}/{quote(self.drawn.choice(NASTY)[:200].encode(errors='surrogatepass'), safe='')}/"
        asked = [(self.drawn.choice(QUERY), self.drawn.choice(NASTY)) for _ in range(self.drawn.randint(1, 3))]
        return Sent(known.person.name, "GET", f"{path}?{query(asked)}")

    def _interface(self) -> Sent:
        """A call of the API, with FHIR or of CDS Hooks."""
        from .mutations import NASTY, document, not_allowed, query
        from .patients import cases

        way = self.drawn.choice(["patient", "lines", "record", "record", "hook", "hook", "read"])
        if way == "read":
            path = self.drawn.choice(READ) + self.drawn.choice(["", "/folfiri", f"/{quote('../x', safe='')}", "/1"])
            asked = [(self.drawn.choice(QUERY), self.drawn.choice(NASTY)) for _ in range(2)]
            return Sent(self.system.name, "GET", f"{path}?{query(asked)}")
        if way == "hook":
            path = self.drawn.choice(HOOKS)
            body = document(self.drawn, FEEDBACK if path.endswith("feedback") else _hook(path))
            return Sent("anonymous", "POST", path, body, {"Content-Type": "application/json"})
        asked = [(self.drawn.choice(["preference", "draws", "release"]), self.drawn.choice(NASTY))]
        ending = f"?{query(asked)}" if self.drawn.random() < 0.2 else ""
        if way == "record":
            path = self.drawn.choice(["/api/v1/fhir/read", "/api/v1/fhir/rankings"])
            kind = {"Content-Type": "application/fhir+json"}
            return Sent(self.system.name, "POST", path + ending, document(self.drawn, _record()), kind)
        worked = cases()
        patients = [document(self.drawn, self.drawn.choice(worked)) for _ in range(3)]
        if way == "lines":
            kind = {"Content-Type": "application/x-ndjson"}
            return Sent(self.system.name, "POST", f"/api/v1/rankings/batch{ending}", b"\n".join(patients), kind)
        kind = {"Content-Type": "application/json"}
        wrong = tuple(not_allowed(patients[0]))
        return Sent(self.system.name, "POST", f"/api/v1/rankings{ending}", patients[0], kind, wrong)

    def _body(self) -> Sent:
        """A body that is broken, or of another kind than it says."""
        from .mutations import BODIES, KINDS

        known = self.drawn.choice(self.surfaces)
        if self.drawn.random() < 0.4:
            who, path = self.system.name, self.drawn.choice([*CALLS, *HOOKS])
        else:
            who, path = known.person.name, self.drawn.choice(known.addresses)
        anything = self.drawn.randbytes(self.drawn.randint(0, 300))
        body = self.drawn.choice(BODIES) if self.drawn.random() < 0.7 else anything
        return Sent(who, "POST", path, body, {"Content-Type": self.drawn.choice(KINDS)})

    def _method(self) -> Sent:
        known = self.drawn.choice(self.surfaces)
        path = self.drawn.choice([*known.addresses, *CALLS, *HOOKS])
        return Sent(known.person.name, self.drawn.choice(METHODS), path)

    # What is answered

    def _ask(self, sent: Sent) -> Answer:
        from .server import HOST
        from .surface import WAITS

        connection, start = http.client.HTTPConnection(HOST, self.port, timeout=WAITS), time.monotonic()
        try:
            given = self.people[sent.who].sends() | sent.headers
            headers = {name: value.encode("latin-1", "replace") for name, value in given.items()}
            connection.request(sent.method, sent.path, sent.body, headers)
            answer = connection.getresponse()
            body = answer.read()
        except ValueError as error:
            return Answer(f"unsendable: {error}"[:40], 0)
        except (OSError, http.client.HTTPException) as error:
            return Answer(type(error).__name__, time.monotonic() - start, "no answer")
        finally:
            connection.close()
        seconds = time.monotonic() - start
        if answer.status == 401 and sent.who == self.system.name and "Authorization" not in sent.headers:
            self._let_in_again(given)
        if answer.status == 503 and BUSY.search(body) and answer.getheader("Retry-After"):
            return Answer("503 busy", seconds)
        return Answer(str(answer.status), seconds, _fault(sent, answer, body))

    def _let_in_again(self, given: dict[str, str]) -> None:
        """Somebody has revoked the token, as an administrator and a chair may: the system has another one."""
        from django.db import connection

        from tests.factories.tokens import token

        with self.renewing:
            if self.system.headers.items() <= given.items():
                self.system.headers = token()[1]
        connection.close()


def _fault(sent: Sent, answer: http.client.HTTPResponse, body: bytes) -> str:
    if answer.status >= 500:
        return f"{answer.status}"
    if answer.getheader("X-Injected"):
        return "a header was injected"
    if b"Traceback (most recent" in body:
        return "a traceback"
    kind = answer.getheader("Content-Type", "")
    return "ranked from bad input" if sent.wrong and answer.status == 200 and "json" in kind else ""


def _say(sent: Sent, answer: Answer) -> None:
    body = (sent.body or b"")[:600]
    sys.stdout.write(f"  {answer.fault} ({answer.status}): {sent.who} {sent.method} {sent.path[:300]}\n")
    sys.stdout.write(f"    {sent.headers} {body!r} {', '.join(sent.wrong)}\n")


CALLS = (
    *("/api/v1/rankings", "/api/v1/rankings/batch", "/api/v1/fhir/read", "/api/v1/fhir/rankings", "/api/v1/releases"),
    *("/api/v1/options", "/api/v1/boards/decisions", "/api/v1/openapi.json", "/api/v1/docs"),
)
READ = (
    *("/api/v1/releases", "/api/v1/options", "/api/v1/publications", "/api/v1/biomarkers", "/api/v1/guidelines"),
    *("/api/v1/trials", "/api/v1/boards/decisions"),
)
HOOKS = tuple(f"/cds-services/{name}{end}" for name in ("necapp-options", "necapp-orders") for end in ("", "/feedback"))
CARD = "4e0a3a1e-8617-4f80-ba39-2d0a3a1e8617"
FEEDBACK = {"feedback": [{"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2026-11-30T10:00:00Z"}]}


def _record() -> Any:
    from tests.factories.fhir import ATC, ICD10, PATIENT, condition, dose, ki67, observation
    from tests.factories.hooks import bundle_of

    tumour = condition("tumour", ICD10, "C18.0")
    return bundle_of(
        PATIENT,
        tumour,
        ki67("k", 80),
        observation("ecog", "89247-1", valueInteger=1),
        dose("d", "L01XA01", "2026-02-03", system=ATC),
    )


def _hook(path: str) -> Any:
    from tests.factories.hooks import drafts_of, hook_request, prefetch_of

    patient, prefetch = prefetch_of(_record())
    if "orders" in path:
        return hook_request(patient, prefetch, "order-sign", draftOrders=drafts_of(patient, "irinotecan"))
    return hook_request(patient, prefetch)


def _people() -> tuple[list[Any], Any]:
    """Who asks, with boards, cases, items, proposals and reports that are there; and a system with a token."""
    from boards import actions
    from tests.factories import surveillance
    from tests.factories.accounts import account as staff
    from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, decide, signed
    from tests.factories.curation import proposed, somebody
    from tests.factories.running.boards import session_of
    from tests.factories.tokens import token

    from .surface import Person

    for number in range(3):
        board = a_board(f"Board {number}", blind_first=number > 0)
        cases = [a_case(board, f"Colon {number}{each}") for each in range(4)]
        items = list(a_meeting(board, *cases[:3]).items.order_by("pk"))
        if board.blind_first:
            actions.vote(items[0], choice=FOLFIRI, by=account("ada"))
        for item, done in ((items[1], decide), (items[2], signed)):
            if board.blind_first:
                actions.vote(item, choice=FOLFIRI, by=account("ada"))
                actions.close_vote(item, by=account("chair"))
            done(type(item).objects.get(pk=item.pk))
        a_meeting(board, cases[3], fixed=False)
    curator, publisher = somebody("cleo"), somebody("pia", "Publisher")
    proposed(somebody("dora"))
    proposed(somebody("dora"), "trials", "NCT05882058", seen_note="Looked at.")
    surveillance.one_of_each()
    administrator = staff("fuzzed-administrator", "Administrator")
    system = Person("system", headers=token(by=administrator)[1])
    staff("newest")  # whose account is looked at
    signing_in = {"ada": account("ada"), "chair": account("chair"), "curator": curator, "publisher": publisher}
    signing_in["administrator"] = administrator
    people = [Person("anonymous"), *(Person(name, session_of(person)) for name, person in signing_in.items())]
    return people, system


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Kills processes in the middle of what curation writes, and looks at what they left: nothing half-made or lost.

    python -m benchmarks.kills [--publish 100] [--import 100] [--survey 20] [--package 20] [--seed N]

works on databases of its own, one of SQLite and one of PostgreSQL. Each turn starts a command of manage.py as a
process, or proposes or accepts a work package in one, stops it at a random moment, two times in three near its
transaction, asks the database whether that is in the middle of it, kills it with SIGKILL, and compares all that is
stored with what was before. Ends with 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "tests" / "curation" / "imports" / "files" / "study-completed.json"
ENTRIES_AT_ONCE = 20
SEARCH = "nec-later-line"
# By what is counted; a work package has no command, and is proposed and accepted by its action in a process of its own.
COMMANDS = {
    "publish": ("publish_release",),
    "import": ("import_trials", "import_publications", "load_evidence"),
    "survey": ("survey",),
    "package": ("propose_package", "accept_package"),
}
CHECKED = (
    "releases half-made",
    "release in force damaged",
    "proposals lost",
    "entries without agreement",
    "looks half-made",
    "packages half-made",
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--publish", type=int, default=100, metavar="N", help="kills while publishing (100)")
    parser.add_argument("--import", type=int, default=100, metavar="N", dest="imports", help="while importing (100)")
    parser.add_argument("--survey", type=int, default=20, metavar="N", help="while a search's files are read (20)")
    parser.add_argument("--package", type=int, default=20, metavar="N", help="while packages are decided on (20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", metavar="URL", help="one prepared database: migrated, loaded and published")
    given = parser.parse_args(arguments)
    kills = {"publish": given.publish, "import": given.imports, "survey": given.survey, "package": given.package}
    if given.on:
        return on_database(given.on, kills, given.seed)
    again = [*(f"--{kind}={count}" for kind, count in kills.items()), f"--seed={given.seed}"]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="necapp-kills-") as folder:
        failed += _prepared_and_killed(f"sqlite:///{Path(folder) / 'killed.sqlite3'}", again)
    from tests.postgresql import served

    with served() as url:
        failed += _prepared_and_killed(url, again)
    return int(failed > 0)


def _prepared_and_killed(url: str, arguments: list[str]) -> int:
    environment = _environment(url)
    for command in ("migrate", "load_evidence", "publish_release shipped"):
        process = [sys.executable, "manage.py", *command.split()]
        subprocess.run(process, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return subprocess.call([sys.executable, "-m", "benchmarks.kills", *arguments, "--on", url], cwd=ROOT)


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}


def on_database(url: str, kills: Mapping[str, int], seed: int) -> int:
    """The kills on one database, and their table."""
    os.environ |= _environment(url)
    import django

    django.setup()
    with tempfile.TemporaryDirectory(prefix="necapp-imports-") as folder:
        killer = Killer(Path(folder), seed)
        turns = [kind for kind, count in kills.items() for _ in range(count)]
        killer.generator.shuffle(turns)
        for turn, kind in enumerate(turns):
            killer.turn(turn, kind)
        return killer.say()


@dataclass(frozen=True)
class State:
    """All that a killed process might have harmed."""

    releases: frozenset[tuple[Any, ...]]
    in_force: frozenset[tuple[Any, ...]]
    proposals: frozenset[tuple[Any, ...]]
    entries: frozenset[tuple[Any, ...]]
    events: frozenset[tuple[Any, ...]]
    looks: frozenset[tuple[Any, ...]]
    findings: frozenset[tuple[Any, ...]]
    packages: frozenset[tuple[Any, ...]]

    @classmethod
    def now(cls) -> State:
        from audit.models import Event
        from curation.models import Entry, Proposal, SearchLook, SurveyFinding, WorkPackage
        from regimens.models import KnowledgeRelease, ReleaseInForce

        def rows(model: Any, *fields: str) -> frozenset[tuple[Any, ...]]:
            return frozenset(model.objects.values_list("pk", *fields))

        return cls(
            releases=rows(KnowledgeRelease, "name", "sha256"),
            in_force=rows(ReleaseInForce, "release_id", "confirmed_at"),
            proposals=rows(Proposal, "kind", "key", "content", "sha256", "base_sha256", "status"),
            entries=rows(Entry, "kind", "key", "sha256", "origin", "proposal_id"),
            events=rows(Event, "action", "subject"),
            looks=rows(SearchLook, "search_id", "answered"),
            findings=rows(SurveyFinding, "identity", "state"),
            packages=rows(WorkPackage, "status"),
        )


@dataclass(frozen=True)
class Times:
    """Seconds of a process from its start: the whole, and from when to when it was seen in its transaction."""

    taken: float
    writes_from: float
    writes_until: float


class Killer:
    """Kills, and keeps count."""

    def __init__(self, folder: Path, seed: int):
        from django.contrib.auth.models import Group, User

        from curation import actions

        self.folder = folder
        self.generator = random.Random(seed)  # noqa: S311 - chooses moments, and no secrets
        self.counts: Counter[tuple[str, str]] = Counter()
        self.times: dict[str, Times] = {}
        self.wrong: Counter[str] = Counter(dict.fromkeys(CHECKED, 0))
        self.people = []
        for name in ("killed-curator", "killed-reviewer"):
            person, _ = User.objects.get_or_create(username=name)
            person.groups.add(Group.objects.get(name="Curator"))
            actions.declare_interests(by=person, companies="none")
            self.people.append(person)
        from curation.surveillance.searches import load_shipped

        load_shipped(by=None)

    def turn(self, turn: int, kind: str) -> None:
        """One process, one kill, one look."""
        command = self.generator.choice(COMMANDS[kind])
        if command not in self.times:
            self.times[command] = self._unharmed(command, f"unharmed {command}")
        arguments = self._prepared(command, f"turn {turn}")
        before = State.now()
        outcome = self._killed(arguments, self.times[command])
        self.counts[kind, outcome] += 1
        self.look(before, State.now(), command)

    def say(self) -> int:
        """Whether anything was wrong, after a last publication that nobody disturbs."""
        from django.db import connection

        self._unharmed("publish_release", "after all kills")
        _write(f"On {connection.display_name}: kills by what they hit")
        for kind in COMMANDS:
            counts = {outcome: self.counts[kind, outcome] for outcome in OUTCOMES}
            listed = ", ".join(f"{outcome}: {count}" for outcome, count in counts.items())
            _write(f"  {kind}, {sum(counts.values())}: {listed}")
        for name in CHECKED:
            _write(f"  {name}: {self.wrong[name]}")
        _write(json.dumps({"kills": sum(self.counts.values()), "wrong": sum(self.wrong.values())}))
        return int(any(self.wrong.values()))

    def _prepared(self, command: str, word: str) -> list[str]:
        """The arguments of a command that has something to do, in which `word` occurs."""
        if command == "publish_release":
            self._agree(word)
            return [command, word]
        person = self.people[0].username
        if command == "import_trials":
            file = self.folder / "studies.json"
            file.write_text(json.dumps({"studies": self._studies()}), encoding="utf-8")
            return [command, str(file), "--by", person]
        if command == "import_publications":
            file = self.folder / "records.xml"
            file.write_text("".join(self._records(word)), encoding="utf-8")
            return [command, str(file), "--by", person]
        if command == "survey":
            from django.utils import timezone

            file = self.folder / "found.xml"
            file.write_text("".join(self._found(word)), encoding="utf-8")
            return [command, "--search", SEARCH, "--until", str(timezone.localdate()), str(file), "--by", person]
        if command in COMMANDS["package"]:
            return ["shell", "-c", self._package(command, word)]
        return [command, str(self._files(word)), "--by", person, "--reason", word]

    def _package(self, command: str, word: str) -> str:
        """A package of trials and a regimen, and the code that proposes or accepts it."""
        from curation import actions
        from curation.models import Entry

        by, reviewer = self.people
        changed = [Entry.objects.get(kind="regimens", key="folfox")]
        changed += Entry.objects.filter(kind="trials").order_by("key")[: ENTRIES_AT_ONCE - 1]
        contents = [
            one.values | ({"name": f"FOLFOX, {word}"} if one.kind == "regimens" else {"seen_note": word})
            for one in changed
        ]
        drafts = [
            actions.Drafted(one.kind, one.key, content, one.version)
            for one, content in zip(changed, contents, strict=True)
        ]
        package = actions.begin_package(title=word, entries=drafts, by=by)
        given = f"by=User.objects.get(username={by.username!r}), reason='x', source='https://example.org'"
        if command == "accept_package":
            actions.propose_package(package, reason=word, source="https://example.org", by=by)
            given = f"by=User.objects.get(username={reviewer.username!r})"
        return (
            "from django.contrib.auth.models import User; from curation import actions; "
            f"from curation.models import WorkPackage as P; actions.{command}(P.objects.get(pk={package.pk}), {given})"
        )

    def _found(self, word: str) -> Iterator[str]:
        """Publications that nobody holds and no search found yet."""
        yield "<PubmedArticleSet>"
        for pmid in self.generator.sample(range(50_000_000, 99_999_999), ENTRIES_AT_ONCE):
            title = f"<ArticleTitle>{word}, {pmid} {self.generator.random()} carcinoma</ArticleTitle>"
            citation = f"<PMID>{pmid}</PMID><Article>{title}</Article>"
            yield f"<PubmedArticle><MedlineCitation>{citation}</MedlineCitation></PubmedArticle>"
        yield "</PubmedArticleSet>"

    def _agree(self, word: str) -> None:
        from curation import actions
        from curation.models import Entry

        content = Entry.objects.get(kind="regimens", key="folfiri").values | {"name": f"FOLFIRI, {word}"}
        by, reviewer = self.people
        proposed = actions.propose(kind="regimens", key="folfiri", content=content, reason=word, source=word, by=by)
        actions.accept(proposed.proposal, by=reviewer)

    def _studies(self) -> list[dict[str, Any]]:
        """Trials of the evidence base, each with an enrolment that nobody proposed yet; none was looked up later, and
        none is over, which a file that says it goes on would leave alone.
        """
        from regimens.models import Trial
        from regimens.models.choices import TrialStatus

        study = STUDY.read_text(encoding="utf-8")
        found = []
        over = (TrialStatus.COMPLETED, TrialStatus.TERMINATED, TrialStatus.WITHDRAWN)
        undated = Trial.objects.filter(looked_up_on=None).exclude(status_as_seen__in=over).order_by("nct")
        for nct in undated.values_list("nct", flat=True)[:ENTRIES_AT_ONCE]:
            one = json.loads(study.replace("NCT05882058", nct))
            one["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = self.generator.randrange(10**9)
            found.append(one)
        return found

    def _records(self, word: str) -> Iterator[str]:
        """Publications of the evidence base, each with a title that nobody proposed yet."""
        from regimens.models import Publication

        yield "<PubmedArticleSet>"
        known = Publication.objects.exclude(pmid="").order_by("key").values_list("pmid", flat=True)
        for pmid in known[:ENTRIES_AT_ONCE]:
            title = f"<ArticleTitle>{word}, {self.generator.random()}</ArticleTitle>"
            citation = f"<PMID>{pmid}</PMID><Article>{title}</Article>"
            yield f"<PubmedArticle><MedlineCitation>{citation}</MedlineCitation></PubmedArticle>"
        yield "</PubmedArticleSet>"

    def _files(self, word: str) -> Path:
        """A directory with what is accepted now, but for the first trials, which say something else."""
        import shutil

        import yaml

        from curation.accepted import accepted
        from regimens.knowledge.loader import SHIPPED

        directory = self.folder / "evidence"
        shutil.copytree(SHIPPED, directory, dirs_exist_ok=True)
        evidence = accepted()
        for nct in sorted(evidence["trials"])[:ENTRIES_AT_ONCE]:
            evidence["trials"][nct]["seen_note"] = f"{word}, {self.generator.random()}"
        for name in ("regimens", "trials"):
            text = yaml.dump(list(evidence[name].values()), allow_unicode=True)
            (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
        return directory

    def _unharmed(self, command: str, word: str) -> Times:
        """The times of a process that is left alone; it has to succeed."""
        from audit.models import Event

        arguments = self._prepared(command, word)
        before = Event.objects.latest("pk").pk
        start = time.perf_counter()
        process = _process(arguments)
        writing = []
        while process.poll() is None:
            if _is_in_transaction():
                writing.append(time.perf_counter() - start)
            time.sleep(0.01)
        taken = time.perf_counter() - start
        if not self._is_done(command, word, before):
            raise RuntimeError(f"{' '.join(arguments)} did nothing, and nobody killed it")
        return Times(taken, min(writing, default=0.25 * taken), max(writing, default=taken))

    def _wait(self, process: subprocess.Popen[bytes], times: Times) -> None:
        """Until the moment of the kill: any, one time in three, else some time after it was seen in its transaction.

        Waited for by looking, since on a machine that does other things as well no moment comes when it came before.
        """
        if self.generator.random() < 1 / 3:
            time.sleep(self.generator.uniform(0.25, 1.05) * times.taken)
            return
        until = time.monotonic() + 5 * times.taken
        while process.poll() is None and time.monotonic() < until and not _is_in_transaction():
            time.sleep(0.002)
        time.sleep(self.generator.uniform(0, max(times.writes_until - times.writes_from, 0.02)))

    @staticmethod
    def _is_done(command: str, word: str, before: int) -> bool:
        from audit.models import Event
        from regimens import releases

        if command == "publish_release":
            release = releases.in_force()
            return release is not None and release.name == word
        done = {"survey": "survey"} | {name: name.replace("_", "-") for name in COMMANDS["package"]}
        return Event.objects.filter(pk__gt=before, action=done.get(command, "propose")).exists()

    def _killed(self, arguments: list[str], times: Times) -> str:
        """Start a process and kill it; what it was doing then."""
        from django.db import connection

        connection.close()  # so that the next to open the database has to recover it
        process = _process(arguments)
        self._wait(process, times)
        connection.close()
        process.send_signal(signal.SIGSTOP)
        ended = process.poll() is not None
        is_writing = not ended and _is_in_transaction()
        connection.close()
        process.kill()
        process.wait(10)
        _wait_until_free()
        return "after its end" if ended else "in mid-transaction" if is_writing else "before or after its transaction"

    def look(self, before: State, after: State, command: str) -> None:
        """Count what is wrong between the two sides of a kill, and say it at once."""
        found = [*_wrong_with_releases(before, after), *_wrong_with_looks(before, after)]
        if command in COMMANDS["package"]:
            found += _wrong_with_package(before, after, command)
        else:
            found += _wrong_between(before, after, ENTRIES_AT_ONCE if command in COMMANDS["import"] else 0)
        for name, what in found:
            self.wrong[name] += 1
            _write(f"  after {command}: {name}: {what}")


def _wrong_with_releases(before: State, after: State) -> Iterator[tuple[str, str]]:
    """What is wrong, by the names of CHECKED."""
    from audit.models import Event
    from regimens import releases
    from regimens.models import KnowledgeRelease, ReleaseInForce

    new = {row[0] for row in after.releases - before.releases}
    put_in_force = set(ReleaseInForce.objects.filter(release__in=new).values_list("release_id", flat=True))
    names = set(KnowledgeRelease.objects.filter(pk__in=new).values_list("name", flat=True))
    told = set(Event.objects.filter(action="publish", subject__in=names).values_list("subject", flat=True))
    if new - put_in_force or names - told:
        yield "releases half-made", f"{names}: in force {put_in_force}, with an event {told}"
    if before.releases - after.releases or before.in_force - after.in_force:
        yield "releases half-made", "one that was there is not"
    newest = releases.in_force()
    former = max(before.in_force)[1]
    try:
        if newest is None or newest.pk not in (new or {former}):
            yield "release in force damaged", f"{newest} is in force"
        else:
            releases.compiled(newest)
    except releases.ReleaseError as error:
        yield "release in force damaged", str(error)


def _wrong_between(before: State, after: State, batch: int) -> Iterator[tuple[str, str]]:
    """What is wrong where nobody accepts anything; a process proposes `batch` entries or none."""
    from audit.models import Event
    from curation.accepted import intruders

    proposed = {row[0] for row in after.proposals - before.proposals}
    events = Event.objects.filter(action="propose", pk__gt=max(before.events)[0])
    if proposed != {event.details["proposal"] for event in events}:
        yield "proposals lost", "proposals and their events are not the same"
    if len(proposed) not in (0, batch):
        yield "proposals lost", f"{len(proposed)} of {batch} were made"
    if before.proposals - after.proposals or before.events - after.events:
        yield "proposals lost", "what was there is not, or says something else"
    if before.entries != after.entries:
        yield "entries without agreement", "entries changed"
    if found := intruders():
        yield "entries without agreement", "; ".join(map(str, found))


def _wrong_with_looks(before: State, after: State) -> Iterator[tuple[str, str]]:
    """A look is there with its event and all that it found, each with its reason, or nothing of it is."""
    from audit.models import Event
    from curation.models import FindingReason

    looks, findings = after.looks - before.looks, after.findings - before.findings
    events = Event.objects.filter(action="survey", pk__gt=max(before.events)[0]).count()
    reasons = FindingReason.objects.filter(look__in=[row[0] for row in looks]).count()
    if events != len(looks) or len(findings) != ENTRIES_AT_ONCE * len(looks) or reasons != len(findings):
        yield "looks half-made", f"{len(looks)} with {len(findings)} findings, {reasons} reasons and {events} events"
    if before.looks - after.looks or before.findings - after.findings:
        yield "looks half-made", "one that was there is not, or says something else"


def _wrong_with_package(before: State, after: State, command: str) -> Iterator[tuple[str, str]]:
    """A package is proposed or accepted with all of its entries and one event, or nothing of it is."""
    from audit.models import Event
    from curation.accepted import intruders
    from curation.models import Entry, WorkPackage

    package = WorkPackage.objects.order_by("pk").last()
    statuses = {one.proposal.status if one.proposal else "none" for one in package.entries.select_related("proposal")}
    events = Event.objects.filter(action=command.replace("_", "-"), pk__gt=max(before.events)[0]).count()
    unmoved, moved = {
        "propose_package": (("draft", {"none"}), ("proposed", {"proposed"})),
        "accept_package": (("proposed", {"proposed"}), ("accepted", {"accepted"})),
    }[command]
    if (package.status, statuses) not in (unmoved, moved):
        yield "packages half-made", f"{package.status}, its proposals {statuses}"
    is_moved = package.status == moved[0]
    if events != is_moved:
        yield "packages half-made", f"{package.status} with {events} events"
    if not is_moved and (before.proposals, before.events) != (after.proposals, after.events):
        yield "packages half-made", "nothing was done, and something was written"
    former = dict(before.packages)
    changed = {pk: (former.get(pk), status) for pk, status in after.packages if former.get(pk) != status}
    this = changed.pop(package.pk, None)
    overtaken = ("proposed", "draft") if command == "accept_package" and is_moved else None
    if this not in (None, (unmoved[0], moved[0])) or any(one != overtaken for one in changed.values()):
        yield "packages half-made", f"others changed: {changed}"
    if command == "accept_package" and is_moved:
        held = {(one.kind, one.key): one.content for one in Entry.objects.all()}
        if any(held[one.kind, one.key] != one.proposal.content for one in package.entries.select_related("proposal")):
            yield "packages half-made", "an entry does not say what was accepted"
    elif before.entries != after.entries:
        yield "entries without agreement", "entries changed"
    if found := intruders():
        yield "entries without agreement", "; ".join(map(str, found))


OUTCOMES = ("in mid-transaction", "before or after its transaction", "after its end")


def _process(arguments: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _is_in_transaction() -> bool:
    """Whether another process holds the lock under which releases and proposals are written."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            return bool(cursor.fetchone()[0])
    import sqlite3

    probe = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
    try:
        probe.execute("BEGIN IMMEDIATE")
        probe.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        probe.close()
    return False


def _wait_until_free() -> None:
    """PostgreSQL's server notices after a moment that its client is gone, and rolls back."""
    until = time.monotonic() + 30
    while _is_in_transaction():
        if time.monotonic() > until:
            raise RuntimeError("the lock of a killed process is held still")
        time.sleep(0.02)


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

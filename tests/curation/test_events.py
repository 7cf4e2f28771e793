"""Every write of curation leaves its events, and is undone without them."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from audit.models import Event
from curation import accepted, errors
from curation import actions as curation_actions
from curation.actions import checks, loading, proposals, reports, several
from curation.actions import publishing as actions_publishing
from curation.actions.second_readings import shape_of
from curation.models import (
    Entry,
    EntryCheck,
    ImportQuestion,
    InterestStatement,
    PackageEntry,
    Proposal,
    Reading,
    ReadingTask,
    Report,
    WorkPackage,
)
from curation.reported import about
from regimens import releases
from regimens.knowledge.loader import SHIPPED
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import QuestionAnswer, ReadingOutcome
from tests.databases import without_triggers
from tests.factories import first_edition, former_entries
from tests.factories.curation import REASON, agree, content, rename_folfiri, somebody
from tests.trail import newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

BEVANEC = "walter-2023-bevanec"

EMPTYING = "DELETE FROM regimens_{}"

FIRST_EDITION = first_edition.regimen(
    "folfiri",
    name="FOLFIRI",
    drugs=["irinotecan", "fluorouracil", "folinic acid"],
    lead_drugs=["irinotecan"],
    **{"class": "fluoropyrimidine-combination"},
)


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
    decisions = [curation_actions.FigureDecision(task, ReadingOutcome.FIRST) for task in reading_second(stage)().tasks]
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


def upgrading(stage: Stage) -> Call:
    former_entries.agreed("regimens", FIRST_EDITION | {"name": "FOLFIRI, ours"})
    return loading.load


def carrying_over(stage: Stage) -> Call:
    former_entries.shipped("regimens", FIRST_EDITION)
    former_entries.proposed("regimens", FIRST_EDITION | {"name": "FOLFIRI, ours"})
    return loading.load


def in_force(kind: str, key: str) -> str:
    return Entry.objects.get(kind=kind, key=key).version


def drafted(stage: Stage) -> WorkPackage:
    entry = curation_actions.Drafted("regimens", "folfiri", stage.change()["content"], in_force("regimens", "folfiri"))
    return curation_actions.begin_package(title="FOLFIRI", source=REASON["source"], entries=[entry], by=stage.ada)


def proposed_package(stage: Stage) -> WorkPackage:
    package = drafted(stage)
    curation_actions.propose_package(package, **REASON, by=stage.ada)
    return package


def keeping_in_package(stage: Stage) -> Call:
    package = drafted(stage)
    other = curation_actions.Drafted("regimens", "folfox", content("regimens", "folfox", name="FOLFOX, read again"))
    return lambda: curation_actions.keep_in_package(package, drafted=other, by=stage.ada)


def filling_package(stage: Stage) -> Call:
    package = curation_actions.begin_package(title="FOLFIRI", by=stage.ada)
    entry = curation_actions.Drafted("regimens", "folfiri", stage.change()["content"])
    return lambda: curation_actions.fill_package(package, title="", entries=[entry], by=stage.ada)


def taking_out_of_package(stage: Stage) -> Call:
    entry = drafted(stage).entries.get()
    return lambda: curation_actions.take_out_of_package(entry, by=stage.ada)


def proposing_package(stage: Stage) -> Call:
    package = drafted(stage)
    return lambda: curation_actions.propose_package(package, **REASON, by=stage.ada)


def deciding_on_package(action: Callable[..., Any]) -> Case:
    def case(stage: Stage) -> Call:
        package = proposed_package(stage)
        return lambda: action(package, by=stage.ben, comment="Read.")

    return case


def withdrawing_package(stage: Stage) -> Call:
    package = proposed_package(stage)
    return lambda: curation_actions.withdraw_package(package, by=stage.ada)


ASKED = curation_actions.Asked("publications", BEVANEC, "locator", "1:2-3", "1:2", "The first page alone.", "PubMed")


def answering_question(stage: Stage) -> Call:
    (question,) = curation_actions.ask_questions([ASKED], by=stage.ada)
    return lambda: curation_actions.answer_question(question, answer=QuestionAnswer.KEEP, by=stage.ada)


def reporting(stage: Stage) -> Callable[[], Report]:
    found = about("regimens:folfiri", "os", "", releases.current())
    given = {"words": "The paper says 8.2 months.", "source": "PMID 12345678", "address": "192.0.2.1"}
    return lambda: reports.report(about=found, **given)


def deciding_on_report(action: Callable[..., Any], **texts: str) -> Case:
    def case(stage: Stage) -> Call:
        report = reporting(stage)()
        return lambda: action(report, **texts, by=stage.ada)

    return case


def deciding_on_all(stage: Stage) -> Call:
    proposal = stage.proposal()
    return lambda: several.decide_all([several.Decided(proposal, "No.")], how="reject", by=stage.ben)


def checking(stage: Stage) -> Call:
    entry = Entry.objects.filter(kind="trials")[0]
    seen = [(entry.kind, entry.key, entry.sha256)]
    return lambda: checks.check_unchanged(seen, by=stage.ada, now=timezone.now())


ANSWER = "It was read again, and stands."

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
    "upgrading.upgrade_entries": (upgrading, ["upgrade-evidence"]),
    "upgrading.carry_over_proposals": (carrying_over, ["upgrade-evidence", "carry-over", "load"]),
    "loading.load_baseline": (loading_baseline, ["load-baseline"]),
    "packages.begin_package": (lambda stage: lambda: drafted(stage), ["begin-package"]),
    "packages.keep_in_package": (keeping_in_package, ["keep-in-package"]),
    "packages.fill_package": (filling_package, ["keep-in-package"]),
    "packages.take_out_of_package": (taking_out_of_package, ["take-out-of-package"]),
    "packages.propose_package": (proposing_package, ["propose-package"]),
    "packages.accept_package": (deciding_on_package(curation_actions.accept_package), ["accept-package"]),
    "packages.reject_package": (deciding_on_package(curation_actions.reject_package), ["reject-package"]),
    "packages.ask_for_change_of_package": (
        deciding_on_package(curation_actions.ask_for_change_of_package),
        ["ask-for-change-of-package"],
    ),
    "packages.withdraw_package": (withdrawing_package, ["withdraw-package"]),
    "questions.ask_questions": (
        lambda stage: lambda: curation_actions.ask_questions([ASKED], by=stage.ada),
        ["ask-questions"],
    ),
    "questions.answer_question": (answering_question, ["answer-question"]),
    "reports.report": (reporting, ["report-error"]),
    "reports.take_up": (deciding_on_report(reports.take_up), ["take-up-report"]),
    "reports.answer": (deciding_on_report(reports.answer, published=ANSWER, answer=ANSWER), ["answer-report"]),
    "reports.decline": (deciding_on_report(reports.decline, answer=ANSWER), ["decline-report"]),
    "reports.let_go_of_words": (deciding_on_report(reports.let_go_of_words), ["let-go-of-report-words"]),
    "several.decide_all": (deciding_on_all, ["reject"]),
    "checks.check_unchanged": (checking, ["check-unchanged"]),
    "publishing.publish": (publishing, ["publish"]),
    # It stores a release, and asks that it be put in force.
    "publishing.import_release": (importing, ["ask-to-reinstate", "import-release"]),
}
# What other actions do within their own transaction, of which their event tells.
WITHIN_OTHERS = {"proposals.propose_together"}
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
    models += [WorkPackage, PackageEntry, ImportQuestion, Report, EntryCheck]
    return [list(model.objects.order_by("pk").values_list()) for model in models] + [KnowledgeRelease.objects.count()]


class TestEveryWrite:
    def test_each_is_in_the_table(self) -> None:
        assert set(writing_functions()) - WITHIN_OTHERS == set(WRITES)

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


def _broken(*args: Any, **kwargs: Any) -> None:
    raise ZeroDivisionError

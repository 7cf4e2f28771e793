"""Who read a figure: recorded as it comes in, confirmed or contested by a second reader, decided by a third person."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from audit.errors import ActionRefused, NotAllowed
from audit.guard import DirectWriteError
from audit.models import Event
from curation import accepted, actions
from curation.accepted import document_of
from curation.actions import CohortRead, FigureDecision, publishing
from curation.actions.second_readings import shape_of, why_not_to_read
from curation.actions.settling import why_not_to_settle
from curation.errors import InvalidContent, NothingToChange
from curation.models import Entry, Proposal, Reading, ReadingTask
from curation.review.concerns import concerns_in
from curation.review.influence import influence_of, read_once
from regimens import releases
from regimens.knowledge import document as rows_as_document
from regimens.knowledge.loader import normal, problems_in
from regimens.models import Cohort
from regimens.models.choices import ProposalStatus, ReadingOutcome
from regimens.rules.readings import figures_of, state_of_publication, state_of_result, states_of
from tests.databases import empty_database, manage
from tests.factories.curation import REASON, agree, content, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

KEY = "walter-2023-bevanec"
PAGE = "https://example.org/full-text"
DAY = date(2026, 11, 2)


def in_force() -> dict[str, Any]:
    return accepted.accepted()["publications"][KEY]


def states(index: int = 0) -> dict[str, str]:
    entry = in_force()
    return {name: one.state for name, one in states_of(entry, entry["results"][index]).items()}


def reread(**figures: Any) -> None:
    """As if no second reader had been there; then the first arm's figures come in anew, by ada, and ben agrees."""

    def change(entry: dict[str, Any]) -> None:
        entry["second_read_at"] = None
        entry["results"][0].update(figures)

    agree("publications", KEY, change)


@pytest.fixture
def first() -> None:
    reread(pfs=3.7)


def on_record(index: int) -> dict[str, float | None]:
    return dict(figures_of(in_force()["results"][index]))


def read(by: str = "cleo", /, *, index: int = 0, others: tuple[int, ...] = (1,), **figures: Any) -> actions.Entered:
    """A second reading: what is on record, but for the figures given; None leaves one empty, "-" is not given."""
    cohorts = {}
    for place in (index, *others):
        found = on_record(place) | (figures if place == index else {})
        cohorts[place] = CohortRead(
            {name: None if value == "-" else value for name, value in found.items() if value is not None}
        )
    return enter(by, cohorts)


def enter(by: str, cohorts: dict[int, CohortRead], **changes: Any) -> actions.Entered:
    place = {"at": PAGE, "how": "fulltext", "read_on": DAY, "shape": shape_of(in_force())} | changes
    return actions.enter_second_reading(KEY, cohorts=cohorts, by=somebody(by), **place)


def accept(proposed: actions.Proposed, by: str = "dora") -> None:
    actions.accept(proposed.proposal, by=somebody(by))


class TestFirstReading:
    def test_who_proposes_a_figure_is_its_first_reader(self, first: None) -> None:
        (reading,) = in_force()["results"][0]["readings"]
        proposal = Proposal.objects.get(status=ProposalStatus.ACCEPTED)
        assert reading == {
            "by": "ada",
            "on": proposal.proposed_at.date().isoformat(),
            "at": REASON["source"],
            "how": in_force()["verified"],
            "kind": "first",
            "figures": {"pfs": 3.7},
        }
        assert "readings" not in in_force()["results"][1]
        row = Reading.objects.get()
        assert (row.kind, row.reader.username, row.at, row.proposal) == ("first", "ada", REASON["source"], proposal)
        assert row.values == [{"index": 0, "arm": "FOLFIRI", "subgroup": None, "figures": {"pfs": 3.7}}]

    def test_a_figure_that_came_in_later_is_not_read_twice(self) -> None:
        assert in_force()["second_read_at"]
        agree("publications", KEY, lambda entry: entry["results"][0].update(pfs=3.7))
        assert states()["pfs"] == "once"
        assert states()["os"] == "twice"
        assert state_of_publication(in_force()) == "partly"

    def test_it_is_recorded_when_it_is_accepted(self) -> None:
        values = content("publications", KEY)
        values["results"][0]["pfs"] = 3.7
        actions.propose(kind="publications", key=KEY, content=values, by=somebody("ada"), **REASON)
        assert not Reading.objects.exists()

    def test_nobody_elses_reading_is_proposed(self) -> None:
        values = content("publications", KEY)
        forged = {"by": "Prof. Known", "on": "2026-01-02", "at": PAGE, "how": "fulltext", "kind": "second"}
        values["results"][0]["readings"] = [forged | {"figures": {"pfs": values["results"][0]["pfs"]}}]
        with pytest.raises(NothingToChange):
            actions.propose(kind="publications", key=KEY, content=values, by=somebody("ada"), **REASON)

    def test_what_was_read_stays_with_its_arm_whatever_a_form_makes_of_it(self, first: None) -> None:
        def change(entry: dict[str, Any]) -> None:
            entry["results"].reverse()
            for result in entry["results"]:
                result.pop("readings", None)

        agree("publications", KEY, change)
        arms = {result["arm"]: result.get("readings") for result in in_force()["results"]}
        assert [reading["figures"] for reading in arms["FOLFIRI"]] == [{"pfs": 3.7}]
        assert arms["FOLFIRI + bevacizumab"] is None

    def test_what_was_read_of_a_figure_goes_with_it(self, first: None) -> None:
        reread(pfs=3.9)
        assert [reading["figures"] for reading in in_force()["results"][0]["readings"]] == [{"pfs": 3.9}]
        reread(pfs=None, pfs_ci=[None, None])
        assert "readings" not in in_force()["results"][0]

    def test_the_return_of_a_former_version_is_no_reading(self, first: None) -> None:
        former = Entry.objects.get(kind="publications", key=KEY).history.last()
        proposed = actions.propose_former(former, by=somebody("eve"), **REASON)
        accept(proposed)
        assert in_force() == Entry(content=former.content).values
        assert Reading.objects.count() == 1

    def test_another_change_makes_no_reading(self, first: None) -> None:
        agree("publications", KEY, title="Another title")
        assert Reading.objects.count() == 1
        assert len(in_force()["results"][0]["readings"]) == 1

    def test_a_revision_keeps_the_reading_that_was_proposed(self) -> None:
        values = content("publications", KEY)
        values["results"][0]["pfs"] = 3.7
        proposal = actions.propose(kind="publications", key=KEY, content=values, by=somebody("ada"), **REASON).proposal
        actions.ask_for_change(proposal, by=somebody("ben"), comment="And the OS?")
        values["results"][0]["os"] = 9.1
        revised = actions.revise(proposal, content=values, by=somebody("ada")).proposal
        readings = revised.values["results"][0]["readings"]
        assert [reading["figures"] for reading in readings] == [{"pfs": 3.7}, {"os": 9.1}]

    def test_the_same_proposed_on_another_day_is_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        values = content("publications", KEY)
        values["results"][0]["pfs"] = 3.7
        propose = {"kind": "publications", "key": KEY, "content": values, **REASON}
        proposal = actions.propose(by=somebody("ada"), **propose).proposal
        dated = copy.deepcopy(proposal.values)
        dated["results"][0]["readings"][0]["on"] = "2020-01-01"
        assert dated != proposal.values
        monkeypatch.setattr("curation.actions.proposals.with_first_readings", lambda *args, **kwargs: dated)
        with pytest.raises(NothingToChange):
            actions.propose(by=somebody("ada"), **propose)


class TestSecondReading:
    def test_who_reads_the_same_marks_it_read_twice(self, first: None) -> None:
        entered = read()
        assert not entered.tasks
        assert entered.proposed.proposal.proposer.username == "cleo"
        assert states()["pfs"] == "once"  # until another person accepts it
        accept(entered.proposed)
        assert set(states().values()) == {"twice"}
        assert state_of_publication(in_force()) == "twice"
        assert in_force()["second_read_at"] == PAGE
        newest = in_force()["results"][0]["readings"][-1]
        assert {name: newest[name] for name in ("by", "on", "at", "how", "kind")} == {
            "by": "cleo",
            "on": "2026-11-02",
            "at": PAGE,
            "how": "fulltext",
            "kind": "second",
        }
        assert Event.objects.filter(action="read-second", by__username="cleo").exists()

    def test_a_figure_left_empty_stays_read_once(self, first: None) -> None:
        accept(read(os=None, os_low=None, os_high=None).proposed)
        assert (states()["pfs"], states()["os"]) == ("twice", "once")
        assert in_force()["second_read_at"] is None
        assert state_of_publication(in_force()) == "partly"

    def test_both_may_say_that_a_figure_is_not_given(self, first: None) -> None:
        assert on_record(0)["deaths"] is None
        entered = read(deaths="-")
        assert not entered.tasks
        assert "deaths" in entered.reading.values[0]["figures"]

    def test_rates_that_are_not_given_are_differences(self, first: None) -> None:
        reread(rates={"os-12": 31})
        figures = {name: value for name, value in on_record(0).items() if value is not None and name != "os-12"}
        entered = enter("cleo", {0: CohortRead(figures, no_other_rates=True)})
        assert [(task.figure, task.recorded, task.read) for task in entered.tasks] == [("os-12", 31, None)]

    def test_a_difference_opens_a_task_with_both_values(self, first: None) -> None:
        entered = read(pfs=4.1)
        (task,) = actions.open_tasks()
        assert (task.publication, task.arm, task.figure) == (KEY, "FOLFIRI", "pfs")
        assert (task.recorded, task.read) == (3.7, 4.1)
        assert (task.first_reader.username, task.recorded_at) == ("ada", REASON["source"])
        assert (task.reading.reader.username, task.reading.at) == ("cleo", PAGE)
        accept(entered.proposed)
        assert (states()["pfs"], states()["os"]) == ("differ", "twice")
        assert in_force()["results"][0]["pfs"] == 3.7
        assert in_force()["second_read_at"] is None

    def test_who_read_first_is_not_invented(self) -> None:
        agree("publications", KEY, second_read_at=None)
        read(os=9.9)
        (task,) = actions.open_tasks()
        assert task.first_reader is None
        assert task.recorded_at == in_force()["verified_at"]

    @pytest.mark.parametrize("name", ["ada", "ben"])
    def test_who_proposed_or_decided_on_figures_has_seen_them(self, first: None, name: str) -> None:
        assert why_not_to_read(KEY, somebody(name))
        with pytest.raises(NotAllowed):
            read(name)
        assert not why_not_to_read(KEY, somebody("cleo"))

    def test_who_decided_on_something_else_has_not(self) -> None:
        agree("publications", KEY, second_read_at=None)
        assert not why_not_to_read(KEY, somebody("ada"))

    def test_nobody_reads_a_second_time_twice(self, first: None) -> None:
        read()
        with pytest.raises(NotAllowed):
            read()

    def test_who_may_not_propose_does_not_read(self, first: None) -> None:
        somebody("paul", "Publisher")
        with pytest.raises(NotAllowed):
            read("paul")

    def test_the_cohorts_have_to_be_those_of_the_form(self, first: None) -> None:
        shape = shape_of(in_force())
        agree("publications", KEY, lambda entry: entry["results"].reverse())
        with pytest.raises(ActionRefused, match="changed in the meantime"):
            enter("cleo", {0: CohortRead({"pfs": 3.7})}, shape=shape)

    @pytest.mark.parametrize("cohorts", [{}, {0: CohortRead({})}, {7: CohortRead({"pfs": 3.7})}])
    def test_nothing_read_is_no_reading(self, first: None, cohorts: dict[int, CohortRead]) -> None:
        with pytest.raises((ActionRefused, IndexError)):
            enter("cleo", cohorts)
        assert Reading.objects.filter(kind="second").count() == 0

    def test_a_figure_out_of_range_is_refused_by_name(self, first: None) -> None:
        with pytest.raises(ActionRefused, match="orr 180: a percentage from 0 to 100"):
            enter("cleo", {0: CohortRead({"orr": 180})})

    def test_a_third_reader_may_read_what_was_left(self, first: None) -> None:
        accept(read(os=None, os_low=None, os_high=None).proposed)
        accept(read("emil").proposed)
        assert state_of_publication(in_force()) == "twice"

    def test_a_reading_that_another_change_left_out_is_proposed_again(self, first: None) -> None:
        entered = read(pfs=4.1)
        agree("publications", KEY, title="Another title")
        entered.proposed.proposal.refresh_from_db()
        assert entered.proposed.proposal.status == ProposalStatus.SUPERSEDED
        assert states()["pfs"] == "once"
        accept(actions.propose_again(KEY, by=somebody("cleo")))
        assert (states()["pfs"], states()["os"]) == ("differ", "twice")
        with pytest.raises(NothingToChange):
            actions.propose_again(KEY, by=somebody("cleo"))

    def test_what_was_read_of_a_figure_that_changed_since_is_not_proposed_again(self, first: None) -> None:
        read(pfs=3.7)
        reread(pfs=5.5)
        accept(actions.propose_again(KEY, by=somebody("cleo")))
        assert (states()["pfs"], states()["os"]) == ("once", "twice")

    def test_a_reading_that_was_rejected_is_not_proposed_again(self, first: None) -> None:
        actions.reject(read().proposed.proposal, by=somebody("dora"), comment="Another paper.")
        with pytest.raises(NothingToChange):
            actions.propose_again(KEY, by=somebody("cleo"))


@pytest.fixture
def task(first: None) -> ReadingTask:
    accept(read(pfs=4.1).proposed)
    return actions.open_tasks()[0]


def settle(task: ReadingTask, outcome: str, by: str = "emil", **third: Any) -> actions.Proposed:
    decision = FigureDecision(task, ReadingOutcome(outcome), **third)
    return actions.settle(KEY, decisions=[decision], comment="Read in the supplement.", by=somebody(by))


class TestSettling:
    @pytest.mark.parametrize(
        ("outcome", "third", "expected", "where"),
        [
            ("first", {}, 3.7, REASON["source"]),
            ("second", {}, 4.1, PAGE),
            ("neither", {"value": 3.9, "at": "https://example.org/supplement", "how": "fulltext"}, 3.9, None),
        ],
    )
    def test_a_third_person_decides(
        self, task: ReadingTask, outcome: str, third: dict[str, Any], expected: float, where: str | None
    ) -> None:
        proposed = settle(task, outcome, **third)
        assert states()["pfs"] == "differ"
        accept(proposed)
        assert in_force()["results"][0]["pfs"] == expected
        assert (states()["pfs"], states()["os"]) == ("settled", "twice")
        assert state_of_publication(in_force()) == "settled"
        assert in_force()["results"][0]["readings"][-1]["at"] == where or third["at"]
        task.refresh_from_db()
        assert (task.outcome, task.resolved_by.username, task.settled) == (outcome, "emil", expected)
        assert (task.comment, task.proposal) == ("Read in the supplement.", proposed.proposal)
        assert not actions.open_tasks()
        assert len(in_force()["results"][0]["readings"]) == 3

    @pytest.mark.parametrize("name", ["ada", "cleo"])
    def test_neither_of_the_readers_decides(self, task: ReadingTask, name: str) -> None:
        assert why_not_to_settle([task], somebody(name))
        with pytest.raises(NotAllowed):
            settle(task, "first", name)

    def test_a_reader_decides_where_nobody_else_may(self, task: ReadingTask) -> None:
        Group.objects.get(name="Curator").user_set.set([somebody("ada"), somebody("cleo")])
        assert not why_not_to_settle([task], somebody("cleo"))
        proposed = settle(task, "first", "cleo")
        assert "nobody else may" in proposed.proposal.reason
        assert Event.objects.get(action="settle-readings").details["by_a_reader"] is True

    def test_a_comment_is_required(self, task: ReadingTask) -> None:
        decisions = [FigureDecision(task, ReadingOutcome.FIRST)]
        with pytest.raises(ActionRefused, match="comment"):
            actions.settle(KEY, decisions=decisions, comment=" ", by=somebody("emil"))

    @pytest.mark.parametrize(
        ("third", "expected"),
        [
            ({"value": 900.0, "at": PAGE, "how": "fulltext"}, "months from 0 to 200"),
            ({"value": 3.9, "at": "", "how": "fulltext"}, "Say where"),
        ],
    )
    def test_a_third_value_is_checked(self, task: ReadingTask, third: dict[str, Any], expected: str) -> None:
        with pytest.raises(ActionRefused, match=expected):
            settle(task, "neither", **third)

    def test_what_would_break_a_rule_is_refused_and_stays_open(self, task: ReadingTask) -> None:
        with pytest.raises(InvalidContent, match=r"results\[0\].pfs"):
            settle(task, "neither", value=90.0, at=PAGE, how="fulltext")
        assert actions.open_tasks() == [task]

    def test_a_task_is_decided_once(self, task: ReadingTask) -> None:
        settle(task, "first")
        with pytest.raises(ActionRefused, match="already been decided"):
            settle(task, "second")

    def test_what_is_decided_before_the_reading_is_accepted_brings_both(self, first: None) -> None:
        entered = read(pfs=4.1)
        accept(settle(entered.tasks[0], "second"))
        assert in_force()["results"][0]["pfs"] == 4.1
        assert (states()["pfs"], states()["os"]) == ("settled", "twice")

    def test_a_figure_that_changed_since_leaves_nothing_to_decide(self, task: ReadingTask) -> None:
        reread(pfs=5.5)
        with pytest.raises(ActionRefused, match="has changed since"):
            settle(task, "first")

    def test_a_decision_that_was_rejected_can_be_taken_anew(self, task: ReadingTask) -> None:
        proposed = settle(task, "second")
        with pytest.raises(ActionRefused):
            actions.reopen(task, by=somebody("emil"))
        actions.reject(proposed.proposal, by=somebody("dora"), comment="The supplement says otherwise.")
        again = actions.reopen(task, by=somebody("emil"))
        assert actions.open_tasks() == [again]
        with pytest.raises(ActionRefused):
            actions.reopen(task, by=somebody("emil"))
        accept(settle(again, "first"))
        assert (in_force()["results"][0]["pfs"], states()["pfs"]) == (3.7, "settled")

    def test_a_decision_on_a_figure_that_changed_since_is_not_proposed_again(self, task: ReadingTask) -> None:
        settle(task, "second")
        reread(pfs=5.5)
        with pytest.raises(NothingToChange):
            actions.propose_again(KEY, by=somebody("emil"))

    def test_several_figures_are_decided_together(self, first: None) -> None:
        """Responders and their rate hold together: one alone would break the rule."""
        reread(evaluable=61)
        assert (on_record(0)["responders"], on_record(0)["orr"]) == (11, 18)
        entered = read(responders=16, orr=26.2)
        assert {task.figure for task in entered.tasks} == {"responders", "orr"}
        with pytest.raises(InvalidContent):
            settle(next(task for task in entered.tasks if task.figure == "orr"), "second")
        decisions = [FigureDecision(task, ReadingOutcome.SECOND) for task in entered.tasks]
        accept(actions.settle(KEY, decisions=decisions, comment="Counted.", by=somebody("emil")))
        assert in_force()["results"][0]["responders"] == 16
        assert isinstance(in_force()["results"][0]["responders"], int)


class TestEntry:
    def test_an_entry_without_readings_says_nothing_of_them(self) -> None:
        entry = in_force()
        assert not any("readings" in result for result in entry["results"])
        entry["results"][0]["readings"] = []
        assert normal("publications", KEY, entry) == in_force()

    def test_rows_hold_readings_and_give_them_back(self, task: ReadingTask) -> None:
        assert rows_as_document.entries("publications")[KEY] == in_force()
        assert actions.refresh()["publications"] == []
        assert len(Cohort.objects.get(publication__key=KEY, position=0).readings) == 2

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"kind": "third"}, "kind third: one of first, second, settling"),
            ({"how": "none"}, "how none: one of fulltext, abstract, secondary"),
            ({"on": "2026-13-01"}, "on 2026-13-01: a day"),
            ({"figures": {}}, "figures: one at least"),
            ({"figures": {"hope": 1}}, "hope: one of n, evaluable"),
            ({"figures": {"orr": 101}}, "orr 101: a percentage from 0 to 100"),
            ({"figures": {"n": 1.5}}, "n 1.5: a whole number"),
        ],
    )
    def test_a_reading_is_checked(self, changes: dict[str, Any], rule: str) -> None:
        reading = {"by": "Ben", "on": "2026-11-02", "at": PAGE, "how": "fulltext", "kind": "second"}
        document = document_of(accepted.accepted())
        entry = next(row for row in document["publications"] if row["key"] == KEY)
        entry["results"][0]["readings"] = [reading | {"figures": {"pfs": 3.5}} | changes]
        (problem,) = problems_in(document)
        assert problem.field == "results[0].readings"
        assert problem.rule.startswith(rule)

    def test_a_release_carries_them(self, task: ReadingTask) -> None:
        publishing.publish("disputed")
        publication = releases.current().publications[KEY]
        assert state_of_result(publication, publication["results"][0]) == "differ"


def test_publishers_are_told_figure_by_figure(task: ReadingTask) -> None:
    document = publishing.content_to_publish()
    found = concerns_in(document, releases.current(), today=DAY)
    texts = {one.place: one.text for one in found if one.key == KEY}
    assert texts["results[0].pfs"] == "readings of PFS differ: 3.7 mo on record, 4.1 mo in a second reading"
    reread(os=9.1)
    found = concerns_in(publishing.content_to_publish(), releases.current(), today=DAY)
    texts = {one.place: one.text for one in found if one.key == KEY}
    assert texts["results[0]"] == "pooled, and read by one person only: OS"


def test_what_was_read_once_is_listed_by_what_hangs_on_it() -> None:
    from curation.review.effect import reference_patients

    document = document_of(accepted.accepted())
    waiting = read_once(document)
    assert KEY not in waiting
    agree("publications", KEY, second_read_at=None)
    assert KEY in read_once(document_of(accepted.accepted()))
    found = influence_of(releases.current(), reference_patients()[:4])
    assert "folfiri" in found[KEY].options
    assert 0 < found[KEY].patients <= 4


class TestKept:
    """Readings and decisions stay as they were written, whatever writes to the database."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE regimens_reading SET at = 'elsewhere'",
            "DELETE FROM regimens_reading",
            "UPDATE regimens_readingtask SET read = 1.0",
            "UPDATE regimens_readingtask SET first_reader_id = NULL",
            "DELETE FROM regimens_readingtask",
        ],
    )
    def test_by_the_database(self, task: ReadingTask, statement: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_a_decision_by_the_database(self, task: ReadingTask) -> None:
        settle(task, "first")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_readingtask SET settled = 9.0")

    @pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
    def test_a_reading_is_not_replaced(self, task: ReadingTask, verb: str) -> None:
        if verb != "INSERT" and connection.vendor != "sqlite":
            return
        columns = "publication, kind, reader_id, read_on, recorded_at, at, how, cohorts, proposal_id"
        statement = f"""
            {verb} INTO regimens_reading ({columns})
            SELECT publication, kind, reader_id, read_on, recorded_at, 'elsewhere', how, cohorts, proposal_id
            FROM regimens_reading WHERE kind = 'second'
        """  # noqa: S608
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_a_second_reading_by_who_saw_the_first(self, task: ReadingTask) -> None:
        columns = "publication, kind, reader_id, read_on, recorded_at, at, how, cohorts, proposal_id"
        for name in ("ada", "ben", "cleo"):
            statement = f"""
                INSERT INTO regimens_reading ({columns})
                SELECT publication, kind, %s, read_on, recorded_at, at, how, cohorts, proposal_id
                FROM regimens_reading WHERE kind = 'second'
            """  # noqa: S608
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [User.objects.get(username=name).pk])

    def test_with_the_migrations_undone_and_done_again(self, tmp_path: Path) -> None:
        # Entries of the second edition bar the way back: their kinds are none of the first.
        environment = empty_database("readings", tmp_path)
        manage("migrate", environment)
        migrations = MigrationLoader(connection).disk_migrations
        (mine,) = (one for (app, name), one in migrations.items() if app == "regimens" and name.endswith("_readings"))
        before = next(name for app, name in mine.dependencies if app == "regimens")
        for command in (f"migrate regimens {before}", "migrate regimens"):
            manage(command, environment)
        manage("load_evidence", environment)
        manage("publish_release shipped", environment)

    def test_by_the_models(self, task: ReadingTask) -> None:
        with pytest.raises(DirectWriteError):
            task.save()
        with pytest.raises(DirectWriteError):
            Reading.objects.all().delete()
        with pytest.raises(DirectWriteError):
            ReadingTask.objects.update(comment="x")

"""Former databases after the upgrade to the second edition: what people entered and decided is there as it was."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import transaction
from django.test import Client

from audit.errors import ActionRefused
from boards.shown.stored_ranking import knowledge_of
from curation import actions
from curation.accepted import accepted, intruders
from curation.models import Entry, Proposal
from regimens import releases
from regimens.knowledge import document
from regimens.knowledge.first_edition import is_first_edition
from regimens.models import KnowledgeRelease, ReleaseInForce
from tests.factories.curation import declared, somebody

from .former import (
    GROWING,
    KINDS,
    NO_SUPERUSER,
    PROJECTED,
    SEEDS,
    in_place_of_the_tests_own,
    migrated,
    of_table,
    record,
    rows,
    said_by,
    signed_in,
)

RECORD = record()
Upgraded = dict[str, Any]

# What the upgrade adds to, beside what no migration may add to.
ADDED_TO = {
    *("regimens_entry", "regimens_historicalentry", "regimens_proposal", "regimens_event", "regimens_eventseal"),
    *("regimens_knowledgerelease", "regimens_releaseinforce", "boards_replay"),
}
OPEN = (17, 18, 19, 20, 21)  # the proposals that wait in the former databases
CURATED = {
    ("indications", "folfiri-digestive"),
    ("regimens", "folfiri"),
    ("trials", "NCT99999901"),
    ("publications", "walter-2023-bevanec"),
    ("publications", "salama-2020-nci-match-h"),
    ("publications", "kopetz-2019-beacon"),
}
DECIDED = ("boards.CaseVersion", "boards.Decision", "boards.Signature", "boards.Ballot", "boards.FollowUp")
KEPT = ("regimens.Proposal", "regimens.Event", "regimens.EventSeal", "regimens.KnowledgeRelease")


def of(label: str) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows(label).values()}


@pytest.fixture(scope="module", params=KINDS)
def upgraded(request: Any, tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Upgraded]:
    """A former database, in use, after everything that an administrator runs; and what it said before."""
    with django_db_blocker.unblock(), migrated(request.param, tmp_path_factory.mktemp("upgraded")) as url:
        knowledge_of.cache_clear()
        with in_place_of_the_tests_own(url):
            before = {label: of(label) for label in (*KEPT, "regimens.Entry")}
            said = said_by("load_evidence")
            published = said_by("publish_release", "2026-12", "--unless-put-back")
            yield RECORD[request.param] | {"before": before, "said": said, "published": published}
        knowledge_of.cache_clear()


@pytest.fixture(autouse=True)
def undone(upgraded: Upgraded) -> Iterator[None]:
    with taken_back():
        yield


@contextmanager
def taken_back() -> Iterator[None]:
    """What a test writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class TestEverythingPeopleEntered:
    def test_other_tables_say_what_they_said(self, upgraded: Upgraded) -> None:
        changed = [
            table
            for table, was in upgraded["tables"].items()
            if table not in {*GROWING, *PROJECTED, *ADDED_TO, NO_SUPERUSER, SEEDS}
            and of_table(table, was["columns"])["sha256"] != was["sha256"]
        ]
        assert changed == []

    @pytest.mark.parametrize("label", [label for label in KEPT if label != "regimens.Proposal"])
    def test_what_is_recorded_stays_as_it_is(self, upgraded: Upgraded, label: str) -> None:
        now = of(label)
        assert {key: now.get(key) for key in upgraded["before"][label]} == upgraded["before"][label]

    def test_decided_proposals_stay_as_they_are(self, upgraded: Upgraded) -> None:
        now = of("regimens.Proposal")
        for key, row in upgraded["before"]["regimens.Proposal"].items():
            if key not in OPEN:
                assert now[key] == row

    def test_open_ones_say_what_they_said_and_are_carried_over(self, upgraded: Upgraded) -> None:
        before = upgraded["before"]["regimens.Proposal"]
        assert {key for key, row in before.items() if row["status"] == "proposed"} == set(OPEN)
        for key in OPEN:
            row = Proposal.objects.get(pk=key)
            after = row.superseded_by
            assert (row.content, row.status) == (before[key]["content"], "superseded")
            assert after is not None
            assert after.is_open
            for name in ("kind", "key", "proposer_id", "reason", "source", "proposed_at"):
                assert getattr(after, name) == before[key][name]

    def test_they_change_what_they_changed(self) -> None:
        names = [Proposal.objects.get(pk=key).superseded_by.values["name"] for key in (18, 19)]
        assert names == ["FOLFOX every two weeks", "FOLFOX regimen"]
        for key in (18, 19):
            content = Proposal.objects.get(pk=key).superseded_by.values
            assert content == {**Entry.objects.get(kind="regimens", key="folfox").values, "name": content["name"]}
        assert Proposal.objects.get(pk=21).superseded_by.is_retirement

    def test_a_second_reading_is_carried_over_with_what_was_read(self) -> None:
        before = Proposal.objects.get(pk=17)
        read = [one.get("readings", []) for one in before.values["results"]]
        assert any(read)
        assert [one.get("readings", []) for one in before.superseded_by.values["results"]] == read
        reviewer = somebody("erin")
        declared(reviewer, days_ago=0)
        accepted_one = actions.accept(before.superseded_by, by=reviewer)
        assert [one.get("readings", []) for one in accepted_one.entry.values["results"]] == read

    def test_the_open_difference_between_readers_waits_as_it_did(self) -> None:
        (task,) = actions.open_tasks()
        assert (task.publication, task.figure) == ("kopetz-2019-beacon", "orr")
        chosen = actions.FigureDecision(task, "second")
        actions.settle(task.publication, decisions=[chosen], comment="In the text.", by=somebody("dora"))
        assert actions.open_tasks() == []

    def test_entries_that_people_agreed_on_stay_theirs(self, upgraded: Upgraded) -> None:
        for before in upgraded["before"]["regimens.Entry"].values():
            if before["origin"] != "curated":
                continue
            now = Entry.objects.get(pk=before["id"])
            assert (now.origin, now.proposal_id, now.retired_at) == (
                "curated",
                before["proposal_id"],
                before["retired_at"],
            )
            if now.retired_at:
                assert now.content == before["content"]
            else:
                assert (now.kind, now.key) in CURATED
        assert Entry.objects.get(kind="regimens", key="folfiri").values["name"] == "FOLFIRI every two weeks"

    def test_their_figures_findings_and_readers_are_as_they_were(self, upgraded: Upgraded) -> None:
        for before in upgraded["before"]["regimens.Entry"].values():
            if before["kind"] == "publications" and before["origin"] == "curated":
                was, now = Entry(content=before["content"]).values, Entry.objects.get(pk=before["id"]).values
                assert now == {**was, "read_on": None}

    def test_every_version_of_an_entry_is_there(self, upgraded: Upgraded) -> None:
        was = upgraded["tables"]["regimens_historicalentry"]
        assert Entry.history.count() > was["rows"]
        shas = {row["sha256"] for row in upgraded["before"]["regimens.Entry"].values()}
        assert shas <= set(Entry.history.values_list("sha256", flat=True))

    @pytest.mark.parametrize("label", DECIDED)
    def test_what_boards_did_is_there(self, upgraded: Upgraded, label: str) -> None:
        table = "boards_" + label.partition(".")[2].lower()
        assert len(of(label)) == upgraded["tables"][table]["rows"]


class TestWhatIsToldOfIt:
    def test_one_event_tells_every_entry_before_and_after(self, upgraded: Upgraded) -> None:
        event = rows("regimens.Event").get(action="upgrade-evidence")
        told = {
            (kind, key): versions
            for kind, entries in event.details["entries"].items()
            for key, versions in entries.items()
        }
        for before in upgraded["before"]["regimens.Entry"].values():
            now = Entry.objects.get(pk=before["id"])
            if now.sha256 != before["sha256"]:
                assert told[now.kind, now.key] == [before["sha256"], now.sha256]
        assert set(told) >= CURATED - {("indications", "folfiri-digestive")}

    def test_each_proposal_has_its_own(self) -> None:
        events = rows("regimens.Event").filter(action="carry-over")
        assert sorted(event.details["carried_from"] for event in events) == list(OPEN)

    def test_the_chain_goes_on(self, upgraded: Upgraded) -> None:
        said = said_by("verify_events", "--holds", upgraded["head"])
        assert "none changed" in said
        assert int(said.partition(" ")[0]) > upgraded["sealed"]

    def test_the_command_says_so(self, upgraded: Upgraded) -> None:
        assert "carried over to its second edition, once" in upgraded["said"]
        assert "entries that people decided on, in their new shape: 5; added for them: 0" in upgraded["said"]
        assert "open proposals, carried over: 5" in upgraded["said"]
        assert "given back" not in upgraded["said"]

    def test_it_is_done_once(self) -> None:
        before = of("regimens.Entry")
        assert "second edition" not in said_by("load_evidence")
        assert of("regimens.Entry") == before


class TestTheBaseNow:
    def test_it_is_all_of_the_second_edition(self) -> None:
        assert not [
            (kind, key) for kind, held in accepted().items() for key, row in held.items() if is_first_edition(kind, row)
        ]

    def test_nothing_got_in_with_it(self) -> None:
        assert intruders() == []

    def test_rows_say_what_entries_say(self) -> None:
        held = accepted()
        for kind in document.ENTRIES:
            assert document.entries(kind) == dict(sorted(held[kind].items()))

    def test_what_is_shipped_is_proposed_where_people_decided(self) -> None:
        proposed = set(Proposal.objects.filter(status="proposed", proposer=None).values_list("kind", "key"))
        assert proposed == CURATED - {("trials", "NCT99999901")}


class TestReleases:
    def test_one_is_published_in_place_of_the_one_that_was_put_back(self, upgraded: Upgraded) -> None:
        assert upgraded["published"].startswith("Published release 2026-12")
        knowledge = releases.current()
        assert (knowledge.release.name, knowledge.edition) == ("2026-12", 2)

    def test_former_ones_verify_by_their_hash(self, upgraded: Upgraded) -> None:
        for name, sha256 in upgraded["releases"].items():
            release = releases.find(name)
            assert releases.compiled(release).release.sha256 == sha256
            assert releases.exported(release).split(b"\n")[1] == zlib.decompress(release.content)

    def test_none_of_them_comes_back_into_force(self) -> None:
        former = KnowledgeRelease.objects.get(name="2026-10")
        with pytest.raises(ActionRefused, match="is of edition 1 of the method"):
            actions.ask_to_reinstate(former, reason="As it was.", by=somebody("pat"))
        with pytest.raises(CommandError, match="is of edition 1 of the method"):
            said_by("reinstate_release", "2026-10", "--by", "pat", "--reason", "As it was.")

    def test_nor_does_one_that_was_asked_for(self) -> None:
        waiting = ReleaseInForce.objects.filter(confirmed_at__isnull=True).first()
        assert waiting is not None
        with pytest.raises(ActionRefused):
            actions.confirm_reinstatement(waiting, by=somebody("quinn"))

    def test_nor_from_elsewhere(self, tmp_path: Any) -> None:
        file = tmp_path / "former.json"
        releases.export(releases.find("2026-10"), file)
        with pytest.raises(CommandError, match=r"is of edition 1 of the method.*necapp 0\.1\.0"):
            said_by("import_release", file, "--by", "pat")


# Who opens which page, and what it says.
PAGES = [
    ("", "/", "Later-line options in extrapulmonary NEC"),
    ("", "/options/folfiri/", "FOLFIRI every two weeks"),
    ("", "/about/", "2026-12"),
    ("root", "/account/notices/", "Your roles were changed. Since then they are: Administrator."),
    ("administrator", "/admin/regimens/event/", "second edition"),
    ("ada", "/admin/waiting/", "FOLFOX regimen"),
    ("ada", "/admin/regimens/entry/1/change/", ""),
    ("ada", "/admin/regimens/regimen/?q=folfiri", "FOLFIRI every two weeks"),
    ("ada", "/admin/edit/regimens/folfiri/", ""),
    ("ada", "/admin/readings/", ""),
    ("dora", "/admin/readings/differ/kopetz-2019-beacon/", "Encorafenib"),
    ("pat", "/admin/regimens/knowledgerelease/", "Partner hospital, September"),
    ("pat", "/admin/publish/", "2026-12"),
    ("clara", "/boards/", "Extrapulmonary board"),
    ("clara", "/boards/1/", "Digestive NEC board"),
    ("clara", "/boards/1/changed/", ""),
    ("clara", "/boards/1/figures/", ""),
    ("clara", "/cases/1/", "Colon 7"),
    ("clara", "/cases/1/versions/2/", "Seen again on ward 3."),
    ("clara", "/agenda/1/decision/", "The patient asked for the shorter infusion."),
    ("clara", "/agenda/2/replay/", ""),
]


class TestPages:
    @pytest.mark.parametrize(("username", "address", "words"), PAGES)
    def test_it_opens(self, username: str, address: str, words: str) -> None:
        response = (signed_in(username) if username else Client()).get(address, follow="/edit/" in address)
        assert response.status_code == 200
        assert words in response.content.decode()

    def test_the_event_does_that_tells_of_every_entry(self) -> None:
        event = rows("regimens.Event").get(action="upgrade-evidence")
        page = signed_in("administrator").get(f"/admin/regimens/event/{event.pk}/change/").content.decode()
        assert "carried the evidence base over to the second edition" in page

    def test_every_proposal_does(self) -> None:
        client = signed_in("ada")
        for proposal in rows("regimens.Proposal"):
            assert client.get(f"/admin/regimens/proposal/{proposal.pk}/change/").status_code == 200, proposal

    def test_what_one_that_was_carried_over_does_is_worked_out(self) -> None:
        proposal = Proposal.objects.get(pk=18).superseded_by
        page = signed_in("ben").get(f"/admin/regimens/proposal/{proposal.pk}/change/?effect=shown").content.decode()
        assert "cannot be ranked" not in page
        assert "FOLFOX every two weeks" in page

    def test_the_form_of_one_that_a_change_was_asked_for_is_filled(self) -> None:
        """Of the shape of its time: a trial with the page that was seen, a regimen with its availability."""
        for pk, username in ((7, "erin"), (5, "ada")):
            proposal = Proposal.objects.get(pk=pk)
            address = f"/admin/edit/{proposal.kind}/{proposal.key}/?proposal={pk}"
            assert signed_in(username).get(address, follow=True).status_code == 200, proposal

    def test_every_entry_that_people_decided_on_does(self) -> None:
        client = signed_in("ada")
        for entry in rows("regimens.Entry").exclude(origin="shipped"):
            assert client.get(f"/admin/regimens/entry/{entry.pk}/change/").status_code == 200, entry

    def test_every_release_does(self) -> None:
        client = signed_in("pat")
        for release in KnowledgeRelease.objects.all():
            assert client.get(f"/admin/regimens/knowledgerelease/{release.pk}/change/").status_code == 200, release

    def test_two_releases_are_compared_and_the_effect_is_not_made_up(self) -> None:
        before, after = releases.find("2026-11"), releases.find("2026-12")
        page = signed_in("pat").get(f"/admin/releases/compare/?before={before.pk}&after={after.pk}").content.decode()
        assert "FOLFOX" in page
        assert "What it does to patients cannot be worked out" in page

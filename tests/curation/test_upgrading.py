"""The one upgrade to the second edition: what people said stays said, and nothing else gets in with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit.actions import exclusive
from audit.events import record
from audit.models import Event
from curation import actions
from curation.accepted import accepted, intruders, text_of
from curation.actions.loading import load
from curation.models import Entry, Proposal, Reading
from regimens.knowledge import loader
from regimens.models import Licence, Regimen
from tests.factories import first_edition as former
from tests.factories.curation import somebody
from tests.factories.files import change, parsed
from tests.factories.former_entries import agreed, baseline, proposed, shipped

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

FOLFIRI = former.regimen(
    "folfiri",
    name="FOLFIRI",
    drugs=["irinotecan", "fluorouracil", "folinic acid"],
    lead_drugs=["irinotecan"],
    **{"class": "fluoropyrimidine-combination"},
)
NEW = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])


@pytest.fixture(autouse=True)
def files_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yaml.load", parsed)


def entry(kind: str, key: str) -> Entry:
    return Entry.objects.get(kind=kind, key=key)


def told() -> dict[str, Any]:
    """What the event of the upgrade says."""
    return dict(Event.objects.get(action="upgrade-evidence").details["entries"])


def again(proposal: Proposal) -> Proposal:
    return Proposal.objects.get(pk=proposal.pk)


def carried(proposal: Proposal) -> Proposal:
    """What became of an open proposal."""
    found = again(proposal).superseded_by
    assert found is not None
    return found


def why_given_back(proposal: Proposal) -> str:
    return str(Event.objects.get(action="give-back", details__proposal=proposal.pk).details["because"])


class TestEntries:
    def test_what_is_as_shipped_becomes_what_is_shipped_now(self) -> None:
        now = entry("regimens", "folfiri").content
        before = shipped("regimens", FOLFIRI).sha256
        report = load()
        assert report.upgrade is not None
        assert entry("regimens", "folfiri").content == now
        assert told()["regimens"] == {"folfiri": [before, entry("regimens", "folfiri").sha256]}
        assert report.changed["regimens"] == ["folfiri"]
        assert intruders() == []

    def test_what_people_agreed_on_keeps_what_it_says(self) -> None:
        shipped("regimens", FOLFIRI)
        before = agreed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"})
        report = load()
        after = entry("regimens", "folfiri")
        assert (after.values["name"], after.values["drugs"]) == (
            "FOLFIRI, ours",
            ["irinotecan", "fluorouracil", "folinic-acid"],
        )
        assert (after.origin, after.proposal_id) == ("curated", before.proposal_id)
        assert told()["regimens"]["folfiri"] == [before.sha256, after.sha256]
        assert again(before.proposal).content == before.content
        assert report.upgrade is not None
        assert report.upgrade.carried == [("regimens", "folfiri")]
        assert Regimen.objects.get(slug="folfiri").name == "FOLFIRI, ours"
        assert intruders() == []

    def test_what_is_shipped_now_is_for_people_to_decide_on(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader, "SHIPPED", files)
        change(files, "regimens.yaml", "folfiri", lambda row: row.update(gaps="What the second edition found."))
        shipped("regimens", FOLFIRI)
        agreed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"})
        assert load().proposed["regimens"] == ["folfiri"]
        (waiting,) = actions.open_proposals("regimens", "folfiri")
        assert waiting.proposer is None
        assert waiting.values["gaps"] == "What the second edition found."
        assert waiting.base_sha256 == entry("regimens", "folfiri").sha256
        actions.accept(waiting, by=somebody("cleo"))
        assert entry("regimens", "folfiri").content == waiting.content
        assert intruders() == []

    def test_a_baseline_keeps_what_it_says(self) -> None:
        ours = former.trial(title="A trial of our own")
        baseline(trials=[ours], guidelines=[former.statement()])
        load()
        after = entry("trials", "NCT09999999")
        assert (after.values["title"], after.values["url"], after.origin) == (
            ours["title"],
            ours["seen_at"],
            "baseline",
        )
        assert intruders() == []

    def test_licences_and_drugs_come_of_a_regimen(self) -> None:
        agreed("regimens", NEW)
        agreed("indications", former.indication())
        report = load()
        licence, drug = entry("licences", "cisplatin-novatecan-us-1"), entry("drugs", "novatecan")
        assert {licence.origin, drug.origin} == {"upgraded"}
        assert licence.values["label"] == "After platinum."
        assert told()["licences"] == {"cisplatin-novatecan-us-1": [None, licence.sha256]}
        assert entry("indications", "novatecan-any").values["sources"] == ["licence:cisplatin-novatecan-us-1"]
        assert Licence.objects.get(key="cisplatin-novatecan-us-1").regimen.slug == "cisplatin-novatecan"
        assert report.upgrade is not None
        assert report.upgrade.added == [("drugs", "novatecan"), ("licences", "cisplatin-novatecan-us-1")]
        assert intruders() == []

    def test_what_it_says_less_is_noted(self) -> None:
        agreed("regimens", {**NEW, "cautions": [former.caution({}, "avoid", "Only in a centre.")]})
        load()
        (notes,) = Event.objects.get(action="upgrade-evidence").details["notes"].values()
        assert any("Only in a centre." in note for note in notes)
        assert any("cisplatin-novatecan-us-1" in note for note in notes)

    def test_a_retired_entry_stays_as_it_is(self) -> None:
        before = agreed("trials", former.trial())
        row = proposed("trials", None, key="NCT09999999")
        with exclusive():
            row.status, row.reviewer, row.reviewed_at = "accepted", somebody("ben"), datetime.now(UTC)
            row.save()
            before.proposal, before.retired_at, before.retired_because = row, row.reviewed_at, row.reason
            before.save()
        shipped("regimens", FOLFIRI)
        load()
        assert entry("trials", "NCT09999999").content == before.content
        assert "NCT09999999" not in accepted()["trials"]
        assert intruders() == []

    def test_history_holds_both(self) -> None:
        before = agreed("trials", former.trial())
        load()
        versions = list(Entry.history.filter(key="NCT09999999").order_by("history_id"))
        assert [row.sha256 for row in versions] == [before.sha256, entry("trials", "NCT09999999").sha256]
        assert versions[-1].history_change_reason == "Carried over to the second edition."

    def test_it_is_done_once(self) -> None:
        agreed("trials", former.trial())
        load()
        content = entry("trials", "NCT09999999").content
        assert load().upgrade is None
        assert entry("trials", "NCT09999999").content == content
        assert Event.objects.filter(action="upgrade-evidence").count() == 1

    def test_a_base_of_the_second_edition_has_none(self) -> None:
        assert load().upgrade is None
        assert not Event.objects.filter(action="upgrade-evidence").exists()

    def test_where_one_breaks_a_rule_nothing_is_done(self) -> None:
        before = agreed("trials", former.trial(regimen="never-heard-of"))
        with pytest.raises(CommandError, match="nothing was loaded"):
            call_command("load_evidence", stderr=io.StringIO())
        assert entry("trials", "NCT09999999").content == before.content
        assert not Event.objects.filter(action="upgrade-evidence").exists()

    def test_before_it_nothing_is_proposed_or_accepted(self) -> None:
        agreed("trials", former.trial())
        waiting = proposed("trials", former.trial(phase="3"))
        with pytest.raises(actions.ActionRefused, match="load_evidence carries it over"):
            actions.accept(waiting, by=somebody("ben"))
        content = entry("regimens", "folfiri").values | {"name": "FOLFIRI, ours"}
        with pytest.raises(actions.ActionRefused, match="load_evidence carries it over"):
            actions.propose(
                kind="regimens", key="folfiri", content=content, reason="Why.", source="Where.", by=somebody("ada")
            )
        assert again(waiting).is_open

    def test_the_command_says_what_it_did(self) -> None:
        agreed("regimens", NEW)
        stale = proposed("trials", former.trial(), base="0" * 64)
        proposed("guidelines", former.statement())
        out = io.StringIO()
        call_command("load_evidence", stdout=out)
        said = out.getvalue()
        assert "entries that people decided on, in their new shape: 1; added for them: 2" in said
        assert "to look at, regimens cisplatin-novatecan: licence cisplatin-novatecan-us-1" in said
        assert "open proposals, carried over: 1" in said
        assert f"given back, proposal {stale.pk} on trials NCT09999999: the entry had changed" in said


class TestOpenProposals:
    AT = datetime(2026, 10, 2, 9, tzinfo=UTC)

    def test_one_on_an_entry_as_shipped_changes_what_it_changed(self) -> None:
        now = entry("regimens", "folfiri").values
        shipped("regimens", FOLFIRI)
        person = somebody("cleo")
        waiting = proposed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"}, by=person, at=self.AT)
        load()
        after = carried(waiting)
        assert after.values == {**now, "name": "FOLFIRI, ours"}
        assert (after.status, after.proposer, after.proposed_at) == ("proposed", person, self.AT)
        assert (after.reason, after.source) == (waiting.reason, waiting.source)
        assert after.base_sha256 == entry("regimens", "folfiri").sha256
        assert again(waiting).status == "superseded"
        assert again(waiting).content == waiting.content
        event = Event.objects.get(action="carry-over")
        assert (event.details["proposal"], event.details["carried_from"]) == (after.pk, waiting.pk)

    def test_and_can_be_accepted(self) -> None:
        shipped("regimens", FOLFIRI)
        waiting = proposed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"})
        load()
        actions.accept(carried(waiting), by=somebody("ben"))
        assert Regimen.objects.get(slug="folfiri").name == "FOLFIRI, ours"
        assert intruders() == []

    def test_competing_ones_go_on_competing(self) -> None:
        shipped("regimens", FOLFIRI)
        both = [proposed("regimens", {**FOLFIRI, "name": f"FOLFIRI {n}"}, by=somebody(f"curator{n}")) for n in (1, 2)]
        load()
        assert [carried(one).values["name"] for one in both] == ["FOLFIRI 1", "FOLFIRI 2"]

    def test_one_on_an_entry_that_people_agreed_on(self) -> None:
        agreed("trials", former.trial(title="Ours"))
        waiting = proposed("trials", former.trial(title="Ours", phase="3"))
        load()
        after = carried(waiting)
        assert after.values == {**entry("trials", "NCT09999999").values, "phase": "3"}

    def test_a_new_regimen_comes_with_its_licence_its_drug_and_its_indication(self) -> None:
        shipped("regimens", FOLFIRI)
        waiting = [proposed("regimens", NEW), proposed("indications", former.indication())]
        load()
        assert [carried(one).key for one in waiting] == ["cisplatin-novatecan", "novatecan-any"]
        found = {(row.kind, row.key): row for row in Proposal.objects.filter(status="proposed")}
        assert set(found) == {
            ("regimens", "cisplatin-novatecan"),
            ("drugs", "novatecan"),
            ("licences", "cisplatin-novatecan-us-1"),
            ("indications", "novatecan-any"),
        }
        for place in (
            ("drugs", "novatecan"),
            ("regimens", "cisplatin-novatecan"),
            ("licences", "cisplatin-novatecan-us-1"),
            ("indications", "novatecan-any"),
        ):
            actions.accept(found[place], by=somebody("ben"))
        assert accepted()["indications"]["novatecan-any"]["sources"] == ["licence:cisplatin-novatecan-us-1"]

    def test_a_retirement_stays_one(self) -> None:
        agreed("trials", former.trial())
        waiting = proposed("trials", None, key="NCT09999999")
        load()
        after = carried(waiting)
        assert after.is_retirement
        actions.accept(after, by=somebody("ben"))
        assert entry("trials", "NCT09999999").retired_at is not None
        assert intruders() == []

    def test_one_of_no_former_shape_on_an_entry_that_stays_is_left_alone(self) -> None:
        shipped("regimens", FOLFIRI)
        content = {**entry("indications", "folfiri-digestive").values, "rationale": "Ours."}
        waiting = proposed("indications", content)
        load()
        assert again(waiting).is_open

    def test_decided_ones_are_never_touched(self) -> None:
        agreed("trials", former.trial())
        for status in ("rejected", "change-asked", "withdrawn", "superseded"):
            row = proposed("trials", former.trial(phase="3"))
            with exclusive():
                row.status, row.reviewed_at, row.comment = status, datetime.now(UTC), "Read it again."
                row.reviewer = somebody("ben") if status in ("rejected", "change-asked") else None
                row.save()
        before = list(Proposal.objects.order_by("pk").values())
        load()
        assert list(Proposal.objects.order_by("pk").values()) == before


class TestGivenBack:
    def test_one_that_was_overtaken_before(self) -> None:
        agreed("trials", former.trial())
        waiting = proposed("trials", former.trial(phase="3"), base="0" * 64)
        load()
        assert again(waiting).status == "superseded"
        assert again(waiting).superseded_by is None
        assert why_given_back(waiting) == "the entry had changed since it was proposed"

    def test_what_was_shipped_with_the_first_edition(self) -> None:
        shipped("regimens", FOLFIRI)
        agreed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"})
        waiting = proposed("regimens", FOLFIRI, is_shipped=True)
        load()
        assert again(waiting).status == "superseded"
        assert "is proposed in its place" in why_given_back(waiting)

    def test_a_new_entry_that_is_shipped_now(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader, "SHIPPED", files)
        change(files, "trials.yaml", "NCT07016230", lambda row: row.update(nct="NCT09999999"))
        shipped("regimens", FOLFIRI)
        waiting = proposed("trials", former.trial())
        load()
        assert again(waiting).status == "withdrawn"
        assert why_given_back(waiting) == "the second edition ships an entry of this key"

    def test_what_the_second_edition_says_already(self) -> None:
        name = entry("regimens", "folfiri").values["name"]
        shipped("regimens", {**FOLFIRI, "name": "Folfiri"})
        waiting = proposed("regimens", {**FOLFIRI, "name": name})
        load()
        assert why_given_back(waiting) == "the second edition says it already"

    def test_what_both_changed(self) -> None:
        shipped("regimens", {**FOLFIRI, "name": "Folfiri"})
        waiting = proposed("regimens", {**FOLFIRI, "name": "FOLFIRI, ours"})
        load()
        assert again(waiting).status == "withdrawn"
        assert why_given_back(waiting) == "the second edition says otherwise what it would change (name)"

    def test_what_breaks_a_rule(self) -> None:
        shipped("regimens", FOLFIRI)
        waiting = proposed("trials", former.trial(regimen="never-heard-of"))
        other = proposed("guidelines", former.statement())
        load()
        assert "'never-heard-of': a key of regimens" in why_given_back(waiting)
        assert carried(other).is_open


class TestFormerVersions:
    def test_one_is_proposed_in_the_shape_of_today(self) -> None:
        first = agreed("trials", former.trial(title="As it was")).sha256
        agreed("trials", former.trial(title="Ours"))
        load()
        version = Entry.history.get(key="NCT09999999", sha256=first)
        proposal = actions.propose_former(
            version, reason="It was right.", source="https://example.org/read-again", by=somebody("ada")
        ).proposal
        assert (proposal.values["title"], proposal.values["url"]) == ("As it was", former.trial()["seen_at"])
        actions.accept(proposal, by=somebody("ben"))
        assert entry("trials", "NCT09999999").values["title"] == "As it was"

    def test_what_a_change_was_asked_for_is_revised_in_it(self) -> None:
        agreed("trials", former.trial())
        row = proposed("trials", former.trial(phase="3"))
        with exclusive():
            row.status, row.reviewer, row.reviewed_at = "change-asked", somebody("ben"), datetime.now(UTC)
            row.comment = "Read it again."
            row.save()
        load()
        content = actions.in_this_edition("trials", row.key, again(row).values or {})
        revised = actions.revise(again(row), content={**content, "phase": "2/3"}, by=somebody("ada")).proposal
        assert (revised.replaces_id, revised.values["phase"]) == (row.pk, "2/3")

    def test_a_retired_one_comes_back_in_it(self) -> None:
        before = agreed("trials", former.trial())
        row = proposed("trials", None, key="NCT09999999")
        with exclusive():
            row.status, row.reviewer, row.reviewed_at = "accepted", somebody("ben"), datetime.now(UTC)
            row.save()
            before.proposal, before.retired_at, before.retired_because = row, row.reviewed_at, row.reason
            before.save()
        shipped("regimens", FOLFIRI)
        load()
        version = Entry.history.filter(key="NCT09999999").first()
        proposal = actions.propose_former(version, reason="Again.", source="https://example.org", by=somebody("ada"))
        actions.accept(proposal.proposal, by=somebody("ben"))
        assert accepted()["trials"]["NCT09999999"]["url"] == former.trial()["seen_at"]
        assert intruders() == []


class TestReadings:
    KEY = "invented-2024-novatecan"

    @pytest.fixture
    def waiting(self) -> Proposal:
        """A second reading, on an entry that people agreed on."""
        agreed("publications", former.publication())
        reading = {
            "by": "dora",
            "on": "2026-10-01",
            "at": "https://example.org/full-text",
            "how": "fulltext",
            "kind": "second",
            "figures": {"pfs": 3},
        }
        content = former.publication(results=[former.result(readings=[reading])])
        row = proposed("publications", content, by=somebody("dora"))
        with exclusive():
            Reading.objects.create(
                publication=self.KEY,
                kind="second",
                reader=somebody("dora"),
                read_on=datetime(2026, 10, 1, tzinfo=UTC).date(),
                at="https://example.org/full-text",
                how="fulltext",
                cohorts='[{"index":0,"arm":"Novatecan","subgroup":null,"figures":{"pfs":3}}]',
                proposal=row,
            )
        return row

    def test_one_under_way_goes_on(self, waiting: Proposal) -> None:
        before = Reading.objects.values().get()
        load()
        after = carried(waiting)
        (result,) = after.values["results"]
        assert result["readings"][0]["figures"] == {"pfs": 3}
        assert Reading.objects.values().get() == before
        actions.accept(after, by=somebody("ben"))
        assert entry("publications", self.KEY).values["results"][0]["readings"] == result["readings"]

    def test_nothing_of_it_is_left_out(self, waiting: Proposal) -> None:
        load()
        with pytest.raises(actions.NothingToChange):
            actions.propose_again(self.KEY, by=somebody("ada"))


def refused(statement: str, *values: Any) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(caught.value)


UPDATE = "UPDATE regimens_entry SET content = %s, sha256 = %s WHERE kind = %s AND key = %s"


class TestDatabase:
    """What no code may do, whatever writes."""

    def test_there_is_one_upgrade(self) -> None:
        agreed("trials", former.trial())
        load()
        shipped("regimens", FOLFIRI)
        with pytest.raises(IntegrityError, match="there is one upgrade"), transaction.atomic():
            record("upgrade-evidence", details={"entries": {}})

    def test_and_none_of_what_is_of_the_second_edition(self) -> None:
        with pytest.raises(IntegrityError, match="nothing of the first edition is in force"), transaction.atomic():
            record("upgrade-evidence", details={"entries": {}})

    @pytest.mark.parametrize("origin", ["curated", "baseline"])
    def test_an_entry_says_nothing_but_what_the_event_tells(self, origin: str) -> None:
        if origin == "curated":
            agreed("trials", former.trial())
        else:
            baseline(trials=[former.trial()])
        before, (text, sha256) = entry("trials", "NCT09999999"), text_of(former.trial(title="Slipped in"))
        why = {"curated": "an entry says what two people agreed on", "baseline": "a baseline is never changed"}[origin]
        assert why in refused(UPDATE, text, sha256, "trials", "NCT09999999")
        record("upgrade-evidence", details={"entries": {"trials": {"NCT09999999": [before.sha256, "1" * 64]}}})
        assert why in refused(UPDATE, text, sha256, "trials", "NCT09999999")

    @pytest.mark.parametrize("origin", ["curated", "baseline"])
    def test_nor_a_second_time(self, origin: str) -> None:
        if origin == "curated":
            agreed("trials", former.trial())
        else:
            baseline(trials=[former.trial()])
        load()
        text, sha256 = text_of(former.trial(title="Slipped in"))
        refused(UPDATE, text, sha256, "trials", "NCT09999999")
        after = entry("trials", "NCT09999999").sha256
        refused(UPDATE, text, after, "trials", "NCT09999999")

    def test_what_is_made_is_told(self) -> None:
        agreed("trials", former.trial())
        text, sha256 = text_of({"slug": "novatecan"})
        insert = (
            "INSERT INTO regimens_entry (kind, key, content, sha256, origin, retired_because) "
            "VALUES ('drugs', 'novatecan', %s, %s, 'upgraded', '')"
        )
        assert "what the upgrade makes is told by its event" in refused(insert, text, sha256)
        record("upgrade-evidence", details={"entries": {"drugs": {"novatecan": [None, sha256]}}})
        assert "what the upgrade makes is told by its event" in refused(insert, text, "2" * 64)
        with connection.cursor() as cursor:
            cursor.execute(insert, [text, sha256])

    def test_and_changed_by_two_people(self) -> None:
        agreed("regimens", NEW)
        load()
        assert "is changed by two people" in refused(UPDATE, "{}", "3" * 64, "drugs", "novatecan")
        drug = entry("drugs", "novatecan").values
        changed = actions.propose(
            kind="drugs",
            key="novatecan",
            content={**drug, "synonyms": ["Nova"]},
            reason="A brand.",
            source="https://example.org/brand",
            by=somebody("ada"),
        )
        actions.accept(changed.proposal, by=somebody("ben"))
        assert entry("drugs", "novatecan").origin == "curated"
        assert intruders() == []

    def test_what_got_in_past_the_event_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        agreed("regimens", NEW)
        baseline(trials=[former.trial()])
        load()
        monkeypatch.setattr("curation.accepted.upgraded", dict)
        assert {(one.file, one.key, one.rule) for one in intruders()} == {
            ("regimens", "cisplatin-novatecan", "it is not what two people agreed on last"),
            ("drugs", "novatecan", "it is not what the upgrade made"),
            ("licences", "cisplatin-novatecan-us-1", "it is not what the upgrade made"),
            ("trials", "NCT09999999", "it is not what was loaded as the baseline"),
        }

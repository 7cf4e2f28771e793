"""Loading the evidence base: all or nothing, idempotent, proposed where people decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit.canonical import sha256_of
from audit.guard import RECORDS
from audit.models import Event, EventSeal
from curation import actions, errors
from curation.actions import publishing
from curation.actions.loading import load, load_baseline, load_proposals
from curation.models import Entry, Proposal
from regimens import releases
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES, document, entries
from regimens.knowledge.loader import SHIPPED, LoadError
from regimens.models import Cohort, DrugCaution, Publication, Regimen, Study, Trial
from tests.databases import without_triggers
from tests.factories.curation import agree, somebody
from tests.factories.evidence import shipped_document
from tests.factories.files import change, read, result, write

CYTOTOXIC, BEVANEC = "publications/cytotoxic.yaml", "walter-2023-bevanec"

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def shipped(files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the app comes with, as a later version of it may have them."""
    monkeypatch.setattr(loader, "SHIPPED", files)
    return files


def in_files() -> dict[str, int]:
    """How many entries the files as shipped hold, by list."""
    found = {name: len(rows) for name, rows in shipped_document().items() if name != "format"}
    return {name: found[name] for name in ENTRIES}


class TestLoading:
    def test_a_second_time_changes_nothing(self) -> None:
        before = {publication.pk for publication in Publication.objects.all()}
        report = load()
        assert not any(report.added.values())
        assert not any(report.changed.values())
        assert {name: len(keys) for name, keys in report.left.items()} == in_files()
        assert {publication.pk for publication in Publication.objects.all()} == before

    def test_the_rows_say_what_the_files_say(self) -> None:
        rows = read(SHIPPED / CYTOTOXIC)
        shipped = next(row for row in rows if row["key"] == BEVANEC)
        stored = entries("publications")[BEVANEC]
        results = [{"where": None, "population": None} | result for result in shipped["results"]]
        assert stored == shipped | {"results": results}

    def test_what_changed_is_reported_and_nothing_else_is_touched(self, shipped: Path) -> None:
        other = Cohort.objects.exclude(publication__key=BEVANEC).values_list("pk", flat=True)
        untouched = set(other)
        change(shipped, CYTOTOXIC, BEVANEC, result(note="Read again."))
        change(shipped, "drugs.yaml", "irinotecan", lambda row: row["cautions"].pop())
        cautions = DrugCaution.objects.filter(drug__slug="irinotecan").count()
        report = load()
        assert {name: keys for name, keys in report.changed.items() if keys} == {
            "publications": [BEVANEC],
            "drugs": ["irinotecan"],
        }
        assert Cohort.objects.get(publication__key=BEVANEC, position=0).note == "Read again."
        assert DrugCaution.objects.filter(drug__slug="irinotecan").count() == cautions - 1
        assert set(other.all()) == untouched

    def test_what_is_no_longer_shipped_is_retired_and_said(self, shipped: Path) -> None:
        path = shipped / "trials.yaml"
        rows = read(path)
        write(path, [row for row in rows if row["nct"] != "NCT05882058"])
        assert load().retired["trials"] == ["NCT05882058"]
        assert not Trial.objects.filter(nct="NCT05882058").exists()
        entry = Entry.objects.get(key="NCT05882058")
        assert entry.retired_because == "No longer among the shipped files."
        publishing.publish("without it")
        write(path, rows)
        assert load().changed["trials"] == ["NCT05882058"]
        assert Trial.objects.filter(nct="NCT05882058").exists()

    def test_what_people_decided_on_is_proposed_and_not_overwritten(self, shipped: Path) -> None:
        agree("regimens", "folfiri", name="FOLFIRI, renamed")
        assert not any(load().proposed.values())
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI as shipped"))
        report = load()
        assert {name: keys for name, keys in report.proposed.items() if keys} == {"regimens": ["folfiri"]}
        assert Regimen.objects.get(slug="folfiri").name == "FOLFIRI, renamed"
        assert not any(load().proposed.values())
        proposal = Proposal.objects.get(status="proposed")
        assert proposal.proposer is None
        entry = actions.accept(proposal, by=somebody("ben")).entry
        assert (entry.origin, entry.values["name"]) == ("shipped", "FOLFIRI as shipped")
        publishing.publish("with it")
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI as shipped later"))
        assert load().changed["regimens"] == ["folfiri"]

    def test_what_people_declined_is_not_asked_again(self, shipped: Path) -> None:
        agree("regimens", "folfiri", name="FOLFIRI, renamed")
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI as shipped"))
        load()
        actions.reject(Proposal.objects.get(status="proposed"), by=somebody("ben"), comment="Ours is better.")
        assert not any(load().proposed.values())

    def test_what_was_proposed_as_shipped_is_stale_once_it_is_not(self, shipped: Path) -> None:
        agree("regimens", "folfiri", name="FOLFIRI, renamed")
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI as shipped"))
        load()
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI as shipped later"))
        with pytest.raises(errors.StaleProposal):
            actions.accept(Proposal.objects.get(status="proposed"), by=somebody("ben"))

    def test_rows_that_were_changed_past_the_guard_are_put_right(self) -> None:
        before = document()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_regimen SET name = 'Mine' WHERE slug = 'folfiri'")
            cursor.execute("DELETE FROM regimens_survivalrate")
        load()
        assert document() == before

    def test_nothing_is_loaded_when_one_thing_is_wrong(self, shipped: Path) -> None:
        before = document()
        change(shipped, CYTOTOXIC, BEVANEC, result(note="Read again."))
        change(shipped, "trials.yaml", "NCT05882058", lambda row: row.update(line="third"))
        with pytest.raises(LoadError):
            load()
        assert document() == before

    def test_a_failure_while_writing_leaves_nothing_behind(
        self, shipped: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = document()
        change(shipped, "regimens.yaml", "folfiri", lambda row: row.update(name="Changed"))
        change(shipped, "trials.yaml", "NCT05882058", lambda row: row.update(title="Changed"))

        def fail(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError("the power is cut")

        monkeypatch.setattr("regimens.models.Trial.save", fail)
        with pytest.raises(RuntimeError):
            load()
        assert document() == before

    def test_what_nobody_read_is_there_and_said_to_be_so(self) -> None:
        unread = Publication.objects.filter(verified="none")
        assert unread.count() == sum(row["verified"] == "none" for row in shipped_document()["publications"]) > 0
        assert {publication.get_verified_display() for publication in unread} == {"not read"}
        knowledge = releases.current()
        keys = {publication.key for publication in unread}
        used = {cohort.publication for regimen in knowledge.regimens.values() for cohort in regimen.cohorts}
        assert not used & keys

    def test_publications_of_one_study_share_it(self) -> None:
        assert Study.objects.get(key="NCT02628067-tmb").publications.count() == 3

    def test_regimens_keep_the_order_of_their_drugs(self) -> None:
        regimen = Regimen.objects.get(slug="etoposide-platinum")
        assert [entry.drug.name for entry in regimen.drug_entries.all()] == ["Etoposide", "Cisplatin", "Carboplatin"]


class TestCommand:
    def test_it_says_what_it_did(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("load_evidence")
        said = capsys.readouterr().out
        for name, count in in_files().items():
            assert f"{name}: 0 added, 0 changed, {count} left as they were" in said

    def test_it_lists_the_problems_and_fails(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        change(files, CYTOTOXIC, BEVANEC, result(dor=900))
        with pytest.raises(CommandError, match="1 problem; nothing was loaded"):
            call_command("load_evidence", str(files), by=somebody("ada").username)
        assert f"{CYTOTOXIC}: {BEVANEC}: results[0].dor: 900.0: months from 0 to 200" in capsys.readouterr().err

    def test_a_directory_needs_to_be_somebodys(self, files: Path) -> None:
        with pytest.raises(CommandError, match="say who does this: --by USERNAME"):
            call_command("load_evidence", str(files))
        with pytest.raises(CommandError, match="there is no account named nobody"):
            call_command("load_evidence", str(files), by="nobody")


class TestDirectory:
    def test_what_it_holds_becomes_proposals(self, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = document()
        change(files, CYTOTOXIC, BEVANEC, result(note="Read again."))
        change(files, "regimens.yaml", "folfiri", lambda row: row.update(slug="folfiri-twice"))
        change(files, "indications.yaml", "folfiri-digestive", lambda row: row.update(regimen="folfiri-twice"))
        rows = read(SHIPPED / "regimens.yaml")
        write(
            files / "regimens.yaml", read(files / "regimens.yaml") + [row for row in rows if row["slug"] == "folfiri"]
        )
        call_command("load_evidence", str(files), by=somebody("ada").username)
        said = capsys.readouterr().out
        assert f"proposed, for people to decide on: {BEVANEC}" in said
        assert set(Proposal.objects.values_list("key", "status", "proposer__username")) == {
            (BEVANEC, "proposed", "ada"),
            ("folfiri-twice", "proposed", "ada"),
            ("folfiri-digestive", "proposed", "ada"),
        }
        assert document() == before
        assert not any(load_proposals(files, by=somebody("ada")).proposed.values())
        assert publishing.publish("again")[1] is False

    def test_of_proposals_that_hold_together_the_one_that_others_name_is_accepted_first(self, files: Path) -> None:
        rows = read(files / "regimens.yaml")
        another = next(row for row in rows if row["slug"] == "folfiri") | {"slug": "folfiri-twice"}
        write(files / "regimens.yaml", [*rows, another])
        change(files, "indications.yaml", "folfiri-digestive", lambda row: row.update(regimen="folfiri-twice"))
        load_proposals(files, by=somebody("ada"))
        with pytest.raises(errors.InvalidContent, match="'folfiri-twice': a key of regimens"):
            actions.accept(Proposal.objects.get(key="folfiri-digestive"), by=somebody("ben"))
        for key in ("folfiri-twice", "folfiri-digestive"):
            actions.accept(Proposal.objects.get(key=key), by=somebody("ben"))
        assert publishing.publish("both")[1]

    def test_it_is_no_baseline_of_an_evidence_base_that_is_there(self, files: Path) -> None:
        with pytest.raises(CommandError, match="into an empty evidence base"):
            call_command("load_evidence", str(files), as_baseline=True)

    def test_it_is_the_baseline_of_an_empty_one_when_that_is_said(self, files: Path) -> None:
        change(files, "regimens.yaml", "folfiri", lambda row: row.update(name="FOLFIRI, ours"))
        with without_triggers(), RECORDS.open():
            for model in (Entry, Entry.history.model, EventSeal, Event):
                model._default_manager.all().delete()
        load_baseline(files)
        release, _ = publishing.publish("ours")
        assert releases.compiled(release).names["folfiri"] == "FOLFIRI, ours"
        report = load()
        assert report.proposed["regimens"] == ["folfiri"]
        with pytest.raises(errors.ActionRefused):
            load_baseline(files)
        with pytest.raises(IntegrityError, match="one baseline"), transaction.atomic(), RECORDS.open():
            Entry.objects.create(kind="regimens", key="mine", content="{}", sha256="0" * 64, origin="baseline")
        with without_triggers(), RECORDS.open():
            Entry.objects.filter(key="folfox").update(
                content='{"slug":"folfox"}', sha256=sha256_of('{"slug":"folfox"}')
            )
        with pytest.raises(releases.ReleaseError, match="folfox: it is not what was loaded as the baseline"):
            publishing.publish("forged")

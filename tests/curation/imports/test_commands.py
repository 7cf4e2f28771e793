"""Imports of trials and publications as commands: what they propose, leave, ask for, refuse; all or nothing."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from curation.accepted import accepted
from curation.actions import accept, ask_for_change
from curation.imports import batch, clinicaltrials, pubmed
from curation.models import Proposal
from curation.review.dependents import reach
from tests.databases import ROOT, manage, own_database
from tests.factories.curation import somebody
from tests.factories.registers import FILES, Register

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

COMPLETED, PAGE, RECORDS = (FILES / name for name in ("study-completed.json", "page-of-studies.json", "records.xml"))
NEW, KNOWN = "NCT07999901", "NCT05882058"


def run(command: str, *arguments: Any, by: str = "curator", **options: Any) -> str:
    out = io.StringIO()
    call_command(command, *arguments, by=by, stdout=out, **options)
    return out.getvalue()


def refused(command: str, *arguments: Any, by: str = "curator", **options: Any) -> list[str]:
    err = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(command, *arguments, by=by, stdout=io.StringIO(), stderr=err, **options)
    return [*err.getvalue().splitlines(), str(caught.value)]


@pytest.fixture
def reviewer(db: None) -> User:
    return somebody("reviewer")


class TestTrials:
    def test_a_known_trial_becomes_a_proposal_and_nothing_in_force_changes(self, curator: User) -> None:
        before = accepted()
        printed = run("import_trials", COMPLETED)
        proposal = Proposal.objects.get()
        assert (proposal.kind, proposal.key, proposal.proposer) == ("trials", KNOWN, curator)
        assert proposal.source == f"https://clinicaltrials.gov/study/{KNOWN}"
        assert proposal.reason.startswith("ClinicalTrials.gov, looked up on 2026-11-02: ")
        assert "status: Recruiting → Active, not recruiting" in proposal.reason
        assert proposal.values == before["trials"][KNOWN] | {
            "countries": ["France", "South Korea"],
            "status_as_seen": "active-not-recruiting",
            "url": f"https://clinicaltrials.gov/study/{KNOWN}",
            "read_on": None,
            "seen_note": "Register record last updated 2026-10-28. Enrolment in the record: 178. "
            + before["trials"][KNOWN]["seen_note"],
            "looked_up_on": "2026-11-02",
        }
        assert proposal.reason in printed
        assert printed.endswith("1 proposed, 0 left alone\n")
        assert accepted() == before

    def test_the_same_file_twice_proposes_nothing_twice(self, curator: User, reviewer: User) -> None:
        run("import_trials", COMPLETED)
        assert "left NCT05882058: proposed already" in run("import_trials", COMPLETED)
        accept(Proposal.objects.get(), by=reviewer)
        assert accepted()["trials"][KNOWN]["looked_up_on"] == "2026-11-02"
        assert "left NCT05882058: as in force" in run("import_trials", COMPLETED)
        assert Proposal.objects.count() == 1

    def test_what_a_change_was_asked_for_is_not_in_the_way(self, curator: User, reviewer: User) -> None:
        run("import_trials", COMPLETED)
        ask_for_change(Proposal.objects.get(), by=reviewer, comment="Which countries?")
        assert "1 proposed" in run("import_trials", COMPLETED)

    def test_another_open_proposal_is_told_of(self, curator: User) -> None:
        run("import_trials", COMPLETED)
        assert "1 other open on it is superseded" in run("import_trials", COMPLETED, "--words")

    def test_an_older_look_up_does_not_undo_a_newer_one(self, curator: User, reviewer: User, tmp_path: Path) -> None:
        run("import_trials", COMPLETED)
        accept(Proposal.objects.get(), by=reviewer)
        older = json.loads(COMPLETED.read_text())
        older["derivedSection"]["miscInfoModule"]["versionHolder"] = "2026-10-01"
        (tmp_path / "older.json").write_text(json.dumps(older))
        printed = run("import_trials", tmp_path / "older.json")
        assert f"left {KNOWN}: the file is of 2026-10-01; it was looked up later, on 2026-11-02" in printed

    def test_a_record_of_a_day_to_come_is_refused_alone(self, curator: User, tmp_path: Path) -> None:
        later = json.loads(COMPLETED.read_text())
        later["protocolSection"]["identificationModule"]["nctId"] = "NCT04079712"
        later["derivedSection"]["miscInfoModule"]["versionHolder"] = "2999-01-01"
        (tmp_path / "later.json").write_text(json.dumps(later))
        found = refused("import_trials", COMPLETED, tmp_path / "later.json")
        assert "NCT04079712: looked_up_on: '2999-01-01': the day of the look-up, not after today" in found[0]
        assert found[-1] == "1 record was not imported; the others were"
        assert [proposal.key for proposal in Proposal.objects.all()] == [KNOWN]

    def test_a_note_keeps_the_curators_words_and_one_copy_of_the_registers(
        self, curator: User, reviewer: User, tmp_path: Path
    ) -> None:
        words = accepted()["trials"][KNOWN]["seen_note"]
        run("import_trials", COMPLETED)
        accept(Proposal.objects.get(), by=reviewer)
        later = json.loads(COMPLETED.read_text())
        later["derivedSection"]["miscInfoModule"]["versionHolder"] = "2026-11-03"
        (tmp_path / "later.json").write_text(json.dumps(later))
        run("import_trials", tmp_path / "later.json")
        note = Proposal.objects.latest("pk").values["seen_note"]
        assert note == f"Register record last updated 2026-10-28. Enrolment in the record: 178. {words}"

    def test_records_that_fail_alone_fail_alone(self, curator: User, tmp_path: Path) -> None:
        page = {"studies": [{}, json.loads(COMPLETED.read_text()), {"protocolSection": 7}]}
        (tmp_path / "page.json").write_text(json.dumps(page))
        found = refused("import_trials", tmp_path / "page.json")
        assert [text.split(": ")[1] for text in found[:-1]] == ["study 0", "study 2"]
        assert found[-1] == "2 records were not imported; the others were"
        assert [proposal.key for proposal in Proposal.objects.all()] == [KNOWN]

    def test_a_file_that_does_not_say_its_day_asks_for_it(self, curator: User) -> None:
        assert refused("import_trials", PAGE) == [
            f"{PAGE}: {nct}: looked_up_on: the day of the look-up, which the file does not say: give --looked-up-on"
            for nct in (NEW, "NCT04079712")
        ] + ["2 problems; nothing was imported"]
        assert "not after today" in refused("import_trials", PAGE, "--looked-up-on", "2999-01-01")[-1]

    def test_a_new_trial_is_asked_for_and_then_proposed(self, curator: User, tmp_path: Path) -> None:
        answers = tmp_path / "answers.yaml"
        arguments = (PAGE, "--looked-up-on", "2026-11-01", "--answers", answers)
        printed = run("import_trials", *arguments)
        assert f"left {NEW}: asked for: intervention, line, histology, sites" in printed
        assert f"What is asked for is in {answers}" in printed
        assert [proposal.key for proposal in Proposal.objects.all()] == ["NCT04079712"]
        text = answers.read_text()
        assert "# interventions: Lurbinectedin (drug)" in text
        (asked,) = yaml.safe_load(text)
        assert asked == {"nct": NEW} | dict.fromkeys(clinicaltrials.CURATED)
        said = asked | {
            "intervention": "Lurbinectedin plus atezolizumab",
            "line": "second-or-later",
            "histology": "nec",
            "sites": ["gep"],
        }
        answers.write_text(yaml.dump([said]))
        assert "1 proposed, 1 left alone" in run("import_trials", *arguments)
        assert Proposal.objects.first().values == said | {
            "acronym": None,
            "title": "Lurbinectedin with atezolizumab after platinum in digestive neuroendocrine carcinoma",
            "phase": "1/2",
            "key_eligibility": ["Poorly differentiated carcinoma, Ki-67 >20 %", "Progression after platinum-etoposide"],
            "countries": ["Spain"],
            "status_as_seen": "enrolling-by-invitation",
            "url": f"https://clinicaltrials.gov/study/{NEW}",
            "read_on": None,
            "seen_note": "Register record last updated 2026-09-14. Enrolment in the record: 42. "
            "1 of them is shortened.",
            "looked_up_on": "2026-11-01",
        }

    def test_without_a_file_for_answers_the_questions_are_printed(self, curator: User) -> None:
        printed = run("import_trials", PAGE, "--looked-up-on", "2026-11-01")
        assert f"- nct: {NEW}" in printed
        assert "  line: null  # one of first, second" in printed

    @pytest.mark.parametrize(
        ("answers", "expected"),
        [
            ("{", "cannot be read"),
            ("7", "a list of trials"),
            ("- 7", "entry 0: 7: a trial with nct"),
            (f"- nct: {KNOWN}", f"{KNOWN}: nct: a new trial of this import"),
            (f"- nct: {NEW}\n  status: open", f"{NEW}: status: one of intervention"),
            (f"- nct: {NEW}\n- nct: {NEW}", f"{NEW}: nct: each trial once"),
            (
                f"- {{nct: {NEW}, intervention: x, line: third, histology: nec, sites: [gep]}}",
                f"trials: {NEW}: line: 'third': one of first, second",
            ),
            (
                f"- {{nct: {NEW}, intervention: x, line: first, histology: nec, sites: gep, regimen: none-such}}",
                f"trials: {NEW}: sites: 'gep': Input should be a valid list",
            ),
        ],
    )
    def test_answers_are_checked(self, curator: User, tmp_path: Path, answers: str, expected: str) -> None:
        path = tmp_path / "answers.yaml"
        path.write_text(answers)
        found = refused("import_trials", PAGE, "--looked-up-on", "2026-11-01", "--answers", path)
        assert expected in found[0]
        assert not Proposal.objects.filter(key=NEW).exists()

    def test_a_folder_with_bad_files_lists_every_problem_and_imports_nothing(
        self, curator: User, tmp_path: Path
    ) -> None:
        (tmp_path / "a.json").write_bytes(COMPLETED.read_bytes())
        (tmp_path / "b.json").write_text("{")
        (tmp_path / "c.json").write_text(json.dumps([]))
        found = refused("import_trials", tmp_path)
        assert [re.search(r"[bc]\.json", text)[0] for text in found[:-1]] == ["b.json", "c.json"]
        assert found[-1] == "2 problems; nothing was imported"
        assert not Proposal.objects.exists()

    def test_what_cannot_be_read_is_named(self, curator: User, tmp_path: Path) -> None:
        found = refused("import_trials", tmp_path, tmp_path / "none.json")
        assert found[0].endswith("a folder with files that end in .json")
        assert found[1].endswith("none.json: cannot be read: No such file or directory")
        assert refused("import_trials") == ["give a file, a folder or --nct"]

    def test_the_register_itself(self, curator: User, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clinicaltrials, "API", f"{register.url}/api/v2/studies")
        register.will(200, COMPLETED.read_bytes())
        run("import_trials", "--nct", KNOWN)
        assert register.asked == [f"/api/v2/studies/{KNOWN}"]
        assert Proposal.objects.get().values["looked_up_on"] == timezone.localdate().isoformat()

    def test_a_register_that_refuses_is_named(
        self, curator: User, register: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clinicaltrials, "API", register.url)
        register.will(404)
        register.will(403)
        found = refused("import_trials", "--nct", "NCT00000001", "NCT00000002")
        assert found[0] == "ClinicalTrials.gov: NCT00000001: the register knows no such study"
        assert "answered 403" in found[1]

    def test_who_may_not_propose_does_not(self, db: None) -> None:
        User.objects.create_user("reader", password="x")
        assert "no permission" in refused("import_trials", COMPLETED, by="reader")[0]
        assert refused("import_trials", COMPLETED, by="nobody") == ["there is no account named nobody"]
        assert not Proposal.objects.exists()


class TestPublications:
    def test_it_proposes_what_is_new_and_what_was_retracted_and_leaves_the_rest(self, curator: User) -> None:
        before = accepted()
        printed = run("import_publications", RECORDS)
        assert "left walter-2017-gte: as in force" in printed
        assert "2 proposed, 1 left alone" in printed
        proposals = {proposal.key: proposal for proposal in Proposal.objects.all()}
        assert proposals.keys() == {"mohamed-2022-ipinivo", "muller-angstrom-2026-topotecan"}
        retracted = proposals["mohamed-2022-ipinivo"]
        assert retracted.values == before["publications"]["mohamed-2022-ipinivo"] | {
            "notice": {
                "kind": "retraction",
                "text": "Cancers (Basel). 2026 Jan 9;18(2):200",
                "url": "https://pubmed.ncbi.nlm.nih.gov/39999901/",
            }
        }
        assert retracted.source == "https://pubmed.ncbi.nlm.nih.gov/35681675/"
        new = proposals["muller-angstrom-2026-topotecan"]
        assert (new.values["verified"], new.values["results"], new.values["year"]) == ("none", [], 2026)
        assert new.reason == "New from PubMed 39999902; not read yet"

    def test_a_retraction_is_reported_with_all_that_rests_on_it(self, curator: User) -> None:
        lines = run("import_publications", RECORDS).splitlines()
        start = lines.index("RETRACTED mohamed-2022-ipinivo: Cancers (Basel). 2026 Jan 9;18(2):200")
        publication = accepted()["publications"]["mohamed-2022-ipinivo"]
        told = lines[start + 1 :]
        assert len([line for line in told if line.startswith("  cohort ")]) == len(publication["results"])
        assert "  options: nivolumab-ipilimumab" in told
        assert "feeds nivolumab-ipilimumab, not pooled" in told[0]
        named = [
            key
            for key, entry in accepted()["indications"].items()
            if "publication:mohamed-2022-ipinivo" in entry["sources"]
        ]
        assert f"  indications: {', '.join(named) or 'none'}" in told

    def test_a_retraction_on_record_is_reported_again(self, curator: User, reviewer: User) -> None:
        run("import_publications", RECORDS)
        for proposal in Proposal.objects.all():
            accept(proposal, by=reviewer)
        printed = run("import_publications", RECORDS)
        assert "0 proposed, 3 left alone" in printed
        assert "RETRACTED mohamed-2022-ipinivo" in printed

    def test_pubmed_itself(self, curator: User, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pubmed, "API", register.url)
        register.will(200, RECORDS.read_bytes())
        assert "2 proposed" in run("import_publications", "--pmid", "28501762", "35681675", "39999902")

    def test_every_problem_is_listed_and_nothing_imported(self, curator: User, tmp_path: Path) -> None:
        (tmp_path / "a.xml").write_bytes(RECORDS.read_bytes())
        (tmp_path / "b.xml").write_text("<html/>")
        (tmp_path / "c.xml").write_text("no XML")
        assert len(refused("import_publications", tmp_path)) == 3
        assert refused("import_publications") == ["give a file, a folder or --pmid"]
        assert not Proposal.objects.exists()

    def test_records_that_fail_alone_fail_alone(self, curator: User, tmp_path: Path) -> None:
        """One without a title, and one with values that break a rule of the evidence base."""
        text = RECORDS.read_text().replace("10.9999/inv.2026.31", "no doi").replace("2026 Mar-Apr", "1901")
        (tmp_path / "a.xml").write_text(text.replace("</PubmedArticleSet>", "<PubmedArticle/></PubmedArticleSet>"))
        found = refused("import_publications", tmp_path)
        assert found[-1] == "2 records were not imported; the others were"
        assert {problem.split(": ")[-1 if "record" in problem else 2] for problem in found[:-1]} >= {"doi", "year"}
        assert [proposal.key for proposal in Proposal.objects.all()] == ["mohamed-2022-ipinivo"]

    def test_two_texts_that_would_have_one_key_have_two(self, curator: User, tmp_path: Path) -> None:
        """Proposed one after the other, before either is accepted."""
        for pmid, doi in (("39999902", "10.9999/inv.2026.31"), ("39999903", "10.9999/inv.2026.32")):
            text = RECORDS.read_text().replace("39999902", pmid).replace("10.9999/inv.2026.31", doi)
            (tmp_path / "a.xml").write_text(text)
            run("import_publications", tmp_path)
        keys = Proposal.objects.filter(key__startswith="muller").values_list("key", flat=True)
        assert set(keys) == {"muller-angstrom-2026-topotecan", "muller-angstrom-2026-topotecan-2"}


def test_what_rests_on_a_publication() -> None:
    found = reach(batch.in_force(), "walter-2023-bevanec")
    assert [(cohort.index, cohort.regimen, cohort.pooled) for cohort in found.cohorts] == [
        (0, "folfiri", True),
        (1, "folfiri-bevacizumab", True),
    ]
    assert found.options == ("folfiri", "folfiri-bevacizumab")
    named = [
        entry["key"]
        for entry in accepted()["indications"].values()
        if "publication:walter-2023-bevanec" in entry["sources"]
    ]
    assert list(found.indications) == named


class Failure(DatabaseError):  # noqa: N818 - what a test lets happen
    pass


def failing_at(step: int) -> Callable[..., Any]:
    """An execute wrapper that lets the database fail at its n-th query."""
    count = 0

    def execute(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == step:
            raise Failure
        return execute(sql, parameters, many, context)

    return execute


def steps_of(what: Callable[[], Any]) -> int:
    """How many queries it takes, undone."""
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        what()
        transaction.set_rollback(True)
    return len(queries)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("import_publications", (RECORDS,)),
        ("import_trials", (PAGE, COMPLETED, "--looked-up-on", "2026-11-01")),
    ],
)
def test_a_failure_at_any_step_leaves_nothing_half_imported(
    curator: User, command: str, arguments: tuple[Any, ...]
) -> None:
    def state() -> tuple[int, int]:
        return Proposal.objects.count(), Event.objects.count()

    def imports() -> Any:
        return call_command(command, *arguments, by="curator", stdout=io.StringIO())

    before = state()
    steps = steps_of(imports)
    failed = 0
    for step in range(1, steps + 1):
        with connection.execute_wrapper(failing_at(step)):
            try:
                imports()
            except Failure:
                failed += 1
            else:
                break
        assert state() == before, f"query {step} of {steps}"
    assert failed > 10
    run(command, *arguments)
    assert state()[0] == before[0] + 2


def test_what_changed_between_reading_and_writing_is_refused(curator: User, reviewer: User) -> None:
    trial = accepted()["trials"][KNOWN]
    run("import_trials", COMPLETED)
    accept(Proposal.objects.get(), by=reviewer)
    wanted = batch.Wanted("trials", KNOWN, trial | {"phase": "1"}, trial, "r", "s")
    other = batch.Wanted("trials", NEW, trial | {"nct": NEW}, None, "r", "s")
    with pytest.raises(batch.LoadError, match="it has changed since: import again"):
        batch.propose_batch([other, wanted], by=curator)
    assert Proposal.objects.count() == 1


def test_an_import_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    """A process that dies, with no time to undo anything, after one of two proposals."""
    environment = own_database("killed_import", tmp_path)
    program = f"""
import os, django
django.setup()
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from curation.imports import batch
User.objects.create_user("curator", password="x").groups.add(Group.objects.get(name="Curator"))
propose, made = batch.propose, []
def dying(**given):
    made.append(propose(**given))
    if len(made) == 2 and os.environ.get("DIES"):
        os.kill(os.getpid(), 9)
    return made[-1]
batch.propose = dying
call_command("import_publications", {str(RECORDS)!r}, by="curator")
"""
    asked = [sys.executable, "-c", program]
    died = subprocess.run(asked, cwd=ROOT, env=environment | {"DIES": "1"}, stdout=subprocess.DEVNULL)
    assert died.returncode == -9
    count = "from curation.models import Proposal; print(Proposal.objects.count())"
    told = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {count}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "0\n"
    manage(f"import_publications {RECORDS} --by curator", environment)

"""Studies of ClinicalTrials.gov as entries: the register's facts taken, a curator's words kept or asked for."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from curation.imports import clinicaltrials
from curation.imports.clinicaltrials import RegisteredTrial, missing, read_studies, trial_entry
from curation.imports.eligibility import inclusion_criteria, shortened
from curation.imports.web import Web
from regimens.knowledge.loader import LoadError
from tests.factories.registers import FILES, Register

STUDY = json.loads((FILES / "study-completed.json").read_text())
DAY = date(2026, 11, 2)
KNOWN = {
    "nct": "NCT05882058",
    "acronym": "DAREON-5",
    "title": "Two doses of obrixtamig",
    "phase": "2",
    "intervention": "Obrixtamig, two doses",
    "regimen": "obrixtamig",
    "line": "second-or-later",
    "histology": "nec",
    "sites": ["any", "lung"],
    "biomarker": "dll3",
    "key_eligibility": ["own words"],
    "countries": None,
    "status_as_seen": "recruiting",
    "url": "https://clinicaltrials.gov/study/NCT05882058",
    "read_on": "https://example.org/copy",
    "seen_note": "A copy.",
}


def study(path: str = "", value: Any = None) -> dict[str, Any]:
    """The sample study with one value changed; None takes the key away."""
    found = copy.deepcopy(STUDY)
    if path:
        *parents, last = path.split(".")
        place = found
        for name in parents:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return found


def read_one(given: dict[str, Any]) -> RegisteredTrial:
    found = read_studies(json.dumps(given).encode(), "file.json")
    assert found.problems == ()
    return found.trials[0]


def problems(given: Any) -> list[str]:
    text = given if isinstance(given, bytes) else json.dumps(given).encode()
    return [str(problem) for problem in read_studies(text, "file.json").problems]


def test_a_known_trial_takes_the_registers_facts_and_keeps_the_curators_words() -> None:
    assert trial_entry(read_one(STUDY), KNOWN, looked_up_on=DAY) == KNOWN | {
        "countries": ["France", "South Korea"],
        "status_as_seen": "active-not-recruiting",
        "url": "https://clinicaltrials.gov/study/NCT05882058",
        "read_on": None,
        "seen_note": "Register record last updated 2026-10-28. Enrolment in the record: 178. A copy.",
        "looked_up_on": "2026-11-02",
    }


def test_what_the_register_does_not_say_stays() -> None:
    silent = study("protocolSection.identificationModule.acronym")
    silent["protocolSection"]["designModule"]["phases"] = ["NA"]
    del silent["protocolSection"]["contactsLocationsModule"]
    entry = trial_entry(read_one(silent), KNOWN | {"countries": ["Spain"]}, looked_up_on=DAY)
    assert (entry["acronym"], entry["phase"], entry["countries"]) == ("DAREON-5", "2", ["Spain"])


def test_its_words_replace_a_curators_only_when_that_is_asked_for() -> None:
    entry = trial_entry(read_one(STUDY), KNOWN, looked_up_on=DAY, words=True)
    assert entry["title"].startswith("A study of two obrixtamig doses")
    assert entry["key_eligibility"] == ["Relapse after one platinum regimen or more", "Adequate organ function"]
    assert entry["intervention"] == "Obrixtamig, two doses"


def test_a_new_trial_asks_for_what_nobody_said() -> None:
    entry = trial_entry(read_one(STUDY), None, looked_up_on=DAY)
    assert missing(entry) == ("intervention", "line", "histology", "sites")
    assert entry["key_eligibility"] == ["Relapse after one platinum regimen or more", "Adequate organ function"]
    said = {"intervention": "Obrixtamig", "line": "second", "histology": "nec", "sites": ["any"]}
    answered = trial_entry(read_one(STUDY), None, looked_up_on=DAY, answers=said)
    assert missing(answered) == ()
    assert (answered["biomarker"], answered["regimen"]) == (None, None)


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (["EARLY_PHASE1"], "1"),
        (["PHASE1"], "1"),
        (["PHASE1", "PHASE2"], "1/2"),
        (["PHASE2"], "2"),
        (["PHASE2", "PHASE3"], "2/3"),
        (["PHASE3"], "3"),
        (["PHASE4"], None),
        (["NA"], None),
        ([], None),
    ],
)
def test_phases(phases: list[str], expected: str | None) -> None:
    trial = read_one(study("protocolSection.designModule.phases", phases))
    assert trial.phase == expected
    assert ("Phase IV." in trial.note) == (phases == ["PHASE4"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("RECRUITING", "recruiting"),
        ("NOT_YET_RECRUITING", "not-yet-recruiting"),
        ("ENROLLING_BY_INVITATION", "enrolling-by-invitation"),
        ("ACTIVE_NOT_RECRUITING", "active-not-recruiting"),
        ("SUSPENDED", "suspended"),
        ("COMPLETED", "completed"),
        ("TERMINATED", "terminated"),
        ("WITHDRAWN", "withdrawn"),
        ("UNKNOWN", "unknown"),
    ],
)
def test_statuses(word: str, expected: str) -> None:
    assert read_one(study("protocolSection.statusModule.overallStatus", word)).status == expected


def test_a_page_holds_several_studies() -> None:
    found = read_studies((FILES / "page-of-studies.json").read_bytes(), "page")
    assert found.problems == ()
    assert [(trial.nct, trial.status, trial.version) for trial in found.trials] == [
        ("NCT07999901", "enrolling-by-invitation", None),
        ("NCT04079712", "terminated", None),
    ]
    assert found.trials[1].note == "Stopped: Slow accrual."


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"\xff", "file.json: no JSON: "),
        (b"{", "file.json: no JSON: "),
        (b"[" * 100_000, "file.json: no JSON: "),
        ([], "file.json: a study of ClinicalTrials.gov, or a page with a list of studies"),
        ({"studies": {}}, "file.json: a study of ClinicalTrials.gov, or a page with a list of studies"),
        ({"studies": [7]}, "file.json: study 0: "),
        (
            study("protocolSection.identificationModule.nctId", "NCT1"),
            "file.json: NCT1: protocolSection.identificationModule.nctId: 'NCT1': String should match pattern",
        ),
        (
            study("protocolSection.identificationModule.briefTitle"),
            "file.json: NCT05882058: protocolSection.identificationModule.briefTitle: Field required",
        ),
        (study("protocolSection.statusModule"), "file.json: NCT05882058: protocolSection.statusModule: Field required"),
        (
            study("protocolSection.statusModule.overallStatus", "AVAILABLE"),
            "file.json: NCT05882058: statusModule.overallStatus: 'AVAILABLE': one of RECRUITING, ",
        ),
        (
            study("protocolSection.designModule.studyType", "EXPANDED_ACCESS"),
            "file.json: NCT05882058: designModule.studyType: 'EXPANDED_ACCESS': INTERVENTIONAL",
        ),
        (
            study("protocolSection.designModule.phases", ["PHASE3", "PHASE1"]),
            "file.json: NCT05882058: designModule.phases: 'PHASE3/PHASE1': one of ",
        ),
    ],
)
def test_what_is_wrong_is_named(given: Any, expected: str) -> None:
    assert [problem[: len(expected)] for problem in problems(given)] == [expected]


def test_every_problem_of_a_page_is_listed_and_the_others_are_read() -> None:
    bad = study("protocolSection.statusModule.overallStatus", "GONE")
    bad["protocolSection"]["designModule"]["phases"] = ["PHASE9"]
    found = read_studies(json.dumps({"studies": [bad, STUDY, {}]}).encode(), "file.json")
    assert [trial.nct for trial in found.trials] == ["NCT05882058"]
    assert [(problem.key, problem.field) for problem in found.problems] == [
        ("NCT05882058", "statusModule.overallStatus"),
        ("NCT05882058", "designModule.phases"),
        ("study 2", "protocolSection"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Inclusion Criteria:\n\n* A \\> 5\n* B\n\nExclusion Criteria:\n\n* C", ["A > 5", "B"]),
        ("**Key Inclusion Criteria**\n- A\n  - inner\n- B;\n**Key Exclusion Criteria**\n- C", ["A", "B"]),
        ("INCLUSION CRITERIA\n1. A\n2) B\nEXCLUSION:\n1. C", ["A", "B"]),
        ("Adults with carcinoma\nGood condition", ["Adults with carcinoma", "Good condition"]),
        ("Exclusion Criteria:\n* C", []),
        (
            "Inclusion Criteria:\n* Exclusion of a lung primary by CT\n* NEC\n\nExclusion Criteria:\n* C",
            ["Exclusion of a lung primary by CT", "NEC"],
        ),
        ("Inclusion Criteria:\n* A\n\nNon-inclusion Criteria:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nNON INCLUSION CRITERIA\n* C", ["A"]),
        ("Main inclusion criteria:\n1. A\nMain non-inclusion criteria:\n1. C", ["A"]),
        ("Inclusion Criteria:\n* A\nPatients will be excluded if:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n* Exclusion Criteria:\n* C", ["A"]),
        ("Criteria for inclusion\n- A\nCriteria for exclusion\n- C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nExclusions:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nContraindications:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nWithdrawal criteria:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nReasons for exclusion\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nCriterios de exclusión:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nCritères d'exclusion :\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nAusschlusskriterien:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nSubjects must not have:\n* C", ["A"]),
        ("Inclusion Criteria:\n* A\n\nPatients with any of the following are not eligible:\n* C", ["A"]),
        (
            "Inclusion Criteria:\n* A\n* Must not have had a transplant: see below\n* B",
            ["A", "Must not have had a transplant: see below", "B"],
        ),
        (
            "Inclusion Criteria (phase 1):\n* A\nExclusion Criteria (phase 1):\n* C\n"
            "Inclusion Criteria (phase 2):\n* B\nExclusion Criteria for phase 2\n* D",
            ["A", "B"],
        ),
    ],
)
def test_inclusion_criteria_stand_alone(text: str, expected: list[str]) -> None:
    assert inclusion_criteria(text) == expected


def test_what_is_cut_is_said() -> None:
    lines = [f"* Criterion {n}" for n in range(11)] + ["* " + "word " * 100]
    criteria = "\n".join([lines[-1], *lines[:-1]])
    trial = read_one(study("protocolSection.eligibilityModule.eligibilityCriteria", criteria))
    assert len(trial.criteria) == 8
    assert trial.criteria[0] == shortened("word " * 100)
    assert trial.criteria[0].endswith("word…")
    assert len(trial.criteria[0]) <= 160
    assert "The first 8 of 12 inclusion criteria are kept. 1 of them is shortened." in trial.note


def test_a_country_counts_while_a_site_there_is_not_withdrawn() -> None:
    sites = [
        {"country": "Spain", "status": "WITHDRAWN"},
        {"country": "France", "status": "WITHDRAWN"},
        {"country": "France", "status": "COMPLETED"},
        {"country": "Korea, Republic of"},
        {"country": "South Korea"},
    ]
    trial = read_one(study("protocolSection.contactsLocationsModule", {"locations": sites}))
    assert trial.countries == ("France", "South Korea")


def test_observational_studies_of_a_search_are_passed_over_and_named() -> None:
    seen = study("protocolSection.designModule.studyType", "OBSERVATIONAL")
    seen["protocolSection"]["identificationModule"]["nctId"] = "NCT00000009"
    found = read_studies(json.dumps({"studies": [seen, STUDY]}).encode(), "page")
    assert [trial.nct for trial in found.trials] == ["NCT05882058"]
    assert (found.skipped, found.problems) == (("NCT00000009",), ())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"lastKnownStatus": "RECRUITING", "statusVerifiedDate": "2022-08"},
            "Last known status: recruiting, verified 2022-08.",
        ),
        ({}, "Last known status: not given."),
    ],
)
def test_an_unknown_status_says_which_was_known_last(values: dict[str, str], expected: str) -> None:
    unknown = study("protocolSection.statusModule.overallStatus", "UNKNOWN")
    unknown["protocolSection"]["statusModule"] |= {"statusVerifiedDate": None} | values
    trial = read_one(unknown)
    assert (trial.status, expected in trial.note) == ("unknown", True)


class TestTheRegister:
    def test_it_is_asked_for_each_trial_once(self, register: Register) -> None:
        register.will(200, json.dumps(STUDY).encode())
        with Web() as web:
            trials = clinicaltrials.fetch(["NCT05882058", "NCT05882058"], web, api=f"{register.url}/studies")
        assert [trial.nct for trial in trials] == ["NCT05882058"]
        assert register.asked == ["/studies/NCT05882058"]

    def test_every_trial_that_cannot_be_had_is_named(self, register: Register) -> None:
        register.will(404)
        register.will(200, json.dumps(STUDY).encode())
        with Web() as web, pytest.raises(LoadError) as caught:
            clinicaltrials.fetch(["NCT1", "NCT00000001", "NCT00000002"], web, api=register.url)
        assert [str(problem) for problem in caught.value.problems] == [
            "--nct: NCT1: NCT and eight digits",
            "ClinicalTrials.gov: NCT00000001: the register knows no such study",
            "ClinicalTrials.gov: NCT00000002: nctId: 'NCT05882058': the study that was asked for",
        ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Inclusion Criteria: A\n\nExclusion Criteria: C", ["A"]),
        ("Inclusion Criteria: A; B. Exclusion Criteria: C; D.", ["A; B."]),
        ("Inclusion Criteria:\n(1) A\n(2) B\nExclusion Criteria:\n(1) C", ["A", "B"]),
        ("Inclusion Criteria:\n● A\n– B\nExclusion Criteria:\n● C", ["A", "B"]),
        ("Inclusion Criteria:\n* One of:\n  * A\n  * B\n* C", ["One of: A; B", "C"]),
        ("Inclusion Criteria:\n* A of the\n  colon or rectum\n* B", ["A of the colon or rectum", "B"]),
        ("Inclusion Criteria:\n* A &amp;gt; 5 &lt; 6", ["A > 5 < 6"]),
        (
            "Part A Inclusion Criteria:\n* A\nPart A Exclusion Criteria:\n* C\nPart B Inclusion Criteria:\n* B",
            ["A", "B"],
        ),
        (
            "Inclusion Criteria:\n* A\n\nPatients presenting any of the following conditions will not be included in"
            " this trial, whatever else is said of them:\n* C",
            ["A"],
        ),
        ("Inclusion Criteria:\n* A\n* Patients must not have:\n* C\n* D", ["A"]),
        ("Inclusion Criteria:\n* A\n* Must not have:\n  * C\n  * D\n* B", ["A", "Must not have: C; D", "B"]),
        ("Inclusion Criteria (phase 1): A\nExclusion Criteria (phase 1): C", ["A"]),
        ("Criteri di inclusione:\n- A\nCriteri di esclusione:\n- C", ["A"]),
    ],
)
def test_whatever_way_criteria_are_written_none_is_lost_and_none_changes_sides(text: str, expected: list[str]) -> None:
    assert inclusion_criteria(text) == expected


def test_what_stands_below_a_criterion_and_is_left_out_is_said() -> None:
    text = "Inclusion Criteria:\n* Adequate organ function\n  * ANC 1.5\n* B"
    trial = read_one(study("protocolSection.eligibilityModule.eligibilityCriteria", text))
    assert trial.criteria == ("Adequate organ function", "B")
    assert "1 of them is shortened." in trial.note


def test_studies_are_read_as_the_registers_own_page_downloads_them() -> None:
    """A list; of what is no trial it says so, and nulls say nothing."""
    access = study("protocolSection.designModule.studyType", "EXPANDED_ACCESS")
    access["protocolSection"]["identificationModule"]["nctId"] = "NCT09000001"
    bare = study("protocolSection.eligibilityModule.eligibilityCriteria")
    bare["protocolSection"]["conditionsModule"] = None
    bare["protocolSection"]["identificationModule"]["briefTitle"] = "A &amp;amp; B"
    found = read_studies(json.dumps([access, bare, 7]).encode(), "file.json")
    assert [(trial.nct, trial.title, trial.criteria) for trial in found.trials] == [("NCT05882058", "A & B", ())]
    assert found.skipped == ("NCT09000001",)
    assert [problem.key for problem in found.problems] == ["study 2"]


@pytest.mark.parametrize("why", ["Sponsor decision. No safety issue.", "Slow accrual (approx. 1.5 a year). Funding."])
def test_a_reason_of_several_sentences_does_not_grow_with_each_import(why: str) -> None:
    trial = read_one(study("protocolSection.statusModule.whyStopped", why))
    entry = trial_entry(trial, KNOWN | {"seen_note": None}, looked_up_on=DAY)
    assert trial_entry(trial, entry, looked_up_on=DAY) == entry


def test_a_record_of_a_day_to_come_is_named() -> None:
    trial = read_one(study("protocolSection.statusModule.lastUpdatePostDateStruct", {"date": "2031-05-02"}))
    problem = clinicaltrials.day_to_come(trial, "file.json", looked_up_on=DAY, today=DAY)
    assert problem is not None and "2031-05-02" in str(problem)
    earlier = read_one(study())
    assert clinicaltrials.day_to_come(earlier, "file.json", looked_up_on=DAY, today=DAY) is None

"""Which trials a patient may fit: never ruled out by what is not known."""

from __future__ import annotations

import pytest

from regimens.rules.trials import OPEN_STATUSES, fitting_trials, judged_trials
from tests.factories.documents import publication, release, result


def trial(**fields):
    ordinary = {
        "nct": "NCT00000001",
        "line": "second-or-later",
        "sites": ["gep"],
        "biomarker": None,
        "status_as_seen": "recruiting",
    }
    return ordinary | fields


def fits(trials, **features):
    knowledge = release(publication("usual", result("usual", n=20, orr=20)), trials=trials)
    return fitting_trials(knowledge.patient(features), knowledge)


@pytest.mark.parametrize(
    ("fields", "features", "truth"),
    [
        ({}, {"primary_site": "pancreas", "lines_received": 1}, True),
        ({}, {"primary_site": "pancreas"}, None),
        ({}, {"lines_received": 3}, None),
        ({}, {}, None),
        ({}, {"primary_site": "bladder", "lines_received": 1}, False),
        ({}, {"primary_site": "pancreas", "lines_received": 0}, False),
        ({"line": "second"}, {"primary_site": "liver", "lines_received": 2}, False),
        ({"line": "later"}, {"primary_site": "liver", "lines_received": 2}, True),
        ({"line": "first"}, {"primary_site": "liver", "lines_received": 0, "platinum_received": False}, True),
        ({"line": "first"}, {"primary_site": "liver"}, None),
        ({"line": "first"}, {"primary_site": "liver", "platinum_received": True}, False),
        ({"line": "any"}, {"primary_site": "liver"}, True),
        ({"sites": ["any"]}, {"primary_site": "breast", "lines_received": 1}, True),
        ({"sites": ["any", "lung"]}, {"primary_site": "bladder", "lines_received": 1}, True),
        ({"sites": ["genitourinary"]}, {"primary_site": "prostate", "lines_received": 1}, True),
        ({"biomarker": "dll3"}, {"primary_site": "liver", "lines_received": 1}, None),
        ({"biomarker": "dll3"}, {"primary_site": "liver", "lines_received": 1, "dll3": "negative"}, False),
        ({"biomarker": "dll3"}, {"primary_site": "liver", "lines_received": 1, "dll3": "positive"}, True),
    ],
)
def test_a_trial_fits_is_open_or_is_ruled_out(fields, features, truth):
    found = fits([trial(**fields)], **features)
    assert [fit.truth for fit in found] == ([] if truth is False else [truth])


@pytest.mark.parametrize("status", ["completed", "terminated", "active-not-recruiting"])
def test_a_trial_that_takes_nobody_is_not_named(status):
    assert fits([trial(status_as_seen=status)]) == ()


def test_those_said_to_be_open_come_first_of_them_those_that_fit():
    trials = [
        trial(nct="NCT00000004", status_as_seen="unknown"),
        trial(nct="NCT00000003", biomarker="dll3"),
        trial(nct="NCT00000002"),
        trial(nct="NCT00000001", status_as_seen="not-yet-recruiting"),
    ]
    found = fits(trials, primary_site="pancreas", lines_received=1)
    assert [fit.trial["nct"][-1] for fit in found] == ["2", "1", "3", "4"]


def test_each_part_is_said_in_words():
    (fit,) = fits([trial(biomarker="dll3")], primary_site="pancreas", lines_received=1)
    assert [(part.truth, part.feature) for part in fit.parts] == [
        (True, "primary_site"),
        (True, "lines_received"),
        (None, "dll3"),
    ]


def test_nothing_known_rules_no_shipped_trial_out(knowledge):
    """Whatever a trial asks for is unknown then, and unknown is not false."""
    may_be_open = {row["nct"] for row in knowledge.document["trials"] if row["status_as_seen"] in OPEN_STATUSES}
    assert {fit.trial["nct"] for fit in fitting_trials(knowledge.patient({}), knowledge)} == may_be_open


def test_every_trial_is_judged_closed_ones_and_those_ruled_out_too():
    trials = [
        trial(nct="NCT00000001", status_as_seen="completed"),
        trial(nct="NCT00000002", line="first"),
        trial(nct="NCT00000003", biomarker="dll3"),
        trial(nct="NCT00000004", sites=["any"], line="any"),
    ]
    knowledge = release(publication("usual", result("usual", n=20, orr=20)), trials=trials)
    judged = judged_trials(knowledge.patient({"primary_site": "pancreas", "lines_received": 1}), knowledge)
    assert {fit.trial["nct"]: (fit.truth, fit.may_be_open) for fit in judged} == {
        "NCT00000001": (True, False),
        "NCT00000002": (False, True),
        "NCT00000003": (None, True),
        "NCT00000004": (None, True),
    }
    assert {fit.trial["nct"]: [part.truth for part in fit.parts] for fit in judged} == {
        "NCT00000001": [True, True],
        "NCT00000002": [True, False, None],
        "NCT00000003": [True, True, None],
        "NCT00000004": [],
    }


@pytest.mark.parametrize("features", [{}, {"primary_site": "bladder", "lines_received": 2, "dll3": "negative"}])
def test_those_that_fit_are_the_open_ones_of_those_judged(knowledge, features):
    patient = knowledge.patient(features)
    judged = judged_trials(patient, knowledge)
    assert [fit.trial["nct"] for fit in judged] == [trial["nct"] for trial in knowledge.document["trials"]]
    fitting = {fit.trial["nct"] for fit in fitting_trials(patient, knowledge)}
    assert fitting == {fit.trial["nct"] for fit in judged if fit.may_be_open and fit.truth is not False}


def test_a_site_is_named_once_whether_by_itself_or_in_a_group():
    (fit,) = fits([trial(sites=["bladder", "genitourinary", "prostate"], line="any")])
    assert [part.text for part in fit.parts] == ["primary site bladder, other genitourinary or prostate"]

"""The words of curation's events."""

from __future__ import annotations

import pytest

from audit.models import Event
from audit.sentences import tell
from curation import actions
from curation.models import Entry
from tests.factories.curation import REASON, content, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def test_a_retirement_is_called_so() -> None:
    trial = Entry.objects.filter(kind="trials")[0]
    actions.propose_retirement(kind="trials", key=trial.key, by=somebody("ada"), **REASON)
    told = tell(Event.objects.all()[:1])[0]
    assert str(told).startswith(f"proposed to retire {trial.key}")


def test_a_new_entry_is_called_so() -> None:
    values = content("trials", "NCT05882058", nct="NCT00000001")
    actions.propose(kind="trials", key="NCT00000001", content=values, by=somebody("ada"), **REASON)
    told = tell(Event.objects.all()[:1])[0]
    assert str(told).startswith("proposed to add NCT00000001")


def test_a_proposal_in_words_says_what_it_is_on_whatever_its_kind() -> None:
    ada = somebody("ada")
    key = Entry.objects.filter(kind="biomarkers")[0].key
    values = content("biomarkers", key)
    values["why_it_matters"] += " Read again."
    actions.propose(kind="biomarkers", key=key, content=values, by=ada, **REASON)
    assert str(tell(Event.objects.all()[:1])[0]) == f"proposed a change of {values['name']} (biomarker)"

"""“Seen, unchanged”: counts for what was seen, reaches a release, and is due again after its interval."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from audit.errors import ActionRefused, NotAllowed
from audit.models import Event
from curation.actions import publishing
from curation.actions.checks import check_unchanged
from curation.freshness import Freshness, freshness
from curation.models import Entry, EntryCheck
from regimens import releases
from regimens.wording.states import CHECK_EVERY_DAYS
from tests.factories.curation import agree, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

TRIAL = "NCT05882058"


def seen(kind: str, key: str) -> tuple[str, str, str]:
    return kind, key, Entry.objects.get(kind=kind, key=key).sha256


def of(kind: str, key: str, days: int = 0) -> Freshness:
    found = {one.kind: one for one in freshness(timezone.localdate() + timedelta(days=days))}
    return next(one for one in found[kind].entries if one.key == key)


@pytest.mark.parametrize("kind", CHECK_EVERY_DAYS)
def test_it_is_due_again_after_its_interval(kind: str, ada: User) -> None:
    key = Entry.objects.filter(kind=kind)[0].key
    check_unchanged([seen(kind, key)], by=ada, now=timezone.now())
    every = CHECK_EVERY_DAYS[kind]
    assert (of(kind, key).last, of(kind, key, every).is_due) == (timezone.localdate(), False)
    assert of(kind, key, every + 1).is_due


def test_many_at_once_are_one_event_and_twice_is_once(ada: User, ben: User) -> None:
    rows = [seen("licences", entry.key) for entry in Entry.objects.filter(kind="licences")[:5]]
    assert len(check_unchanged([*rows, rows[0]], by=ada, now=timezone.now())) == 5
    assert check_unchanged(rows, by=ben, now=timezone.now()) == []
    assert EntryCheck.objects.count() == 5
    assert Event.objects.filter(action="check-unchanged").count() == 1


def test_a_release_carries_the_day_and_another_content_does_not(ada: User) -> None:
    before = next(row for row in releases.current().document["trials"] if row["nct"] == TRIAL)
    today = timezone.localdate().isoformat()
    check_unchanged([seen("trials", TRIAL)], by=ada, now=timezone.now())
    publishing.publish("seen")
    after = next(row for row in releases.current().document["trials"] if row["nct"] == TRIAL)
    assert after == before | {"looked_up_on": today}
    agree("trials", TRIAL, status_as_seen="terminated", looked_up_on="2026-01-01")
    content = publishing.content_as_accepted()
    assert next(row for row in content["trials"] if row["nct"] == TRIAL)["looked_up_on"] == "2026-01-01"


def test_what_changed_meanwhile_is_refused_with_all_the_others(ada: User) -> None:
    rows = [seen("trials", TRIAL), seen("licences", Entry.objects.filter(kind="licences")[0].key)]
    agree("trials", TRIAL, status_as_seen="terminated")
    with pytest.raises(ActionRefused, match=TRIAL):
        check_unchanged(rows, by=ada, now=timezone.now())
    assert not EntryCheck.objects.exists()
    with pytest.raises(NotAllowed):
        check_unchanged(rows[1:], by=somebody("dora", "Clinician"), now=timezone.now())


def test_what_the_look_up_found_unchanged_stands_beside(look: Any) -> None:
    look("records.csv", "held-publications")
    assert of("publications", "walter-2023-bevanec").last == timezone.localdate()

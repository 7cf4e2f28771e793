"""Curation: how long publishing takes, and the page before it, with one, ten and a hundred changes."""

from __future__ import annotations

import copy
import statistics
import time
from typing import Any

from curation.actions import publishing as actions_publishing
from curation.review.concerns import concerns_in
from curation.review.effect import EntryChange, changed, effects, reference_patients
from regimens import releases
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge

from .timing import median_ms, say

PUBLICATIONS = 20


def measure_publishing() -> None:
    """The full base, published again and again with another name for one regimen."""
    from django.contrib.auth.models import Group, User
    from django.utils import timezone

    from curation import actions
    from curation.models import Entry

    people = []
    for name in ("measured-curator", "measured-reviewer"):
        person = User.objects.create(username=name)
        person.groups.add(Group.objects.get(name="Curator"))
        actions.declare_interests(by=person, companies="none")
        people.append(person)
    content = Entry.objects.get(kind="regimens", key="folfiri").values
    proposing, accepting, publishing = [], [], []
    for turn in range(PUBLICATIONS):
        named = content | {"name": f"FOLFIRI {turn}"}
        start = time.perf_counter()
        made = actions.propose(
            kind="regimens", key="folfiri", content=named, reason="Measured.", source="A benchmark.", by=people[0]
        )
        proposing.append(time.perf_counter() - start)
        start = time.perf_counter()
        actions.accept(made.proposal, by=people[1])
        accepting.append(time.perf_counter() - start)
        start = time.perf_counter()
        actions_publishing.publish(f"measured {turn}")
        publishing.append(time.perf_counter() - start)
    for what, times in (("propose", proposing), ("accept", accepting), ("publish", publishing)):
        say(
            f"{what}, p50 of {len(times)}",
            f"{1000 * statistics.median(times):.0f} ms",
            f"{1000 * max(times):.0f} at most",
        )
    knowledge = releases.current()
    today = timezone.localdate()
    looking = median_ms(lambda: concerns_in(knowledge.document, knowledge, today=today), seconds=1)
    say("look for what deserves a second look", f"{looking:.0f} ms")


def measure_effects() -> None:
    """What changes of pooled figures, which move every estimate, do to the reference patients."""
    knowledge = releases.current()
    patients = reference_patients()
    for count in (1, 10, 100):
        changes = _changes(knowledge, count)
        taken = median_ms(lambda changes=changes: effects(knowledge.document, changes, patients), least=3)
        moved = sum(bool(effect.moved) for effect in effects(knowledge.document, changes, patients))
        say(
            f"the effect of {count} changed publication{'s' if count > 1 else ''} on {len(patients)} patients",
            f"{taken:.0f} ms",
            f"options move for {moved}",
        )


def _changes(knowledge: Knowledge, count: int) -> list[EntryChange]:
    """Longer survival and more responses, in the first publications that have any."""
    found = []
    for publication in knowledge.document["publications"]:
        row = copy.deepcopy(publication)
        if row["verified"] != "none" and any(_better(result) for result in row["results"]):
            found.append(EntryChange("publications", row["key"], row))
    after = changed(knowledge.document, found[:count])
    benchmark_constants(after)  # raises where nothing could be ranked
    return found[:count]


def _better(result: dict[str, Any]) -> bool:
    is_changed = False
    if result["regimen"] and result["os"]:
        result["os"], result["os_ci"], is_changed = round(1.2 * result["os"], 1), [None, None], True
    if result["regimen"] and result["orr"]:
        result["orr"], result["responders"], is_changed = min(95.0, 1.2 * result["orr"]), None, True
    return is_changed

"""The proposer of figures is their first reader: the reading goes into the entry, and on record when it is accepted.

What is known of the readers of an entry's figures is carried along here, whatever the form or table that a change came
from made of it; a change to a figure takes out what was read of it before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from audit.canonical import canonical_json
from audit.people import person_name
from curation.models import Proposal, Reading
from regimens.models.choices import ReadingKind, Verified
from regimens.rules.readings import FIRST, figures_of, paired

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Content = Mapping[str, Any]


def with_first_readings(
    content: Content, before: Content | None, *, by: User, on: date, at: str, former: Content | None = None
) -> dict[str, Any]:
    """A publication as a person proposes it, with the readers of its figures as on record, whatever the content says.

    before   the entry in force; None for a new one
    former   the proposal for which a change was asked, whose readings stay as well
    """
    entry = copy.deepcopy(dict(content))
    origins = [list(_origins(entry, version)) for version in (before, former)]
    for index, result in enumerate(entry["results"]):
        result.pop("readings", None)
        if entry["verified"] == Verified.NONE:
            continue
        was, proposed = (found[index] for found in origins)
        kept = _still_true(result, was)
        kept += [reading for reading in _still_true(result, proposed) if reading not in kept]
        known = {name for reading in kept if reading["kind"] == FIRST for name in reading["figures"]}
        new = {
            name: value
            for name, value in figures_of(result).items()
            if value is not None and name not in known and (was is None or figures_of(was).get(name) != value)
        }
        if new:
            place = {"by": person_name(by), "on": on.isoformat(), "at": at, "how": entry["verified"]}
            kept.append(place | {"kind": FIRST, "figures": new})
        if kept:
            result["readings"] = kept
    return entry


def without_readings(content: Content) -> dict[str, Any]:
    """An entry without its readers: to tell whether two say the same."""
    results = [{key: value for key, value in result.items() if key != "readings"} for result in content["results"]]
    return {**content, "results": results}


def changes_figures(content: Content | None, before: Content | None) -> bool:
    """Whether a proposal gives figures that the entry before it did not."""
    if content is None:
        return False
    pairs = zip(content["results"], _origins(content, before), strict=True)
    return any(_changed(result, was) for result, was in pairs)


def record_first_reading(proposal: Proposal, before: Content | None) -> Reading | None:
    """Put on record what the proposer of an accepted proposal read; None where no figure came in with it."""
    content = proposal.values
    if proposal.proposer is None or content is None:
        return None
    cohorts = []
    for index, (result, was) in enumerate(zip(content["results"], _origins(content, before), strict=True)):
        former = (was or {}).get("readings", [])
        for reading in result.get("readings", []):
            if reading["kind"] == FIRST and reading["by"] == person_name(proposal.proposer) and reading not in former:
                cohorts.append(_cohort(index, result, reading["figures"]))
    if not cohorts:
        return None
    return Reading.objects.create(
        publication=proposal.key,
        kind=ReadingKind.FIRST,
        reader=proposal.proposer,
        read_on=proposal.proposed_at.date(),
        at=proposal.source,
        how=content["verified"],
        cohorts=canonical_json(cohorts).decode(),
        proposal=proposal,
    )


def _cohort(index: int, result: Content, figures: Mapping[str, float | None]) -> dict[str, Any]:
    return {"index": index, "arm": result["arm"], "subgroup": result["subgroup"], "figures": dict(figures)}


def _origins(entry: Content, before: Content | None) -> Iterator[Content | None]:
    """For each result of an entry, the one that it was."""
    results: Sequence[Content] = before["results"] if before else ()
    for place in paired(results, entry["results"]):
        yield None if place is None else results[place]


def _changed(result: Content, was: Content | None) -> set[str]:
    """The figures whose value is another one, or that are gone."""
    now, then = figures_of(result), figures_of(was) if was else {}
    return {name for name in now.keys() | then.keys() if now.get(name) != then.get(name)}


def _still_true(result: Content, was: Content | None) -> list[dict[str, Any]]:
    """The readings of a result but for the figures that changed since."""
    changed = _changed(result, was)
    kept = []
    for reading in (was or {}).get("readings", []):
        figures = {name: value for name, value in reading["figures"].items() if name not in changed}
        if figures:
            kept.append({**reading, "figures": figures})
    return kept

"""A second reader enters the figures of a publication without seeing the first ones.

What was read is a proposal, which brings it into the entry, differences and all, when another person accepts it; each
difference opens a task (`settling`). Decision: docs/adr/0012-reading-twice.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import permitted
from curation.errors import NothingToChange
from curation.models import Entry, Proposal, Reading, ReadingTask
from curation.permissions import PROPOSE
from regimens.models.choices import EntryKind, ReadingKind
from regimens.models.cohort_figures import is_allowed, range_of
from regimens.rules.readings import agree, figures_of, pooled_results

from .embedded_readings import Figures, Read, content_in_force, embedded, in_results, left_out, with_readings
from .first_readings import changes_figures
from .proposals import Change, Proposed, propose_as_read

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class CohortRead:
    """What a second reader read of one cohort.

    figures         by name, null where the source does not give it; what was left empty is absent
    no_other_rates  whether the source gives no other survival rates than those
    """

    figures: Figures
    no_other_rates: bool = False


@dataclass(frozen=True)
class Entered:
    """A second reading that is on record, its proposal, and the figures on which it differs."""

    reading: Reading
    proposed: Proposed
    tasks: tuple[ReadingTask, ...]


def shape_of(content: Mapping[str, Any]) -> str:
    """What a second reader's form is made for: which cohorts are pooled, and how they are called. Says no figure."""
    named = [
        [index, content["results"][index]["arm"], content["results"][index]["subgroup"]]
        for index in pooled_results(content)
    ]
    return sha256_of(canonical_json(named))


def why_not_to_read(key: str, by: User) -> str:
    """Why a person cannot be the second reader of a publication, in words; empty where they can."""
    content = content_in_force(key)
    if content is None or not pooled_results(content):
        return _("No figure of this publication is pooled.")
    return seen_by(by, key).get(key, "")


def who_may_read(key: str) -> list[User]:
    """The people who may propose and have not seen the figures of a publication."""
    people = get_user_model().objects.filter(is_active=True).order_by("username")
    return [person for person in people if person.has_perm(PROPOSE) and not why_not_to_read(key, person)]


def seen_by(person: User, key: str = "") -> dict[str, str]:
    """The publications, or the one named, whose figures a person has seen, each with how, in words."""
    found = {}
    proposals = Proposal.objects.filter(Q(proposer=person) | Q(reviewer=person), kind=EntryKind.PUBLICATIONS)
    readings = Reading.objects.filter(reader=person, kind=ReadingKind.SECOND)
    for proposal in proposals.filter(key=key) if key else proposals:
        if proposal.key not in found and _gives_figures(proposal):
            found[proposal.key] = _("You proposed or decided on figures of this publication, and so have seen them.")
    for read in readings.filter(publication=key) if key else readings:
        found[read.publication] = _(
            "You have already read these figures: another person has to read them a second time."
        )
    return found


def enter_second_reading(
    key: str, *, cohorts: Mapping[int, CohortRead], at: str, how: str, read_on: date, shape: str, by: User
) -> Entered:
    """Put on record what a second reader read of the pooled cohorts, by place, and propose that the entry carry it.

    `shape` is that of the entry for which the figures were entered. A figure on which the reader differs opens a task.
    Raises NotAllowed; ActionRefused where the cohorts are others by now, or nothing was read.
    """
    person = permitted(by, PROPOSE)
    with exclusive():
        content = content_in_force(key)
        if reason := why_not_to_read(key, person):
            raise NotAllowed(reason)
        if content is None or shape_of(content) != shape:
            raise ActionRefused(
                _("The cohorts of this publication have changed in the meantime: look at their names again.")
            )
        if not at.strip():
            raise ActionRefused(_("Say where you read them."))
        now = timezone.now()
        reading = Reading(
            publication=key,
            kind=ReadingKind.SECOND,
            reader=person,
            read_on=read_on,
            recorded_at=now,
            at=at.strip(),
            how=how,
        )
        pooled = pooled_results(content)
        read, tasks = [], []
        for index, cohort in sorted(cohorts.items()):
            result = content["results"][index]
            figures = _complete(cohort, result)
            if index not in pooled or not figures:
                continue
            _check(figures)
            found = {name: _task(reading, content, index, name, value) for name, value in _differing(result, figures)}
            tasks += found.values()
            read.append(embedded(reading, index, result["arm"], result["subgroup"], figures, found))
        if not read:
            raise ActionRefused(_("Enter at least one figure, or say of one that it is not given."))
        reading.cohorts = canonical_json([_listed(one) for one in read]).decode()
        proposed = propose_as_read(
            Change(EntryKind.PUBLICATIONS, key, with_readings(content, key, read)),
            reason=_reason_of_reading(tasks),
            source=reading.at,
            by=person,
        )
        reading.proposal = proposed.proposal
        reading.save()
        for task in tasks:
            task.reading = reading
            task.save()
        details = {"reading": reading.pk, "proposal": proposed.proposal.pk, "tasks": [task.pk for task in tasks]}
        record("read-second", key, by=person, details=details)
    return Entered(reading, proposed, tuple(tasks))


def propose_again(key: str, *, by: User) -> Proposed:
    """Propose what was read and decided, and is not in the entry since another change was accepted first.

    Raises NotAllowed; NothingToChange where it is all in force, or proposed.
    """
    person = permitted(by, PROPOSE)
    with exclusive():
        content = content_in_force(key)
        if content is None or not left_out(key):
            raise NothingToChange(_("Everything that was read is in force or proposed."))
        sources = Reading.objects.filter(publication=key, kind=ReadingKind.SECOND).order_by("pk")
        return propose_as_read(
            Change(EntryKind.PUBLICATIONS, key, with_readings(content, key)),
            reason="Readings that another change left out.",
            source="; ".join(dict.fromkeys(reading.at for reading in sources)),
            by=person,
        )


def _task(reading: Reading, content: Mapping[str, Any], index: int, name: str, value: float | None) -> ReadingTask:
    """A difference, unsaved."""
    result = content["results"][index]
    first, at = _first_reading(content, result, name)
    return ReadingTask(
        publication=content["key"],
        position=index,
        arm=result["arm"],
        subgroup=result["subgroup"] or "",
        figure=name,
        recorded=figures_of(result).get(name),
        read=value,
        first_reader=first,
        recorded_at=at,
        opened_at=reading.recorded_at,
    )


def _first_reading(content: Mapping[str, Any], result: Mapping[str, Any], name: str) -> tuple[User | None, str]:
    """Who read a figure first, where that is recorded, and where."""
    for reading in Reading.objects.filter(publication=content["key"], kind=ReadingKind.FIRST).select_related("reader"):
        for cohort in reading.values:
            is_its = (cohort["arm"], cohort["subgroup"]) == (result["arm"], result["subgroup"])
            if is_its and cohort["figures"].get(name) == figures_of(result).get(name) is not None:
                return reading.reader, reading.at
    return None, content["verified_at"] or content["read_on"] or content["url"] or content["key"]


def _differing(result: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, float | None]]:
    recorded = figures_of(result)
    for name, value in figures.items():
        if not agree(name, recorded.get(name), value):
            yield name, value


def _complete(cohort: CohortRead, result: Mapping[str, Any]) -> dict[str, float | None]:
    """With the rates on record that the reader says are not in the source."""
    missing = {name: None for name in result["rates"] if name not in cohort.figures} if cohort.no_other_rates else {}
    return {**cohort.figures, **missing}


def _check(figures: Figures) -> None:
    for name, value in figures.items():
        if value is not None and not is_allowed(name, value):
            raise ActionRefused(f"{name} {value:g}: {range_of(name)}")


def _listed(read: Read) -> dict[str, Any]:
    return {"index": read.index, "arm": read.arm, "subgroup": read.subgroup, "figures": read.values["figures"]}


def _reason_of_reading(tasks: Sequence[ReadingTask]) -> str:
    """In English, as the evidence base is."""
    if not tasks:
        return "A second reader, who had not seen the figures, read the same."
    differing = "; ".join(f"{task.arm}{f', {task.subgroup}' if task.subgroup else ''}: {task.figure}" for task in tasks)
    return f"A second reader, who had not seen the figures, differs on {differing}."


def _gives_figures(proposal: Proposal) -> bool:
    """Whether who made or decided on a proposal has seen figures of the entry."""
    version = Entry.history.filter(kind=proposal.kind, key=proposal.key, sha256=proposal.base_sha256).first()
    before = Entry(content=version.content).values if version and proposal.base_sha256 else None
    return changes_figures(proposal.values, before) or _shows_readings(proposal, before)


def _shows_readings(proposal: Proposal, before: Mapping[str, Any] | None) -> bool:
    """Whether a proposal brings in readings, which say figures."""
    return list(in_results(proposal.values)) != list(in_results(before))

"""What was read and decided of a publication, as its entry carries it: second readings, and decisions between readings.

All of it is made anew from what is on record whenever one more is proposed, so that a proposal which another change
superseded loses nothing. Decision: docs/adr/0012-reading-twice.md.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.people import person_name
from curation.models import Entry, Proposal, Reading, ReadingTask
from regimens.models.choices import EntryKind, ProposalStatus, ReadingKind
from regimens.rules.readings import (
    RATE,
    SECOND,
    SETTLING,
    agree,
    figures_of,
    is_read_twice_throughout,
    kind_of,
    matching,
    pooled_results,
)

DECLINED = (ProposalStatus.REJECTED, ProposalStatus.CHANGE_ASKED, ProposalStatus.WITHDRAWN)
UNDECIDED = (ProposalStatus.PROPOSED, ProposalStatus.SUPERSEDED)
Figures = Mapping[str, float | None]
Content = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """Figures of one cohort by one person, as they come into an entry; `tasks` on those that differ, by figure."""

    index: int
    arm: str
    subgroup: str | None
    values: dict[str, Any]
    tasks: Mapping[str, ReadingTask] = field(default_factory=dict)


def with_readings(content: Mapping[str, Any], key: str, new: Sequence[Read] = ()) -> Content:
    """The entry with all that was read and decided of it, and that nobody declined; `new` comes last.

    What was once in force and is no longer, was read of other figures; it stays out. So does a reading that differs
    from the figure on record without a task, since the figure changed after it was read.
    """
    entry = copy.deepcopy(dict(content))
    results = entry["results"]
    were_in_force = {
        _mark(one)
        for proposal in Proposal.objects.filter(
            kind=EntryKind.PUBLICATIONS, key=key, status=ProposalStatus.ACCEPTED, content__isnull=False
        )
        for one in in_results(proposal.values)
    }
    former = [one for one in _pending(key) if _mark({**one.values, "arm": one.arm}) not in were_in_force]
    for read in (*former, *new):
        index = matching(results, read.index, read.arm, read.subgroup)
        if index is not None:
            _add(results[index], read)
    if not entry["second_read_at"] and is_read_twice_throughout(entry):
        entry["second_read_at"] = _last_second(entry)
    return entry


def left_out(key: str) -> bool:
    """Whether something that was read or decided is neither in the entry nor in an open proposal."""
    content = content_in_force(key)
    if content is None:
        return False
    waiting = Proposal.objects.filter(kind=EntryKind.PUBLICATIONS, key=key, status=ProposalStatus.PROPOSED)
    proposed = {_mark(one) for proposal in waiting for one in in_results(proposal.values)}
    becoming = with_readings(content, key)
    return any(_mark(one) not in proposed for one in in_results(becoming) if one not in list(in_results(content)))


def is_pending(key: str) -> bool:
    """Whether something that was read or decided is not in force yet, and nobody declined it."""
    content = content_in_force(key)
    return content is not None and with_readings(content, key) != content


def all_left_out() -> list[str]:
    """The publications of which something is left out, by key."""
    readings = Reading.objects.filter(kind=ReadingKind.SECOND, proposal__status=ProposalStatus.SUPERSEDED)
    tasks = ReadingTask.objects.filter(proposal__status=ProposalStatus.SUPERSEDED)
    keys = {*readings.values_list("publication", flat=True), *tasks.values_list("publication", flat=True)}
    return [key for key in sorted(keys) if left_out(key)]


def content_in_force(key: str) -> Content | None:
    entry = Entry.objects.filter(kind=EntryKind.PUBLICATIONS, key=key, retired_at__isnull=True).first()
    return entry.values if entry else None


def embedded(
    reading: Reading,
    index: int,
    arm: str,
    subgroup: str | None,
    figures: Figures,
    tasks: Mapping[str, ReadingTask],
) -> Read:
    place = {"by": person_name(reading.reader), "on": reading.read_on.isoformat(), "at": reading.at, "how": reading.how}
    return Read(index, arm, subgroup, place | {"kind": SECOND, "figures": dict(figures)}, tasks)


def settlements(tasks: Iterable[ReadingTask]) -> list[Read]:
    """Decisions as readings: one for each cohort, person, day and source."""
    found: dict[tuple[Any, ...], list[ReadingTask]] = {}
    for task in tasks:
        day = task.resolved_at.date().isoformat()
        place = (task.position, task.arm, task.subgroup or None)
        source = (person_name(task.resolved_by), day, task.settled_at, task.settled_how)
        found.setdefault((*place, *source), []).append(task)
    return [
        Read(
            *place[:3],
            dict(zip(("by", "on", "at", "how"), place[3:], strict=True))
            | {"kind": SETTLING, "figures": {task.figure: task.settled for task in rows}},
            {task.figure: task for task in rows},
        )
        for place, rows in found.items()
    ]


def in_results(content: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Every reading in an entry, with the arm that it is of."""
    for result in (content or {"results": []})["results"]:
        for reading in result.get("readings", []):
            yield {**reading, "arm": result["arm"]}


def _add(result: Content, read: Read) -> None:
    """Put a reading into a result; of one that decides, the figures as well."""
    figures = {}
    for name, value in read.values["figures"].items():
        now = figures_of(result).get(name)
        if read.values["kind"] == SETTLING:
            if now not in (read.tasks[name].recorded, value):
                continue
            _set(result, name, value)
        elif not agree(name, now, value) and name not in read.tasks:
            continue
        figures[name] = value
    if figures:
        values = read.values | {"figures": figures}
        held = result.setdefault("readings", [])
        if values not in held:
            held.append(values)


def _set(result: Content, name: str, value: float | None) -> None:
    if RATE.fullmatch(name):
        result["rates"] = {rate: percent for rate, percent in result["rates"].items() if rate != name}
        if value is not None:
            result["rates"][name] = value
        return
    base, _, end = name.rpartition("_")
    if end in ("low", "high"):
        bounds = list(result[f"{base}_ci"])
        bounds[end == "high"] = value
        result[f"{base}_ci"] = bounds
    elif name == "ci_level":
        result.pop("ci_level", None)
        if value not in (None, 95):
            result["ci_level"] = int(value or 0)
    else:
        result[name] = int(value) if value is not None and kind_of(name) == "count" else value


def _pending(key: str) -> Iterator[Read]:
    """What was read and decided of a publication, and is neither accepted nor declined, in the order of its making."""
    readings = Reading.objects.filter(publication=key, kind=ReadingKind.SECOND, proposal__status__in=UNDECIDED)
    for reading in readings.select_related("reader").prefetch_related("tasks").order_by("pk"):
        for cohort in reading.values:
            place = (cohort["index"], cohort["arm"], cohort["subgroup"])
            tasks = {
                task.figure: task
                for task in reading.tasks.all()
                if (task.position, task.arm, task.subgroup or None) == place
            }
            yield embedded(reading, *place, cohort["figures"], tasks)
    tasks = ReadingTask.objects.filter(publication=key, proposal__status__in=UNDECIDED)
    yield from settlements(tasks.select_related("resolved_by").order_by("resolved_at", "pk"))


def _last_second(entry: Mapping[str, Any]) -> str | None:
    """The page where the newest second reading was made; None where none was on a page."""
    found = [
        reading
        for index in pooled_results(entry)
        for reading in entry["results"][index].get("readings", [])
        if reading["kind"] == SECOND and reading["at"].startswith(("https://", "http://"))
    ]
    return max(found, key=lambda reading: reading["on"])["at"] if found else None


def _mark(reading: Mapping[str, Any]) -> tuple[str, ...]:
    """By what a reading is known again when some of its figures are gone."""
    return tuple(str(reading[name]) for name in ("arm", "by", "on", "at", "kind"))

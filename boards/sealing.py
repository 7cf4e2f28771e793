"""What of a board stands under the chain of hashes (`audit.records`), and what is hashed of it.

A hash holds the salt of the case (`Case.salt`), which is in no event: nobody who reads events alone can try out whether
a patient is the one of a case. Erasing a case takes another salt, so that what was hashed before says nothing more.

Named ballots are sealed with each vote. Anonymous ones are sealed together, by what they say and never one by one: the
first choices when the vote is closed, those after the discussion with the first signature, from which on they stay. No
seal tells who voted, or which of the ballots came when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q

from audit.records import Kind, Models, plain, register, sealed
from boards.models import AgendaItem, Case, Decision, FollowUp, Signature, StepProgress

# What is hashed of a row, by its model and by the format. A field that a later migration adds belongs into the next
# format, under which what is written from then on is sealed; no format is changed once rows were sealed under it.
FORMAT = 1
FIELDS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    1: {
        "caseversion": (
            *("case_id", "number", "entered", "features", "notes", "wish", "ranking", "sha256", "release_id"),
            *("preference", "evidence", "primary_site", "first_option", "first_option_name"),
            *("created_at", "created_by_id"),
        ),
        "decision": (
            *(
                "item_id",
                "number",
                "kind",
                "option",
                "option_name",
                "words",
                "rationale",
                "guests",
                "dissent",
                "reason",
            ),
            *("reason_words", "is_recommended", "agrees_with_first", "rank", "level", "first_level", "correction"),
            *("would_change", "shown", "signatures_needed", "decided_at", "decided_by_id"),
        ),
        "presence": ("person_id",),
        "planstep": (
            *("position", "id", "kind", "option", "option_name", "words", "condition", "reason", "is_recommended"),
            *("rank", "level", "owner_id", "owner_words", "due_on"),
        ),
        "signature": ("decision_id", "place", "person_id", "signed_at"),
        "ballot": (
            *("id", "voter_id", "first_kind", "first_option", "first_words", "final_kind", "final_option"),
            *("final_words", "is_changed"),
        ),
        "stepprogress": ("step_id", "number", "state", "not_done", "words", "recorded_at", "recorded_by_id"),
        "followup": (
            *("item_id", "number", "kind", "option", "option_name", "words", "started_in", "stopped_in", "stop_reason"),
            *("best_response", "progression", "progressed_in", "vital", "vital_in", "carried_out", "not_carried_out"),
            *("not_carried_out_words", "recorded_at", "recorded_by_id"),
        ),
        "latercourse": (
            *("line", "kind", "option", "option_name", "words", "started_in", "stopped_in", "stop_reason"),
            *("best_response", "progressed_in"),
        ),
        "toxicity": ("line", "term", "grade"),
    },
}
# Of an anonymous ballot, what is sealed when the vote is closed, and with the first signature.
FIRST = ("id", "first_kind", "first_option", "first_words")
FINAL = ("id", "final_kind", "final_option", "final_words", "is_changed")

VERSION, DECISION, SIGNATURE, PROGRESS, FOLLOW_UP = "case version", "decision", "signature", "progress", "follow-up"
BALLOTS, CHOICES = "ballots on item", "choices after discussion on item"
Keys = Collection[int] | None
Said = Iterator[tuple[int, Any]]


def register_kinds() -> None:
    erasing = frozenset({"erase-case"})
    voting = erasing | {"vote", "change-vote", "close-vote"}
    register(
        Kind(VERSION, FORMAT, _versions, erasing),
        Kind(DECISION, FORMAT, _decisions, erasing),
        Kind(SIGNATURE, FORMAT, _signatures, erasing),
        Kind(BALLOTS, FORMAT, _ballots, voting),
        Kind(CHOICES, FORMAT, _choices, erasing),
        Kind(PROGRESS, FORMAT, _progress, erasing),
        Kind(FOLLOW_UP, FORMAT, _follow_ups, erasing),
    )


def of_ballots(item: AgendaItem) -> dict[str, Any]:
    """For the event of a vote on an item, or of its end."""
    return sealed({BALLOTS: [item.pk]})


def of_signature(signature: Signature) -> dict[str, Any]:
    """For the event of a signature: with the first one, the choices after the discussion stay as they are."""
    item = signature.decision.item_id
    is_first = Signature.objects.filter(decision__item=item).count() == 1
    return sealed({SIGNATURE: [signature.pk]} | ({CHOICES: [item]} if is_first else {}))


def of_decision(decision: Decision) -> dict[str, Any]:
    """For the event of a decision, with what its plan says was done already."""
    progress = StepProgress.objects.filter(step__decision=decision).values_list("pk", flat=True)
    return sealed({DECISION: [decision.pk], PROGRESS: list(progress)})


def of_erased(case: Case, versions: Iterable[int]) -> dict[str, Any]:
    """For the event that a case is erased: all that stays of it, as it is now, and the versions that are gone."""

    def keys(rows: Any) -> list[int]:
        return list(rows.values_list("pk", flat=True))

    items = keys(AgendaItem.objects.filter(case=case))
    stays = {
        DECISION: keys(Decision.objects.filter(item__in=items)),
        SIGNATURE: keys(Signature.objects.filter(decision__item__in=items)),
        PROGRESS: keys(StepProgress.objects.filter(step__decision__item__in=items)),
        FOLLOW_UP: keys(FollowUp.objects.filter(item__in=items)),
        BALLOTS: items,
        CHOICES: items,
    }
    return sealed(stays, gone={VERSION: versions})


def _versions(models: Models, number: int, keys: Keys) -> Said:
    return _rows(models, "caseversion", number, keys, "case__salt")


def _signatures(models: Models, number: int, keys: Keys) -> Said:
    return _rows(models, "signature", number, keys, "decision__item__case__salt")


def _progress(models: Models, number: int, keys: Keys) -> Said:
    return _rows(models, "stepprogress", number, keys, "step__decision__item__case__salt")


def _decisions(models: Models, number: int, keys: Keys) -> Said:
    present = _children(models, "presence", number, keys, "decision_id", ("person_id",))
    steps = _children(models, "planstep", number, keys, "decision_id", ("position",))
    for key, said in _rows(models, "decision", number, keys, "item__case__salt"):
        yield key, said | {"present": present.get(key, []), "steps": steps.get(key, [])}


def _follow_ups(models: Models, number: int, keys: Keys) -> Said:
    later = _children(models, "latercourse", number, keys, "follow_up_id", ("line",))
    events = _children(models, "toxicity", number, keys, "follow_up_id", ("line", "term"))
    for key, said in _rows(models, "followup", number, keys, "item__case__salt"):
        yield key, said | {"later": later.get(key, []), "toxicities": events.get(key, [])}


def _ballots(models: Models, number: int, keys: Keys) -> Said:
    """By item: ballots by name at any time, anonymous ones by their first choices once nobody votes any more."""
    is_over = Q(item__vote_closed_at__isnull=False) | Q(item__meeting__finished_at__isnull=False)
    named = Q(item__meeting__ballots="named")
    yield from _of_items(models, number, keys, named, FIELDS[number]["ballot"])
    yield from _of_items(models, number, keys, ~named & is_over, FIRST)


def _choices(models: Models, number: int, keys: Keys) -> Said:
    """By item: anonymous choices after the discussion, once a decision bears a signature."""
    signed = models("boards.Signature").objects.filter(decision__item=OuterRef("item"))  # type: ignore[attr-defined]
    yield from _of_items(models, number, keys, Q(Exists(signed)) & ~Q(item__meeting__ballots="named"), FINAL)


def _of_items(models: Models, number: int, keys: Keys, which: Q, fields: tuple[str, ...]) -> Said:
    rows = models("boards.Ballot").objects.filter(which)  # type: ignore[attr-defined]
    if keys is not None:
        rows = rows.filter(item__in=keys)
    found: dict[int, dict[str, Any]] = {}
    for item, salt, *values in rows.order_by("item", "pk").values_list("item_id", "item__case__salt", *fields):
        said = found.setdefault(item, {"salt": salt, "ballots": []})
        said["ballots"].append(dict(zip(fields, map(plain, values), strict=True)))
    for said in found.values():
        said["ballots"].sort(key=lambda ballot: ballot["id"])
    yield from found.items()


def _rows(models: Models, model: str, number: int, keys: Keys, salt: str) -> Said:
    fields, rows = FIELDS[number][model], models(f"boards.{model}").objects.order_by("pk")  # type: ignore[attr-defined]
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    for key, salted, *values in rows.values_list("pk", salt, *fields).iterator(500):
        yield key, {"salt": salted} | dict(zip(fields, map(plain, values), strict=True))


def _children(
    models: Models, model: str, number: int, keys: Keys, parent: str, order: tuple[str, ...]
) -> dict[int, list[dict[str, Any]]]:
    """The rows that belong to others, by the key of the other, in their order."""
    fields, rows = FIELDS[number][model], models(f"boards.{model}").objects.order_by(*order)  # type: ignore[attr-defined]
    if keys is not None:
        rows = rows.filter(**{f"{parent}__in": keys})
    found: dict[int, list[dict[str, Any]]] = {}
    for key, *values in rows.values_list(parent, *fields):
        found.setdefault(key, []).append(dict(zip(fields, map(plain, values), strict=True)))
    return found

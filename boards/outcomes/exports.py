"""The decisions of a board as a table that machines read: what was decided, where it stood, and what came of it.

A row names the number of the case, which only the board can look up. It holds no label, nothing of the patient's
features, no notes, rationale or other words that somebody wrote, nobody's name, and of the course no month but how many
months each part of it took. So there is nothing in it by which a reader who is not of the board would know a patient,
however few there are of a kind; rows are therefore not left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from boards.blindness import blind_cases
from boards.models import AgendaItem, Board, PlanStep, Replay, StepProgress
from boards.models.choices import StepState
from boards.shown.replay import release_in_use
from display.spreadsheets import BYTE_ORDER_MARK, neutral
from regimens.models import KnowledgeRelease
from regimens.releases import edition_of
from regimens.rules.knowledge import EDITION

from .kaplan_meier import Time
from .statistics import Decided, Followed, Period, decisions_of, follow_ups_of

FORMAT = "necapp decisions 1"

# The columns, and what each says.
COLUMNS = {
    "case": "number of the case on this server",
    "item": "number of the item of an agenda",
    "meeting": "day of the meeting",
    "days_to_decision": "from listing to the first version of the decision",
    "version": "version of the decision in force",
    "signed": "whether two members signed it",
    "kind": "of the first treatment, or first recommendation: ranked, trial, best-supportive-care, test-first …",
    "option": "the regimen, the trial's number or the feature to be tested",
    "option_name": "what it is called in the release of the decision",
    "recommended": "whether it was among the recommended; null for a test first",
    "rank": "its rank in the ranking that was shown",
    "level": "its level of evidence there",
    "first_option": "the option of rank 1 there",
    "first_level": "the level of evidence of that",
    "agrees_with_first": "whether it is the option of rank 1",
    "reason": "coded reason for an option that is not among the recommended",
    "ranking_hidden": "whether columns of the ranking are left empty, since a vote on the case is open",
    "release": "release of the ranking",
    "release_sha256": "its SHA-256",
    "method": "edition of the method by which the ranking was made",
    "preference": "by which preference it was ranked",
    "evidence": "all, or nec-only",
    "first_option_today": "the option of rank 1 on the release in force; null where it is not known",
    "first_changed": "whether that is another one; null where it is not known, or cannot be ranked there",
    "method_changed": "whether the release in force ranks by another edition of the method; null where it is not known",
    "steps": "how many recommendations its plan has; null for a decision from before plans",
    "conditional_steps": "how many of them stand under a condition",
    "steps_done": "how many of them are done",
    "steps_not_done": "how many of them were not carried out",
    "carried_out": "yes, partly, no or unknown: whether the recommendation was carried out",
    "not_carried_out": "coded reason for which it was not, or not wholly",
    "given_kind": "what was given: kind",
    "given_option": "the regimen or the trial's number",
    "given_name": "what it is called",
    "months_on_treatment": "whole months from the start until it was stopped or last known to go on",
    "stop_reason": "why it was stopped, or goes-on, or unknown",
    "best_response": "CR, PR, SD, PD, not-evaluated or unknown",
    "progression": "yes, no or unknown",
    "months_to_progression": "from the start to progression, or to when there was none yet",
    "vital": "alive, dead or unknown, of the case",
    "further_courses": "how many courses were given after that",
    "worst_grade": "highest CTCAE grade recorded; null where none is, which does not mean that there was none",
    "months_alive": "from the start to death, or to when the patient was last known to be alive",
}
OF_RANKING = (
    *("recommended", "rank", "level", "first_option", "first_level", "agrees_with_first", "first_option_today"),
    *("first_changed", "method_changed", "reason"),
)


@dataclass(frozen=True)
class Export:
    rows: int
    text: str


def exported(board: Board, period: Period, kind: str) -> Export:
    """As "csv" or "json"."""
    rows = _rows(board, period)
    return Export(len(rows), _as_csv(rows) if kind == "csv" else _as_json(rows, board, period))


def _rows(board: Board, period: Period) -> list[dict[str, Any]]:
    decided = decisions_of(board, period)
    followed = follow_ups_of(board, [each.item for each in decided])
    today = release_in_use()
    names = ("version_id", "version__release_id", "version__release__name", "version__release__sha256")
    names += ("version__preference", "version__evidence", "version__first_option")
    items = AgendaItem.objects.filter(meeting__board=board, decisions__isnull=False, version__isnull=False)
    versions = {pk: dict(zip(names, rest, strict=True)) for pk, *rest in items.values_list("pk", *names)}
    of_board = Replay.objects.filter(release_id=today, version__case__board=board)
    replays = {pk: rest for pk, *rest in of_board.values_list("version_id", "first_option", "is_refused")}
    plans = plans_of(board)
    hidden = set(blind_cases().filter(case__board=board).values_list("case_id", flat=True))
    found = []
    for each in decided:
        version = versions.get(each.item, {})
        row = dict.fromkeys(COLUMNS) | _of_decision(each) | _of_version(version, replays, today)
        row |= _of_plan(plans.get((each.item, each.number), []))
        row |= _of_course(followed[each.item]) if each.item in followed else {}
        row["ranking_hidden"] = each.case in hidden
        if row["ranking_hidden"]:
            row |= dict.fromkeys(OF_RANKING)
        found.append(row)
    return found


def _of_decision(each: Decided) -> dict[str, Any]:
    return {
        "case": each.case,
        "item": each.item,
        "meeting": each.held_on.isoformat(),
        "days_to_decision": each.days,
        "version": each.number,
        "signed": each.is_signed,
        "kind": each.kind,
        "option": each.option or None,
        "option_name": each.option_name or None,
        "recommended": each.is_recommended,
        "rank": each.rank,
        "level": each.level or None,
        "first_level": each.first_level,
        "agrees_with_first": each.agrees_with_first,
        "reason": each.reason or None,
    }


def _of_version(version: Mapping[str, Any], replays: Mapping[int, list[Any]], today: int | None) -> dict[str, Any]:
    """Nothing, once the case is erased."""
    if not version:
        return {}
    then = version["version__first_option"]
    if version["version__release_id"] == today:
        now, is_known = then, True
    else:
        now, is_refused = replays.get(version["version_id"], ("", True))
        is_known = not is_refused
    method = edition_of(version["version__release__sha256"])
    return {
        "first_option": then or None,
        "release": version["version__release__name"],
        "release_sha256": version["version__release__sha256"],
        "method": method,
        "preference": version["version__preference"],
        "evidence": version["version__evidence"],
        "first_option_today": now or None,
        "first_changed": now != then if is_known else None,
        "method_changed": method != EDITION if is_known else None,
    }


def plans_of(board: Board) -> dict[tuple[int, int], list[Mapping[str, Any]]]:
    """The plan of each version of a decision, by item and number, each step with how far it has come; one query."""
    newest = StepProgress.objects.filter(step=OuterRef("pk")).order_by("-number")
    steps = PlanStep.objects.filter(decision__item__meeting__board=board).annotate(
        state=Coalesce(Subquery(newest.values("state")[:1]), Value(StepState.AGREED.value)),
        not_done=Coalesce(Subquery(newest.values("not_done")[:1]), Value("")),
    )
    names = ("position", "kind", "option", "condition", "is_recommended", "rank", "level", "state", "not_done")
    plans: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    rows = steps.order_by("position").values_list("decision__item_id", "decision__number", *names)
    for item, number, *values in rows:
        plans.setdefault((item, number), []).append(dict(zip(names, values, strict=True)))
    return plans


def _of_plan(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Nothing of a decision from before plans."""
    if not steps:
        return {}
    return {
        "steps": len(steps),
        "conditional_steps": sum(bool(step["condition"]) for step in steps),
        "steps_done": sum(step["state"] == StepState.DONE for step in steps),
        "steps_not_done": sum(step["state"] == StepState.NOT_DONE for step in steps),
    }


def _of_course(course: Followed) -> dict[str, Any]:
    return {
        "carried_out": course.carried_out,
        "not_carried_out": course.not_carried_out or None,
        "given_kind": course.kind,
        "given_option": course.option or None,
        "given_name": course.option_name or None,
        "months_on_treatment": _months(course.treatment),
        "stop_reason": course.stop_reason,
        "best_response": course.best_response,
        "progression": course.progression,
        "months_to_progression": _months(course.progression_free),
        "vital": "dead" if course.died_in else "alive" if course.seen_in else "unknown",
        "further_courses": len(course.later),
        "worst_grade": max((event.grade for event in course.events), default=None),
        "months_alive": _months(course.overall),
    }


def _months(time: Time | None) -> int | None:
    return time.months if time else None


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([[cell(row[name]) for name in COLUMNS] for row in rows])
    return text.getvalue()


def cell(value: Any) -> str:
    """Empty for what is not known; nothing that a spreadsheet would run as a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return "" if value is None else neutral(str(value))


def _as_json(rows: list[dict[str, Any]], board: Board, period: Period) -> str:
    today = release_in_use()
    release = KnowledgeRelease.objects.defer("content").get(pk=today) if today else None
    content = {
        "format": FORMAT,
        "board": board.name,
        "from": period.start.isoformat() if period.start else None,
        "to": period.end.isoformat() if period.end else None,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "release_in_force": {"name": release.name, "sha256": release.sha256} if release else None,
        "columns": COLUMNS,
        "decisions": rows,
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

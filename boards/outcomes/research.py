"""What a board decided and what came of it as tidy tables for research: coded answers, counted in months.

Four tables, each row of which names its case by a key, and its decision by a number within the case: `cases` (a row a
decision in force), `steps` (its plan), `courses` (what was given), `toxicities`. `DICTIONARY` declares each column.
No label, notes, names or words that somebody wrote; of what was typed a table says that it is something else. Days are
cut to their month, and months of a course are counted from the month of the meeting. A key is made with the server's
secret, so that nobody leads it back to a case without the server.
"""

from __future__ import annotations

import csv
import hmac
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from boards.blindness import blind_cases
from boards.models import AgendaItem, Board
from boards.models.choices import DECIDED_KINDS, GIVEN_KINDS, NotDone, Reason, StepState
from boards.models.followup import CarriedOut, Progression, Response, Stopping, Vital
from boards.models.months import between, month_of
from display.spreadsheets import BYTE_ORDER_MARK
from regimens.models.choices import Site

from .ctcae import TERMS, is_listed
from .exports import cell, plans_of
from .statistics import Decided, Followed, GivenLater, Period, decisions_of, follow_ups_of

Row = Mapping[str, Any]
Tables = dict[str, list[dict[str, Any]]]

# With fewer cases in a file, whoever knows a patient finds the row again.
ENOUGH_OF_BOARD = 20
# A primary site that fewer cases of the file have is not named.
ENOUGH_OF_SITE = 5
OTHER_TERM = "other"
YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Variable:
    """A column of a table. type: text, integer, month or category; `values` are those of a category."""

    name: str
    table: str
    meaning: str
    type: str = "text"
    unit: str = ""
    values: tuple[str, ...] = ()


def _variables() -> Iterator[Variable]:
    for table in ("cases", "steps", "courses", "toxicities"):
        yield Variable("case", table, "key of the case, the same in every file of this server")
        yield Variable(
            "decision", table, "number of the decision within the case, by the day of its meeting", "integer"
        )
    yield Variable("meeting_month", "cases", "month of the meeting", "month")
    yield Variable("site", "cases", "primary site; empty where fewer than 5 cases of the file have it, or erased",
                   "category", "", tuple(Site.values))  # fmt: skip
    yield Variable("signed", "cases", "whether the decision has its signatures", "category", "", YES_NO)
    yield from _choices("cases", "of the first treatment decided", tuple(DECIDED_KINDS))
    yield Variable("recommended", "cases", "whether it was among the recommended; empty for a test first", "category", "", YES_NO)  # fmt: skip  # noqa: E501
    yield Variable("rank", "cases", "its rank in the ranking that was shown", "integer")
    yield Variable("level", "cases", "its level of evidence there", "category", "", LEVELS)
    yield Variable("reason", "cases", "why it is not among the recommended", "category", "", tuple(Reason.values))
    yield Variable("ranking_hidden", "cases", "whether columns of the ranking are left empty, since a vote on the case is open", "category", "", YES_NO)  # fmt: skip  # noqa: E501
    yield Variable("carried_out", "cases", "whether the recommendation was carried out; empty without follow-up",
                   "category", "", tuple(CarriedOut.values))  # fmt: skip
    yield Variable("not_carried_out", "cases", "why not, or not wholly", "category", "", tuple(NotDone.values))
    yield Variable("progression", "cases", "whether the disease progressed; empty without follow-up", "category", "",
                   tuple(Progression.values))  # fmt: skip
    yield Variable("progressed_after", "cases", "month of the first progression", "integer", AFTER)
    yield Variable("vital", "cases", "whether the patient is alive; empty without follow-up", "category", "", tuple(Vital.values))  # fmt: skip  # noqa: E501
    yield Variable("vital_after", "cases", "last month known alive, or month of death", "integer", AFTER)
    yield Variable("step", "steps", "place in the plan", "integer")
    yield from _choices("steps", "of the recommendation", tuple(DECIDED_KINDS))
    yield Variable("conditional", "steps", "whether it stands under a condition", "category", "", YES_NO)
    yield Variable("step_recommended", "steps", "whether it was among the recommended of the ranking", "category", "", YES_NO)  # fmt: skip  # noqa: E501
    yield Variable("step_rank", "steps", "its rank there", "integer")
    yield Variable("step_level", "steps", "its level of evidence there", "category", "", LEVELS)
    yield Variable("state", "steps", "how far it has come", "category", "", tuple(StepState.values))
    yield Variable("not_done", "steps", "why it was not carried out", "category", "", tuple(NotDone.values))
    yield Variable("line", "courses", "number of the course after the decision", "integer")
    yield from _choices("courses", "of what was given", tuple(GIVEN_KINDS))
    yield Variable("started_after", "courses", "month of the start", "integer", AFTER)
    yield Variable("stopped_after", "courses", "month of the end", "integer", AFTER)
    yield Variable("stop_reason", "courses", "why it was stopped", "category", "", tuple(Stopping.values))
    yield Variable("best_response", "courses", "best response by RECIST 1.1", "category", "", tuple(Response.values))
    yield Variable("course_progressed_after", "courses", "month of progression in or after a further course", "integer", AFTER)  # fmt: skip  # noqa: E501
    yield Variable("line", "toxicities", "number of the course", "integer")
    yield Variable("term", "toxicities", "adverse event by CTCAE 5.0; other for one that was typed", "category", "",
                   (*TERMS, OTHER_TERM))  # fmt: skip
    yield Variable("grade", "toxicities", "its highest grade in the course", "integer", "CTCAE grade", tuple("12345"))


def _choices(table: str, of_what: str, kinds: Sequence[str]) -> Iterator[Variable]:
    yield Variable("kind", table, f"kind {of_what}", "category", "", tuple(map(str, kinds)))
    yield Variable("option", table, f"regimen, trial number or feature {of_what}; empty for what was typed")


AFTER = "calendar months after the meeting; negative before it"
LEVELS = ("A", "B", "C", "D")
DICTIONARY = tuple(_variables())


def columns(table: str) -> list[str]:
    return [variable.name for variable in DICTIONARY if variable.table == table]


def tables(board: Board, period: Period) -> Tables:
    """The rows of each table, by the decisions in force of a board's meetings in the period."""
    decided = sorted(decisions_of(board, period), key=lambda each: (each.case, each.held_on, each.item))
    followed = follow_ups_of(board, [each.item for each in decided])
    hidden = set(blind_cases().filter(case__board=board).values_list("case_id", flat=True))
    sites, steps = _sites(board), plans_of(board)
    seen: Counter[int] = Counter()
    found: Tables = {name: [] for name in ("cases", "steps", "courses", "toxicities")}
    for each in decided:
        seen[each.case] += 1
        key = {"case": case_key(each.case), "decision": seen[each.case]}
        course, is_hidden = followed.get(each.item), each.case in hidden
        case = key | _of_decision(each, is_hidden) | {"site": sites.get(each.item)} | _of_follow_up(each, course)
        found["cases"].append(case)
        found["steps"] += [key | row for row in _plan(each, steps.get((each.item, each.number), ()), is_hidden)]
        if course:
            found["courses"] += [key | row for row in _courses(each, course)]
            found["toxicities"] += [
                key | {"line": event.line, "term": _term(event.term), "grade": event.grade} for event in course.events
            ]
    _leave_out_rare_sites(found["cases"])
    return found


def zipped(found: Tables) -> bytes:
    """Each table and the dictionary as a CSV file, in one archive; the same rows give the same bytes."""
    files = {name: _csv(columns(name), rows) for name, rows in found.items()}
    described = ("variable", "table", "meaning", "type", "unit", "values")
    rows = (
        dict(
            zip(
                described,
                (each.name, each.table, each.meaning, each.type, each.unit, "|".join(each.values)),
                strict=True,
            )
        )
        for each in DICTIONARY
    )
    files["dictionary"] = _csv(described, rows)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def case_key(case: int) -> str:
    """By which rows of a case belong together; it changes with the server's secret alone."""
    return hmac.new(settings.SECRET_KEY.encode(), f"necapp research case {case}".encode(), "sha256").hexdigest()[:20]


def _of_decision(each: Decided, is_hidden: bool) -> dict[str, Any]:
    ranking = {"recommended": each.is_recommended, "rank": each.rank, "level": each.level or None}
    ranking["reason"] = each.reason or None
    return {
        "meeting_month": month_of(each.held_on),
        "signed": each.is_signed,
        "kind": each.kind,
        "option": each.option or None,
        **(dict.fromkeys(ranking) if is_hidden else ranking),
        "ranking_hidden": is_hidden,
    }


def _of_follow_up(each: Decided, course: Followed | None) -> dict[str, Any]:
    if course is None:
        return {}
    return {
        "carried_out": course.carried_out,
        "not_carried_out": course.not_carried_out or None,
        "progression": course.progression,
        "progressed_after": _after(each, course.progressed_in),
        "vital": course.vital,
        "vital_after": _after(each, course.vital_in),
    }


def _plan(each: Decided, steps: Sequence[Row], is_hidden: bool) -> Iterator[dict[str, Any]]:
    """The steps of a plan; a decision from before plans is a plan of one."""
    alone = {"position": 1, "kind": each.kind, "option": each.option, "condition": "", "state": StepState.AGREED}
    alone |= {"is_recommended": each.is_recommended, "rank": each.rank, "level": each.level, "not_done": ""}
    for step in steps or (alone,):
        yield {
            "step": step["position"],
            "kind": step["kind"],
            "option": step["option"] or None,
            "conditional": bool(step["condition"]),
            "step_recommended": None if is_hidden else step["is_recommended"],
            "step_rank": None if is_hidden else step["rank"],
            "step_level": None if is_hidden else step["level"] or None,
            "state": step["state"],
            "not_done": step["not_done"] or None,
        }


def _courses(each: Decided, course: Followed) -> Iterator[dict[str, Any]]:
    for line, given in enumerate((course, *course.later), start=1):
        yield {
            "line": line,
            "kind": given.kind,
            "option": given.option or None,
            "started_after": _after(each, given.started_in),
            "stopped_after": _after(each, given.stopped_in),
            "stop_reason": given.stop_reason,
            "best_response": given.best_response,
            "course_progressed_after": _after(each, given.progressed_in) if isinstance(given, GivenLater) else None,
        }


def _after(each: Decided, month: str) -> int | None:
    return between(month_of(each.held_on), month) if month else None


def _term(term: str) -> str:
    return term if is_listed(term) else OTHER_TERM


def _sites(board: Board) -> dict[int, str]:
    """The primary site of each item that is not erased and names one."""
    rows = AgendaItem.objects.filter(meeting__board=board, version__isnull=False)
    return {item: site for item, site in rows.values_list("pk", "version__primary_site") if site}


def _leave_out_rare_sites(cases: list[dict[str, Any]]) -> None:
    with_site = {(row["case"], row["site"]) for row in cases if row["site"]}
    counted = Counter(site for _case, site in with_site)
    for row in cases:
        if counted[row["site"]] < ENOUGH_OF_SITE:
            row["site"] = None


def _csv(names: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([[cell(row.get(name)) for name in names] for row in rows])
    return text.getvalue()

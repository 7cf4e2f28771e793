"""Cohorts as a table and back: a row for each result of a publication, for spreadsheets and for the admin.

A row is known by its publication and its place among the results; a place behind the last one is a new result. What a
row said when it was exported is in its column `exported`, so that a table from before someone else's change is told.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from import_export import widgets
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Result

from audit.canonical import canonical_json
from curation.review.differences import Difference, differences
from display.spreadsheets import neutral, restored
from regimens.knowledge.loader import LoadError, LoadProblem, problems_in
from regimens.models.cohort_figures import COHORT_FIGURES, WITH_INTERVAL
from regimens.wording.citations import citation

from .batch import RecordOutcome, Wanted, in_force, propose_batch
from .tables import Absent, Percent

# The keys of a result that are columns as they are.
PLAIN = (
    *("arm", "regimen", "subgroup", "subgroup_kind", "where", "population"),
    *(figure.key for figure in COHORT_FIGURES if figure.kind != "level"),
    "note",
)
# The columns in which a problem of an entry stands, where they have other names than its keys.
COLUMNS = {
    **{f"{figure.key}_ci": figure.bounds[0] for figure in WITH_INTERVAL},
    "hr.endpoint": "hr_endpoint",
    "hr.value": "hr",
    "hr.ci": "hr_low",
    "hr.versus": "hr_versus",
}


ERROR_CELL = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|NV|BEZUG!|WERT!|ZAHL!)")


class TextCell(widgets.Widget):
    """Text, kept from being run as a formula; empty is nothing."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        if isinstance(value, date | time | timedelta):
            raise ValueError("text: the spreadsheet has made a day or an hour of it")
        if isinstance(value, str) and ERROR_CELL.fullmatch(value.strip()):
            raise ValueError("text: the spreadsheet could not calculate it")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return restored(str(value)).strip() or None if value is not None else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return neutral(str(value)) if value is not None else ""


class Number(widgets.Widget):
    """A number; empty is not given. A decimal comma is read, digits in groups of three are not."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> float | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._of(value.replace("\u202f", " ").replace("\xa0", " ").replace("·", ".").strip())
        if isinstance(value, date | time | timedelta):
            raise ValueError("a number: the spreadsheet has made a day or an hour of it")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("a number")
        return float(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None:
            return ""
        return int(value) if float(value).is_integer() else value

    def _of(self, text: str) -> float | None:
        if not text:
            return None
        if not re.fullmatch(r"-?(?:\d+(\.\d+|,\d{1,2})?|[.,]\d{1,2})", text):
            raise ValueError("a number")
        return float(text.replace(",", "."))


class PercentCell(Number):
    """A number in percent, with or without its sign."""

    def _of(self, text: str) -> float | None:
        return super()._of(text.removesuffix("%").rstrip())


class MonthsCell(Number):
    """A number of months, with or without its unit."""

    def _of(self, text: str) -> float | None:
        return super()._of(re.sub(r"\s*(?:months?|mo\.?)$", "", text))


class CountCell(Number):
    """A whole number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        number = super().clean(value, row, **kwargs)
        if number is None:
            return None
        if not number.is_integer():
            raise ValueError("a whole number")
        return int(number)


class Json(TextCell):
    """A criterion or a population as JSON; a single word stands for itself."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value, row, **kwargs)
        if text is None or text == "never":
            return text
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"JSON, as the export writes it: {error}") from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class RatesCell(TextCell):
    """Survival rates: "os-6: 60; pfs-12: 8.5", in percent."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in (super().clean(value, row, **kwargs) or "").split(";"))):
            name, _, percent = (half.strip() for half in part.partition(":"))
            number = PercentCell()._of(percent)
            if number is None or name in found:
                raise ValueError("rates as os-6: 60; pfs-12: 8.5, each once")
            found[name] = number
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(f"{name}: {percent:g}" for name, percent in (value or {}).items())


_WIDGETS: Mapping[str, type[widgets.Widget]] = {
    "count": CountCell,
    "level": CountCell,
    "percent": PercentCell,
    "months": MonthsCell,
    "rates": RatesCell,
}
WIDGETS: Mapping[str, widgets.Widget] = {
    "publication": TextCell(),
    "index": CountCell(),
    "exported": TextCell(),
    "arm": TextCell(),
    "regimen": TextCell(),
    "subgroup": TextCell(),
    "subgroup_kind": TextCell(),
    "where": Json(),
    "population": Json(),
    **{name: _WIDGETS[figure.kind]() for figure in COHORT_FIGURES for name in (figure.key, *figure.bounds)},
    "hr_endpoint": TextCell(),
    "hr": Number(),
    "hr_low": Number(),
    "hr_high": Number(),
    "hr_versus": TextCell(),
    "note": TextCell(),
}
NAMING = ("publication", "index", "exported")
PERCENTAGES = tuple(figure.key for figure in COHORT_FIGURES if figure.kind == "percent")


class CohortRow(SimpleNamespace):
    """A result of a publication as a row: an attribute for each column."""

    def __str__(self) -> str:
        return f"{self.publication}, result {self.index}"


@dataclass(frozen=True)
class CohortChange:
    """What a table changes of one publication."""

    publication: str
    differences: tuple[Difference, ...]
    content: dict[str, Any]


class _ByPlace(BaseInstanceLoader):
    """A row by its publication and place; None where there is none yet, or they cannot be read."""

    def get_instance(self, row: Mapping[str, Any]) -> CohortRow | None:
        try:
            key, index = (WIDGETS[name].clean(row[name]) for name in ("publication", "index"))
        except ValueError:
            return None
        publication = self.resource.publications.get(key)
        if publication is None or index is None or not 0 <= index < len(publication["results"]):
            return None
        return row_of(publication, index)


class CohortResource(Resource):
    """The cohorts of the entries in force; an import makes one proposal for each publication that it changes.

    `import_data` takes besides its own arguments: user (whose proposals they are), file (its name), reason and source
    (of every proposal; from the publication itself where they are not given). Afterwards `changes` is what the table
    changes, `problems` everything that is wrong with it, and `outcome` what was proposed, unless it was a dry run.
    """

    class Meta:
        import_id_fields = ("publication", "index")
        instance_loader_class = _ByPlace
        skip_unchanged = True
        use_transactions = True

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.fields = {name: Field(name, name, widget=widget) for name, widget in WIDGETS.items()}
        self.document = in_force()
        self.publications = {entry["key"]: entry for entry in self.document["publications"]}
        self.changes: list[CohortChange] = []
        self.problems: list[LoadProblem] = []
        self.outcome: RecordOutcome | None = None
        self._rows: dict[tuple[str, int], tuple[int, CohortRow]] = {}
        self._numbers: Sequence[int] = ()
        self._fractions: dict[tuple[str, int], dict[str, Any]] = {}

    def get_queryset(self) -> list[CohortRow]:
        return [row_of(entry, index) for entry in self.publications.values() for index in range(len(entry["results"]))]

    def init_instance(self, row: Any = None) -> CohortRow:
        return CohortRow(**{**dict.fromkeys(WIDGETS), "rates": {}})

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        file = kwargs.get("file", "")
        self._numbers = getattr(dataset, "numbers", ())
        first = f"row {getattr(dataset, 'first', 1)}"
        headers = dataset.headers or []
        for name in headers:
            if name not in WIDGETS:
                self.problems.append(LoadProblem(file, first, name, None, f"one of {', '.join(WIDGETS)}"))
        for name in NAMING:
            if name not in headers:
                self.problems.append(LoadProblem(file, first, name, None, "a column that every table has"))
        if self.problems:
            raise LoadError(self.problems)

    def import_instance(self, instance: CohortRow, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Every problem of a row at once: values that cannot be read, and which result it stands for."""
        row = {name: value for name, value in row.items() if name in NAMING or not isinstance(value, Absent)}
        was = instance.exported
        wrong: dict[str, ValidationError] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            wrong = {name: ValidationError(" ".join(found)) for name, found in error.message_dict.items()}
        if not {"publication", "index"} & wrong.keys():
            wrong |= {name: ValidationError(text) for name, text in self._misplaced(instance, was)}
        if not {"publication", "index"} & wrong.keys():
            self._rows[instance.publication, instance.index] = (self._number(kwargs["row_number"]), instance)
            self._fractions[instance.publication, instance.index] = dict(_fractions(row))
        if wrong:
            for name, error in wrong.items():
                place = f"row {self._number(kwargs['row_number'])}"
                given = str(row[name]) if isinstance(row.get(name), date | time | timedelta) else row.get(name) or None
                self.problems.append(LoadProblem(kwargs.get("file", ""), place, name, given, error.message))
            raise ValidationError(wrong)

    def save_instance(self, instance: CohortRow, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing: what changed becomes a proposal when all rows have been read."""

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        if result.base_errors:
            return
        file = kwargs.get("file", "")
        for row in result.error_rows:
            raise row.errors[0].error
        self.changes = list(self._changes(file))
        self.problems += self._asked(file)
        self.problems += self._broken_rules(file)
        if self.problems:
            raise LoadError(self.problems)
        if not kwargs.get("dry_run", True):  # of a table without a row nothing is said
            self.outcome = propose_batch([self._wanted(change, **kwargs) for change in self.changes], by=kwargs["user"])

    def _number(self, place: int) -> int:
        """The row of the file in which the row at a place from 1 stood."""
        return self._numbers[place - 1] if self._numbers else place + 1

    def _misplaced(self, row: CohortRow, was: str | None) -> Iterator[tuple[str, str]]:
        publication = self.publications.get(row.publication)
        if publication is None:
            yield "publication", f"{row.publication or 'nothing'}: the key of a publication in force"
        elif row.index is None or row.index < 0:
            yield "index", "the place of the result among those of its publication, from 0"
        elif (row.publication, row.index) in self._rows:
            yield "index", f"each result once; row {self._rows[row.publication, row.index][0]} is this one as well"
        elif was is None and row.exported is not None:
            yield "exported", "empty for a new result: the publication has none at this place"
        elif was is not None and row.exported != was:
            yield "exported", "as the export wrote it: this result has changed since, so export anew"

    def _changes(self, file: str) -> Iterator[CohortChange]:
        keys = dict.fromkeys(key for key, _ in self._rows)
        for key in keys:
            entry = self.publications[key]
            results = list(entry["results"])
            for index, (_, row) in sorted((i, found) for (k, i), found in self._rows.items() if k == key):
                if index < len(entry["results"]):
                    results[index] = result_of(row) | _read_of(entry["results"][index])
                elif index == len(results):
                    results.append(result_of(row))
                else:
                    number = self._rows[key, index][0]
                    rule = f"{len(results)}, the next free place of {key}"
                    self.problems.append(LoadProblem(file, f"row {number}", "index", index, rule))
            content = {**entry, "results": results}
            if found := differences("publications", entry, content):
                yield CohortChange(key, found, content)

    def _asked(self, file: str) -> Iterator[LoadProblem]:
        """Percentages that a table changes to less than 1 without saying that they are percentages: 0.63 of 63 %."""
        changed = {change.publication for change in self.changes}
        for (key, index), fractions in self._fractions.items():
            results = self.publications[key]["results"]
            held = results[index] if index < len(results) else {}
            number, row = self._rows[key, index]
            for name, given in fractions.items():
                if key in changed and held.get(name) != getattr(row, name):
                    rule = "63 % or 0.63 %, with the sign: without it, a number below 1 may be a fraction"
                    yield LoadProblem(file, f"row {number}", name, given, rule)

    def _broken_rules(self, file: str) -> Iterator[LoadProblem]:
        """What the rules of the evidence base say of the publications as they shall be, at the rows to be mended."""
        becoming = {change.publication: change.content for change in self.changes}
        if not becoming:
            return
        publications = [becoming.get(key, entry) for key, entry in self.publications.items()]
        for problem in problems_in({**self.document, "publications": publications}):
            place = re.fullmatch(r"results\[(\d+)\]\.?(.*)", problem.field)
            found = self._rows.get((problem.key, int(place[1]))) if place else None
            if found and place:
                column = COLUMNS.get(place[2], place[2].partition(".")[0])
                yield LoadProblem(file, f"row {found[0]}", column, problem.value, problem.rule)
            else:
                yield problem

    def _wanted(self, change: CohortChange, **kwargs: Any) -> Wanted:
        entry = self.publications[change.publication]
        return Wanted(
            kind="publications",
            key=change.publication,
            content=change.content,
            base=entry,
            reason=kwargs.get("reason") or f"Changed in the table {kwargs.get('file', '')}".rstrip(),
            source=kwargs.get("source") or entry["verified_at"] or entry["read_on"] or entry["url"] or citation(entry),
        )


def _fractions(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a row gives of percentages in numbers below 1 that do not say their unit."""
    for name in PERCENTAGES:
        given = row.get(name)
        if isinstance(given, Percent) or (isinstance(given, str) and "%" in given):
            continue
        with suppress(ValueError):
            number = WIDGETS[name].clean(given)
            if number is not None and 0 < number < 1:
                yield name, given
    rates = row.get("rates")
    for part in str(rates or "").split(";"):
        with suppress(ValueError):
            number = None if "%" in part else PercentCell().clean(part.partition(":")[2])
            if number is not None and 0 < number < 1:
                yield "rates", rates
                return


def _read_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Who read a result is not for a table to say."""
    return {"readings": result["readings"]} if "readings" in result else {}


def row_of(publication: Mapping[str, Any], index: int) -> CohortRow:
    """A result as a row, with the mark of what it says now."""
    result = publication["results"][index]
    hazard = result["hr"] or {"endpoint": None, "value": None, "ci": [None, None], "versus": None}
    bounds: dict[str, float | None] = {}
    for figure in WITH_INTERVAL:
        bounds |= zip(figure.bounds, result[f"{figure.key}_ci"], strict=True)
    return CohortRow(
        publication=publication["key"],
        index=index,
        # The letter keeps a spreadsheet from taking it for a number.
        exported=f"v{hashlib.sha256(canonical_json(result)).hexdigest()[:12]}",
        **{name: result[name] for name in PLAIN},
        ci_level=result.get("ci_level"),
        **bounds,
        hr_endpoint=hazard["endpoint"],
        hr=hazard["value"],
        hr_low=hazard["ci"][0],
        hr_high=hazard["ci"][1],
        hr_versus=hazard["versus"],
    )


def result_of(row: CohortRow) -> dict[str, Any]:
    """The result that a row describes, in the shape of the evidence base's files."""
    hazard = (row.hr_endpoint, row.hr, row.hr_low, row.hr_high, row.hr_versus)
    result = {name: getattr(row, name) for name in PLAIN}
    result |= {f"{figure.key}_ci": [getattr(row, bound) for bound in figure.bounds] for figure in WITH_INTERVAL}
    result["hr"] = None
    if any(value is not None for value in hazard):
        interval = [row.hr_low, row.hr_high]
        result["hr"] = {"endpoint": row.hr_endpoint, "value": row.hr, "ci": interval, "versus": row.hr_versus}
    if row.ci_level is not None:
        result["ci_level"] = row.ci_level
    return result

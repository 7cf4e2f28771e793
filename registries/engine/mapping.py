"""Which column of a file is which feature, and how its cells are read.

Without a file of columns each column is named as a feature (METHOD, section 1). Nothing is guessed: a cell that cannot
be read stays as it is, so that the rules refuse it with their own words; a column that nobody explained is an error.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from regimens.rules.patient import FEATURES, Feature
from regimens.rules.record import rounded

# What may stand beside the features under these names where there is no file of columns.
TREATMENT, MONTHS, DIED = "treatment_given", "survival_months", "died"
MOST_MONTHS = 600
SEPARATOR = ";"
EMPTY_SET = "none"  # in a cell of text: known to be empty, while an empty cell is unknown
_FLAGS: Mapping[str, bool] = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


Unread = tuple[str, str]  # the column of a cell that cannot be read, and the rule


class MappingError(ValueError):
    """Columns that cannot be read as they are named; the message says which and why."""


class Column(BaseModel):
    """How a column is read.

    factor      what a number is multiplied with to have the feature's unit
    values      what a cell says, by the text that stands there
    separator   between the members of a set that is written as text
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feature: str
    factor: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    values: dict[str, Any] = {}
    separator: str = Field(default=SEPARATOR, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _named_alone(cls, given: Any) -> Any:
        return {"feature": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _is_of_a_feature(self) -> Column:
        feature = FEATURES.get(self.feature)
        if feature is None:
            raise ValueError(f"{self.feature} is no feature{_meant(self.feature, FEATURES)}")
        if self.factor is not None and not feature.is_numeric:
            raise ValueError(f"{self.feature} is no number, so that it has no factor")
        if feature.kind == "choice":
            for value in self.values.values():
                if value is not None and value not in feature.values:
                    raise ValueError(f"{value!r} is not allowed; allowed: {feature.allowed}")
        return self


class Columns(BaseModel):
    """All columns of a file.

    columns     by the name that stands in the file
    constants   features that are the same for every patient, such as the region
    unknown     texts that say that nothing is known, besides an empty cell
    ignored     columns that are not read
    treatment, months, died   what was given next, how long a patient was followed from then on, and whether that ended
                              with death; none of it is used to rank
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, Column] = {}
    constants: dict[str, Any] = {}
    unknown: list[str] = []
    ignored: list[str] = []
    treatment: str | None = None
    months: str | None = None
    died: str | None = None

    @model_validator(mode="after")
    def _says_each_once(self) -> Columns:
        named: dict[str, str] = {}
        for name, column in self.columns.items():
            if column.feature in named:
                raise ValueError(f"{named[column.feature]} and {name} are both {column.feature}: one has to be ignored")
            named[column.feature] = name
        for feature in self.constants:
            if feature not in FEATURES:
                raise ValueError(f"constants: {feature} is no feature{_meant(feature, FEATURES)}")
            if feature in named:
                raise ValueError(f"constants: {feature} is also the column {named[feature]}")
        return self

    @property
    def beside(self) -> dict[str, str]:
        """The columns of treatment and outcome, by our name for them."""
        found = {TREATMENT: self.treatment, MONTHS: self.months, DIED: self.died}
        return {ours: theirs for ours, theirs in found.items() if theirs}

    def checked(self, names: Iterable[str], file: str, key: str | None) -> None:
        """Raises MappingError unless the file's columns are those that are explained."""
        there = list(names)
        if doubled := sorted({name for name in there if there.count(name) > 1}):
            raise MappingError(f"{file}: the column {doubled[0]} stands twice")
        wanted = {*self.columns, *self.beside.values(), *([key] if key else [])}
        if missing := sorted(wanted - set(there)):
            raise MappingError(f"{file} has no column {', '.join(missing)}{_meant(missing[0], there)}")
        if strange := [name for name in there if name not in wanted and name not in self.ignored]:
            raise MappingError(
                f"{file}: the column {strange[0]} is no feature{_meant(strange[0], FEATURES)}; name what it is in a "
                f"file of columns (--columns), or list it there as ignored"
                + (f" (so are {', '.join(strange[1:6])})" if strange[1:] else "")
            )

    def read(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The features of a row of cells, as `Knowledge.patient` takes them."""
        found: dict[str, Any] = {**self.constants}
        for name, column in self.columns.items():
            if (value := self._cell(column, row.get(name))) is not None:
                found[column.feature] = value
        return found

    def is_unknown(self, cell: Any) -> bool:
        """Whether a cell says nothing: empty, no number (as Arrow has a missing one), or listed as unknown."""
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return True
        return isinstance(cell, str) and (not cell.strip() or cell.strip() in self.unknown)

    def _cell(self, column: Column, cell: Any) -> Any:
        if self.is_unknown(cell):
            return None
        feature = FEATURES[column.feature]
        text = cell.strip() if isinstance(cell, str) else cell
        if isinstance(text, str) and text in column.values:
            return column.values[text]
        value = _of_text(feature, text, column.separator) if isinstance(text, str) else _of_kind(feature, text)
        if column.factor is not None and isinstance(value, (int, float)) and not isinstance(value, bool):
            return rounded(value * column.factor) if math.isfinite(value) else value
        return value


def plain(names: Iterable[str], key: str | None) -> Columns:
    """Columns that are named as features; treatment and outcome by our names for them."""
    there = list(names)
    features = {name: Column(feature=name) for name in there if name in FEATURES and name != key}
    beside = {"treatment": TREATMENT, "months": MONTHS, "died": DIED}
    return Columns.model_validate(
        {"columns": features} | {ours: name for ours, name in beside.items() if name in there}
    )


def read_columns(path: Path) -> Columns:
    """A file of columns. Raises MappingError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise MappingError(f"{path}: a table with “columns” is wanted")
    try:
        return Columns.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}".lstrip(": ")
            for fault in error.errors(include_url=False)
        ]
        raise MappingError(f"{path}: {'; '.join(faults)}") from error


def outcome_of(
    columns: Columns, row: Mapping[str, Any], named: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What was given and what came of it, by our names, and for each cell that cannot be read its column with the rule.

    A fraction of a month is not counted: whole months, as they are followed up.
    """
    found: dict[str, Any] = {}
    problems: list[Unread] = []
    for ours, theirs in named.items():
        cell = row.get(theirs)
        if columns.is_unknown(cell):
            continue
        text = cell.strip() if isinstance(cell, str) else cell
        if ours == TREATMENT:
            found[ours] = str(text)
        elif ours == DIED:
            value = _FLAGS.get(str(text).lower().removesuffix(".0"))
            if value is None:
                problems.append((theirs, f"{text!r} is not allowed; allowed: true or false"))
            else:
                found[ours] = value
        else:
            months = _number(text)
            if months is None or not 0 <= months <= MOST_MONTHS:
                problems.append((theirs, f"{text!r} is not allowed; allowed: 0 to {MOST_MONTHS} months"))
            else:
                found[ours] = int(months)
    return found, problems


def _of_text(feature: Feature, text: str, separator: str) -> Any:
    if feature.kind == "flag":
        return _FLAGS.get(text.lower(), text)
    if feature.is_numeric:
        number = _number(text)
        return text if number is None else number
    if feature.kind == "set":
        return [] if text.lower() == EMPTY_SET else [part.strip() for part in text.split(separator) if part.strip()]
    return text


def _of_kind(feature: Feature, value: Any) -> Any:
    """A value with a type of its own; 0 and 1 are how many tables write false and true."""
    if feature.kind == "flag" and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    return value


def _number(value: Any) -> int | float | None:
    """A finite number, also where it is written; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if "_" in value or not value.isascii():  # which Python would take
            return None
        try:
            value = int(value) if value.lstrip("+-").isdecimal() else float(value)
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _meant(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.7)
    return f"; did you mean {found[0]}?" if found else ""

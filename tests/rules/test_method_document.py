"""docs/method.md says what the rules do: its tables are those of the constants, and so are the figures of its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from regimens import rules
from regimens.rules import synthesis
from regimens.wording import method_tables

TEXT = method_tables.DOCUMENT.read_text(encoding="utf-8")
MODULES = sorted(path.stem for path in Path(rules.__file__).parent.glob("[a-z]*.py"))
NAMED = re.compile(rf"`({'|'.join(MODULES)})\.([A-Z][A-Z0-9_]*)`")
# A figure of the prose, before the constant that holds it: "5 patients (`evidence.MINIMAL_SIZE`)".
FIGURE_IN_PROSE = re.compile(
    r"(?P<figure>[\d,.]+(?:e-\d+)?)(?P<percent>\s%)?(?:\s\w+)?\s+\(`(?P<name>[a-z_]+\.[A-Z0-9_]+)`\)"
)

# What decides nothing of a ranking: how much is named, how finely readings and names are compared, where the
# criteria of "why not" turn and what a patient of a selected study has (by constants of the method), for which line a
# trial is, whom a patient may be one line later, what the former edition was called.
NOT_OF_THE_METHOD = {
    "cells.ALWAYS",
    "cells.BEHIND",
    *("columns.TRUE", "columns.UNKNOWN", "columns.FALSE", "columns.CODE_DIGITS"),  # how a table is written
    "evidence.POSITIVE_VALUES",
    "first_edition.FIRST_EDITION",
    "next_line.INTERVALS",
    "next_line.MOST_PATIENTS",
    "patient.ALIKE",
    "readings.LEAST_DECIMALS",
    "trials.LINE_CRITERIA",
    "why_not.MOST_WAYS",
}
# How much is kept in memory or worked on at a time, what is the faster way for how many, and where the tables of
# standings keep what.
OF_SPEED = re.compile(r"tables\.\w+|\w+\.(?:\w*KEPT\w*|\w+_BYTES|\w*AT_A_TIME|COMPARED_UP_TO)")


def constants() -> Iterator[tuple[str, Any]]:
    """Every constant that a module of the rules defines in its own lines."""
    for stem in MODULES:
        module = import_module(f"regimens.rules.{stem}")
        own = set(re.findall(r"^([A-Z][A-Z0-9_]*(?:, [A-Z][A-Z0-9_]*)*)(?:: .+)? = ", _source(stem), re.MULTILINE))
        for name in ", ".join(own).split(", "):
            if name:
                yield f"{stem}.{name}", getattr(module, name)


def _source(stem: str) -> str:
    return (Path(rules.__file__).parent / f"{stem}.py").read_text(encoding="utf-8")


def is_numeric(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(is_numeric(one) for one in value.values())
    if isinstance(value, tuple):
        return any(is_numeric(one) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def test_its_tables_are_those_of_the_constants() -> None:
    assert method_tables.filled_in(TEXT) == TEXT, "run `make method`"


def test_it_has_every_table_once() -> None:
    found = [match["name"] for match in method_tables.BETWEEN_MARKERS.finditer(TEXT)]
    assert sorted(found) == sorted(method_tables.tables())
    assert len(found) == TEXT.count("<!-- table: ") == TEXT.count("<!-- end -->")


def test_a_constant_that_changes_makes_it_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "LINE_WEIGHT", {**synthesis.LINE_WEIGHT, "first": 0.35})
    assert method_tables.filled_in(TEXT) != TEXT
    monkeypatch.undo()
    monkeypatch.setattr(synthesis, "COHORT_FOR_LEVEL", 11)
    assert method_tables.filled_in(TEXT) != TEXT


def test_every_constant_that_it_names_is_there() -> None:
    named = set(NAMED.findall(TEXT))
    assert len(named) > 30
    assert [name for name in named if not hasattr(import_module(f"regimens.rules.{name[0]}"), name[1])] == []


def test_every_figure_of_the_rules_is_in_it() -> None:
    named = {".".join(name) for name in NAMED.findall(TEXT)}
    numeric = {name for name, value in constants() if is_numeric(value)}
    assert {name for name in numeric - named if not OF_SPEED.fullmatch(name)} == NOT_OF_THE_METHOD


def test_every_row_of_the_last_table_is_what_its_constant_holds() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([\d.e-]+) \| [^|]* \| `([a-z_]+\.[A-Z0-9_]+)` \|$", TEXT, re.MULTILINE)
    assert len(rows) == len(method_tables.FIGURES)
    assert [name for figure, name in rows if float(figure) != method_tables.constant(name)] == []


def test_figures_of_the_prose_are_what_their_constants_hold() -> None:
    found = list(FIGURE_IN_PROSE.finditer(TEXT))
    assert len(found) == len(re.findall(r"\(`[a-z_]+\.[A-Z0-9_]+`\)", TEXT)) > 15
    for match in found:
        figure = float(match["figure"].replace(",", "")) / (100 if match["percent"] else 1)
        assert figure == method_tables.constant(match["name"]), match[0]


def test_sections_are_numbered_as_the_code_cites_them() -> None:
    sections = [int(number) for number in re.findall(r"^## (\d+)\. ", TEXT, re.MULTILINE)]
    assert sections == list(range(1, 15))
    cited = {int(number) for stem in MODULES for number in re.findall(r"METHOD,? sections? (\d+)", _source(stem))}
    assert cited <= set(sections)

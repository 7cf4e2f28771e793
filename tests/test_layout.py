"""How the tests are laid out: rooms as those of the code, and no test module that another one imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import ROOT

TESTS = ROOT / "tests"
# Declared in pyproject.toml; tests/postgresql.py runs what bears it.
MARKED = "pytest.mark.postgresql"


def imported(source: str, package: tuple[str, ...] = ("tests",)) -> Iterator[str]:
    """The names of the modules that a module of a package imports, and of what it takes from them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{one.name}" for one in node.names)


def of_tests(name: str) -> bool:
    """Whether something is in a module that pytest collects or loads by itself."""
    return any(part == "conftest" or part.startswith("test_") for part in name.split("."))


def test_what_tests_share_is_in_no_test_module() -> None:
    """Helpers and factories have modules of their own; a fixture comes by its name."""
    found = []
    for path in sorted(TESTS.rglob("*.py")):
        package = ("tests", *path.parent.relative_to(TESTS).parts)
        names = imported(path.read_text(encoding="utf-8"), package)
        found += [f"{path}: {name}" for name in names if name.startswith("tests.") and of_tests(name)]
    assert found == []


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("from tests.boards.test_pages import PAGE", True),
        ("from .test_pages import PAGE", True),
        ("from . import test_pages", True),
        ("import tests.boards.test_pages", True),
        ("from ..conftest import page", True),
        ("from tests.factories.boards import a_board", False),
        ("from . import factories", False),
    ],
)
def test_what_is_imported_is_found(source: str, is_one: bool) -> None:
    names = list(imported(source, ("tests", "boards")))
    assert names and all(name.startswith("tests.") for name in names)
    assert any(map(of_tests, names)) == is_one


# What a module names that asks the database for more than any database does alike.
OF_THE_DATABASE = re.compile(r"\b(own_database|without_triggers|IntegrityError|cursor|connection\.vendor)\b")


def test_what_depends_on_the_database_runs_on_both() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)}
    alone = {path for path, source in sources.items() if OF_THE_DATABASE.search(source) and MARKED not in source}
    assert alone <= set((TESTS / "upgrade").glob("test_*.py"))  # which brings a database of each kind along


def test_each_room_of_the_code_has_one_here() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"} | {"rules"}
    assert rooms <= {path.name for path in TESTS.iterdir() if any(path.glob("test_*.py"))}

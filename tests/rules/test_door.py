"""The rules know nothing of the web app around them: they import the standard library, NumPy, SciPy and themselves."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regimens import rules

ALLOWED = {*sys.stdlib_module_names, "numpy", "scipy", "regimens.rules"}
MODULES = sorted(Path(rules.__file__).parent.rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """What a module of `regimens.rules` imports, wherever in it: the top-level package, or `regimens.rules`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = {0: "", 1: "regimens.rules", 2: "regimens"}.get(node.level, "beyond the top")
            names = [".".join(part for part in (parent, node.module) if part)]
        else:
            continue
        for name in names:
            is_ours = name == "regimens.rules" or name.startswith("regimens.rules.")
            yield "regimens.rules" if is_ours else name.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_of_the_rules_imports_nothing_of_the_app(path: Path) -> None:
    assert set(imported(path.read_text())) <= ALLOWED


SOURCE = """
import numpy.random
from .logic import check_criterion
if True:
    from ..models import choices
def f():
    import django.db
"""


def test_imports_are_seen_wherever_they_stand() -> None:
    assert set(imported(SOURCE)) == {"numpy", "regimens.rules", "regimens", "django"}

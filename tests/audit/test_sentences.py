"""Every action has words, which its own app brings."""

from __future__ import annotations

import ast
import importlib

import pytest

from audit.sentences import known_actions
from tests.databases import ROOT


@pytest.mark.parametrize("app", ["accounts", "audit", "boards", "curation", "interop", "regimens"])
def test_each_action_has_words_of_its_own_app(app: str) -> None:
    """Every action named in the sources, so that a new one is neither shown by its code nor named elsewhere."""
    named = {
        call.args[0].value
        for path in (ROOT / app).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("record", "_record")
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    words = importlib.import_module("audit.sentences" if app == "audit" else f"{app}.event_words")
    own = set(words._phrases if app == "audit" else words._PHRASES)
    assert named
    assert named <= own | {"export"}
    assert own <= set(known_actions())

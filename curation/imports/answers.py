"""What a register does not say of a new trial, and a curator is asked for: questions as a file, and the answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import Histology, Line, SelectionBiomarker, Site

from .clinicaltrials import CURATED, RegisteredTrial

HINTS = {
    "intervention": "the treatment in a few words",
    "line": f"one of {', '.join(Line.values)}",
    "histology": f"one of {', '.join(Histology.values)}",
    "sites": f"a list from {', '.join(Site.values)}",
    "biomarker": f"null, or one of {', '.join(SelectionBiomarker.values)}",
    "regimen": "null, or the slug of a regimen",
}


def questions(trials: Iterable[RegisteredTrial]) -> str:
    """A file to fill in, with what the register says beside each question as a comment."""
    lines = [
        "# What the register does not say of these trials. Replace each null, then import again with this file.",
        "",
    ]
    for trial in trials:
        lines += [f"- nct: {trial.nct}", *_register(trial)]
        lines += [f"  {name}: null  # {HINTS[name]}" for name in CURATED]
        lines.append("")
    return "\n".join(lines)


def read_answers(path: Path, asked: Collection[str]) -> tuple[dict[str, dict[str, Any]], list[LoadProblem]]:
    """Answers by trial, and everything that is wrong with their file; their values are for the rules to judge."""
    file = str(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        return {}, [LoadProblem(file, "", "", None, f"cannot be read: {' '.join(str(error).split())}")]
    if not isinstance(content, list):
        return {}, [LoadProblem(file, "", "", None, "a list of trials")]
    answers: dict[str, dict[str, Any]] = {}
    problems: list[LoadProblem] = []
    for position, given in enumerate(content):
        nct = str(given.get("nct")) if isinstance(given, dict) else f"entry {position}"
        found = list(_wrong(given, nct, asked, answers))
        problems += [LoadProblem(file, nct, *one) for one in found]
        if not found:
            answers[nct] = {name: given[name] for name in CURATED if given.get(name) is not None}
    return answers, problems


def _wrong(given: Any, nct: str, asked: Collection[str], answers: Collection[str]) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(given, dict):
        yield "", given, f"a trial with nct and {', '.join(CURATED)}"
        return
    if nct not in asked:
        yield "nct", None, "a new trial of this import"
    if nct in answers:
        yield "nct", None, "each trial once"
    for name in given:
        if name != "nct" and name not in CURATED:
            yield str(name), None, f"one of {', '.join(CURATED)}"


def _register(trial: RegisteredTrial) -> Iterator[str]:
    said = {
        "title": [trial.title],
        "conditions": trial.conditions,
        "interventions": trial.interventions,
        "arms": trial.arms,
        "criteria": trial.criteria,
    }
    for name, values in said.items():
        for value in values:
            yield f"  # {name}: {' '.join(value.split())}"

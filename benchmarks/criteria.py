"""The criteria of a release on the same patients by these rules, by zen-engine and by cql-execution.

The two are put into a folder of their own, never beside the application: zen-engine (a Rust engine of decisions) from
PyPI, cql-execution (the reference for clinical criteria in ELM) from npm. Where one cannot be had, that is said.
Every truth is compared. What is counted is processor time, of the fastest way that each offers.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import CriteriaBuilder, Criterion, Truth, as_data
from regimens.rules.patient import DERIVED, FEATURES, Patient

from .timing import say

ROUNDS = 7
Truths = list[list[Truth]]
HERE = Path(__file__).parent


class Missing(Exception):  # noqa: N818 - says what there is not
    """An engine that cannot be had here, and why."""


def measure_criteria(knowledge: Knowledge, patients: Sequence[Patient], folder: Path) -> None:
    every = list(_criteria(knowledge.document))
    distinct = list({as_data(criterion): criterion for criterion in every}.values())
    for name, criteria in (("all criteria", every), ("distinct criteria", distinct)):
        asked = len(criteria) * len(patients)
        before, truths = _by_these_rules(criteria, patients)
        lines = []
        for engine, aim, by_engine in (("zen-engine", "2 x", _by_zen), ("cql-execution", "20 x", _by_cql)):
            try:
                seconds, found = by_engine(criteria, patients, folder)
            except Missing as missing:
                lines.append((engine, "not here", str(missing)))
                continue
            pairs = zip(chain.from_iterable(truths), chain.from_iterable(found), strict=True)
            differing = sum(ours is not theirs for ours, theirs in pairs)
            ratio = f"{seconds / before:.1f} x slower (aim: {aim}), {differing} truths differ"
            lines.append((engine, f"{asked / seconds / 1e6:.2f} million/s", ratio))
        ours = statistics.median([before, _by_these_rules(criteria, patients)[0]])
        note = f"{len(criteria)} criteria, {len(patients)} patients"
        say(f"{name}: these rules", f"{asked / ours / 1e6:.2f} million/s", note)
        for engine, value, note in lines:
            say(f"{name}: {engine}", value, note)


def _criteria(document: Mapping[str, Any]) -> Iterable[Criterion]:
    """As they stand in the evidence base, many of them several times."""
    yield from (row["when"] for row in document["indications"])
    yield from (row["when"] for row in document["licences"])
    for row in (*document["drugs"], *document["regimens"]):
        yield from (caution["when"] for caution in row["cautions"] or ())
    yield from (row["requires"] for row in document["regimens"] if row["requires"])


def _by_these_rules(criteria: Sequence[Criterion], patients: Sequence[Patient]) -> tuple[float, Truths]:
    builder = CriteriaBuilder()
    places = [builder.place(criterion) for criterion in criteria]
    built = builder.built()

    def ask() -> Truths:
        found = []
        for patient in patients:
            truths = built.truths(built.state(patient.values))
            found.append([truths[place] for place in places])
        return found

    return _seconds(ask), ask()


def _seconds(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _plain(patient: Patient) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in patient.values.items()}


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]


def _asked_elsewhere(command: list[str], folder: Path, given: Mapping[str, Any]) -> tuple[float, Truths]:
    """What another program answers, which takes its question from one file and writes into another."""
    question, answer = folder / "question.json", folder / "answer.json"
    question.write_text(json.dumps(given), encoding="utf-8")
    subprocess.run([*command, str(question), str(answer)], check=True, timeout=600)
    found = json.loads(answer.read_text(encoding="utf-8"))
    return statistics.median(found["seconds"]), found["truths"]


def _installed(command: list[str], what: str) -> None:
    """Runs what puts an engine there."""
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        raise Missing(f"{what}: {said.decode(errors='replace').strip().splitlines()[-1][:80]}") from error


def _by_zen(criteria: Sequence[Criterion], patients: Sequence[Patient], folder: Path) -> tuple[float, Truths]:
    python = folder / "zen" / "bin" / "python"
    if not python.exists():
        _installed([sys.executable, "-m", "venv", str(folder / "zen")], "no environment")
        _installed([str(python), "-m", "pip", "install", "--quiet", "zen-engine"], "not to be had from PyPI")
    unknown = dict.fromkeys([*FEATURES, *DERIVED])
    return _asked_elsewhere(
        [str(python), str(HERE / "ask_zen.py")],
        folder,
        {
            "criteria": [_as_zen(criterion) for criterion in criteria],
            "patients": [{**unknown, **_plain(patient)} for patient in patients],
            "rounds": ROUNDS,
        },
    )


_SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def _as_zen(criterion: Criterion) -> str:
    """In the expression language of zen-engine, with Kleene's connectives, which it has not."""
    if not criterion:
        return "true"
    if "feature" in criterion:
        feature = criterion["feature"]
        (operator,) = criterion.keys() - {"feature"}
        wanted = [json.dumps(value) for value in _listed(criterion[operator])]
        if operator in _SIGNS:
            holds = f"{feature} {_SIGNS[operator]} {wanted[0]}"
        elif operator == "includes":
            holds = " or ".join(f"{slug} in {feature}" for slug in wanted)
        else:
            holds = f"{feature} == {wanted[0]}" if len(wanted) == 1 else f"{feature} in [{', '.join(wanted)}]"
        return f"({feature} == null ? null : {holds})"
    if "not" in criterion:
        inner = _as_zen(criterion["not"])
        return f"({inner} == null ? null : not {inner})"
    joint, decided, other = ("all", "false", "true") if "all" in criterion else ("any", "true", "false")
    parts = [_as_zen(part) for part in criterion[joint]]
    is_decided = " or ".join(f"{part} == {decided}" for part in parts)
    is_unknown = " or ".join(f"{part} == null" for part in parts)
    return f"(({is_decided}) ? {decided} : (({is_unknown}) ? null : {other}))"


def _by_cql(criteria: Sequence[Criterion], patients: Sequence[Patient], folder: Path) -> tuple[float, Truths]:
    node = folder / "cql"
    if not (node / "node_modules" / "cql-execution").exists():
        node.mkdir(exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(node), "cql-execution"]
        _installed(install, "not to be had from npm")
    return _asked_elsewhere(
        ["node", str(HERE / "ask_cql.js"), str(node / "node_modules" / "cql-execution")],
        folder,
        {
            "library": _elm_library(criteria),
            "patients": [
                {"id": str(number), "recordType": "Patient", **_plain(patient)}
                for number, patient in enumerate(patients)
            ],
            "rounds": ROUNDS,
        },
    )


_COMPARISONS = {"at_least": "GreaterOrEqual", "above": "Greater", "at_most": "LessOrEqual", "below": "Less"}
_TYPES = {bool: "Boolean", str: "String", int: "Decimal", float: "Decimal"}


def _elm_library(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """The criteria as a library of the Expression Logical Model, into which CQL is compiled."""
    retrieve = {
        "type": "Retrieve",
        "dataType": "{https://github.com/cqframework/cql-execution/simple}Patient",
    }
    patient = {
        "name": "Patient",
        "context": "Patient",
        "expression": {"type": "SingletonFrom", "operand": retrieve},
    }
    defined = [
        {"name": f"c{number}", "context": "Patient", "accessLevel": "Public", "expression": _as_elm(criterion)}
        for number, criterion in enumerate(criteria)
    ]
    return {
        "library": {
            "identifier": {"id": "Criteria", "version": "1"},
            "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
            "usings": {"def": [{"localIdentifier": "System", "uri": "urn:hl7-org:elm-types:r1"}]},
            "statements": {"def": [patient, *defined]},
        }
    }


def _as_elm(criterion: Criterion) -> dict[str, Any]:
    if not criterion:
        return _elm_literal(True)
    if "feature" in criterion:
        patient = {"type": "ExpressionRef", "name": "Patient"}
        value = {"type": "Property", "path": criterion["feature"], "source": patient}
        (operator,) = criterion.keys() - {"feature"}
        wanted = [_elm_literal(each) for each in _listed(criterion[operator])]
        if operator in _COMPARISONS:
            return {"type": _COMPARISONS[operator], "operand": [value, wanted[0]]}
        if operator == "is":
            return _elm_joined("Or", [{"type": "Equal", "operand": [value, each]} for each in wanted])
        holds = _elm_joined("Or", [{"type": "In", "operand": [each, value]} for each in wanted])
        return {
            "type": "If",
            "condition": {"type": "IsNull", "operand": value},
            "then": {"type": "Null"},
            "else": holds,
        }
    if "not" in criterion:
        return {"type": "Not", "operand": _as_elm(criterion["not"])}
    kind, joint = ("And", "all") if "all" in criterion else ("Or", "any")
    return _elm_joined(kind, [_as_elm(part) for part in criterion[joint]])


def _elm_joined(kind: str, parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return reduce(lambda one, other: {"type": kind, "operand": [one, other]}, parts)


def _elm_literal(value: Any) -> dict[str, Any]:
    kind = "{urn:hl7-org:elm-types:r1}" + _TYPES[type(value)]
    text = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else repr(float(value))
    return {"type": "Literal", "valueType": kind, "value": text}

"""Criteria as lines of text, for those who edit them, and back.

    Ki-67 at least 55                                 a comparison; the feature by its words or its name
    MSI / MMR is not high
    primary site is stomach, oesophagus               one value, or any of several
    regimens received include folfiri
    any of:                                           or `all of:`, `not:`; what is meant stands indented below
      TMB-high is yes
      not Ki-67 below 20
    everybody                                         always true

Several lines stand for all of them. JSON, as the evidence files have it, is read as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regimens.rules.patient import DERIVED, FEATURES, Feature

ALL_FEATURES: Mapping[str, Feature] = {**FEATURES, **DERIVED}
EVERYBODY = "everybody"

# Each operator of a comparison as it is written, those that begin like others first; and whether it denies.
_OPERATORS = {
    "at least": ("at_least", False),
    "at most": ("at_most", False),
    "above": ("above", False),
    "below": ("below", False),
    ">=": ("at_least", False),
    "<=": ("at_most", False),
    ">": ("above", False),
    "<": ("below", False),
    "is not": ("is", True),
    "is": ("is", False),
    "=": ("is", False),
    "does not include": ("includes", True),
    "do not include": ("includes", True),
    "includes": ("includes", False),
    "include": ("includes", False),
}
_COMPARISON = re.compile(
    r"(?P<feature>.+?)\s*(?:(?<=\s)(?P<word>"
    + "|".join(word.replace(" ", r"\s+") for word in _OPERATORS if word[0].isalpha())
    + r")\s|(?P<sign>>=|<=|>|<|=))\s*(?P<value>.+)",
    re.IGNORECASE,
)
_GROUP = re.compile(r"(all of|any of|not)\s*:", re.IGNORECASE)
_GROUPS = {"all of": "all", "any of": "any", "not": "not"}
_SAYS = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}

_NAMES = {
    words.casefold(): name for name, feature in ALL_FEATURES.items() for words in (name, name.replace("_", " "))
} | {feature.label.casefold(): name for name, feature in ALL_FEATURES.items()}


class CriterionTextError(ValueError):
    """A text that is no criterion; the message names the line and what could stand there."""


@dataclass(frozen=True)
class _Line:
    number: int
    indent: int
    text: str


def from_text(text: str) -> Any:
    """The criterion that a text says. Raises CriterionTextError.

    Whether its values are allowed is for `regimens.rules.logic.check_criterion`.
    """
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CriterionTextError(f"this is no JSON: {error}") from error
    lines = [
        _Line(number, len(line) - len(line.lstrip()), line.strip())
        for number, line in enumerate(text.expandtabs(4).splitlines(), start=1)
        if line.strip()
    ]
    if not lines:
        return {}
    return _together(_block(lines))


def to_text(criterion: Mapping[str, Any]) -> str:
    """A checked criterion as `from_text` reads it."""
    return "\n".join(_lines(criterion, ""))


def _block(lines: list[_Line]) -> list[Any]:
    """The criteria that lines of one block say, each head taking what stands indented below it."""
    found = []
    rest = list(lines)
    while rest:
        head = rest.pop(0)
        below = []
        while rest and rest[0].indent > head.indent:
            below.append(rest.pop(0))
        found.append(_criterion(head, below))
    return found


def _criterion(head: _Line, below: list[_Line]) -> Any:
    group = _GROUP.fullmatch(head.text)
    if group:
        if not below:
            raise CriterionTextError(f"line {head.number}: what “{head.text}” is about stands below it, indented")
        name, parts = _GROUPS[group[1].lower()], _block(below)
        return {"not": _together(parts)} if name == "not" else {name: parts}
    if below:
        raise CriterionTextError(
            f"line {below[0].number}: only what belongs to “all of:”, “any of:” or “not:” is indented"
        )
    if head.text.casefold() in (EVERYBODY, "always"):
        return {}
    if head.text[:4].casefold() == "not ":
        return {"not": _comparison(head.number, head.text[4:].strip())}
    return _comparison(head.number, head.text)


def _together(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else {"all": parts}


def _comparison(number: int, text: str) -> Any:
    found = _COMPARISON.fullmatch(text)
    if not found:
        raise CriterionTextError(
            f"line {number}: “{text}” is no comparison, such as “Ki-67 at least 55” or “MSI / MMR is high”"
        )
    name = _NAMES.get(" ".join(found["feature"].casefold().split()))
    if name is None:
        raise CriterionTextError(f"line {number}: there is no feature “{found['feature']}”")
    word = " ".join((found["word"] or found["sign"]).lower().split())
    operator, is_denied = _OPERATORS[word]
    feature = ALL_FEATURES[name]
    values = [_value(feature, part.strip()) for part in found["value"].split(",") if part.strip()]
    if not values:
        raise CriterionTextError(f"line {number}: a value is missing")
    if len(values) > 1 and operator not in ("is", "includes"):
        raise CriterionTextError(f"line {number}: one value, not several")
    comparison = {"feature": name, operator: values[0] if len(values) == 1 else values}
    return {"not": comparison} if is_denied else comparison


def _value(feature: Feature, text: str) -> Any:
    """A value as the feature has it; what it cannot have stays as it is, to be refused by name."""
    if feature.kind == "flag":
        return _FLAGS.get(text.casefold(), text)
    if feature.is_numeric:
        plain = text.removesuffix(feature.unit).strip() if feature.unit else text
        try:
            number = float(plain)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    if feature.kind == "choice":
        words = {wording.casefold(): value for value, wording in feature.values.items()}
        keys = {value.casefold(): value for value in feature.values}
        return (words | keys).get(text.casefold(), text)
    return text


def _lines(criterion: Mapping[str, Any], indent: str, *, inside: bool = False) -> Iterator[str]:
    if not criterion:
        yield indent + EVERYBODY
    elif "feature" in criterion:
        yield indent + _said(criterion, denied=False)
    elif "not" in criterion:
        inner = criterion["not"]
        if "feature" in inner:
            yield indent + _said(inner, denied=True)
        else:
            yield f"{indent}not:"
            yield from _lines(inner, f"{indent}  ")
    elif "all" in criterion and len(criterion["all"]) > 1 and not inside:
        for part in criterion["all"]:
            yield from _lines(part, indent, inside=True)
    else:
        joint = "all" if "all" in criterion else "any"
        yield f"{indent}{joint} of:"
        for part in criterion[joint]:
            yield from _lines(part, f"{indent}  ", inside=True)


def _said(comparison: Mapping[str, Any], *, denied: bool) -> str:
    feature = ALL_FEATURES[comparison["feature"]]
    operator = next(name for name in comparison if name != "feature")
    wanted = comparison[operator]
    values = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    value = ", ".join(_as_text(feature, one) for one in values)
    if operator in _SAYS:
        return f"{'not ' if denied else ''}{feature.label} {_SAYS[operator]} {value}"
    if operator == "includes":
        return f"{feature.label} {'do not include' if denied else 'include'} {value}"
    return f"{feature.label} {'is not' if denied else 'is'} {value}"


def _as_text(feature: Feature, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)

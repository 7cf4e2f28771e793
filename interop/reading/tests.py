"""Observations that are a number or a choice: laboratory, performance status, immune stains, and what is like them.

Source: INTEROP, section 3.3 (codes, numbers) and the table of section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from interop.terminology.codes import Code, Coding, Terminology

from . import words
from .dates import Span, newest
from .elements import (
    Resource,
    codings,
    codings_in,
    has_no_value,
    number,
    some_tables,
    table,
    tables,
    text,
    value_key,
)
from .references import Entry
from .statements import Source, Statement, date_of_observation, parts, said

UCUM = "http://unitsofmeasure.org"
# Codes of these say why there is no value, also where they stand beside one.
NO_VALUE = frozenset(
    {
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    }
)
HUNDREDTH = Decimal("0.01")
PROTEINS = ("MLH1", "MSH2", "MSH6", "PMS2")
ENZYMES = ("AST", "ALT")


def statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    """What an Observation says of the features that are a number or a choice."""
    date = date_of_observation(entry.resource)
    for part, path in parts(entry.resource):
        coded = codings(part, "code", path)
        asked = [question for question in terms.asked(coded) if question.reads != "question"]
        named = [*(display for _, _, display in coded), text(table(part, "code", path), "text", path)]
        for question in asked:
            element, value, why, shown = _answer(part, path, question, terms)
            if value is not None and any(words.names_another(each, question) for each in named):
                value, why = None, "display"
            elif value is not None and len({each.feature for each in asked}) > 1:
                value, why = None, "not-specific"  # one answer to several questions
            of = str(question.value) if question.reads in ("enzyme", "protein") else ""
            yield said(entry, question.feature, value, element, date, why=why, part=of, shown=shown)


def together(found: Sequence[Statement]) -> Iterator[Statement]:
    """The features that several Observations give together: mismatch repair of its proteins, AST and ALT."""
    for names, joined in ((PROTEINS, _mismatch_repair), (ENZYMES, _higher)):
        spoken = [each for each in found if each.part in names]
        if newest := _newest_of_each(spoken):
            yield joined(newest)
            yield from older(spoken, [each for several in newest.values() for each in several])


def older(spoken: Sequence[Statement], counting: Sequence[Statement]) -> Iterator[Statement]:
    """Those that say something else of their part than the newest do."""
    counted = {*map(id, counting)}
    said_now = {(each.part, each.value) for each in counting}
    for each in spoken:
        if id(each) not in counted and (each.part, each.value) not in said_now:
            yield each.excluded(each.why or ("superseded" if each.date else "undated"))


def _mismatch_repair(proteins: dict[str, list[Statement]]) -> Statement:
    """One protein absent is dMMR; all four present is stable, as old as the oldest of them."""
    known = {name: {each.value for each in newest} for name, newest in proteins.items()}
    all_found = [each for newest in proteins.values() for each in newest]
    absent = [each for name, newest in proteins.items() for each in newest if known[name] == {"negative"}]
    if absent:
        return _of("msi", "high", absent, heard=all_found, take="newest")
    if all(known.get(name) == {"positive"} for name in PROTEINS):
        return _of("msi", "stable", all_found, heard=all_found, take="oldest")
    is_split = any(len(values - {None}) > 1 for values in known.values())
    return _without_value("msi", all_found, "conflict" if is_split else "")


def _higher(enzymes: dict[str, list[Statement]]) -> Statement:
    """The higher of the two, where both are known; as old as the older one."""
    all_found = [each for newest in enzymes.values() for each in newest]
    values = {name: {each.value for each in newest} for name, newest in enzymes.items()}
    if all(len(values.get(name, ())) == 1 and None not in values[name] for name in ENZYMES):
        high = max(next(iter(each)) for each in values.values())
        return _of("ast_alt_uln", high, all_found, heard=all_found, take="oldest")
    is_split = any(len(each - {None}) > 1 for each in values.values())
    return _without_value("ast_alt_uln", all_found, "conflict" if is_split else "")


def _newest_of_each(found: Iterable[Statement]) -> dict[str, list[Statement]]:
    """By part the statements that count: the newest with a value, undated ones only where no dated one is."""
    by_part: dict[str, list[Statement]] = {}
    for each in found:
        by_part.setdefault(each.part, []).append(each)
    return {part: newest_with_value(each) or each for part, each in by_part.items()}


def newest_with_value(found: Sequence[Statement]) -> list[Statement]:
    valued = [each for each in found if each.value is not None]
    dated = [each for each in valued if each.date]
    spans = newest(each.date for each in dated if each.date)
    return [each for each in dated if each.date in spans] if dated else valued


def _of(feature: str, value: Any, basis: Sequence[Statement], *, heard: Sequence[Statement], take: str) -> Statement:
    """A statement that several make together, dated by the newest or the oldest of its basis."""
    return Statement(feature, value, "", date_among([each.date for each in basis], take), sources_of(heard))


def date_among(dates: Sequence[Span | None], take: str) -> Span | None:
    """The oldest or the newest of several dates; None where one is missing and so the age is not known."""
    known = [each for each in dates if each]
    if len(known) < len(dates) or not known:
        return None

    def order(each: Span) -> tuple[Any, ...]:
        return each.first, each.last, each.written

    return min(known, key=order) if take == "oldest" else max(known, key=order)


def sources_of(found: Iterable[Statement]) -> tuple[Source, ...]:
    every = {source for each in found for source in each.sources}
    return tuple(sorted(every, key=lambda source: (source.resource, source.element)))


def _without_value(feature: str, found: Sequence[Statement], why: str) -> Statement:
    reasons = {each.why for each in found if each.value is None}
    only = reasons.pop() if len(reasons) == 1 and all(each.value is None for each in found) else "not-specific"
    date = date_among([each.date for each in found], "newest")
    return Statement(feature, None, why or only, date, sources_of(found))


def _answer(part: Resource, path: str, question: Code, terms: Terminology) -> tuple[str, Any, str, str]:
    """The element, the value, why there is none, and what was written in its place."""
    key = value_key(part)
    element = f"{path}.{key}" if path and key else key or (path or "value")
    if has_no_value(part, key):
        return element, None, "no-value", ""
    if question.reads == "not-specific":
        return element, None, "not-specific", ""
    if question.reads in ("number", "enzyme"):
        return element, *_number(part, path, key, question)
    if key == "valueInteger" and question.settings.get("integer"):
        whole = number(part, key, path)
        return element, None if whole is None else int(whole), "", ""
    if key == "valueCodeableConcept":
        concept = table(part, key, path)
        if question.reads == "protein":
            return element, *_plain_answer(part, path, concept, codings_in(concept, element), terms)
        return element, *_choice(part, path, concept, codings_in(concept, element), question, terms)
    return element, None, "free-text" if key == "valueString" else "not-specific", ""


def _number(part: Resource, path: str, key: str, question: Code) -> tuple[Any, str, str]:
    units = question.settings["units"]
    if key == "valueInteger":
        whole = number(part, key, path)
        return (None if whole is None else _plain(whole), "", "") if "" in units else (None, "unit", str(whole))
    if key == "valueRange":
        within = table(part, key, path)
        ends = [table(within, end, key) for end in ("low", "high")]
        return None, "range", " to ".join(_written(end) for end in ends if end)
    if key != "valueQuantity":
        return None, _no_number(part, path, key), ""
    quantity = table(part, key, path)
    value, unit = number(quantity, "value", key), _unit(quantity, key)
    if value is None:
        return None, "no-value", ""
    if text(quantity, "comparator", key):
        return None, "comparator", _written(quantity)
    if question.settings.get("uln") and unit not in units:
        return _of_limit(part, path, value, unit, quantity)
    if unit is None or unit not in units:
        return None, "unit", _written(quantity)
    if units[unit] == 100 and not 0 <= value <= 1:
        return None, "unit", _written(quantity)
    return _plain(value * Decimal(str(units[unit]))), "", ""


def _no_number(part: Resource, path: str, key: str) -> str:
    if key == "valueString":
        return "free-text"
    if key == "valueCodeableConcept" and not codings(part, key, path):
        return "free-text" if text(table(part, key, path), "text", key) else "no-value"
    return "not-specific"


def _of_limit(part: Resource, path: str, value: Decimal, unit: str | None, quantity: Resource) -> tuple[Any, str, str]:
    """A value as multiples of the upper limit of the same Observation, to the hundredth."""
    limits = set()
    for within in tables(part, "referenceRange", path):
        kinds = {code for _, code, _ in codings(within, "type", "referenceRange")}
        high = table(within, "high", "referenceRange")
        limit = number(high, "value", "referenceRange.high")
        if kinds <= {"normal"} and limit is not None and unit and _unit(high, "referenceRange.high") == unit:
            limits.add(limit)
    if len(limits) != 1 or (limit := limits.pop()) <= 0:
        return None, "no-reference-range", _written(quantity)
    try:
        return _plain((value / limit).quantize(HUNDREDTH, ROUND_HALF_UP)), "", ""
    except ArithmeticError:
        return None, "out-of-range", ""


def _unit(quantity: Resource, path: str) -> str | None:
    """The UCUM code; "" where there is no unit at all, None where it is of another system."""
    code, system = text(quantity, "code", path), text(quantity, "system", path)
    if code and system not in ("", UCUM):
        return None
    return code or text(quantity, "unit", path)


def _written(quantity: Resource) -> str:
    """A quantity as it stands, short, for the page."""
    value = quantity.get("value")
    unit = quantity.get("unit") or quantity.get("code") or ""
    sign = quantity.get("comparator") or ""
    return f"{sign} {value if isinstance(value, (int, Decimal)) else ''} {unit if isinstance(unit, str) else ''}"[
        :40
    ].strip()


def _plain(value: Decimal) -> int | float:
    """As JSON has it: whole numbers without a fraction."""
    plain = float(value)
    return int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain


def _choice(
    part: Resource, path: str, concept: Resource, found: list[Coding], question: Code, terms: Terminology
) -> tuple[Any, str, str]:
    """An answer of a list. What is shown or interpreted as another answer of it makes it unusable."""
    if not found:
        return None, "free-text" if text(concept, "text", "value") else "no-value", ""
    if any(system in NO_VALUE for system, _, _ in found):
        return None, "no-value", ""
    values, whys = set(), set()
    for coding in found:
        value, why = _meaning(coding, question, terms)
        if why:
            whys.add(why)
        else:
            values.add(value)
    if "indeterminate" in whys:
        return None, "indeterminate", ""
    if len(values) > 1:
        return None, "conflict", ""
    if not values or _has_unknown_beside(found, question, terms):
        return None, "not-specific", ""
    value = values.pop()
    plain = {code.value for coding in found if (code := terms.find("shared-answer", coding))}
    if words.is_plainly_another(value, plain, question):
        return None, "conflict", ""
    said_beside = [*(display for _, _, display in found), text(concept, "text", "value")]
    why = words.contradicted(value, said_beside, question, terms)
    why = why or words.interpreted_otherwise(value, _interpretations(part, path), question)
    return (None, why, "") if why else (value, "", "")


def _has_unknown_beside(found: list[Coding], question: Code, terms: Terminology) -> bool:
    """Whether a second answer of the same system is one that we do not know, and so may be another one."""
    known = {each: _is_answer(each, question, terms) for each in found}
    answered = {system for (system, _, _), is_known in known.items() if is_known}
    return any(system in answered and not is_known for (system, _, _), is_known in known.items())


def _is_answer(coding: Coding, question: Code, terms: Terminology) -> bool:
    return bool(terms.find("answer", coding, question.feature) or terms.find("shared-answer", coding))


def _interpretations(part: Resource, path: str) -> Iterator[str]:
    for each in some_tables(part, "interpretation", path):
        for _, code, _ in codings_in(each, "interpretation"):
            yield code


def _meaning(coding: Coding, question: Code, terms: Terminology) -> tuple[Any, str]:
    feature, shared = question.feature, question.settings.get("shared", {})
    if own := terms.find("answer", coding, feature):
        return (own.value, "") if own.value is not None else (None, "not-specific")
    common = terms.find("shared-answer", coding)
    if common is None:
        return None, "not-specific"
    if common.value == "indeterminate":
        return None, "indeterminate"
    return (shared[common.value], "") if common.value in shared else (None, "not-specific")


def _plain_answer(
    part: Resource, path: str, concept: Resource, found: list[Coding], terms: Terminology
) -> tuple[Any, str, str]:
    """Positive or negative, as many tests say it."""
    plain = Code("", "", "", "choice", "", None, "", {"shared": {"positive": "positive", "negative": "negative"}})
    return _choice(part, path, concept, found, plain, terms)


def answer_of(part: Resource, path: str, terms: Terminology) -> tuple[str, Any, str]:
    """The element, whether it is positive or negative, and why it is neither."""
    key = value_key(part)
    element = f"{path}.{key}" if path and key else key or "value"
    if has_no_value(part, key):
        return element, None, "no-value"
    if key != "valueCodeableConcept":
        return element, None, "free-text" if key == "valueString" else "not-specific"
    concept = table(part, key, path)
    value, why, _ = _plain_answer(part, path, concept, codings_in(concept, element), terms)
    return element, value, why

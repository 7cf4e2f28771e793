"""What is written beside a code, where it says something else than the code does: then neither is believed.

A display decides nothing by itself. It makes an answer unusable where it is another answer of the same list, or says
that there is none; likewise the interpretation of a laboratory. Source: INTEROP, section 3.3 ("Codes").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interop.terminology.codes import Code, Terminology

INDETERMINATE = "indeterminate"
# What a plain positive or negative may mean, where a question has answers of its own.
PLAIN: Mapping[str, Mapping[str, frozenset[Any]]] = {
    "msi": {"positive": frozenset({"high"}), "negative": frozenset({"stable"})},
    "her2": {"positive": frozenset({"ihc-2+", "ihc-3+"}), "negative": frozenset({"negative", "ihc-1+", "ihc-2+"})},
}
# An equivocal stain has a value: it is 2+.
UNDECIDED = {"her2": "ihc-2+"}
# Whose displays are numbers, which stand in a description for other things too: read only where they stand alone.
ALONE = frozenset({"ecog"})
INTERPRETED = {
    **dict.fromkeys(("POS", "DET"), "positive"),
    **dict.fromkeys(("NEG", "ND"), "negative"),
    **dict.fromkeys(("IND", "E"), INDETERMINATE),
}
GENES: Mapping[str, frozenset[str]] = {
    "braf_v600e": frozenset({"BRAF"}),
    "ret": frozenset({"RET"}),
    "her2": frozenset({"HER2", "ERBB2"}),
}
SYMBOLS = frozenset(
    {
        *(
            "BRAF",
            "RET",
            "HER2",
            "ERBB2",
            "KRAS",
            "NRAS",
            "HRAS",
            "NTRK",
            "NTRK1",
            "NTRK2",
            "NTRK3",
            "RB1",
            "DLL3",
            "MGMT",
        ),
        *("MLH1", "MSH2", "MSH6", "PMS2", "ALK", "EGFR", "MET", "ROS1", "KIT"),
    }
)
_NEGATION = re.compile(
    r"\b(?:no|not|non|none|never|without|nicht|kein\w*|ohne|sans|pas|aucune?|sin|ning[uú]n\w*)\b", re.IGNORECASE
)
_SYMBOL = re.compile(r"\b[A-Z][A-Z0-9]{1,11}\b")


@dataclass(frozen=True)
class _Shown:
    """How the answers to a question are shown: each phrase with the values that it may mean."""

    values: Mapping[str, frozenset[Any]]
    phrases: re.Pattern[str]


def contradicted(value: Any, said: Iterable[str], question: Code, terms: Terminology) -> str:
    """Why a value is not to be believed by what is shown for it; "" where it is."""
    shown = _shown(question, terms)
    for each in said:
        means = _means(each, shown, question)
        if any(INDETERMINATE in values for values in means) and value != UNDECIDED.get(question.feature):
            return INDETERMINATE
        told = [values for values in means if INDETERMINATE not in values]
        if told and not any(value in values for values in told):
            return "display"
    return ""


def interpreted_otherwise(value: Any, codes: Iterable[str], question: Code) -> str:
    """Why a value is not to be believed by a laboratory's interpretation of it; "" where it is."""
    means = {INTERPRETED[code] for code in codes if code in INTERPRETED}
    if INDETERMINATE in means and value != UNDECIDED.get(question.feature):
        return INDETERMINATE
    return "conflict" if is_plainly_another(value, means, question) else ""


def is_plainly_another(value: Any, plain: Collection[str], question: Code) -> bool:
    """Whether positive or negative, as it is also said, is not what the value says."""
    meant = _plain(question)
    return any(value not in meant[word] for word in plain if word in meant)


def names_another(written: str, question: Code) -> bool:
    """Whether a question is shown as that of another gene or protein than its code asks about."""
    own = frozenset({str(question.value)}) if question.reads == "protein" else GENES.get(question.feature, frozenset())
    named = SYMBOLS.intersection(_SYMBOL.findall(written)) if own else frozenset[str]()
    return bool(named) and not named & own


def _plain(question: Code) -> Mapping[str, frozenset[Any]]:
    shared = question.settings.get("shared", {})
    return PLAIN.get(question.feature, {}) | {word: frozenset({value}) for word, value in shared.items()}  # type: ignore[operator]


def _shown(question: Code, terms: Terminology) -> _Shown:
    key = (question.feature, tuple(sorted(question.settings.get("shared", {}).items())))
    if key not in terms.kept:
        terms.kept[key] = _made(question, terms)
    found: _Shown = terms.kept[key]
    return found


def _made(question: Code, terms: Terminology) -> _Shown:
    plain, values = _plain(question), dict[str, frozenset[Any]]()
    for code in terms.of("shared-answer"):
        for each in code.settings.get("displays", ()):
            values[str(each).casefold()] = (
                frozenset({INDETERMINATE})
                if code.value == INDETERMINATE
                else plain.get(code.value, frozenset({f"plain {code.value}"}))
            )
    for code in terms.of("answer"):
        if code.feature == question.feature:
            for each in code.settings.get("displays", ()):
                values[str(each).casefold()] = frozenset({code.value})
    longest = "|".join(re.escape(each) for each in sorted(values, key=lambda each: (-len(each), each)))
    return _Shown(values, re.compile(rf"(?<![\w+])(?:{longest})(?![\w+])"))


def _means(written: str, shown: _Shown, question: Code) -> list[frozenset[Any]]:
    """What the words say, the longest phrases first; with a negation besides only that there is no answer."""
    folded = " ".join(written.casefold().split())
    if folded in shown.values:
        return [shown.values[folded]]
    if not folded or question.feature in ALONE:
        return []
    found = [shown.values[each] for each in shown.phrases.findall(folded)]
    if _NEGATION.search(shown.phrases.sub(" ", folded)):
        return [values for values in found if INDETERMINATE in values]
    return found

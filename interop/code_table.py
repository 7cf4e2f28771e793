"""Every code that the reader understands as rows of a table, for the page `/interop/`."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import capfirst

from interop.terminology import Code, terminology
from regimens.rules.patient import FEATURES
from regimens.wording.sentences import ACTIVE

from .words import READ_AS

# Of which feature a code speaks where it names none itself.
FEATURES_OF = {"drug": "prior_regimens", "regimen-name": "prior_regimens", "status": "progressed_on"}


@dataclass(frozen=True)
class CodeRow:
    """A code in all of its systems; `names` are what is read as one where there is no code."""

    systems: tuple[str, ...]
    code: str
    means: str
    read_as: str
    feature: str
    value: str
    seen: str
    is_local: bool


def rows(words: str = "") -> list[CodeRow]:
    """Those in which all of the words stand, in the order of the files."""
    together: dict[tuple[object, ...], list[Code]] = {}
    for code in terminology().codes:
        key = (code.code, code.means, code.reads, code.feature, str(code.value), code.seen, code.is_local)
        together.setdefault(key, []).append(code)
    wanted = words.casefold().split()
    found = [_row(codes) for codes in together.values()]
    return [row for row in found if all(word in _written(row) for word in wanted)]


def _row(codes: list[Code]) -> CodeRow:
    code = codes[0]
    feature = FEATURES.get(code.feature or FEATURES_OF.get(code.reads, ""))
    return CodeRow(
        systems=tuple(each.system for each in codes if each.system),
        code=code.code,
        means=code.means,
        read_as=str(READ_AS[code.reads]),
        feature=capfirst(ACTIVE.text(feature.label)) if feature else "",
        value=_value(code),
        seen=code.seen,
        is_local=code.is_local,
    )


def _value(code: Code) -> str:
    feature = FEATURES.get(code.feature)
    if code.value is None:
        return ""
    if feature and (isinstance(code.value, bool) or code.value in feature.values):
        return feature.worded(code.value, ACTIVE)
    return str(code.value)


def _written(row: CodeRow) -> str:
    parts = (*row.systems, row.code, row.means, row.read_as, row.feature, row.value)
    return " ".join(parts).casefold()

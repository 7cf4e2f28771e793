"""Cautions in the library, the gravest first: when each holds, of what it is, what it says, and whose text that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.models.choices import CautionLevel
from regimens.rules.evidence import Caution
from regimens.rules.knowledge import Knowledge
from regimens.wording.cautions import basis_of, section_of
from regimens.wording.citations import Link, sentence
from regimens.wording.indications import criterion_words

from .parts import sources

# What each level does to a regimen.
MEANINGS: Mapping[str, Promise] = {
    "contraindicated": gettext_lazy("a regimen with it is not suitable where this holds"),
    "avoid": gettext_lazy("advised against: a regimen with it is not suitable where this holds"),
    "caution": gettext_lazy("to be heeded; the order stays"),
}


@dataclass(frozen=True)
class CautionRow:
    """A caution.

    when      what has to hold for it
    of        of what it is: drugs, or the regimen; empty where the page says so
    softened  what makes it less grave
    text      in English, as the evidence base has it; section: which part of a label, likewise
    basis     whose label, and whether it was read for this drug
    """

    when: str
    of: tuple[str, ...]
    softened: str
    text: str
    basis: str
    section: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class CautionGroup:
    level: str
    title: str
    meaning: str
    cautions: tuple[CautionRow, ...]


def caution_groups(found: Iterable[tuple[Caution, str, str]], knowledge: Knowledge) -> tuple[CautionGroup, ...]:
    """Cautions by level, each with what it is of and what softens it ("" for neither); alike of several drugs, once."""
    merged: dict[object, tuple[Caution, dict[str, None], str]] = {}
    for caution, of, softened in found:
        of_what = merged.setdefault((*caution.identity, caution.text, softened), (caution, {}, softened))[1]
        of_what |= {of: None} if of else {}
    rows = [(caution.level, _row(caution, tuple(of), softened, knowledge)) for caution, of, softened in merged.values()]
    return tuple(
        CautionGroup(level.value, str(level.label), str(MEANINGS[level.value]), those)
        for level in CautionLevel
        if (those := tuple(row for of_level, row in rows if of_level == level))
    )


def _row(caution: Caution, of: tuple[str, ...], softened: str, knowledge: Knowledge) -> CautionRow:
    return CautionRow(
        when=capfirst(criterion_words(caution.when, knowledge) or _("every patient")),
        of=of,
        softened=softened,
        text=sentence(caution.text),
        basis=basis_of(caution, knowledge),
        section=section_of(caution),
        links=sources({"url": caution.url, "read_on": caution.read_on}),
    )

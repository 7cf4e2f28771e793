"""One code with what it means, and all of them with the questions that the reader asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# A code as FHIR sends it: the address of its system, the code, and what is shown for it.
Coding = tuple[str, str, str]

# What a code is read as. A prefix of ICD or ICD-O holds for every code that starts with it; the longest one counts.
PREFIXES = frozenset(
    {"site", "gynaecological-site", "secondary", "condition", "condition-not-specific", "diagnosis", "antineoplastic"}
)
# Codes that ask: one code cannot ask two things.
QUESTIONS = frozenset({"number", "enzyme", "not-specific", "choice", "protein", "question"})
READS = (
    QUESTIONS
    | PREFIXES
    | {
        *("answer", "shared-answer", "element", "mark", "metaboliser", "gene", "change", "morphology", "grade"),
        *("no-drug-allergy", "ctcae", "status", "ended", "intent", "regimen-name", "drug"),
    }
)


@dataclass(frozen=True)
class Code:
    """A code of one system, or a name that is read as one (`code` empty).

    reads     what it is read as, one of READS
    feature   the feature that it speaks about, "" where several or none
    value     what it says: a value of the feature, or a word of the reader's
    means     in our own words
    seen      on which page the code was seen
    settings  what else its block says: `units`, `uln`, `shared`, `integer`, `displays`, `names`, `needs_active`, …
    is_local  whether it is the hospital's own
    """

    system: str
    code: str
    means: str
    reads: str
    feature: str
    value: Any
    seen: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_local: bool = False

    @property
    def family(self) -> tuple[str, str]:
        """Within a family a code may stand once."""
        reads = "asks" if self.reads in QUESTIONS else self.reads
        return reads, self.feature if self.reads in ("answer", "change") else ""


@dataclass(frozen=True)
class Terminology:
    """All codes, in the order of their files.

    systems     for each address the short name of its system
    extensions  addresses of the extensions in which codes stand, by our name
    """

    codes: tuple[Code, ...]
    systems: Mapping[str, str]
    extensions: Mapping[str, frozenset[str]]
    sources: Mapping[str, str]

    def find(self, reads: str, coding: Coding, feature: str = "") -> Code | None:
        """What a coding says, read as `reads` (of a feature); None where it is not known."""
        system = self.systems.get(coding[0], coding[0])
        if reads in PREFIXES:
            return self._longest(reads, system, coding[1])
        return self._exact.get((reads, feature, system, coding[1]))

    def first(self, reads: str, codings: Iterable[Coding], feature: str = "") -> Code | None:
        """What the first of several codings says that is known."""
        return next(self.all(reads, codings, feature), None)

    def all(self, reads: str, codings: Iterable[Coding], feature: str = "") -> Iterator[Code]:
        for coding in codings:
            if found := self.find(reads, coding, feature):
                yield found

    def asked(self, codings: Iterable[Coding]) -> list[Code]:
        """The questions that a resource answers, each once."""
        systems = ((self.systems.get(system, system), code) for system, code, _ in codings)
        return list(dict.fromkeys(self._questions[key] for key in systems if key in self._questions))

    def of(self, reads: str) -> tuple[Code, ...]:
        return self._by_reads.get(reads, ())

    def system(self, coding: Coding) -> str:
        """The short name of its system, or the address as it is."""
        return self.systems.get(coding[0], coding[0])

    def _longest(self, reads: str, system: str, code: str) -> Code | None:
        known = self._prefixes.get((reads, system), {})
        return next((known[code[:length]] for length in range(len(code), 0, -1) if code[:length] in known), None)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What is made of the codes once, and asked often."""
        return {}

    @cached_property
    def _by_reads(self) -> dict[str, tuple[Code, ...]]:
        found: dict[str, list[Code]] = {}
        for code in self.codes:
            found.setdefault(code.reads, []).append(code)
        return {reads: tuple(codes) for reads, codes in found.items()}

    @cached_property
    def _exact(self) -> dict[tuple[str, str, str, str], Code]:
        return {(each.reads, each.family[1], each.system, each.code): each for each in self.codes if each.code}

    @cached_property
    def _questions(self) -> dict[tuple[str, str], Code]:
        return {(each.system, each.code): each for each in self.codes if each.reads in QUESTIONS}

    @cached_property
    def _prefixes(self) -> dict[tuple[str, str], dict[str, Code]]:
        found: dict[tuple[str, str], dict[str, Code]] = {}
        for each in self.codes:
            if each.reads in PREFIXES:
                found.setdefault((each.reads, each.system), {})[each.code] = each
        return found

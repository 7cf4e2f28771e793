"""Which drug a medication is: by its code, or by a name that stands in its text as a whole word.

Source: INTEROP, section 4 ("Drugs").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from interop.terminology.codes import Terminology
from regimens.rules.evidence import Drug

from .elements import Resource, codings_in, text
from .references import Entry, Record

START = 3  # letters by which names are looked up
_WORD = re.compile(r"(?<!\w)\w")
SHORTEST_SYNONYM = 5  # letters: "CAP", "LV" or "S-1" inside a text may be anything
# A name that stands beside its drug's makes another drug of it, which shares the code.
VARIANTS = {
    "irinotecan": ("liposomal-irinotecan", ("liposom", "onivyde")),
    "paclitaxel": ("nab-paclitaxel", ("albumin", "protein-bound", "protein bound", "abraxane")),
    "doxorubicin": ("pegylated-liposomal-doxorubicin", ("pegylated", "doxil", "caelyx")),
}


@dataclass(frozen=True)
class Found:
    """The drugs of a medication, by slug; "?" before a code stands for a cancer drug that is not known.

    is_contradicted  whether its code and its name are of two drugs: then it cannot be used
    """

    slugs: frozenset[str] = frozenset()
    is_coded: bool = False
    is_contradicted: bool = False


class Drugs:
    """The drugs of the terminology and of a release, by code and by name."""

    def __init__(self, terms: Terminology, known: Mapping[str, Drug]):
        self.terms = terms
        self.supportive = frozenset(code.value for code in terms.of("drug") if code.settings.get("supportive"))
        names = {code.means.casefold(): code.value for code in terms.of("drug") if not code.code}
        for slug, drug in known.items():
            for name in (drug.name, *drug.synonyms):
                if len(name) >= SHORTEST_SYNONYM:
                    names.setdefault(name.casefold(), slug)
        self._by_start: dict[str, list[tuple[str, str]]] = {}
        for name in sorted(names, key=lambda name: (-len(name), name)):
            self._by_start.setdefault(name[:START], []).append((name, names[name]))

    def of(self, concept: Resource, path: str) -> Found:
        """What the codes of a medication say, or its text and displays where they say nothing."""
        coded = codings_in(concept, path)
        slugs = {code.value for code in self.terms.all("drug", coded)}
        if not slugs:
            slugs = {f"?{code[1]}" for code in coded if self.terms.find("antineoplastic", code)}
        words = " ".join((text(concept, "text", path), *(display for _, _, display in coded))).casefold()
        named = self._named(words)
        if not named or not slugs:
            return Found(frozenset(slugs or named), is_coded=bool(slugs))
        if all(slug.startswith("?") for slug in slugs):
            return Found(frozenset(named), is_coded=True)
        variants = {VARIANTS[slug][0] for slug in slugs if slug in VARIANTS}
        if both := named & (slugs | variants):
            refined = {VARIANTS[slug][0] if slug in VARIANTS and VARIANTS[slug][0] in both else slug for slug in slugs}
            return Found(frozenset(refined), is_coded=True)
        return Found(frozenset(slugs), is_coded=True, is_contradicted=True)

    def of_medication(self, entry: Entry, record: Record) -> tuple[Found, str]:
        """The drugs of a medication resource, with the element that says so."""
        resource = entry.resource
        concept = resource.get("medicationCodeableConcept")
        if isinstance(concept, dict):
            return self.of(concept, "medicationCodeableConcept"), "medicationCodeableConcept"
        reference = resource.get("medicationReference")
        element = "medicationReference"
        medication = record.resolve(reference, resource)
        if medication is None:
            display = reference.get("display") if isinstance(reference, dict) else None
            return Found(frozenset(self._named(display.casefold()) if isinstance(display, str) else ())), element
        if medication.resource.get("modifierExtension") or medication.resource.get("implicitRules"):
            return Found(), element
        code = medication.resource.get("code")
        return (self.of(code, "code") if isinstance(code, dict) else Found()), element

    def _named(self, words: str) -> set[str]:
        """The drugs whose names stand in a text as whole words, the longest first; `words` is in lower case."""
        found, position = set(), 0
        for start in _WORD.finditer(words):
            if start.start() < position:
                continue
            for name, slug in self._by_start.get(words[start.start() : start.start() + START], ()):
                end = start.start() + len(name)
                if words.startswith(name, start.start()) and not (words[end : end + 1].isalnum()):
                    found.add(slug)
                    position = end
                    break
        for drug, (variant, beside) in VARIANTS.items():
            if drug in found and any(word in words for word in beside):
                found = (found - {drug}) | {variant}
        return found

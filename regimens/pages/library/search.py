"""The searches of the library: whatever a drug is called, its regimens, publications and trials are found by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from display.cache import kept
from regimens.rules.evidence import Drug, Regimen
from regimens.rules.knowledge import Knowledge


def is_found(words: str, terms: Iterable[str | None]) -> bool:
    """Whether every word of a search stands in one of the terms; "cpt11" stands in "CPT-11"."""
    wanted = [_forms(word) for word in words.split()]
    if not wanted:
        return True
    texts = [_forms(term) for term in terms if term]
    return all(
        any(word in folded or (bare_word and bare_word in bare) for folded, bare in texts) for word, bare_word in wanted
    )


def drug_terms(drug: Drug) -> Iterator[str]:
    """Every name that a drug goes by: international, brands, abbreviations, codes of its makers."""
    yield from (drug.slug, drug.name, *drug.synonyms)


def class_terms(drug: Drug, knowledge: Knowledge) -> Iterator[str]:
    """The exposure classes of a drug."""
    for slug in sorted(drug.classes):
        yield from (slug, knowledge.exposure_classes[slug].name)


def regimen_terms(regimen: Regimen, knowledge: Knowledge) -> Iterator[str]:
    """Every name of a regimen and of its drugs."""
    yield from (regimen.slug, regimen.name)
    for slug in sorted(regimen.all_drugs):
        yield from drug_terms(knowledge.drugs[slug])


def terms_of(slugs: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    """The same of several regimens."""
    for slug in slugs:
        yield from regimen_terms(knowledge.regimens[slug], knowledge)


def known_by(words: str, knowledge: Knowledge) -> tuple[tuple[Drug, ...], tuple[Regimen, ...]]:
    """The drugs that go by a name, and the regimens that have it in theirs: "CAPOX" stands in "XELOX (CAPOX)"."""
    _, wanted = _forms(words)
    if not wanted:
        return (), ()

    def is_meant(terms: Iterable[str]) -> bool:
        return any(_forms(term)[1] == wanted for term in terms)

    drugs = (drug for drug in knowledge.drugs.values() if is_meant(drug_terms(drug)))
    regimens = (one for one in knowledge.regimens.values() if is_meant((one.name, *re.split(r"[ ()]+", one.name))))
    return tuple(drugs), tuple(regimens)


# Some thousand names and titles, asked for again by each search.
@kept(most=4096)
def _forms(term: str) -> tuple[str, str]:
    """A term without case and accents, and of that the letters and digits alone."""
    plain = unicodedata.normalize("NFKD", term.casefold())
    folded = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return folded, "".join(filter(str.isalnum, folded))

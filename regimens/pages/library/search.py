"""The searches of the library: whatever an entry is called, it is found by it, as are the regimens of a drug.

What is searched is written as `regimens.wording.names` writes names. A word of at most three letters has to stand alone
("RET" is no part of "retrospective"), unless nothing is found so. A name that nothing is called is read as one that is
written nearly so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

from regimens.rules.evidence import Drug, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.wording.indications import criterion_words
from regimens.wording.names import bare, meant, plain

# Names of one thing that no entry of the evidence base need hold: an entry that has one of them is found by the others.
SYNONYMS: Sequence[tuple[str, ...]] = (
    ("xelox", "capox", "capeox"),
    ("prrt", "radioligand", "peptide receptor radionuclide therapy", "lutathera", "177lu dotatate"),
    ("bsc", "best supportive care"),
    ("dpyd", "dpd", "dihydropyrimidine dehydrogenase"),
    ("ugt1a1", "gilbert"),
    ("msi", "msih", "mmr", "dmmr", "microsatellite instability", "mismatch repair"),
    ("tmb", "tumor mutational burden", "mutational load"),
    ("her2", "erbb2"),
    ("ntrk", "ntrk1", "trk", "neurotrophic"),
    ("pdl1", "cd274"),
    ("sstr", "somatostatin receptor", "dotatate pet", "dotatoc"),
    ("rb1", "retinoblastoma"),
    ("sclc", "smallcell lung cancer", "small cell lung cancer"),
    ("lcnec", "largecell neuroendocrine", "large cell neuroendocrine"),
    ("nec", "neuroendocrine carcinoma"),
    ("cup", "unknown primary"),
)
# One of several spellings of the same.
SPELLINGS = (
    ("tumour", "tumor"),
    ("oesoph", "esoph"),
    ("gynaec", "gynec"),
    ("haem", "hem"),
    ("anaem", "anem"),
    ("randomiz", "randomis"),
)
LONGEST_NAME = 40  # what is longer is a title or a sentence, whose words are not written as one

# What stands before a number where it was copied: of a register, PubMed or a publisher.
_ADDRESSES = re.compile(
    r"https?://(?:dx\.)?doi\.org/|https?://pubmed\.ncbi\.nlm\.nih\.gov/|https?://(?:www\.)?clinicaltrials\.gov/\S*(?=NCT)"
    r"|\bdoi:\s*|\bpmid:?\s*(?=\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Searched:
    """What an entry is searched in.

    names   what it is called, each as one word
    text    its names and whatever else is known of it
    spelt   how each name is written, by the one word of it
    """

    names: frozenset[str]
    text: str
    spelt: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def written(self) -> frozenset[str]:
        """Its names and those of its drugs, each as one word."""
        return frozenset(line for line in self.text.split("\n") if " " not in line)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.text.split())


class HasSearched(Protocol):
    @property
    def searched(self) -> Searched: ...


Entry = TypeVar("Entry", bound=HasSearched)


def searched(names: Iterable[str | None], texts: Iterable[str | None] = ()) -> Searched:
    """From what an entry is called, and what else it is found by."""
    called = [name for name in names if name]
    written: dict[str, None] = {}
    spelt: dict[str, str] = {}
    for term in (*called, *filter(None, texts)):
        written |= dict.fromkeys((plain(term), plain(re.sub(r"[-/,;()–+]", " ", term))))
        if len(term) <= LONGEST_NAME:
            written[bare(term)] = None
            spelt.setdefault(_spelt(bare(term)), term)
    text = _spelt("\n".join(written))
    words = {*text.split()}
    for group in SYNONYMS:
        if any(name in text if " " in name else name in words for name in group):
            text = "\n".join((text, *group))
    return Searched(frozenset(_spelt(bare(name)) for name in called), text, spelt)


def chosen(words: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries in which every word of a search is found, in their order; all of them where nothing is searched."""
    found = list(entries)
    wanted = _wanted(words)
    if not words.strip():
        return found
    if not wanted:
        return []
    return _so_called(wanted, found) or _nearly(wanted, found)


def guessed(words: str, entries: Iterable[Entry]) -> tuple[str, ...]:
    """The names for which a search was taken, as they are written, where nothing is called as it was typed."""
    found = list(entries)
    wanted = _wanted(words)
    if not wanted or _so_called(wanted, found):
        return ()
    names = _names(found)
    whole = meant("".join(wanted), names)
    read = whole or frozenset().union(*_by_word(wanted, names)) - set(wanted)
    spelt = {name: entry.searched.spelt.get(name, name) for entry in found for name in entry.searched.written & read}
    return tuple(sorted(spelt.values(), key=str.casefold))


def best_first(words: str, entries: Iterable[Entry]) -> list[Entry]:
    """The same, those first that are called so, then those that have every word in a name."""
    wanted = _wanted(words)
    whole = "".join(wanted)

    def rank(entry: Entry) -> int:
        names = entry.searched.names
        if whole in names:
            return 0
        return 1 if any(all(word in name for word in wanted) for name in names) else 2

    return sorted(chosen(words, entries), key=rank)


def drug_terms(drug: Drug) -> Iterator[str]:
    """Every name that a drug goes by: international, brands, abbreviations, codes of its makers."""
    yield from (drug.slug, drug.name, *drug.synonyms)


def class_terms(drug: Drug, knowledge: Knowledge) -> Iterator[str]:
    """The exposure classes of a drug."""
    for slug in sorted(drug.classes):
        yield from (slug, knowledge.exposure_classes[slug].name)


def caution_terms(drug: Drug, knowledge: Knowledge) -> Iterator[str]:
    """What the cautions of a drug ask of a patient: a drug is found by what has to be tested before it."""
    for caution in drug.cautions:
        yield criterion_words(caution.when, knowledge)


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
    wanted = bare(words)
    if not wanted:
        return (), ()

    def is_meant(terms: Iterable[str]) -> bool:
        return any(bare(term) == wanted for term in terms)

    drugs = (drug for drug in knowledge.drugs.values() if is_meant(drug_terms(drug)))
    regimens = (one for one in knowledge.regimens.values() if is_meant((one.name, *re.split(r"[ ()]+", one.name))))
    return tuple(drugs), tuple(regimens)


def _so_called(wanted: list[str], entries: list[Entry]) -> list[Entry]:
    strictly = [entry for entry in entries if all(_stands_in(word, entry.searched) for word in wanted)]
    return strictly or [entry for entry in entries if all(word in entry.searched.text for word in wanted)]


def _nearly(wanted: list[str], entries: list[Entry]) -> list[Entry]:
    """Where nothing is called so: the entries with every word, the mistyped ones as the names that were meant."""
    names = _names(entries)
    if whole := meant("".join(wanted), names):
        return [entry for entry in entries if whole & entry.searched.written]
    read = _by_word(wanted, names)
    return [
        entry
        for entry in entries
        if read and all(any(name in written for written in entry.searched.written for name in ones) for ones in read)
    ]


def _names(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(name for entry in entries for name in entry.searched.written)


def _by_word(wanted: list[str], names: frozenset[str]) -> list[frozenset[str]]:
    """What each word was meant for; empty where one was for nothing, or none is mistyped."""
    read = [frozenset({word}) if any(word in name for name in names) else meant(word, names) for word in wanted]
    is_mistyped = any(word not in ones for word, ones in zip(wanted, read, strict=True))
    return read if all(read) and is_mistyped else []


def _wanted(words: str) -> list[str]:
    return [written for word in _ADDRESSES.sub("", words).split() if (written := _spelt(bare(word)))]


def _spelt(text: str) -> str:
    for other, one in SPELLINGS:
        text = text.replace(other, one)
    return text


def _stands_in(word: str, entry: Searched) -> bool:
    return word in entry.words if len(word) <= 3 and word.isalpha() else word in entry.text

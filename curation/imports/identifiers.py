"""What a person pastes to name a text or a trial: a PMID, a DOI or an NCT number, alone or in an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

_NCT = re.compile(r"NCT\s?(\d{8})(?!\d)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"(?:PMID|PubMed)?\s*:?\s*([1-9]\d{0,7})", re.IGNORECASE)
_PUBMED_PAGE = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/([1-9]\d{0,7})(?!\d)")
# What stands behind a DOI in a sentence or an address, and is none of it.
_BEHIND = re.compile(r"[?#].*$|(?:/(?:full|pdf|abstract|epdf))?[.,;:)\]>\"”]*$")


class IdentifierKind(StrEnum):
    PMID = "PMID"
    DOI = "DOI"
    NCT = "NCT"


@dataclass(frozen=True)
class Identifier:
    """By what a text or a trial is known; `value` as the evidence base writes it."""

    kind: IdentifierKind
    value: str

    def __str__(self) -> str:
        return self.value if self.kind is IdentifierKind.NCT else f"{self.kind} {self.value}"


def identifier_in(text: str) -> Identifier | None:
    """The one that was pasted; None where there is none."""
    text = text.strip()
    if found := _NCT.search(text):
        return Identifier(IdentifierKind.NCT, f"NCT{found[1]}")
    if found := _PUBMED_PAGE.search(text):
        return Identifier(IdentifierKind.PMID, found[1])
    doi = bare_doi(text)
    if _DOI.fullmatch(doi):
        return Identifier(IdentifierKind.DOI, doi)
    if found := _PMID.fullmatch(text):
        return Identifier(IdentifierKind.PMID, found[1])
    return None


def bare_doi(text: str) -> str:
    """The DOI in a pasted address or reference, without what stands around it; the text itself where there is none."""
    found = _DOI.search(unquote(text.strip()))
    if found is None:
        return text
    doi = found[0]
    while (shorter := _BEHIND.sub("", doi)) != doi:
        # A bracket that closes what the DOI itself opens is of the DOI, as in 10.1016/S0140-6736(23)00001-2.
        if doi.endswith(")") and doi.count("(") >= doi.count(")"):
            break
        doi = shorter
    return doi

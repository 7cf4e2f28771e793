"""What a source gives, in one shape: a record of PubMed, a trial of the register, an item of a feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.identity import Identified, of_citation, plain
from curation.imports.clinicaltrials import RegisteredTrial
from curation.imports.pubmed import PrintedNotice, PubmedRecord
from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import TrialStatus

LONGEST_TEXT = 6000  # characters of what else a record says; an abstract is some 2,000
NCT_NUMBER = re.compile(r"NCT\d{8}")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>?#]+")


@dataclass(frozen=True)
class Record:
    """A record as it was found.

    text       what else the source says of it, in which words are looked for
    registers  register numbers that it names
    trial      as the register gives it, of a trial alone
    citation   as PubMed gives it, of a publication alone
    """

    title: str
    author: str = ""
    year: int | None = None
    pmid: str = ""
    doi: str = ""
    nct: str = ""
    place: str = ""
    url: str = ""
    text: str = ""
    registers: tuple[str, ...] = ()
    trial: RegisteredTrial | None = None
    citation: PubmedRecord | None = None

    @property
    def identity(self) -> str:
        """By what it is known again in this form; `known` knows it in others as well."""
        if self.nct:
            return f"nct:{self.nct}"
        if self.pmid:
            return f"pmid:{self.pmid}"
        if self.doi:
            return f"doi:{self.doi.lower()}"
        return f"link:{hashlib.sha256((self.url or self.title).encode()).hexdigest()}"

    @property
    def identified(self) -> Identified:
        return of_citation(
            pmid=self.pmid or None, doi=self.doi or None, title=self.title, year=self.year, author=self.author
        )

    def stored(self) -> dict[str, Any]:
        """What a proposal is made of later: plain values, which `curation.imports.found` reads."""
        if self.trial is not None:
            version = self.trial.version
            return {"trial": asdict(self.trial) | {"version": version.isoformat() if version else None}}
        return {"citation": asdict(self.citation)} if self.citation is not None else {}


@dataclass(frozen=True)
class ReportedAgainst:
    """A notice against a text, by whatever identifies the text."""

    text: Identified
    notice: PrintedNotice


@dataclass(frozen=True)
class Answer:
    """What a source or a file gives.

    held      keys of held entries of which the source said something
    skipped   of a feed, items in which none of the words occurs; of a register, studies that are no trials
    problems  records that could not be read, by what they are called
    """

    records: tuple[Record, ...] = ()
    notices: tuple[ReportedAgainst, ...] = ()
    skipped: int = 0
    problems: tuple[LoadProblem, ...] = ()

    def __add__(self, other: Answer) -> Answer:
        return Answer(
            self.records + other.records,
            self.notices + other.notices,
            self.skipped + other.skipped,
            self.problems + other.problems,
        )


@dataclass(frozen=True)
class MoreSaid:
    """What a record of PubMed says beside its citation: abstract, and register numbers."""

    text: str = ""
    registers: tuple[str, ...] = field(default_factory=tuple)


def of_pubmed(records: Iterable[PubmedRecord], more: Mapping[str, MoreSaid]) -> Answer:
    """Records of PubMed, and the notices that they bear or are; a notice is no record of its own."""
    found: list[Record] = []
    notices: list[ReportedAgainst] = []
    for record in records:
        notices += [ReportedAgainst(record.identified, notice) for notice in record.notices]
        notices += [ReportedAgainst(_known_by(pmid), notice) for pmid, notice in record.against]
        if record.notice and record.of_title:
            text = of_citation(pmid=None, doi=None, title=record.of_title, year=None, author="")
            notices.append(ReportedAgainst(text, record.notice))
        if not record.is_notice:
            found.append(_of_citation(record, more.get(record.pmid, MoreSaid())))
    return Answer(tuple(found), tuple(notices))


def of_trials(trials: Iterable[RegisteredTrial]) -> tuple[Record, ...]:
    return tuple(
        Record(
            title=trial.title,
            nct=trial.nct,
            place=", ".join(
                part
                for part in (
                    "ClinicalTrials.gov",
                    f"phase {trial.phase}" if trial.phase else "",
                    str(TrialStatus(trial.status).label).lower(),
                    trial.acronym or "",
                )
                if part
            ),
            url=trial.page,
            text=_cut("; ".join([*trial.conditions, *trial.interventions, *trial.arms, *trial.criteria])),
            registers=(trial.nct,),
            trial=trial,
        )
        for trial in trials
    )


def words_in(wanted: Sequence[str], text: str) -> list[str]:
    """Which of the words occur, whatever the case and the marks; one that ends with * begins a word."""
    said = plain(text)
    return [word for word in wanted if re.search(r"\w", word) and _pattern(word).search(said)]


def _pattern(word: str) -> re.Pattern[str]:
    parts = re.findall(r"\w+", plain(word))
    return re.compile(r"\b" + r"\W+".join(parts) + ("" if word.rstrip().endswith("*") else r"\b"))


def _of_citation(record: PubmedRecord, more: MoreSaid) -> Record:
    year = record.years[0] if record.years else None
    where = [record.journals[0] if record.journals else "", str(year or ""), record.locator or ""]
    return Record(
        title=record.title,
        author=record.authors[0] if record.authors else "",
        year=year,
        pmid=record.pmid,
        doi=record.doi or "",
        place=", ".join(filter(None, (*record.authors[:1], *where))),
        url=record.page,
        text=_cut(more.text),
        registers=more.registers,
        citation=record,
    )


def _known_by(pmid: str) -> Identified:
    return Identified(pmid, None, "", None, "")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"

"""Records of PubMed (XML) as entries of the evidence base: bibliography, and notices that were printed against a text.

No figure is read here. What the evidence base knows better, because a person read the text, stays.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError
from django.utils import timezone

from curation.actions.questions import Asked
from curation.identity import (
    LONG_ENOUGH,
    Identified,
    Likeness,
    bears_the_title,
    identified,
    is_marked_retracted,
    likeness,
    look_alikes,
    of_citation,
    plain,
    suspects,
    unmarked,
    words,
)
from regimens.knowledge.loader import LoadError, LoadProblem
from regimens.models.choices import NoticeKind, PublicationKind, Verified

from .bounds import TooLarge, xml_root
from .identifiers import bare_doi
from .web import FetchError, Web

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

API = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"
SEARCH = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"
PMIDS_A_PAGE = 100
MOST_OF_DOI = 10  # records that one DOI may give: an article, its erratum, a comment that names it
NAMED_AUTHORS = 3

# How a text refers to a notice against it, and a notice to the text that it is against.
NOTICE_IN: Mapping[str, NoticeKind] = {
    "RetractionIn": NoticeKind.RETRACTION,
    "RetractedandRepublishedIn": NoticeKind.RETRACTION,
    "PartialRetractionIn": NoticeKind.RETRACTION,
    "ExpressionOfConcernIn": NoticeKind.EXPRESSION_OF_CONCERN,
    "ErratumIn": NoticeKind.ERRATUM,
    "CorrectedandRepublishedIn": NoticeKind.ERRATUM,
}
NOTICE_OF: Mapping[str, NoticeKind] = {
    "RetractionOf": NoticeKind.RETRACTION,
    "ExpressionOfConcernFor": NoticeKind.EXPRESSION_OF_CONCERN,
    "ErratumFor": NoticeKind.ERRATUM,
    "PartialRetractionOf": NoticeKind.RETRACTION,
    # The text that stands in the place of another: that one was retracted or corrected, this one is none.
    "RetractedandRepublishedFrom": NoticeKind.RETRACTION,
    "CorrectedandRepublishedFrom": NoticeKind.ERRATUM,
}
NOTICE_TYPES: Mapping[str, NoticeKind] = {
    "Retraction of Publication": NoticeKind.RETRACTION,
    "Retraction Notice": NoticeKind.RETRACTION,
    "Expression of Concern": NoticeKind.EXPRESSION_OF_CONCERN,
    "Published Erratum": NoticeKind.ERRATUM,
}
# How a notice is called, whatever its type: what follows is the title of the text that it is against.
_TITLED: Sequence[tuple[NoticeKind, str]] = (
    (NoticeKind.RETRACTION, r"(?:partial )?retraction(?: (?:note|notice|statement))?|notice of retraction|withdrawal"),
    (NoticeKind.EXPRESSION_OF_CONCERN, r"(?:editorial )?(?:expression|notice) of concern"),
    (NoticeKind.ERRATUM, r"(?:author |publisher |editorial )?(?:correction|corrigendum|erratum|errata|corrigenda)"),
)
_AGAINST = r"\s*(?:(?:to|of|for|on)?\s*(?::|(?=[“\"'‘]))|(?:to|of|for)\s+the article\b:?)"
NOTICE_TITLES: Sequence[tuple[re.Pattern[str], NoticeKind]] = tuple(
    (re.compile(rf"^\W*(?:{called}){_AGAINST}", re.IGNORECASE), kind) for kind, called in _TITLED
)
RETRACTED_TYPE = "Retracted Publication"

# The kind of a new publication by PubMed's types, the more telling first.
KINDS: Mapping[str, PublicationKind] = {
    "Practice Guideline": PublicationKind.GUIDELINE,
    "Guideline": PublicationKind.GUIDELINE,
    "Consensus Development Conference": PublicationKind.GUIDELINE,
    "Clinical Trial Protocol": PublicationKind.PROTOCOL,
    "Meta-Analysis": PublicationKind.META_ANALYSIS,
    "Network Meta-Analysis": PublicationKind.META_ANALYSIS,
    "Systematic Review": PublicationKind.REVIEW,
    "Review": PublicationKind.REVIEW,
    "Case Reports": PublicationKind.CASE_REPORT,
    "Meeting Abstract": PublicationKind.ABSTRACT,
    "Randomized Controlled Trial": PublicationKind.RESULTS,
    "Controlled Clinical Trial": PublicationKind.RESULTS,
    "Clinical Trial": PublicationKind.RESULTS,
    "Clinical Trial, Phase I": PublicationKind.RESULTS,
    "Clinical Trial, Phase II": PublicationKind.RESULTS,
    "Clinical Trial, Phase III": PublicationKind.RESULTS,
    "Observational Study": PublicationKind.RESULTS,
    "Multicenter Study": PublicationKind.RESULTS,
}
KIND_NOT_GIVEN = (
    "PubMed does not say what kind of text it is; it is taken for one with results, which is to be checked."
)
NO_TITLE = "not available"  # in brackets, where there is no English one
# The number of an article without pages, and no identifier of its publisher: 2400512, e1014, 105d.
ARTICLE_NUMBER = re.compile(r"[A-Za-z]?\d{1,9}[A-Za-z]?")
_LONG_NUMBER = re.compile(r"[a-z]?\d{5,}[a-z]?")  # longer than that of a page
NO_WORDS = frozenset({"and", "for", "from", "the", "with", "without", "after", "before", "study", "trial", "phase"})


@dataclass(frozen=True)
class PrintedNotice:
    """A notice against a text: where it is printed, and the page of PubMed that shows it."""

    kind: NoticeKind
    text: str
    url: str

    def as_entry(self) -> dict[str, str]:
        return {"kind": str(self.kind), "text": self.text, "url": self.url}


@dataclass(frozen=True)
class PubmedRecord:
    """A record of PubMed.

    journals   every name that it gives the journal, the usual abbreviation first
    years      of the issue, and of the first appearance
    against    notices that this text is against others: PMID of the other, and the notice
    trials     numbers in registers that the record links
    preprints  PMIDs of the preprints that this text came after
    bad_dois   those that the record calls invalid
    dois       the others, `doi` first
    of_title   of a notice, the title of the text that it is against, as its own title says it
    notice     of a notice, itself
    """

    pmid: str
    title: str
    authors: tuple[str, ...]
    journals: tuple[str, ...]
    years: tuple[int, ...]
    locator: str | None
    doi: str | None
    kind: PublicationKind | None
    notices: tuple[PrintedNotice, ...]
    against: tuple[tuple[str, PrintedNotice], ...]
    is_notice: bool
    trials: tuple[str, ...] = ()
    preprints: tuple[str, ...] = ()
    bad_dois: tuple[str, ...] = ()
    dois: tuple[str, ...] = ()
    of_title: str = ""
    notice: PrintedNotice | None = None

    @property
    def page(self) -> str:
        return page_of(self.pmid)

    @property
    def identified(self) -> Identified:
        return of_citation(
            pmid=self.pmid,
            doi=self.doi,
            title=self.title,
            year=self.years[0] if self.years else None,
            author=self.authors[0] if self.authors else "",
        )


@dataclass
class RecordsRead:
    """What a set of records says of the evidence base: entries as they shall be, by key, and problems.

    told_apart   by the key of a new one, those that have its DOI and another PMID: two records, until people say more
    """

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    problems: list[LoadProblem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    told_apart: dict[str, tuple[str, ...]] = field(default_factory=dict)


def fetch(pmids: Sequence[str], web: Web, *, api: str = API) -> list[PubmedRecord]:
    """Records from PubMed itself. Raises LoadError with every one that cannot be had."""
    wanted = list(dict.fromkeys(pmids))
    problems = [LoadProblem("--pmid", pmid, "", None, "one to eight digits") for pmid in wanted if not is_pmid(pmid)]
    records: list[PubmedRecord] = []
    if not problems:
        for start in range(0, len(wanted), PMIDS_A_PAGE):
            asked = wanted[start : start + PMIDS_A_PAGE]
            parameters = {"db": "pubmed", "retmode": "xml", "tool": "necapp", "id": ",".join(asked)}
            try:
                found, wrong = read_records(web.read(api, parameters), "PubMed")
            except FetchError as error:
                problems.append(LoadProblem("PubMed", "", "", None, str(error)))
                continue
            records += found
            problems += wrong
            lacking = set(asked) - {record.pmid for record in found} - {problem.key for problem in wrong}
            problems += [
                LoadProblem("PubMed", pmid, "", None, "PubMed knows no such record") for pmid in sorted(lacking)
            ]
    if problems:
        raise LoadError(problems)
    return records


def fetch_by_doi(doi: str, web: Web, *, search: str = SEARCH, api: str = API) -> list[PubmedRecord]:
    """What PubMed's search gives for a DOI; none of it need bear that DOI. Raises LoadError as `fetch` does."""
    term = f'"{doi.replace(chr(34), "")}"[AID]'
    parameters = {"db": "pubmed", "retmode": "json", "tool": "necapp", "term": term, "retmax": str(MOST_OF_DOI)}
    try:
        pmids = [str(one) for one in json.loads(web.read(search, parameters))["esearchresult"]["idlist"]]
    except FetchError as error:
        raise LoadError([LoadProblem("PubMed", doi, "", None, str(error))]) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LoadError([LoadProblem("PubMed", doi, "", None, f"an answer of PubMed's search: {error!r}")]) from error
    if not pmids:
        return []
    if len(pmids) == MOST_OF_DOI:
        raise LoadError([LoadProblem("PubMed", doi, "", None, f"a DOI of which PubMed lists fewer than {MOST_OF_DOI}")])
    return fetch(pmids, web, api=api)


NO_BOOK = "an article: a book is no publication of the evidence base"


def read_records(text: bytes, file: str) -> tuple[list[PubmedRecord], list[LoadProblem]]:
    """The records of a file, and everything that is wrong with it; no entity is expanded and no address followed."""
    try:
        root = xml_root(text)
    except DefusedXmlException as error:
        return [], [
            LoadProblem(file, "", "", None, f"an XML file without entities of its own ({type(error).__name__})")
        ]
    except TooLarge as error:
        return [], [LoadProblem(file, "", "", None, str(error))]
    except (ParseError, ValueError, LookupError) as error:
        return [], [LoadProblem(file, "", "", None, f"no XML: {error}")]
    if root.tag != "PubmedArticleSet":
        return [], [LoadProblem(file, "", "", root.tag, "a PubmedArticleSet")]
    records: list[PubmedRecord] = []
    problems: list[LoadProblem] = []
    for position, element in enumerate(root):
        pmid = _text(element, ".//PMID") or f"record {position}"
        if element.tag == "PubmedBookArticle":
            problems.append(LoadProblem(file, pmid, "", None, NO_BOOK))
        elif element.tag == "PubmedArticle":
            found = list(_lacking(element))
            problems += [LoadProblem(file, pmid, place, value, rule) for place, value, rule in found]
            if not found:
                records.append(_record(element))
    return records, problems


ALONE = "the notice alone is proposed"


def read_against(
    records: Iterable[PubmedRecord],
    publications: Mapping[str, Mapping[str, Any]],
    proposed: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> RecordsRead:
    """The records beside the publications in force, by key: what would be new, and what would differ.

    `proposed` are new publications that wait for a decision: one that is among them has its key, and no other takes it,
    which a record of another PMID is, whatever else they share.
    """
    reading = RecordsRead()
    records = list({record.pmid: record for record in records}.values())
    entries = {key: dict(entry) for key, entry in publications.items()}
    by_pmid = {entry["pmid"]: key for key, entry in publications.items() if entry["pmid"]}
    by_doi = {entry["doi"].lower(): key for key, entry in publications.items() if entry["doi"]}
    unidentified = {key: identified(entry) for key, entry in publications.items() if not entry["pmid"]}
    taken: dict[str, str] = {}
    # Those that an identifier tells come first, so that none takes their place by its words.
    for record in sorted(records, key=lambda one: one.pmid not in by_pmid and (one.doi or "").lower() not in by_doi):
        if record.is_notice:
            continue
        of_doi = by_doi.get((record.doi or "").lower())
        is_its_doi = of_doi and entries[of_doi]["pmid"] in (None, "", record.pmid)
        key = by_pmid.get(record.pmid) or (of_doi if is_its_doi else None)
        by_words = None if key else next(look_alikes(record.identified, unidentified), None)
        key = key or by_words
        if key and of_doi and key != of_doi:
            rule = f"the DOI of {key}, which has this PMID; the evidence base has it on {of_doi}"
            reading.problems.append(LoadProblem("PubMed", record.pmid, "doi", record.doi, rule))
        elif key and key in taken:
            rule = f"one record for {key}: {taken[key]} is the same text"
            reading.problems.append(LoadProblem("PubMed", record.pmid, "pmid", record.pmid, rule))
        elif key and by_words and (other := is_printed_elsewhere(record, entries[key])):
            if record.notices:
                entries[key] = with_notice(entries[key], record.notices)
                reading.pages.setdefault(key, record.page)
                reading.remarks.append(f"{record.pmid}: the title of {key}, printed elsewhere: {ALONE}")
            else:
                rule = f"that of {key}, whose title, year and first author it has ({other}): say by hand whether it is"
                where = record.journals[0] if record.journals else None
                reading.problems.append(LoadProblem("PubMed", record.pmid, "journal", where, rule))
        elif key:
            taken[key] = record.pmid
            reading.questions += questions_on(record, entries[key])
            entries[key] = known_entry(record, entries[key])
            reading.pages[key] = record.page
        elif record.notices and (key := _of_its_title(record, publications)):
            entries[key] = with_notice(entries[key], record.notices)
            reading.pages.setdefault(key, record.page)
            reading.remarks.append(f"{record.pmid}: the title of {key}, which has another PMID, DOI or author: {ALONE}")
        else:
            others = {other: identified(entry) for other, entry in {**proposed, **entries}.items()}
            text = record.identified
            apart = {
                other
                for other, one in others.items()
                if one.pmid not in (None, text.pmid) or (one.doi and text.doi and one.doi != text.doi)
            }
            waiting = {other: others[other] for other in proposed if other not in apart}
            key = next(look_alikes(record.identified, waiting), None) or new_key(record, others)
            if alike := [other for other in suspects(record.identified, others) if other in apart and other != key]:
                reading.told_apart[key] = tuple(alike)
                told = {likeness(record.identified, others[other]) or Likeness.OTHERWISE for other in alike}
                what = "DOI" if Likeness.DOI in told else "title, year and first author"
                said = "which has another PMID: for people to say whether they are two"
                reading.remarks.append(f"{record.pmid}: {key} has the {what} of {', '.join(alike)}, {said}")
            by_pmid[record.pmid] = key
            taken[key] = record.pmid
            entries[key] = new_entry(record, key)
            reading.pages[key] = record.page
            reading.new.add(key)
    for record in records:
        for pmid, notice in record.against:
            if key := by_pmid.get(pmid):
                entries[key] = with_notice(entries[key], [notice])
                reading.pages.setdefault(key, record.page)
            elif not record.of_title:
                reading.remarks.append(f"{record.pmid}: a notice against {pmid}, which the evidence base does not hold")
        if record.is_notice and not any(pmid in by_pmid for pmid, _ in record.against):
            _told_by_title(record, publications, entries, reading)
    reading.entries = {key: entries[key] for key in reading.pages}
    return reading


def _told_by_title(
    record: PubmedRecord,
    publications: Mapping[str, Mapping[str, Any]],
    entries: dict[str, dict[str, Any]],
    reading: RecordsRead,
) -> None:
    """The notice on the text whose title it says, where it is held; otherwise that it is against none that is."""
    text = of_citation(pmid=None, doi=None, title=record.of_title, year=None, author="")
    held = {other: identified(entry) for other, entry in publications.items()}
    key = next(look_alikes(text, held), None) if record.of_title else None
    if key and record.notice:
        entries[key] = with_notice(entries[key], [record.notice])
        reading.pages.setdefault(key, record.page)
        reading.remarks.append(f"{record.pmid}: a notice with the title of {key}, by which alone it is known")
    else:
        others = ", ".join(pmid for pmid, _ in record.against) or f"a text that it names in words ({record.title})"
        reading.remarks.append(f"{record.pmid}: a notice against {others}, which the evidence base does not hold")


def is_printed_elsewhere(record: PubmedRecord, known: Mapping[str, Any]) -> str:
    """Where a text of the same words stands, if it is another one in all likelihood: an abstract and its paper."""
    if known["journal"] and record.journals and not any(_same(known["journal"], name) for name in record.journals):
        return str(known["journal"])
    is_abstract = known["kind"] == PublicationKind.ABSTRACT
    return "an abstract" if is_abstract and record.kind not in (None, PublicationKind.ABSTRACT) else ""


def _of_its_title(record: PubmedRecord, publications: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The publication that a notice may be against, though its record says otherwise what identifies it."""
    text = record.identified
    return next((key for key, entry in publications.items() if bears_the_title(text, identified(entry))), None)


def known_entry(record: PubmedRecord, known: Mapping[str, Any]) -> dict[str, Any]:
    """A publication in force, with what PubMed says otherwise; what it says in other words, or not at all, stays."""
    entry = dict(known)
    if not _same_authors(known["authors"], record.authors) and not _are_cut(known["authors"], record.authors):
        entry["authors"] = _authors(record.authors)
    if not _same_title(known["title"], record.title) and not _is_cut_title(known["title"], record.title):
        entry["title"] = record.title
    if record.journals and not any(_same(known["journal"], name) for name in record.journals):
        entry["journal"] = record.journals[0]
    if record.years and known["year"] not in record.years:
        entry["year"] = record.years[0]
    if record.locator and not _says_as_much(known["locator"], record.locator):
        entry["locator"] = record.locator
    if record.doi and (known["doi"] or "").lower() not in {doi.lower() for doi in (record.doi, *record.dois)}:
        entry["doi"] = record.doi
    entry["pmid"] = record.pmid
    return with_notice(entry, record.notices)


def questions_on(record: PubmedRecord, known: Mapping[str, Any]) -> Iterator[Asked]:
    """What the record says otherwise and a person probably knows better: for a curator to answer."""
    place = {"kind": "publications", "key": known["key"], "source": record.page}
    if not _same_authors(known["authors"], record.authors) and _are_cut(known["authors"], record.authors):
        why = "The record names fewer authors."
        yield Asked(field="authors", held=known["authors"], offered=_authors(record.authors), why=why, **place)
    if not _same_title(known["title"], record.title) and _is_cut_title(known["title"], record.title):
        why = "The record gives the beginning of the title alone."
        yield Asked(field="title", held=known["title"], offered=record.title, why=why, **place)
    is_other = record.locator and _pages(known["locator"]) != _pages(record.locator)
    if is_other and _says_as_much(known["locator"], record.locator or ""):
        why = "The record gives the first page alone."
        if _pages(known["locator"])[:2] != _pages(record.locator)[:2]:
            why = "The record gives a number in place of pages."
        yield Asked(field="locator", held=known["locator"], offered=record.locator, why=why, **place)
    bad = {doi.lower() for doi in record.bad_dois}
    if record.doi is None and known["doi"] and known["doi"].lower() in bad:
        why = "The record marks this DOI as invalid, and gives no other."
        yield Asked(field="doi", held=known["doi"], offered=None, why=why, **place)


def new_entry(record: PubmedRecord, key: str) -> dict[str, Any]:
    """A publication that nobody has read: its citation, and nothing that it reports."""
    return with_notice(
        {
            "key": key,
            "review_ref": None,
            "review_mark": None,
            "authors": _authors(record.authors),
            "title": record.title,
            "journal": record.journals[0] if record.journals else None,
            "year": record.years[0] if record.years else None,
            "locator": record.locator,
            "doi": record.doi,
            "pmid": record.pmid,
            "url": record.page,
            "read_on": None,
            "kind": str(record.kind or PublicationKind.RESULTS),
            "study_key": None,
            "study": None,
            "results": [],
            "findings": [],
            "verified": str(Verified.NONE),
            "verified_at": None,
            "second_read_at": None,
            "doubts": None if record.kind else KIND_NOT_GIVEN,
        },
        record.notices,
    )


def new_key(record: PubmedRecord, taken: Collection[str]) -> str:
    """First author, year, one word of the title; a number behind it where that is taken."""
    author = record.authors[0].rsplit(" ", 1)[0] if record.authors else "anonymous"
    telling = re.findall(r"[a-z0-9]{3,}", plain(record.title))
    word = next((word for word in telling if word not in NO_WORDS), "text")
    parts = ["-".join(re.findall(r"[a-z0-9]+", plain(author))) or "anonymous", *map(str, record.years[:1]), word]
    key = "-".join(parts)[:76]
    return next(name for name in (key, *(f"{key}-{n}" for n in range(2, 999))) if name not in taken)


def with_notice(entry: dict[str, Any], notices: Iterable[PrintedNotice]) -> dict[str, Any]:
    """The gravest notice; one that the entry holds stays unless a graver one was printed. Errata add up in one text."""
    order = list(NoticeKind)
    found = list(notices)
    if not found:
        return entry
    gravest = min((notice.kind for notice in found), key=order.index)
    held = entry.get("notice")
    if held and order.index(NoticeKind(held["kind"])) < order.index(gravest):
        return entry
    given = [notice.as_entry() for notice in found if notice.kind == gravest]
    said = [held] if held and held["kind"] == gravest else given[:1]
    if gravest == NoticeKind.ERRATUM:
        for one in given:  # two that no page of their own shows have the page of the text, and are two
            if not any(_holds(other["text"], one["text"]) for other in said):
                said.append(one)
    return {**entry, "notice": {**said[0], "text": "; ".join(one["text"] for one in said)}}


def _holds(said: str, text: str) -> bool:
    """Whether a text says what another one does, in the same words."""
    return f" {' '.join(words(text))} " in f" {' '.join(words(said))} "


def _lacking(article: Element) -> Iterator[tuple[str, Any, str]]:
    pmid = _text(article, "MedlineCitation/PMID")
    if not is_pmid(pmid):
        yield "PMID", pmid or None, "one to eight digits"
    last = timezone.localdate().year + 1  # an issue of next year is out before it begins
    for year in _years(article.find("MedlineCitation")) if article.find("MedlineCitation") is not None else ():
        if year > last:
            yield "year", year, f"a year in which it was printed, not after {last}"
            break
    if not _text(article, "MedlineCitation/Article/ArticleTitle") and not _text(article, ".//VernacularTitle"):
        yield "ArticleTitle", None, "a title"


def _record(article: Element) -> PubmedRecord:
    citation = article.find("MedlineCitation")
    types = [_flat(one) for one in citation.findall("Article/PublicationTypeList/PublicationType")]
    pmid = _text(citation, "PMID")
    title = bare_title(_text(citation, "Article/ArticleTitle"))
    if not title or title.casefold() == NO_TITLE:
        title = bare_title(_text(citation, ".//VernacularTitle")) or title
    notices = list(_notices(citation))
    if is_retracted(types, title) and not any(notice.kind is NoticeKind.RETRACTION for notice in notices):
        notices.append(unprinted_retraction(pmid))
    against = tuple(_against(citation, pmid))
    of_title, notice = itself(types, title, against, _where(citation, pmid), pmid)
    return PubmedRecord(
        pmid=pmid,
        title=title,
        authors=tuple(_author_names(citation)),
        journals=tuple(_journals(citation)),
        years=tuple(_years(citation)),
        locator=_locator(citation),
        doi=_doi(article),
        kind=next((kind for name, kind in KINDS.items() if name in types), None),
        notices=tuple(notices),
        against=against,
        is_notice=notice is not None,
        trials=tuple(dict.fromkeys(map(_flat, citation.findall(".//DataBank/AccessionNumberList/AccessionNumber")))),
        preprints=tuple(_preprints(citation)),
        bad_dois=tuple(_bad_dois(article)),
        dois=tuple(_valid_dois(article)),
        of_title=of_title,
        notice=notice,
    )


def is_retracted(types: Collection[str], title: str) -> bool:
    """Whether a record says that its own text was retracted: by its type, or beside its title."""
    return RETRACTED_TYPE in types or is_marked_retracted(title)


def unprinted_retraction(pmid: str) -> PrintedNotice:
    text = "PubMed lists it as a retracted publication, without saying where the retraction is printed."
    return PrintedNotice(NoticeKind.RETRACTION, text, page_of(pmid))


def itself(
    types: Collection[str], title: str, against: Sequence[tuple[str, PrintedNotice]], where: str, pmid: str
) -> tuple[str, PrintedNotice | None]:
    """Of a record that is a notice: the title of the text that it is against, and the notice. ("", None) for others."""
    kinds = [notice.kind for _, notice in against]
    kinds += [kind for name, kind in NOTICE_TYPES.items() if name in types]
    of_title = ""
    for pattern, kind in NOTICE_TITLES:
        if match := pattern.match(title):
            kinds.append(kind)
            # Behind it may stand where that was printed: “Corrigendum to ‘…’ [Eur J Cancer 1 (2023) 1-9]”.
            of_title = re.sub(r"\s*\[[^\]]*\d[^\]]*\]\W*$", "", title[match.end() :]).strip(" “”\"'‘’.")
    is_notice = not NOTICE_TYPES.keys().isdisjoint(types) or any(p.match(title) for p, _ in NOTICE_TITLES)
    if not is_notice:
        return "", None
    notice = PrintedNotice(kinds[0], where, page_of(pmid))
    return of_title if len(of_title) >= LONG_ENOUGH else "", notice


def _notices(citation: Element) -> Iterator[PrintedNotice]:
    for reference in citation.findall("CommentsCorrectionsList/CommentsCorrections"):
        kind = NOTICE_IN.get(reference.get("RefType", ""))
        if kind:
            source = _text(reference, "RefSource") or "where it is printed is not given"
            note, pmid = _text(reference, "Note"), _text(reference, "PMID")
            text = f"{source}. {note}" if note else source
            yield PrintedNotice(kind, text, page_of(pmid or _text(citation, "PMID")))


def _where(citation: Element, pmid: str) -> str:
    """Where a text is printed, in a few words."""
    journal, year = next(_journals(citation), ""), next(_years(citation), None)
    return " ".join(str(part) for part in (journal, year, _locator(citation)) if part) or f"PubMed {pmid}"


def _against(citation: Element, pmid: str) -> Iterator[tuple[str, PrintedNotice]]:
    where = _where(citation, pmid)
    for reference in citation.findall("CommentsCorrectionsList/CommentsCorrections"):
        kind, other = NOTICE_OF.get(reference.get("RefType", "")), _text(reference, "PMID")
        if kind and other:
            yield other, PrintedNotice(kind, where, page_of(pmid))


def _author_names(citation: Element) -> Iterator[str]:
    for author in filter(_is_valid, citation.findall("Article/AuthorList/Author")):
        initials = _text(author, "Initials") or "".join(re.findall(r"\b\w", _text(author, "ForeName"))).upper()
        name = " ".join(part for part in (_text(author, "LastName"), initials) if part)
        if name := name or _text(author, "CollectiveName"):
            yield name


def _authors(names: Sequence[str]) -> str | None:
    """As the evidence base writes them: the first three, and that there are more."""
    if not names:
        return None
    return ", ".join(names[:NAMED_AUTHORS]) + (", et al." if len(names) > NAMED_AUTHORS else "")


def _journals(citation: Element) -> Iterator[str]:
    for place in ("MedlineJournalInfo/MedlineTA", "Article/Journal/ISOAbbreviation", "Article/Journal/Title"):
        if name := _text(citation, place):
            yield name


def _years(citation: Element) -> Iterator[int]:
    issue = "Article/Journal/JournalIssue/PubDate"
    for place in (f"{issue}/Year", f"{issue}/MedlineDate", "Article/ArticleDate/Year"):
        if match := re.search(r"\b(?:19|20)\d\d\b", _text(citation, place)):
            yield int(match[0])


def _locator(citation: Element) -> str | None:
    """Volume and pages; the number of an article that has no pages."""
    volume = _text(citation, "Article/Journal/JournalIssue/Volume")
    first, last = (_text(citation, f"Article/Pagination/{place}Page") for place in ("Start", "End"))
    pages = _text(citation, "Article/Pagination/MedlinePgn") or (f"{first}-{last}" if first and last else first)
    if not pages:
        numbers = (_flat(one) for one in citation.findall(".//ELocationID[@EIdType='pii']") if _is_valid(one))
        pages = next((number for number in numbers if ARTICLE_NUMBER.fullmatch(number)), "")
    return f"{volume}:{pages}" if volume and pages else None


def _doi(article: Element) -> str | None:
    """The first that the record does not call invalid."""
    return next(_valid_dois(article), None)


def _valid_dois(article: Element) -> Iterator[str]:
    """Those that the record nowhere calls invalid: its list of identifiers repeats what the article's part marks."""
    bad = {doi.lower() for doi in _bad_dois(article)}
    yield from dict.fromkeys(doi for one in _dois(article) if (doi := bare_doi(_flat(one))) and doi.lower() not in bad)


def _bad_dois(article: Element) -> Iterator[str]:
    yield from dict.fromkeys(bare_doi(_flat(one)) for one in _dois(article) if not _is_valid(one))


def _dois(article: Element) -> Iterator[Element]:
    yield from article.findall("MedlineCitation//ELocationID[@EIdType='doi']")
    yield from article.findall("PubmedData/ArticleIdList/ArticleId[@IdType='doi']")


def _preprints(citation: Element) -> Iterator[str]:
    for reference in citation.findall("CommentsCorrectionsList/CommentsCorrections[@RefType='UpdateOf']"):
        if pmid := _text(reference, "PMID"):
            yield pmid


def _is_valid(element: Element) -> bool:
    return element.get("ValidYN", "Y") != "N"


def bare_title(text: str) -> str:
    """A title without its full stop, and without the brackets that PubMed sets around the whole of a translated one."""
    title = text.strip().rstrip(".").strip()
    depth = 0
    for place, letter in enumerate(title):
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            encloses = title.startswith("[") and place == len(title) - 1
            return title[1:-1].strip().rstrip(".") if encloses else title
    return title


def page_of(pmid: str) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def is_pmid(text: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,7}", text) is not None


def _text(element: Element, place: str) -> str:
    found = element.find(place)
    return "" if found is None else _flat(found)


def _flat(element: Element) -> str:
    """The text of an element, with what stands in italics or raised within it; what was escaped twice, once more."""
    return " ".join(html.unescape("".join(element.itertext())).split())


def _same(known: str | None, given: str) -> bool:
    """The same words, whatever the case, the marks and the punctuation."""
    return words(known or "") == words(given)


def _same_title(known: str | None, given: str) -> bool:
    return _same(unmarked(known or ""), unmarked(given))


def _is_cut_title(known: str | None, given: str) -> bool:
    """Whether a title says the beginning of what is held alone."""
    held, read = words(unmarked(known or "")), words(unmarked(given))
    return bool(read) and len(read) < len(held) and held[: len(read)] == read


def _are_cut(known: str | None, names: Sequence[str]) -> bool:
    """Whether those that a record names are the first of those that are held, and fewer."""
    held = [name.strip() for name in re.sub(r",?\s*\bet al\b\.?", "", known or "").split(",") if name.strip()]
    return len(names) < len(held) and _same_authors(", ".join(held[: len(names)]), names)


def _same_authors(known: str | None, names: Sequence[str]) -> bool:
    """The same people in the same order, as far as both name them; one may give more initials."""
    if not names:
        return True
    given = [plain(name) for name in names]
    text, cut = re.subn(r",?\s*\bet al\b\.?", "", plain(known or ""))
    told = [name.strip() for name in text.split(",") if name.strip()]
    if not told or len(told) > len(given) or (len(told) < len(given) and not cut):
        return False
    # Nobody is made another person by initials that one of the two leaves out.
    return all(
        full == name or _more_initials(full, name) or _more_initials(name, full)
        for full, name in zip(given, told, strict=False)
    )


def _more_initials(full: str, name: str) -> bool:
    surname, _, initials = name.rpartition(" ")
    return bool(surname) and full.startswith(f"{surname} ") and full.removeprefix(f"{surname} ").startswith(initials)


def _says_as_much(known: str | None, given: str) -> bool:
    """Whether a locator says what the other does, or more: the last page as well, or pages and not a number."""
    held, read = _pages(known), _pages(given)
    is_number = bool(held[2]) and _LONG_NUMBER.fullmatch(read[1]) is not None
    return held == read or (not read[2] and held[0] == read[0] and (held[1] == read[1] or is_number))


def _pages(locator: str | None) -> tuple[str, str, str]:
    """Volume, first and last page, the last one written out: 30:1692-8 is 30:1692-1698."""
    text = re.sub(r"\([^)]*\)", "", locator or "").replace(" ", "").lower()
    volume, _, pages = text.partition(":")
    first, _, last = re.sub(r"[–—]", "-", pages).partition("-")
    last = last.lstrip("s") if first.startswith("s") else last
    digits = first.lstrip("s")
    if last and len(last) < len(digits):
        last = digits[: -len(last)] + last
    return volume, first, last

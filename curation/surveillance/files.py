"""Files that people export from PubMed, ClinicalTrials.gov, feeds and Retraction Watch, read as what a search gives.

By what is in them, not by their names: PubMed as XML, as MEDLINE (nbib) and as CSV; the register as JSON and CSV; RSS
and Atom; Retraction Watch's CSV, as Crossref gives it out.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from curation.identity import of_citation
from curation.imports import clinicaltrials, pubmed
from curation.imports.clinicaltrials import NCT, RegisteredTrial
from curation.imports.pubmed import PrintedNotice, PubmedRecord
from curation.imports.tables import decoded
from regimens.knowledge.loader import LoadError, LoadProblem
from regimens.models.choices import NoticeKind

from .feeds import feed_items, is_feed
from .records import DOI, NCT_NUMBER, Answer, MoreSaid, ReportedAgainst, of_pubmed, of_trials

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# How Retraction Watch calls what was printed; a reinstatement takes a retraction back, and is for a person to read.
NATURES: Mapping[str, NoticeKind] = {
    "retraction": NoticeKind.RETRACTION,
    "partial retraction": NoticeKind.RETRACTION,
    "expression of concern": NoticeKind.EXPRESSION_OF_CONCERN,
    "correction": NoticeKind.ERRATUM,
}
NATURE = "RetractionNature"
# Of MEDLINE's fields: notices against the text itself, and notices that the text is against others.
NOTICE_FIELDS: Mapping[str, NoticeKind] = {
    "RIN": NoticeKind.RETRACTION,
    "PRIN": NoticeKind.RETRACTION,
    "RRI": NoticeKind.RETRACTION,
    "ECI": NoticeKind.EXPRESSION_OF_CONCERN,
    "EIN": NoticeKind.ERRATUM,
    "CRI": NoticeKind.ERRATUM,
}
NOTICE_OF_FIELDS: Mapping[str, NoticeKind] = {
    "ROF": NoticeKind.RETRACTION,
    "PROF": NoticeKind.RETRACTION,
    "RRF": NoticeKind.RETRACTION,
    "ECF": NoticeKind.EXPRESSION_OF_CONCERN,
    "EFR": NoticeKind.ERRATUM,
    "CRF": NoticeKind.ERRATUM,
}
FORMATS = (
    "a PubmedArticleSet, PubMed's MEDLINE (nbib) or CSV, studies of ClinicalTrials.gov as JSON or CSV, a feed (RSS, "
    "Atom), or Retraction Watch's CSV"
)


def read_file(content: bytes, name: str, *, today: date) -> Answer:
    """What a file gives. Raises LoadError where it is none of those that are read here."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    if start.startswith(b"<"):
        return _xml(content, name)
    if start[:1] in (b"{", b"["):
        return _studies(content, name)
    text = decoded(name, content)
    if re.match(r"\s*PMID *- ", text):
        return _medline(text, name)
    return _csv(text, name, today)


def pubmed_answer(content: bytes, name: str) -> Answer:
    """What a PubmedArticleSet gives; a book, which a search finds as well, is passed over. Raises LoadError."""
    records, problems = pubmed.read_records(content, name)
    _refuse_whole(problems)
    found = of_pubmed(records, more_said(content))
    unread = tuple(problem for problem in problems if problem.rule != pubmed.NO_BOOK)
    return Answer(found.records, found.notices, skipped=len(problems) - len(unread), problems=unread)


def given_pmids(content: bytes) -> set[str]:
    """Of which records a PubmedArticleSet says anything, readable or not; none where it cannot be read itself."""
    try:
        root = fromstring(content, forbid_entities=True, forbid_external=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        return set()
    return {(one.findtext(".//PMID") or "").strip() for one in root}


def studies_answer(content: bytes, name: str) -> Answer:
    """What a page of studies gives. Raises LoadError where it is none."""
    read = clinicaltrials.read_studies(content, name)
    _refuse_whole(read.problems)
    return Answer(of_trials(read.trials), skipped=len(read.skipped), problems=read.problems)


def more_said(content: bytes) -> dict[str, MoreSaid]:
    """Abstracts and register numbers of a PubmedArticleSet, by PMID."""
    try:
        root = fromstring(content, forbid_entities=True, forbid_external=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError):
        return {}
    found = {}
    for article in root.iterfind("PubmedArticle"):
        abstract = " ".join(_flat(one) for one in article.iterfind(".//Abstract/AbstractText"))
        keywords = "; ".join(_flat(one) for one in article.iterfind(".//KeywordList/Keyword"))
        numbers = [_flat(one) for one in article.iterfind(".//DataBankList//AccessionNumber")]
        registers = dict.fromkeys([*numbers, *NCT_NUMBER.findall(abstract)])
        pmid = article.findtext("MedlineCitation/PMID", "").strip()
        found[pmid] = MoreSaid(" ".join(filter(None, (abstract, keywords))), tuple(registers))
    return found


def _xml(content: bytes, name: str) -> Answer:
    try:
        root = fromstring(content, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise _refusal(name, f"an XML file without entities of its own ({type(error).__name__})") from error
    except (ParseError, ValueError, LookupError) as error:
        raise _refusal(name, f"XML that can be read: {error}") from error
    if is_feed(root):
        return Answer(tuple(feed_items(root)))
    return pubmed_answer(content, name)


def _studies(content: bytes, name: str) -> Answer:
    """The register's JSON: a study, a page of an answer, or the list that its page downloads."""
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _refusal(name, f"JSON that can be read: {error}") from error
    whole = json.dumps({"studies": given}).encode() if isinstance(given, list) else content
    return studies_answer(whole, name)


def _medline(text: str, name: str) -> Answer:
    records: list[PubmedRecord] = []
    more: dict[str, MoreSaid] = {}
    problems: list[LoadProblem] = []
    for place, fields in enumerate(_medline_fields(text)):
        pmid, title = _one(fields, "PMID"), _one(fields, "TI") or _one(fields, "TT")
        if not pubmed.is_pmid(pmid) or not title:
            rule = "a record with PMID (one to eight digits) and title"
            problems.append(LoadProblem(name, pmid or f"record {place}", "PMID", pmid or None, rule))
            continue
        records.append(_medline_record(fields, pmid, title))
        registers = [number for one in fields.get("SI", []) for number in NCT_NUMBER.findall(one)]
        registers += NCT_NUMBER.findall(_one(fields, "AB"))
        said = " ".join([_one(fields, "AB"), "; ".join(fields.get("OT", []))]).strip()
        more[pmid] = MoreSaid(said, tuple(dict.fromkeys(registers)))
    found = of_pubmed(records, more)
    return Answer(found.records, found.notices, problems=tuple(problems))


def _medline_fields(text: str) -> Iterator[dict[str, list[str]]]:
    """The fields of each record; a line that begins with blanks goes on with the field before it."""
    fields: dict[str, list[str]] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        if match := re.match(r"([A-Z]{2,4}) *- (.*)$", line):
            name = match[1]
            if name == "PMID" and fields:
                yield fields
                fields = {}
            fields.setdefault(name, []).append(match[2].strip())
        elif line.startswith("      ") and name in fields:
            fields[name][-1] += f" {line.strip()}"
    if fields:
        yield fields


def _medline_record(fields: Mapping[str, list[str]], pmid: str, title: str) -> PubmedRecord:
    types = fields.get("PT", [])
    year = re.search(r"\b(?:19|20)\d\d\b", _one(fields, "DP"))
    volume, pages = _one(fields, "VI"), _one(fields, "PG")
    locator = f"{volume}:{pages}" if volume and pages else None
    dois = [one for name in ("LID", "AID") for one in fields.get(name, []) if one.endswith("[doi]")]
    notices = [
        PrintedNotice(kind, *_where(one, pmid)) for tag, kind in NOTICE_FIELDS.items() for one in fields.get(tag, [])
    ]
    if pubmed.RETRACTED_TYPE in types and not any(one.kind is NoticeKind.RETRACTION for one in notices):
        text = "PubMed lists it as a retracted publication, without saying where the retraction is printed."
        notices.append(PrintedNotice(NoticeKind.RETRACTION, text, pubmed.page_of(pmid)))
    journals = tuple(dict.fromkeys(one for name in ("TA", "JT") for one in fields.get(name, [])))
    source = " ".join(filter(None, (*journals[:1], year[0] if year else "", locator or ""))) or f"PubMed {pmid}"
    against = [
        (number, PrintedNotice(kind, source, pubmed.page_of(pmid)))
        for tag, kind in NOTICE_OF_FIELDS.items()
        for one in fields.get(tag, [])
        if (number := _pmid_in(one))
    ]
    return PubmedRecord(
        pmid=pmid,
        title=pubmed.bare_title(title),
        authors=tuple(fields.get("AU", []) or fields.get("CN", [])),
        journals=journals,
        years=(int(year[0]),) if year else (),
        locator=locator,
        doi=dois[0].removesuffix("[doi]").strip() if dois else None,
        kind=next((kind for name, kind in pubmed.KINDS.items() if name in types), None),
        notices=tuple(notices),
        against=tuple(against),
        is_notice=not pubmed.NOTICE_TYPES.isdisjoint(types),
    )


def _where(text: str, pmid: str) -> tuple[str, str]:
    """Where a notice is printed, and the page of PubMed that shows it: "Lancet. 2026;1:2. doi: … PMID: 123"."""
    number = _pmid_in(text)
    return re.sub(r"\s*PMID: ?\d+\.?", "", text).strip() or "where it is printed is not given", pubmed.page_of(
        number or pmid
    )


def _pmid_in(text: str) -> str:
    match = re.search(r"PMID: ?(\d{1,8})", text)
    return match[1] if match else ""


def _csv(text: str, name: str, today: date) -> Answer:
    csv.field_size_limit(1_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = set(reader.fieldnames or ())
    try:
        if {"PMID", "Title"} <= columns:
            return _pubmed_table(reader, name)
        if {"NCT Number", "Study Title"} <= columns:
            return _register_table(reader, name)
        if {NATURE, "OriginalPaperDOI"} <= columns:
            return _retraction_table(reader, name, today)
    except csv.Error as error:
        raise _refusal(name, f"a table that can be read: {error}") from error
    raise _refusal(name, FORMATS)


def _pubmed_table(rows: Iterable[Mapping[str, str | None]], name: str) -> Answer:
    """PubMed's CSV, which says nothing of notices."""
    records: list[PubmedRecord] = []
    problems: list[LoadProblem] = []
    for number, row in enumerate(rows, 2):
        pmid, title = _cell(row, "PMID"), _cell(row, "Title")
        if not pubmed.is_pmid(pmid) or not title:
            rule = "a row with PMID (one to eight digits) and title"
            problems.append(LoadProblem(name, f"row {number}", "PMID", pmid or None, rule))
            continue
        year = _cell(row, "Publication Year")
        records.append(
            PubmedRecord(
                pmid=pmid,
                title=pubmed.bare_title(title),
                authors=tuple(part.strip() for part in _cell(row, "Authors").rstrip(".").split(",") if part.strip()),
                journals=tuple(filter(None, [_cell(row, "Journal/Book")])),
                years=(int(year),) if re.fullmatch(r"(?:19|20)\d\d", year) else (),
                locator=None,
                doi=_cell(row, "DOI") or None,
                kind=None,
                notices=(),
                against=(),
                is_notice=False,
            )
        )
    found = of_pubmed(records, {})
    return Answer(found.records, problems=tuple(problems))


def _register_table(rows: Iterable[Mapping[str, str | None]], name: str) -> Answer:
    """The register's CSV. It gives no criteria, so that a trial of it is proposed from the register's JSON."""
    trials: list[RegisteredTrial] = []
    problems: list[LoadProblem] = []
    skipped = 0
    for number, row in enumerate(rows, 2):
        nct, title, status = _cell(row, "NCT Number"), _cell(row, "Study Title"), _cell(row, "Study Status").upper()
        if _cell(row, "Study Type").upper() not in ("", "INTERVENTIONAL"):
            skipped += 1
            continue
        phases = tuple(filter(None, re.split(r"[|,;/]\s*", _cell(row, "Phases").upper())))
        if not NCT.fullmatch(nct) or not title or status not in clinicaltrials.STATUSES:
            listed = ", ".join(clinicaltrials.STATUSES)
            rule = f"a row with NCT Number, Study Title and a Study Status of {listed}"
            problems.append(LoadProblem(name, nct or f"row {number}", "", status or None, rule))
            continue
        phase = clinicaltrials.PHASES.get(phases)
        updated = _cell(row, "Last Update Posted")
        trials.append(
            RegisteredTrial(
                nct=nct,
                acronym=_cell(row, "Acronym") or None,
                title=title,
                phase=str(phase) if phase else None,
                status=str(clinicaltrials.STATUSES[status]),
                countries=(),
                criteria=(),
                note=f"Register record last updated {updated}." if updated else "",
                version=None,
                conditions=tuple(filter(None, _cell(row, "Conditions").split("|"))),
                arms=(),
                interventions=tuple(filter(None, _cell(row, "Interventions").split("|"))),
            )
        )
    return Answer(of_trials(trials), skipped=skipped, problems=tuple(problems))


def _retraction_table(rows: Iterable[Mapping[str, str | None]], name: str, today: date) -> Answer:
    """Retraction Watch's CSV: every notice that can be laid at a text's door."""
    notices: list[ReportedAgainst] = []
    problems: list[LoadProblem] = []
    for number, row in enumerate(rows, 2):
        kind = NATURES.get(_cell(row, NATURE).lower())
        if kind is None:
            if _cell(row, NATURE).lower() not in ("reinstatement", ""):
                listed = ", ".join(NATURES)
                problems.append(LoadProblem(name, f"row {number}", NATURE, _cell(row, NATURE), f"one of {listed}"))
            continue
        doi, pmid = _doi(_cell(row, "OriginalPaperDOI")), _number(_cell(row, "OriginalPaperPubMedID"))
        printed = _day(_cell(row, "RetractionDate"))
        notice_doi, notice_pmid = _doi(_cell(row, "RetractionDOI")), _number(_cell(row, "RetractionPubMedID"))
        url = f"https://doi.org/{notice_doi}" if notice_doi else pubmed.page_of(notice_pmid) if notice_pmid else ""
        url = url or (f"https://doi.org/{doi}" if doi else pubmed.page_of(pmid) if pmid else "")
        if not url or (printed and printed > today):
            rule = "a row with a DOI or PMID, and a RetractionDate that is not to come"
            problems.append(LoadProblem(name, f"row {number}", "RetractionDate", _cell(row, "RetractionDate"), rule))
            continue
        first = _cell(row, "Author").split(";")[0].strip()
        text = of_citation(
            pmid=pmid or None,
            doi=doi or None,
            title=_cell(row, "Title"),
            year=_year(_cell(row, "OriginalPaperDate")),
            # Retraction Watch writes given names first; identity.py compares surnames.
            author=first.split()[-1] if first else "",
        )
        why = "; ".join(part for part in re.split(r"[;+]", _cell(row, "Reason")) if part.strip())
        said = [_cell(row, "Journal"), printed.isoformat() if printed else "", f"Reasons given: {why}" if why else ""]
        words = ". ".join(part.strip().rstrip(".") for part in said if part.strip())
        notices.append(ReportedAgainst(text, PrintedNotice(kind, f"{words or 'Retraction Watch'}.", url)))
    return Answer(notices=tuple(notices), problems=tuple(problems))


def _doi(text: str) -> str:
    """A DOI that is one; Retraction Watch writes "unavailable" where there is none."""
    match = DOI.fullmatch(text.strip())
    return match[0] if match else ""


def _number(text: str) -> str:
    return text if pubmed.is_pmid(text) else ""


def _day(text: str) -> date | None:
    """Month, day, year, as the table writes them ("1/31/2026 0:00"), or a day of ISO 8601."""
    for pattern in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.split(" ")[0], pattern).date()  # noqa: DTZ007 - a day, and no moment
        except ValueError:
            continue
    return None


def _year(text: str) -> int | None:
    day = _day(text)
    return day.year if day else None


def _cell(row: Mapping[str, str | None], name: str) -> str:
    return (row.get(name) or "").strip()


def _one(fields: Mapping[str, list[str]], name: str) -> str:
    return fields[name][0] if fields.get(name) else ""


def _flat(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _refuse_whole(problems: Iterable[LoadProblem]) -> None:
    """Raises LoadError for what is wrong with a file as a whole, and not with a record of it."""
    if whole := [problem for problem in problems if not problem.key]:
        raise LoadError(whole)


def _refusal(name: str, rule: str) -> LoadError:
    return LoadError([LoadProblem(name, "", "", None, rule)])

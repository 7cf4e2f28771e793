"""Files that people export from PubMed, ClinicalTrials.gov, feeds and Retraction Watch, read as what a search gives.

By what is in them, not by their names: PubMed as XML, as MEDLINE (nbib) and as CSV; the register as JSON and CSV; RSS
and Atom; Retraction Watch's CSV, as Crossref gives it out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError

from curation.identity import LONG_ENOUGH, of_citation
from curation.imports import clinicaltrials, pubmed
from curation.imports.bounds import TooLarge, xml_root
from curation.imports.clinicaltrials import NCT, RegisteredTrial
from curation.imports.eligibility import unescaped
from curation.imports.identifiers import bare_doi
from curation.imports.pubmed import PrintedNotice, PubmedRecord
from curation.imports.tables import decoded, table_rows
from regimens.knowledge.loader import LoadError, LoadProblem
from regimens.models.choices import NoticeKind

from .feeds import feed_items, is_feed
from .records import DOI, NCT_NUMBER, Answer, MoreSaid, ReportedAgainst, of_pubmed, of_trials

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# How Retraction Watch and Crossref call what was printed; a reinstatement takes a retraction back, and is for a person
# to read.
NATURES: Mapping[str, NoticeKind] = {
    "retraction": NoticeKind.RETRACTION,
    "partial retraction": NoticeKind.RETRACTION,
    "retract and replace": NoticeKind.RETRACTION,
    "withdrawal": NoticeKind.RETRACTION,
    "removal": NoticeKind.RETRACTION,
    "expression of concern": NoticeKind.EXPRESSION_OF_CONCERN,
    "correction": NoticeKind.ERRATUM,
    "corrigendum": NoticeKind.ERRATUM,
    "erratum": NoticeKind.ERRATUM,
    "addendum": NoticeKind.ERRATUM,
    "clarification": NoticeKind.ERRATUM,
}
RETRACTION_WATCH = "https://retractiondatabase.org/RetractionSearch.aspx"  # where a row names no page
NO_NATURES = ("reinstatement", "")
NATURE = "RetractionNature"
# By which columns each table is known, and what else is read of it.
PUBMED_COLUMNS = ("PMID", "Title", "Authors", "Publication Year", "Journal/Book", "DOI")
REGISTER_COLUMNS = (
    *("NCT Number", "Study Title", "Study Status", "Study Type", "Phases", "Acronym", "Conditions", "Interventions"),
    "Last Update Posted",
)
RETRACTION_COLUMNS = (
    *(NATURE, "OriginalPaperDOI", "OriginalPaperPubMedID", "OriginalPaperDate", "RetractionDate", "RetractionDOI"),
    *("RetractionPubMedID", "Title", "Author", "Journal", "Reason"),
)
_COLUMNS = {name.lower().replace(" ", ""): name for name in (*PUBMED_COLUMNS, *REGISTER_COLUMNS, *RETRACTION_COLUMNS)}
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
        return studies_answer(content, name, today=today)
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
        root = xml_root(content)
    except (DefusedXmlException, TooLarge, ParseError, ValueError, LookupError):
        return set()
    return {(one.findtext(".//PMID") or "").strip() for one in root}


def studies_answer(content: bytes, name: str, *, today: date) -> Answer:
    """What a page of studies gives. Raises LoadError where it is none."""
    read = clinicaltrials.read_studies(content, name)
    _refuse_whole(read.problems)
    days = {trial.nct: trial.version or today for trial in read.trials}
    to_come = {
        trial.nct: problem
        for trial in read.trials
        if (problem := clinicaltrials.day_to_come(trial, name, looked_up_on=days[trial.nct], today=today))
    }
    trials = [trial for trial in read.trials if trial.nct not in to_come]
    return Answer(of_trials(trials), skipped=len(read.skipped), problems=(*read.problems, *to_come.values()))


def more_said(content: bytes) -> dict[str, MoreSaid]:
    """Abstracts and register numbers of a PubmedArticleSet, by PMID."""
    try:
        root = xml_root(content)
    except (DefusedXmlException, TooLarge, ParseError, ValueError, LookupError):
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
        root = xml_root(content)
    except DefusedXmlException as error:
        raise _refusal(name, f"an XML file without entities of its own ({type(error).__name__})") from error
    except TooLarge as error:
        raise _refusal(name, str(error)) from error
    except (ParseError, ValueError, LookupError) as error:
        raise _refusal(name, f"XML that can be read: {error}") from error
    if is_feed(root):
        return Answer(tuple(feed_items(root)))
    return pubmed_answer(content, name)


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
    numbers = [one for name in ("LID", "AID") for one in fields.get(name, [])]
    articles = (one.removesuffix("[pii]").strip() for one in numbers if one.endswith("[pii]"))
    article = next((one for one in articles if pubmed.ARTICLE_NUMBER.fullmatch(one)), "")
    volume, pages = _one(fields, "VI"), _one(fields, "PG") or article
    locator = f"{volume}:{pages}" if volume and pages else None
    dois = tuple(dict.fromkeys(bare_doi(one.removesuffix("[doi]").strip()) for one in numbers if one.endswith("[doi]")))
    notices = [
        PrintedNotice(kind, *_where(one, pmid)) for tag, kind in NOTICE_FIELDS.items() for one in fields.get(tag, [])
    ]
    title = pubmed.bare_title(title)
    if title.casefold() == pubmed.NO_TITLE:
        title = pubmed.bare_title(_one(fields, "TT")) or title
    if pubmed.is_retracted(types, title) and not any(one.kind is NoticeKind.RETRACTION for one in notices):
        notices.append(pubmed.unprinted_retraction(pmid))
    journals = tuple(dict.fromkeys(one for name in ("TA", "JT") for one in fields.get(name, [])))
    source = " ".join(filter(None, (*journals[:1], year[0] if year else "", locator or ""))) or f"PubMed {pmid}"
    against = [
        (number, PrintedNotice(kind, source, pubmed.page_of(pmid)))
        for tag, kind in NOTICE_OF_FIELDS.items()
        for one in fields.get(tag, [])
        if (number := _pmid_in(one))
    ]
    of_title, notice = pubmed.itself(types, title, against, source, pmid)
    return PubmedRecord(
        pmid=pmid,
        title=title,
        authors=tuple(fields.get("AU", []) or fields.get("CN", [])),
        journals=journals,
        years=(int(year[0]),) if year else (),
        locator=locator,
        doi=dois[0] if dois else None,
        kind=next((kind for name, kind in pubmed.KINDS.items() if name in types), None),
        notices=tuple(notices),
        against=tuple(against),
        is_notice=notice is not None,
        trials=tuple(dict.fromkeys(number for one in fields.get("SI", []) for number in NCT_NUMBER.findall(one))),
        dois=dois,
        of_title=of_title,
        notice=notice,
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
    rows = table_rows(name, text, tuple(_COLUMNS.values()), _column)
    known = set(_COLUMNS.values())
    place = next((place for place, row in enumerate(rows) if len(known.intersection(map(_column, row))) > 1), None)
    if place is None:
        raise _refusal(name, FORMATS)
    headers = [_column(cell) for cell in rows[place]]
    table = [
        (number, dict(zip(headers, row, strict=False)))
        for number, row in enumerate(rows[place + 1 :], place + 2)
        if any(cell.strip() for cell in row)
    ]
    columns = set(headers)
    if {"PMID", "Title"} <= columns:
        return _pubmed_table(table, name)
    if {"NCT Number", "Study Title"} <= columns:
        return _register_table(table, name, today)
    if NATURE in columns and columns & {"OriginalPaperDOI", "OriginalPaperPubMedID", "Title"}:
        return _retraction_table(table, name, today)
    raise _refusal(name, FORMATS)


def _column(cell: str) -> str:
    """The name of a column, whatever its case and its blanks."""
    return _COLUMNS.get(cell.strip().lower().replace(" ", "").replace("_", ""), cell.strip())


def _pubmed_table(rows: Iterable[tuple[int, Mapping[str, str]]], name: str) -> Answer:
    """PubMed's CSV, which says nothing of notices."""
    records: list[PubmedRecord] = []
    problems: list[LoadProblem] = []
    for number, row in rows:
        pmid, title = _whole(_cell(row, "PMID")), unescaped(_cell(row, "Title"))
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
                doi=_doi(_cell(row, "DOI")) or None,
                kind=None,
                notices=(pubmed.unprinted_retraction(pmid),) if pubmed.is_retracted((), title) else (),
                against=(),
                is_notice=False,
            )
        )
    found = of_pubmed(records, {})
    return Answer(found.records, found.notices, problems=tuple(problems))


def _register_table(rows: Iterable[tuple[int, Mapping[str, str]]], name: str, today: date) -> Answer:
    """The register's CSV. It gives no criteria, so that a trial of it is proposed from the register's JSON."""
    trials: list[RegisteredTrial] = []
    problems: list[LoadProblem] = []
    skipped = 0
    for number, row in rows:
        nct, title, status = _cell(row, "NCT Number"), _cell(row, "Study Title"), _cell(row, "Study Status").upper()
        title, status = unescaped(title), re.sub(r"[\s,]+", "_", status)
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
        if (day := _day(updated)) and day > today:
            rule = f"the day of the last update, not after today, {today}"
            problems.append(LoadProblem(name, nct, "Last Update Posted", updated, rule))
            continue
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


def _retraction_table(rows: Iterable[tuple[int, Mapping[str, str]]], name: str, today: date) -> Answer:
    """Retraction Watch's CSV: every notice that can be laid at a text's door."""
    notices: list[ReportedAgainst] = []
    problems: list[LoadProblem] = []
    for number, row in rows:
        nature = " ".join(re.split(r"[\s_-]+", _cell(row, NATURE).lower()))
        kind, place = NATURES.get(nature), f"row {number}"
        if kind is None:
            if nature not in NO_NATURES:
                listed = ", ".join(NATURES)
                problems.append(LoadProblem(name, place, NATURE, _cell(row, NATURE), f"one of {listed}"))
            continue
        doi, pmid = _doi(_cell(row, "OriginalPaperDOI")), _number(_cell(row, "OriginalPaperPubMedID"))
        notice_doi, notice_pmid = _doi(_cell(row, "RetractionDOI")), _number(_cell(row, "RetractionPubMedID"))
        url = f"https://doi.org/{notice_doi}" if notice_doi else pubmed.page_of(notice_pmid) if notice_pmid else ""
        url = url or (f"https://doi.org/{doi}" if doi else pubmed.page_of(pmid) if pmid else "")
        title = unescaped(_cell(row, "Title"))
        url = url or (RETRACTION_WATCH if len(title) >= LONG_ENOUGH else "")
        given = _cell(row, "RetractionDate")
        printed = _day(given)
        if not url:
            rule = f"a DOI or a PMID, of the text or of the notice, or a title of {LONG_ENOUGH} letters at least"
            problems.append(LoadProblem(name, place, "OriginalPaperDOI", _cell(row, "OriginalPaperDOI"), rule))
            continue
        if printed and printed > today:
            rule = f"the day on which it was printed, not after today, {today}"
            problems.append(LoadProblem(name, place, "RetractionDate", given, rule))
            continue
        if given and printed is None:  # that it was printed counts without its day
            rule = "a day such as 1/31/2026 or 2026-01-31; the notice was read without it"
            problems.append(LoadProblem(name, place, "RetractionDate", given, rule))
        text = of_citation(
            pmid=pmid or None,
            doi=doi or None,
            title=title,
            year=_year(_cell(row, "OriginalPaperDate")),
            author=_surname(_cell(row, "Author").split(";")[0]),
        )
        why = "; ".join(part.strip() for part in re.split(r"[;+]", _cell(row, "Reason")) if part.strip())
        said = [_cell(row, "Journal"), printed.isoformat() if printed else "", f"Reasons given: {why}" if why else ""]
        words = ". ".join(part.strip().rstrip(".") for part in said if part.strip())
        notices.append(ReportedAgainst(text, PrintedNotice(kind, f"{words or 'Retraction Watch'}.", url)))
    return Answer(notices=tuple(notices), problems=tuple(problems))


def _surname(author: str) -> str:
    """Of a name as Retraction Watch writes it, given names first, or with the surname before a comma."""
    before, comma, _given = author.strip().partition(",")
    return before if comma else (author.split() or [""])[-1]


def _doi(text: str) -> str:
    """A DOI that is one; Retraction Watch writes "unavailable" where there is none."""
    match = DOI.fullmatch(bare_doi(re.split(r";\s*(?=10\.|https?:|doi)", text.strip())[0]))
    return match[0] if match else ""


def _number(text: str) -> str:
    number = _whole(text)
    return number if pubmed.is_pmid(number) else ""


def _whole(text: str) -> str:
    """A number as it was before a spreadsheet made one with decimals or groups of it."""
    return re.sub(r"[.,]0+$", "", re.sub(r"^PMID:?\s*", "", text.strip(), flags=re.IGNORECASE)).replace("\xa0", "")


def _day(text: str) -> date | None:
    """Month, day, year, as the table writes them ("1/31/2026 0:00"), a day of ISO 8601, or as a spreadsheet wrote it.

    A day beyond twelve stands first where the month does not: 31/1/2026 is the 31st of January.
    """
    for pattern in ("%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%y", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y"):
        try:
            said = text.strip() if pattern == "%d %b %Y" else re.split(r"[ T]", text.strip())[0]
            return datetime.strptime(said, pattern).date()  # noqa: DTZ007 - a day, and no moment
        except ValueError:
            continue
    return None


def _year(text: str) -> int | None:
    day = _day(text)
    written = re.search(r"\b(?:19|20)\d\d\b", text)
    return day.year if day else int(written[0]) if written else None


def _cell(row: Mapping[str, str], name: str) -> str:
    return row.get(name, "").strip()


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

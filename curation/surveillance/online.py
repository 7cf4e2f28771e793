"""The sources themselves, asked by `manage.py survey` alone: PubMed's E-utilities, ClinicalTrials.gov's API, feeds.

Only the hosts of the setting are asked, each search within its time. What they answer is read as the same file is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from curation.imports import clinicaltrials, pubmed
from curation.imports.web import FetchError, Web
from regimens.knowledge.loader import Evidence, LoadError, LoadProblem
from regimens.models.choices import SurveySource

from .files import given_pmids, pubmed_answer, read_file, studies_answer
from .records import NCT_NUMBER, Answer

SEARCH = pubmed.SEARCH
# Records come into a source days after the day that they bear: the last days are asked for again.
OVERLAP = timedelta(days=14)
MOST_RECORDS = 1000  # of one look: more is no list that a person goes through
A_PAGE = 100
PAUSE_SECONDS = 0.4  # between requests; PubMed asks for no more than three a second


@dataclass(frozen=True)
class Asked:
    """What is asked of a source.

    source  a value of SurveySource
    since   the day from which on what is new is wanted; None: from the beginning
    """

    source: str
    query: str
    since: date | None
    until: date


def ask(asked: Asked, evidence: Evidence, web: Web, pause: Callable[[float], None]) -> Answer:
    """The source's answer. Raises LoadError where it cannot be had as a whole."""
    try:
        if asked.source == SurveySource.PUBMED:
            return _records(_pmids(asked, web, pause), web, pause)
        if asked.source == SurveySource.PUBMED_HELD:
            held = [entry["pmid"] for entry in evidence["publications"].values() if entry["pmid"]]
            return _records(held, web, pause)
        if asked.source == SurveySource.TRIALS:
            return _studies(_search_of(asked), asked.until, web, pause)
        if asked.source == SurveySource.TRIALS_HELD:
            held = sorted(key for key in evidence["trials"] if NCT_NUMBER.fullmatch(key))
            answer = Answer()
            for page in _pages(held):
                answer += _studies({"filter.ids": ",".join(page)}, asked.until, web, pause)
            return answer
        return read_file(web.read(asked.query), asked.query, today=asked.until)
    except FetchError as error:
        raise LoadError([LoadProblem(str(SurveySource(asked.source).label), "", "", None, str(error))]) from error


def _pmids(asked: Asked, web: Web, pause: Callable[[float], None]) -> list[str]:
    """What the search finds, each once. Raises LoadError where PubMed counts more than it names."""
    pmids: dict[str, None] = {}
    while True:
        count, page = _page_of_pmids(asked, web, len(pmids))
        _check_size(count)
        before = len(pmids)
        pmids |= dict.fromkeys(page)
        if len(pmids) >= count:
            return list(pmids)
        if len(pmids) == before:
            raise _refusal(f"PubMed found {count} records, and named {before} of them")
        pause(PAUSE_SECONDS)


def _page_of_pmids(asked: Asked, web: Web, start: int) -> tuple[int, list[str]]:
    parameters = {
        "db": "pubmed",
        "retmode": "json",
        "tool": "necapp",
        "term": asked.query,
        "retmax": str(MOST_RECORDS),
        "retstart": str(start),
        "datetype": "edat",
        "maxdate": asked.until.strftime("%Y/%m/%d"),
        "mindate": asked.since.strftime("%Y/%m/%d") if asked.since else "1900/01/01",
    }
    try:
        found = json.loads(web.read(SEARCH, parameters))["esearchresult"]
        if "ERROR" in found:
            raise _refusal(f"PubMed does not understand the search: {found['ERROR']}")
        count, pmids = int(found["count"]), [str(one) for one in found["idlist"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal(f"an answer of PubMed's search: {error!r}") from error
    if odd := next((one for one in pmids if not pubmed.is_pmid(one)), None):
        raise _refusal(f"an answer of PubMed's search: {odd!r} is no PMID")
    return count, pmids


def _records(pmids: Sequence[str], web: Web, pause: Callable[[float], None]) -> Answer:
    """The records of these; one that was asked for twice and not given is named as a record that cannot be read."""
    answer, missing = Answer(), list(pmids)
    for _attempt in range(2):
        wanted, missing = missing, []
        for page in _pages(wanted):
            pause(PAUSE_SECONDS)
            parameters = {"db": "pubmed", "retmode": "xml", "tool": "necapp", "id": ",".join(page)}
            content = web.read(pubmed.API, parameters)
            answer += pubmed_answer(content, "PubMed")
            given = given_pmids(content)
            missing += [pmid for pmid in page if pmid not in given]
    rule = "a record: it was asked for twice, and not given"
    return answer + Answer(problems=tuple(LoadProblem("PubMed", pmid, "", None, rule) for pmid in missing))


def _search_of(asked: Asked) -> dict[str, str]:
    parameters = {"query.term": asked.query}
    if asked.since:
        first = asked.since.isoformat()
        parameters["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{first},MAX]"
    return parameters


def _studies(parameters: dict[str, str], today: date, web: Web, pause: Callable[[float], None]) -> Answer:
    """Every page of the register's answer. Raises LoadError where a page leads back to one that was read."""
    answer, token = Answer(), ""
    read: set[str] = set()
    while True:
        asked = parameters | {"pageSize": str(A_PAGE), "format": "json"} | ({"pageToken": token} if token else {})
        text = web.read(clinicaltrials.API, asked)
        answer += studies_answer(text, "ClinicalTrials.gov", today=today)
        _check_size(len(answer.records))
        token = str(json.loads(text).get("nextPageToken") or "")
        if not token:
            return answer
        if token in read:
            raise _refusal("pages that lead to an end: one leads back to a page that was read")
        read.add(token)
        pause(PAUSE_SECONDS)


def _pages(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), A_PAGE):
        yield wanted[start : start + A_PAGE]


def _check_size(count: int) -> None:
    if count > MOST_RECORDS:
        raise _refusal(f"{count} records, and {MOST_RECORDS} at most: narrow the search, or begin at a later day")


def _refusal(rule: str) -> LoadError:
    return LoadError([LoadProblem("", "", "", None, rule)])

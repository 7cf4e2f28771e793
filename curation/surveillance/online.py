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

from .files import pubmed_answer, read_file, studies_answer
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
            return _records(_pmids(asked, web), web, pause)
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


def _pmids(asked: Asked, web: Web) -> list[str]:
    parameters = {
        "db": "pubmed",
        "retmode": "json",
        "tool": "necapp",
        "term": asked.query,
        "retmax": str(MOST_RECORDS),
        "datetype": "edat",
        "maxdate": asked.until.strftime("%Y/%m/%d"),
        "mindate": asked.since.strftime("%Y/%m/%d") if asked.since else "1900/01/01",
    }
    try:
        found = json.loads(web.read(SEARCH, parameters))["esearchresult"]
        if "ERROR" in found:
            raise _refusal(f"PubMed does not understand the search: {found['ERROR']}")
        count, pmids = int(found["count"]), [str(one) for one in found["idlist"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _refusal(f"an answer of PubMed's search: {error!r}") from error
    _check_size(count)
    return pmids


def _records(pmids: Sequence[str], web: Web, pause: Callable[[float], None]) -> Answer:
    answer = Answer()
    for page in _pages(pmids):
        pause(PAUSE_SECONDS)
        parameters = {"db": "pubmed", "retmode": "xml", "tool": "necapp", "id": ",".join(page)}
        answer += pubmed_answer(web.read(pubmed.API, parameters), "PubMed")
    return answer


def _search_of(asked: Asked) -> dict[str, str]:
    parameters = {"query.term": asked.query}
    if asked.since:
        first = asked.since.isoformat()
        parameters["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{first},MAX]"
    return parameters


def _studies(parameters: dict[str, str], today: date, web: Web, pause: Callable[[float], None]) -> Answer:
    """Every page of the register's answer."""
    answer, token = Answer(), ""
    while True:
        asked = parameters | {"pageSize": str(A_PAGE), "format": "json"} | ({"pageToken": token} if token else {})
        text = web.read(clinicaltrials.API, asked)
        answer += studies_answer(text, "ClinicalTrials.gov", today=today)
        _check_size(len(answer.records))
        token = str(json.loads(text).get("nextPageToken") or "")
        if not token:
            return answer
        pause(PAUSE_SECONDS)


def _pages(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), A_PAGE):
        yield wanted[start : start + A_PAGE]


def _check_size(count: int) -> None:
    if count > MOST_RECORDS:
        raise _refusal(f"{count} records, and {MOST_RECORDS} at most: narrow the search, or begin at a later day")


def _refusal(rule: str) -> LoadError:
    return LoadError([LoadProblem("", "", "", None, rule)])

"""Exported files say the same as the source, in whatever form it writes."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from curation.imports.found import citation_of, trial_of
from curation.surveillance.files import read_file
from curation.surveillance.records import Answer, words_in
from regimens.knowledge.loader import LoadError
from tests.factories.surveillance import FILES

TODAY = date(2026, 11, 29)


def read(name: str, content: bytes | None = None) -> Answer:
    return read_file((FILES / name).read_bytes() if content is None else content, name, today=TODAY)


@pytest.mark.parametrize("name", ["records.xml", "records.nbib", "records.csv"])
def test_pubmed_says_the_same_in_each_of_its_forms(name: str) -> None:
    answer = read(name)
    first, second, third = answer.records
    assert [one.pmid for one in answer.records] == ["41000001", "41000002", "36739879"]
    assert first.title == "Irinotecan in relapsed neuroendocrine carcinoma of the bile duct"
    assert (first.identity, first.doi, first.year) == ("pmid:41000001", "10.9999/made.up.1", 2026)
    assert first.identified.author == "lind"
    if name != "records.csv":  # which has no abstract, no register numbers and no notices
        assert first.registers == ("NCT09999901",)
        assert second.registers == ("NCT02820857",)
        notice = answer.notices[0]
        assert (notice.text.pmid, str(notice.notice.kind)) == ("36739879", "retraction")
        assert notice.notice.url == "https://pubmed.ncbi.nlm.nih.gov/41000009/"
    assert third.title.startswith("Bevacizumab plus FOLFIRI")
    assert not answer.problems


def test_what_is_stored_of_a_record_comes_back() -> None:
    record = read("records.xml").records[0]
    assert citation_of(record.stored()) == record.citation
    trial = read("studies.csv").records[0]
    assert trial_of(trial.stored()) == trial.trial


def test_the_register_as_a_table() -> None:
    answer = read("studies.csv")
    assert [(one.nct, one.trial.phase, one.trial.status) for one in answer.records if one.trial] == [
        ("NCT07999901", "1/2", "recruiting")
    ]
    assert answer.skipped == 1


def test_a_feed_brings_no_markup_and_no_address_but_of_the_web() -> None:
    first, second = read("feed.xml").records
    assert first.text == "Extension to neuroendocrine carcinoma x"
    assert (first.place, first.url) == ("Made-up agency", "https://agency.example.org/tarlatamab")
    assert second.url == ""
    assert first.identity != second.identity


def test_an_item_of_pubmed_s_own_feed_is_known_by_its_numbers() -> None:
    item = b"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>A search</title><item>
    <title>Irinotecan in NEC</title><link>https://pubmed.ncbi.nlm.nih.gov/41000001/?utm_source=x</link>
    <description>As 10.9999/another said. NCT09999901.</description><guid isPermaLink="false">pubmed:41000001</guid>
    <dc:identifier>pmid:41000001</dc:identifier><dc:identifier>doi:10.9999/made.up.1</dc:identifier>
    <dc:creator>Lind A</dc:creator><dc:creator>Berg B</dc:creator></item></channel></rss>"""
    (record,) = read("rss.xml", item).records
    assert (record.pmid, record.doi, record.author) == ("41000001", "10.9999/made.up.1", "Lind A")
    assert record.registers == ("NCT09999901",)


def test_what_an_item_says_of_another_text_does_not_make_it_that_text() -> None:
    item = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>A comment</title>
    <link rel="self" href="https://news.example.org/1.xml"/><link rel="alternate" href="https://news.example.org/1"/>
    <author><name>Lind A</name><email>lind@example.org</email></author><id>tag:news.example.org,2026:1</id>
    <summary>On https://pubmed.ncbi.nlm.nih.gov/36739879/ (10.1016/s1470-2045(23)00001-3).</summary></entry></feed>"""
    (record,) = read("atom.xml", item).records
    assert (record.pmid, record.doi, record.url) == ("", "", "https://news.example.org/1")
    assert record.author == "Lind A"


def test_retraction_watch_names_texts_by_doi_and_pmid() -> None:
    answer = read("retractions.csv")
    assert [(one.text.doi, one.text.pmid) for one in answer.notices] == [
        ("10.1016/s1470-2045(23)00001-3", "36739879"),
        ("10.9999/not.held", None),
    ]
    first = answer.notices[0].notice
    assert first.text == "The Lancet Oncology. 2026-01-09. Reasons given: Error in Data."
    assert first.url == "https://doi.org/10.9999/retraction.1"
    assert [problem.key for problem in answer.problems] == ["row 5"]  # which names no text


def test_a_notice_of_a_day_to_come_is_none() -> None:
    text = (FILES / "retractions.csv").read_text(encoding="utf-8").replace("1/9/2026", "1/9/2036")
    answer = read("future.csv", text.encode())
    assert not answer.notices
    assert len(answer.problems) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><rss>&b;</rss>",
        b"{",
        b'{"a": 1}',
        b"[" * 100_000,
        b"name,age\nAda,3\n",
        b"\x00\x01\x02",
    ],
    ids=["empty", "page", "entities", "half", "other", "deep", "table", "bytes"],
)
def test_what_is_none_of_them_is_refused(content: bytes) -> None:
    with pytest.raises(LoadError):
        read("file", content)


@pytest.mark.parametrize(
    ("word", "text", "occurs"),
    [
        ("neuroendocrine carcinoma*", "Neuroendocrine  CARCINOMAS of", True),
        ("neuroendocrine carcinoma", "neuroendocrine carcinomas", False),
        ("second-line", "in second line", True),
        ("RET", "retrospective", False),
        ("(", "a (b", False),
    ],
)
def test_words_are_found_whatever_their_case(word: str, text: str, occurs: bool) -> None:
    assert bool(words_in([word], text)) is occurs


def retractions(**changes: str) -> bytes:
    """The first row of the table, with cells changed."""
    header, first = (FILES / "retractions.csv").read_text(encoding="utf-8").splitlines()[:2]
    (cells,) = csv.reader([first])
    row = dict(zip(header.split(","), cells, strict=True)) | changes
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(row), list(row.values())])
    return text.getvalue().encode()


@pytest.mark.parametrize(
    "content",
    [
        retractions(Reason="+Error in Data", Author="Thomas Walter").decode().replace(",", ";").encode("utf-8-sig"),
        b"sep=,\r\n" + retractions(),
        b"Retraction Watch, November\n\n" + retractions(),
        retractions().decode().replace(",", "\t").encode("utf-16"),
        retractions(OriginalPaperDOI="https://doi.org/10.1016/s1470-2045(23)00001-3."),
        retractions(OriginalPaperDOI="DOI: 10.1016/S1470-2045(23)00001-3", OriginalPaperPubMedID="36739879.0"),
        retractions(RetractionNature="Partial_Retraction", RetractionDate="9-Jan-2026"),
    ],
    ids=["semicolons", "sep", "title", "tabs", "address", "spelt out", "nature"],
)
def test_a_table_of_retractions_is_read_as_programs_write_it(content: bytes) -> None:
    (found,) = read("retractions.csv", content).notices
    assert (found.text.doi, found.text.pmid) == ("10.1016/s1470-2045(23)00001-3", "36739879")
    assert found.notice.kind == "retraction" and "2026-01-09" in found.notice.text


@pytest.mark.parametrize("day", ["2036-01-09T00:00:00", "09.01.2036", "31/12/2036"])
def test_a_day_to_come_is_one_however_it_is_written(day: str) -> None:
    answer = read("retractions.csv", retractions(RetractionDate=day))
    assert not answer.notices
    assert day in str(answer.problems[0])


def test_a_notice_counts_though_its_day_cannot_be_read() -> None:
    answer = read("retractions.csv", retractions(RetractionDate="soon"))
    assert len(answer.notices) == len(answer.problems) == 1

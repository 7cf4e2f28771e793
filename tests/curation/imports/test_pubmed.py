"""Records of PubMed beside the evidence base: new citations, real differences, notices; and XML that does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from curation.imports import pubmed
from curation.imports.pubmed import PubmedRecord, new_key, read_against, read_records
from curation.imports.web import Web
from regimens.knowledge.loader import LoadError
from tests.factories.registers import FILES, Register

KNOWN: dict[str, Any] = {
    "key": "smith-2012-cocis",
    "review_ref": 7,
    "review_mark": "major",
    "authors": "Lievre A, Di Maio M, Kloppel G, et al.",
    "title": "Cisplatin- or carboplatin-based chemotherapy: the COCIS meta-analysis",
    "journal": "J Clin Oncol",
    "year": 2012,
    "locator": "30:1692-8",
    "doi": "10.1200/JCO.2011.40.4905",
    "pmid": "22473169",
    "url": "https://example.org/",
    "kind": "meta-analysis",
    "study_key": None,
    "study": None,
    "results": [],
    "findings": ["own words"],
    "verified": "none",
    "verified_at": None,
    "second_read_at": None,
    "doubts": None,
}


def article(pmid: str = "22473169", **given: str) -> str:
    """A record of the same text as `KNOWN`, as PubMed would print it."""
    parts = {
        "title": "Cisplatin- or Carboplatin-Based Chemotherapy: The <i>COCIS</i> Meta-Analysis.",
        "year": "<Year>2012</Year>",
        "pages": "1692-1698",
        "doi": "10.1200/jco.2011.40.4905",
        "authors": "".join(
            f"<Author><LastName>{last}</LastName><Initials>{initials}</Initials></Author>"
            for last, initials in (("Lièvre", "AB"), ("Di Maio", "M"), ("Klöppel", "G"), ("Fourth", "F"))
        ),
        "types": "<PublicationType>Journal Article</PublicationType>",
        "corrections": "",
    } | given
    return f"""
      <PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
        <Journal><JournalIssue><Volume>30</Volume><Issue>14</Issue><PubDate>{parts["year"]}</PubDate></JournalIssue>
          <Title>Journal of clinical oncology</Title><ISOAbbreviation>J. Clin. Oncol.</ISOAbbreviation></Journal>
        <ArticleTitle>{parts["title"]}</ArticleTitle><Pagination><MedlinePgn>{parts["pages"]}</MedlinePgn></Pagination>
        <ELocationID EIdType="doi">{parts["doi"]}</ELocationID><AuthorList>{parts["authors"]}</AuthorList>
        <PublicationTypeList>{parts["types"]}</PublicationTypeList></Article>
        <MedlineJournalInfo><MedlineTA>J Clin Oncol</MedlineTA></MedlineJournalInfo>
        <CommentsCorrectionsList>{parts["corrections"]}</CommentsCorrectionsList></MedlineCitation></PubmedArticle>"""


def xml(*articles: str) -> bytes:
    return f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>".encode()


def records(*articles: str) -> list[PubmedRecord]:
    found, problems = read_records(xml(*articles), "file.xml")
    assert problems == []
    return found


def against(*articles: str, known: dict[str, Any] = KNOWN) -> pubmed.RecordsRead:
    return read_against(records(*articles), {known["key"]: known})


def correction(kind: str, source: str = "J Clin Oncol. 2013;31:1", pmid: str = "23000001") -> str:
    of = f"<PMID>{pmid}</PMID>" if pmid else ""
    return f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{of}</CommentsCorrections>'


def test_the_same_text_in_other_words_is_left_as_it_is() -> None:
    assert against(article()).entries == {"smith-2012-cocis": KNOWN}


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"year": "<Year>2013</Year>"}, {"year": 2013}),
        ({"year": "<MedlineDate>2012 May-Jun</MedlineDate>"}, {}),
        ({"pages": "1692-1699"}, {"locator": "30:1692-1699"}),
        ({"pages": ""}, {}),
        ({"pages": "1692"}, {}),  # less than the evidence base says
        ({"pages": "1700"}, {"locator": "30:1700"}),
        ({"doi": "10.1200/other"}, {"doi": "10.1200/other"}),
        ({"title": "Another title."}, {"title": "Another title"}),
        ({"authors": ""}, {}),
        (
            {"authors": "<Author><LastName>Other</LastName><Initials>O</Initials></Author>"},
            {"authors": "Other O"},
        ),
    ],
)
def test_real_differences_alone_are_taken(given: dict[str, str], changes: dict[str, Any]) -> None:
    assert against(article(**given)).entries == {"smith-2012-cocis": KNOWN | changes}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("[<sup>177</sup>Lu]Lu-DOTA-TATE in tumours.", "[177Lu]Lu-DOTA-TATE in tumours"),
        ("[Tumours of the colon].", "Tumours of the colon"),
        ("[Tumours of the colon.]", "Tumours of the colon"),
        ("Ga[68] and [177Lu]Lu.", "Ga[68] and [177Lu]Lu"),
        ("[A] and [B]", "[A] and [B]"),
        ("A &amp;lt; B &amp;amp; C", "A < B & C"),
    ],
)
def test_a_title_is_kept_whole(given: str, expected: str) -> None:
    (record,) = records(article(title=given))
    assert record.title == expected


def test_a_title_that_is_not_there_in_english_is_the_vernacular_one() -> None:
    text = article(title="[Not Available].").replace(
        "</Article>", "<VernacularTitle>Ein Titel.</VernacularTitle></Article>"
    )
    assert records(text)[0].title == "Ein Titel"


PAGES = "<MedlinePgn>1692-1698</MedlinePgn>"
DOI = '<ELocationID EIdType="doi">10.1200/jco.2011.40.4905</ELocationID>'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<StartPage>101</StartPage><EndPage>109</EndPage>", "30:101-109"),
        ("<StartPage>101</StartPage>", "30:101"),
        ('</Pagination><ELocationID EIdType="pii" ValidYN="Y">2400512</ELocationID><Pagination>', "30:2400512"),
        ('</Pagination><ELocationID EIdType="pii" ValidYN="N">2400512</ELocationID><Pagination>', None),
        ('</Pagination><ELocationID EIdType="pii">S2211-1247(22)00645-3</ELocationID><Pagination>', None),
    ],
)
def test_pages_and_the_numbers_of_articles(given: str, expected: str | None) -> None:
    assert records(article().replace(PAGES, given))[0].locator == expected


def test_an_invalid_doi_is_none_and_gives_way_to_a_valid_one() -> None:
    invalid = article().replace(DOI, '<ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>')
    assert records(invalid)[0].doi is None
    listed = '<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/right</ArticleId></ArticleIdList></PubmedData>'
    assert records(invalid.replace("</PubmedArticle>", f"{listed}</PubmedArticle>"))[0].doi == "10.1000/right"
    assert against(invalid).entries["smith-2012-cocis"]["doi"] == KNOWN["doi"]


def test_what_the_evidence_base_lacks_is_filled_in() -> None:
    known = KNOWN | {"pmid": None, "locator": None, "authors": None}
    found = against(article(), known=known).entries["smith-2012-cocis"]
    assert found == known | {
        "pmid": "22473169",
        "locator": "30:1692-1698",
        "authors": "Lièvre AB, Di Maio M, Klöppel G, et al.",
    }


class TestMatching:
    def test_by_pmid_before_doi(self) -> None:
        other = KNOWN | {"key": "other-2012-text", "pmid": "1111111", "doi": "10.1200/other"}
        reading = read_against(records(article(doi="10.1200/third")), {row["key"]: row for row in (KNOWN, other)})
        assert list(reading.entries) == ["smith-2012-cocis"]

    def test_by_its_words_where_the_evidence_base_has_no_identifier(self) -> None:
        known = KNOWN | {"doi": None, "pmid": None}
        given = article(corrections=correction("RetractionIn"))
        found = against(given, known=known)
        assert found.new == set()
        assert found.entries["smith-2012-cocis"]["notice"]["kind"] == "retraction"
        assert found.entries["smith-2012-cocis"]["pmid"] == "22473169"

    def test_by_doi_in_any_case(self) -> None:
        assert list(against(article(), known=KNOWN | {"pmid": None}).entries) == ["smith-2012-cocis"]

    def test_a_doi_that_is_on_another_publication_is_a_problem(self) -> None:
        other = KNOWN | {"key": "other-2012-text", "pmid": "1111111", "doi": "10.1200/other"}
        reading = read_against(records(article(doi="10.1200/OTHER")), {row["key"]: row for row in (KNOWN, other)})
        assert [str(problem) for problem in reading.problems] == [
            "PubMed: 22473169: doi: '10.1200/OTHER': the DOI of smith-2012-cocis, which has this PMID; "
            "the evidence base has it on other-2012-text"
        ]

    def test_two_records_for_one_publication_are_a_problem(self) -> None:
        reading = against(article(), article("22473170"), known=KNOWN | {"pmid": None})
        assert [(problem.key, problem.field) for problem in reading.problems] == [("22473170", "pmid")]

    def test_a_record_of_another_pmid_takes_no_entry_by_its_doi(self) -> None:
        reading = against(article("22473170"))
        assert (reading.new, reading.problems) == ({"lievre-2012-cisplatin"}, [])
        assert reading.told_apart == {"lievre-2012-cisplatin": ("smith-2012-cocis",)}
        assert reading.remarks == [
            "22473170: lievre-2012-cisplatin has the DOI of smith-2012-cocis, which has another PMID: "
            "for people to say whether they are two"
        ]

    def test_a_record_that_comes_twice_counts_once(self) -> None:
        assert against(article(), article()).problems == []


class TestNew:
    def test_it_has_its_citation_and_no_figures(self) -> None:
        (entry,) = read_against(records(article()), {}).entries.values()
        assert entry == KNOWN | {
            "key": "lievre-2012-cisplatin",
            "review_ref": None,
            "review_mark": None,
            "authors": "Lièvre AB, Di Maio M, Klöppel G, et al.",
            "title": "Cisplatin- or Carboplatin-Based Chemotherapy: The COCIS Meta-Analysis",
            "locator": "30:1692-1698",
            "doi": "10.1200/jco.2011.40.4905",
            "url": "https://pubmed.ncbi.nlm.nih.gov/22473169/",
            "read_on": None,
            "kind": "results",
            "findings": [],
            "doubts": pubmed.KIND_NOT_GIVEN,
        }

    @pytest.mark.parametrize(
        ("types", "kind"),
        [
            (["Journal Article", "Review"], "review"),
            (["Meta-Analysis", "Review"], "meta-analysis"),
            (["Clinical Trial, Phase II", "Journal Article"], "results"),
            (["Case Reports"], "case-report"),
            (["Practice Guideline", "Review"], "guideline"),
            (["Clinical Trial Protocol"], "protocol"),
        ],
    )
    def test_its_kind_is_pubmeds(self, types: list[str], kind: str) -> None:
        given = "".join(f"<PublicationType>{name}</PublicationType>" for name in types)
        (entry,) = read_against(records(article(types=given)), {}).entries.values()
        assert (entry["kind"], entry["doubts"]) == (kind, None)

    def test_its_key_is_none_that_somebody_proposed(self) -> None:
        (record,) = records(article("9", doi="10.1/other", title="A second text."))
        key = new_key(record, ())
        (other,) = read_against(records(article("8", doi="10.1/first")), {}).entries.values()
        assert read_against([record], {}, {key: other}).new == {f"{key}-2"}
        (of_its_doi,) = read_against(records(article("8")), {}).entries.values()
        assert read_against([record], {}, {key: of_its_doi}).new == {f"{key}-2"}  # of another PMID
        same = other | {"doi": "10.1/OTHER", "pmid": None}
        assert read_against([record], {}, {"its-key": same}).new == {"its-key"}

    def test_its_key_is_unique(self) -> None:
        reading = read_against(records(article(), article("22473170", doi="10.1/x")), {})
        assert list(reading.entries) == ["lievre-2012-cisplatin", "lievre-2012-cisplatin-2"]

    @pytest.mark.parametrize(
        ("authors", "years", "title", "key"),
        [
            (("Ångström-Müller KJ",), (2026,), "The effect of topotecan", "angstrom-muller-2026-effect"),
            (("Le Malicot K",), (2020,), "FOLFIRI", "le-malicot-2020-folfiri"),
            (("Sørbye H",), (2020,), "A phase of", "sorbye-2020-text"),
            ((), (), "", "anonymous-text"),
        ],
    )
    def test_its_key_is_author_year_word(
        self, authors: tuple[str, ...], years: tuple[int, ...], title: str, key: str
    ) -> None:
        (record,) = records(article())
        fields = vars(record) | {"authors": authors, "years": years, "title": title}
        assert new_key(PubmedRecord(**fields), {}) == key


class TestNotices:
    @pytest.mark.parametrize(
        ("given", "kind"),
        [
            ("RetractionIn", "retraction"),
            ("RetractedandRepublishedIn", "retraction"),
            ("ExpressionOfConcernIn", "expression-of-concern"),
            ("ErratumIn", "erratum"),
        ],
    )
    def test_each_kind(self, given: str, kind: str) -> None:
        entry = against(article(corrections=correction(given))).entries["smith-2012-cocis"]
        url = "https://pubmed.ncbi.nlm.nih.gov/23000001/"
        assert entry == KNOWN | {"notice": {"kind": kind, "text": "J Clin Oncol. 2013;31:1", "url": url}}

    @pytest.mark.parametrize("given", ["Cites", "CommentIn", "UpdateIn", "ErratumFor"])
    def test_other_references_are_none(self, given: str) -> None:
        assert against(article(corrections=correction(given))).entries["smith-2012-cocis"] == KNOWN

    def test_the_gravest_counts(self) -> None:
        given = (
            correction("ErratumIn") + correction("RetractionIn", "The end", "") + correction("ExpressionOfConcernIn")
        )
        notice = against(article(corrections=given)).entries["smith-2012-cocis"]["notice"]
        url = "https://pubmed.ncbi.nlm.nih.gov/22473169/"
        assert notice == {"kind": "retraction", "text": "The end", "url": url}

    def test_a_retracted_publication_without_its_notice_is_retracted(self) -> None:
        given = "<PublicationType>Retracted Publication</PublicationType>"
        notice = against(article(types=given)).entries["smith-2012-cocis"]["notice"]
        assert notice["kind"] == "retraction"

    @pytest.mark.parametrize(("held", "stays"), [("retraction", True), ("erratum", False)])
    def test_one_on_record_gives_way_to_a_graver_one_alone(self, held: str, stays: bool) -> None:
        known = KNOWN | {"notice": {"kind": held, "text": "on record", "url": "https://example.org/"}}
        found = against(article(corrections=correction("RetractionIn")), known=known).entries["smith-2012-cocis"]
        assert (found["notice"]["text"] == "on record") == stays

    def test_several_errata_are_one_notice_and_come_once(self) -> None:
        first = correction("ErratumIn", "Lancet. 2013;1:1", "23000001")
        second = correction("ErratumIn", "Lancet. 2014;2:2", "23000002")
        found = against(article(corrections=first + second)).entries["smith-2012-cocis"]
        url = "https://pubmed.ncbi.nlm.nih.gov/23000001/"
        assert found["notice"] == {"kind": "erratum", "text": "Lancet. 2013;1:1; Lancet. 2014;2:2", "url": url}
        assert against(article(corrections=first + second), known=found).entries["smith-2012-cocis"] == found
        later = against(article(corrections=correction("ErratumIn", "Lancet. 2015;3:3", "3")), known=found)
        assert later.entries["smith-2012-cocis"]["notice"]["text"].endswith("2014;2:2; Lancet. 2015;3:3")

    @pytest.mark.parametrize(
        ("given", "kind"),
        [
            ("RetractedandRepublishedFrom", "retraction"),
            ("PartialRetractionOf", "retraction"),
            ("CorrectedandRepublishedFrom", "erratum"),
        ],
    )
    def test_a_text_that_replaces_another_tells_of_that_one(self, given: str, kind: str) -> None:
        reading = against(article("23000009", doi="10.1/x", corrections=correction(given, pmid="22473169")))
        assert reading.entries["smith-2012-cocis"]["notice"]["kind"] == kind
        (new,) = reading.new
        assert "notice" not in reading.entries[new]

    def test_the_record_of_a_notice_is_no_publication_but_tells_of_one(self) -> None:
        types = "<PublicationType>Retraction of Publication</PublicationType>"
        given = correction("RetractionOf", pmid="22473169") + correction("RetractionOf", pmid="99")
        notice = article("23000001", types=types, corrections=given, doi="10.1/x", pages="1")
        reading = against(notice)
        assert reading.entries == {
            "smith-2012-cocis": KNOWN
            | {
                "notice": {
                    "kind": "retraction",
                    "text": "J Clin Oncol 2012 30:1",
                    "url": "https://pubmed.ncbi.nlm.nih.gov/23000001/",
                }
            }
        }
        assert reading.remarks == ["23000001: a notice against 99, which the evidence base does not hold"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "file.xml: no XML: "),
        (b"<PubmedArticleSet>", "file.xml: no XML: "),
        (b"\xff\xfe\x00", "file.xml: no XML: "),
        (b"<html/>", "file.xml: 'html': a PubmedArticleSet"),
        (b"<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>", "file.xml: record 0: PMID: one to eight digits"),
        (xml(article(title="")), "file.xml: 22473169: ArticleTitle: a title"),
        (
            b"<PubmedArticleSet><PubmedBookArticle><PMID>5</PMID></PubmedBookArticle></PubmedArticleSet>",
            "file.xml: 5: an article: a book is no publication of the evidence base",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>',
            "file.xml: an XML file without entities of its own (EntitiesForbidden)",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><PubmedArticleSet>&a;</PubmedArticleSet>',
            "file.xml: an XML file without entities of its own (EntitiesForbidden)",
        ),
    ],
)
def test_what_is_wrong_is_named(text: bytes, expected: str) -> None:
    _, problems = read_records(text, "file.xml")
    assert str(problems[0])[: len(expected)] == expected


def test_a_document_type_is_read_past_without_the_network() -> None:
    found, problems = read_records((FILES / "records.xml").read_bytes(), "records.xml")
    assert problems == []
    assert [record.pmid for record in found] == ["28501762", "35681675", "39999902"]


class TestPubMedItself:
    def test_it_is_asked_for_all_at_once(self, register: Register) -> None:
        register.will(200, (FILES / "records.xml").read_bytes())
        with Web() as web:
            found = pubmed.fetch(["28501762", "35681675", "39999902"], web, api=f"{register.url}/efetch.fcgi")
        assert len(found) == 3
        assert register.asked == ["/efetch.fcgi?db=pubmed&retmode=xml&tool=necapp&id=28501762%2C35681675%2C39999902"]

    def test_records_that_it_does_not_know_are_named(self, register: Register) -> None:
        register.will(200, (FILES / "records.xml").read_bytes())
        with Web() as web, pytest.raises(LoadError) as caught:
            pubmed.fetch(["28501762", "5"], web, api=register.url)
        assert [str(problem) for problem in caught.value.problems] == ["PubMed: 5: PubMed knows no such record"]

    def test_ids_that_are_none_are_named_before_anything_is_asked(self, register: Register) -> None:
        with Web() as web, pytest.raises(LoadError) as caught:
            pubmed.fetch(["PMC1", "0"], web, api=register.url)
        assert len(caught.value.problems) == 2
        assert register.asked == []


def test_a_retraction_with_other_identifiers_is_proposed_on_the_text_of_that_title() -> None:
    """And nothing else of a record that contradicts what is held; without a notice it is another text."""
    printed = {"doi": "10.1/other", "authors": "<Author><LastName>Author1</LastName></Author>"}
    notice = correction("RetractionIn", pmid="")
    reading = against(article("99999999", corrections=notice, **printed))
    assert reading.new == set()
    assert reading.entries == {KNOWN["key"]: KNOWN | {"notice": reading.entries[KNOWN["key"]]["notice"]}}
    assert reading.entries[KNOWN["key"]]["notice"]["kind"] == "retraction"
    assert "the notice alone is proposed" in reading.remarks[0]
    assert len(against(article("99999999", **printed)).new) == 1


class TestNothingIsMadeWorse:
    @pytest.mark.parametrize(
        "given",
        [
            {"doi": "https://doi.org/10.1200/JCO.2011.40.4905."},
            {"doi": "doi: 10.1200/jco.2011.40.4905"},
            {"title": "RETRACTED: Cisplatin- or carboplatin-based chemotherapy: the COCIS meta-analysis"},
            {"title": "[Retracted] Cisplatin- or carboplatin-based chemotherapy: the COCIS meta-analysis."},
            {"authors": "<Author><LastName>Lievre</LastName></Author>" * 0},
        ],
    )
    def test_other_spellings_are_no_difference(self, given: dict[str, str]) -> None:
        entry = against(article(**given)).entries[KNOWN["key"]]
        assert {**entry, "notice": None} == {**KNOWN, "notice": None}

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": "Cisplatin- or carboplatin-based chemotherapy"}, "title"),
            ({"authors": "<Author><LastName>Lievre</LastName><Initials>A</Initials></Author>"}, "authors"),
            ({"pages": "2400512"}, "locator"),
        ],
    )
    def test_what_says_less_is_asked(self, given: dict[str, str], field: str) -> None:
        reading = against(article(**given))
        assert reading.entries[KNOWN["key"]] == KNOWN
        assert [asked.field for asked in reading.questions] == [field]

    def test_an_invalid_doi_that_the_list_of_identifiers_repeats_is_invalid(self) -> None:
        text = (
            article()
            .replace('EIdType="doi"', 'EIdType="doi" ValidYN="N"')
            .replace("10.1200/jco.2011.40.4905", "10.1/x")
        )
        listed = '<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1/x</ArticleId></ArticleIdList></PubmedData>'
        (record,) = records(text.replace("</PubmedArticle>", f"{listed}</PubmedArticle>"))
        assert (record.doi, record.bad_dois) == (None, ("10.1/x",))

    def test_a_second_doi_of_the_record_may_be_the_one_that_is_held(self) -> None:
        listed = (
            "<PubmedData><ArticleIdList><ArticleId IdType='doi'>10.1200/JCO.2011.40.4905</ArticleId></ArticleIdList>"
        )
        text = article(doi="10.1000/supplement").replace("</PubmedArticle>", f"{listed}</PubmedData></PubmedArticle>")
        assert against(text).entries[KNOWN["key"]] == KNOWN

    def test_names_that_were_corrected_and_names_without_initials(self) -> None:
        authors = (
            "<Author ValidYN='N'><LastName>Lindd</LastName><Initials>A</Initials></Author>"
            "<Author><LastName>Lind</LastName><ForeName>Ada Maria</ForeName></Author>"
        )
        (record,) = records(article(authors=authors))
        assert record.authors == ("Lind AM",)

    def test_an_abstract_does_not_become_the_paper_of_its_title(self) -> None:
        known = KNOWN | {"pmid": None, "doi": None, "journal": "Ann Oncol"}
        reading = against(article(doi="10.1000/paper"), known=known)
        assert not reading.entries
        assert "Ann Oncol" in str(reading.problems[0]) and reading.problems[0].field == "journal"

    def test_a_letter_about_a_text_is_another_text(self) -> None:
        known = KNOWN | {"pmid": None, "doi": None}
        reading = against(article("99", title=f"Re: {KNOWN['title']}", doi="10.1000/letter"), known=known)
        assert reading.new == set(reading.entries)

    def test_the_record_with_the_identifier_counts_before_one_with_the_words(self) -> None:
        known = KNOWN | {"pmid": None}
        reading = against(article("99", doi="10.1000/other"), article(), known=known)
        assert reading.entries[KNOWN["key"]]["pmid"] == KNOWN["pmid"]

    def test_one_title_under_other_identifiers_is_told_apart_by_people(self) -> None:
        reading = against(article("99", doi="10.1000/other", title=LONG), known=KNOWN | {"title": LONG})
        (key,) = reading.new
        assert reading.told_apart[key] == (KNOWN["key"],)
        assert "for people to say whether they are two" in reading.remarks[0]

    def test_a_year_to_come_is_named(self) -> None:
        _found, problems = read_records(xml(article(year="<Year>2099</Year>"), article("5")), "file.xml")
        assert [(problem.key, problem.field, problem.value) for problem in problems] == [("22473169", "year", 2099)]


LONG = "A meta-analysis of cisplatin and carboplatin in neuroendocrine carcinoma"


class TestNoticesByTitle:
    @pytest.mark.parametrize(
        ("title", "types", "kind"),
        [
            ("Correction to: {}", "<PublicationType>Published Erratum</PublicationType>", "erratum"),
            ("Corrigendum to “{}” [J Clin Oncol 30 (2012) 1692-8].", "", "erratum"),
            ("Author Correction: {}", "", "erratum"),
            ("Retraction Note: {}", "<PublicationType>Retraction Notice</PublicationType>", "retraction"),
            ("Expression of Concern: {}.", "", "expression-of-concern"),
        ],
    )
    def test_it_is_known_by_the_title_that_it_names(self, title: str, types: str, kind: str) -> None:
        known = KNOWN | {"title": LONG}
        reading = against(article("99", title=title.format(LONG), types=types, doi="10.1000/note"), known=known)
        assert reading.new == set()
        assert reading.entries[KNOWN["key"]]["notice"]["kind"] == kind
        assert {**reading.entries[KNOWN["key"]], "notice": None} == {**known, "notice": None}

    def test_one_that_names_nothing_that_is_held_is_said(self) -> None:
        notice = article("99", title="Correction.", types="<PublicationType>Published Erratum</PublicationType>")
        reading = against(notice)
        assert not reading.entries and "which the evidence base does not hold" in reading.remarks[0]

    def test_a_correction_of_something_is_a_study(self) -> None:
        assert against(article("99", title="Correction of hyponatraemia in carcinoma", doi="10.1000/s")).new

    def test_errata_without_a_record_of_their_own_are_all_told(self) -> None:
        both = correction("ErratumIn", "A 1:2", "") + correction("ErratumIn", "A 1:3", "")
        (entry,) = against(article(corrections=both)).entries.values()
        assert entry["notice"]["text"] == "A 1:2; A 1:3"
        assert pubmed.with_notice(entry, records(article(corrections=both))[0].notices) == entry

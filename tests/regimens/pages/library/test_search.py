"""`/search/`: one search of the whole library, by every name that an entry goes by."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from regimens import releases
from regimens.pages.library.search import Searched, best_first, chosen, searched
from tests.pages import html, text

pytestmark = pytest.mark.django_db


def hits(client: Client, words: str) -> dict[str, list[str]]:
    """The addresses of what is shown of each kind."""
    page = html(client.get("/search/", {"q": words}))
    sections = re.findall(r'<section class="found" aria-labelledby="found-([a-z]+)">(.*?)</section>', page, re.DOTALL)
    return {kind: re.findall(r'<a class="hit"\s+href="([^"]+)"', section) for kind, section in sections}


@pytest.mark.parametrize(
    ("words", "kind", "first"),
    [
        ("XELOX", "options", "/options/xelox/"),
        ("CapeOx", "options", "/options/xelox/"),
        ("Keytruda", "drugs", "/drugs/pembrolizumab/"),
        ("Keytruda", "options", "/options/pembrolizumab/"),
        ("cpt 11", "drugs", "/drugs/irinotecan/"),
        ("DPYD", "biomarkers", "/biomarkers/dpyd/"),
        ("dihydropyrimidine dehydrogenase", "biomarkers", "/biomarkers/dpyd/"),
        ("mismatch repair", "biomarkers", "/biomarkers/msi-mmr/"),
        ("ERBB2", "biomarkers", "/biomarkers/her2/"),
        ("NCT05882058", "trials", "/trials/#NCT05882058"),
        ("https://clinicaltrials.gov/study/NCT05882058", "trials", "/trials/#NCT05882058"),
        ("walter 2023", "evidence", "/evidence/walter-2023-bevanec/"),
        ("BEVANEC", "evidence", "/evidence/walter-2023-bevanec/"),
        ("https://doi.org/10.1530/ERC-12-0002", "evidence", "/evidence/hentic-2012-folfiri/"),
        ("ENETS second line", "guidelines", "/guidelines/#enets-2023-second-line"),
    ],
)
def test_it_is_found_by_its_name(client: Client, words: str, kind: str, first: str) -> None:
    assert hits(client, words)[kind][0] == first


def test_what_has_to_be_tested_before_a_drug_leads_to_it(client: Client) -> None:
    assert {"/drugs/capecitabine/", "/drugs/fluorouracil/"} <= {*hits(client, "DPYD")["drugs"]}


def test_every_publication_is_found_by_its_doi_and_its_pmid(client: Client) -> None:
    publications = releases.current().publications
    for name in ("doi", "pmid"):
        numbered = [(row[name], key) for key, row in publications.items() if row[name]]
        assert numbered
        for number, key in numbered[:25]:
            assert f"/evidence/{key}/" in hits(client, f"{name}: {number}")["evidence"], number


def test_a_short_word_stands_alone(client: Client) -> None:
    found = hits(client, "RET")
    assert found["biomarkers"] == ["/biomarkers/ret-fusion/"]
    listed = re.findall(r'<a href="/evidence/([a-z0-9-]+)/">', html(client.get("/evidence/", {"q": "RET"})))
    assert 0 < len(listed) < 10  # as many as are retrospective, or of a return, otherwise


def test_counts_and_the_lists_that_have_them_all(client: Client) -> None:
    page = html(client.get("/search/", {"q": "keytruda"}))
    count = int(re.findall(r'Publications</a>\s*<span class="number">(\d+)</span>', page)[0])
    assert f"Publications: all {count}, in their own list" in text(client.get("/search/", {"q": "keytruda"}))
    assert f"{count} of 235 publications" in text(client.get("/evidence/", {"q": "keytruda"}))


@pytest.mark.parametrize("words", ["", "  "])
def test_without_a_word_nothing_is_found_and_what_can_be_searched_is_said(client: Client, words: str) -> None:
    page = text(client.get("/search/", {"q": words}))
    assert "Regimens and drugs by any name, brand or abbreviation" in page
    assert "Nothing was found" not in page


@pytest.mark.parametrize("words", ["zzz", "·", "<script>alert(1)</script>", "a" * 400])
def test_nothing_found_says_so_and_that_it_proves_nothing(client: Client, words: str) -> None:
    response = client.get("/search/", {"q": words})
    assert "Nothing was found." in text(response)
    assert "<script>alert" not in html(response)


def test_the_box_stands_on_every_page_and_keeps_what_was_asked(client: Client) -> None:
    box = r'<input[^>]*id="library-search"[^>]*value="([^"]*)"'
    assert re.findall(box, html(client.get("/method/"))) == [""]
    assert re.findall(box, html(client.get("/search/", {"q": 'x "y"'}))) == ["x &quot;y&quot;"]


class Entry:
    def __init__(self, *names: str, texts: tuple[str, ...] = ()) -> None:
        self.searched: Searched = searched(names, texts)


class TestChosen:
    def test_spelling_and_synonyms_do_not_matter(self) -> None:
        entry = Entry("Somatostatin receptor imaging", texts=("oesophageal tumour",))
        for words in ("SSTR", "esophageal tumor", "oesophageal", "DOTATATE PET"):
            assert chosen(words, [entry]) == [entry], words

    def test_a_short_word_within_another_is_found_where_nothing_else_is(self) -> None:
        entry = Entry("Cisplatin")
        assert chosen("cis", [entry]) == [entry]
        assert chosen("cis", [entry, other := Entry("CIS")]) == [other]

    def test_what_is_called_so_comes_first(self) -> None:
        beside, within, called = Entry("Z", texts=("topotecan",)), Entry("Topotecan and cisplatin"), Entry("Topotecan")
        assert best_first("topotecan", [beside, within, called]) == [called, within, beside]


@pytest.mark.parametrize(
    ("words", "kind", "first"),
    [
        ("folfri", "options", "/options/folfiri/"),
        ("CPT-11", "drugs", "/drugs/irinotecan/"),
        ("CPT-11", "options", "/options/folfiri/"),
        ("Onivyde", "options", "/options/nal-iri-5fu/"),
        ("onivide", "options", "/options/nal-iri-5fu/"),
        ("nal-IRI", "options", "/options/nal-iri-5fu/"),
        ("nal iri", "options", "/options/nal-iri-5fu/"),
        ("Opdivo", "drugs", "/drugs/nivolumab/"),
        ("opdvio", "drugs", "/drugs/nivolumab/"),
        ("opdvio ipilimumab", "options", "/options/nivolumab-ipilimumab/"),
    ],
)
def test_it_forgives_small_errors_and_knows_every_name(client: Client, words: str, kind: str, first: str) -> None:
    assert first in hits(client, words)[kind]


@pytest.mark.parametrize("words", ["folfax zebra", "zebranib", "xyzzy", "mab"])
def test_what_nothing_is_like_is_not_found(client: Client, words: str) -> None:
    assert "/drugs/nivolumab/" not in {address for kind in hits(client, words).values() for address in kind}
    assert "/options/folfiri/" not in {address for kind in hits(client, words).values() for address in kind}


def test_a_name_that_is_there_is_never_read_as_another(client: Client) -> None:
    assert all("folfiri" not in address for address in hits(client, "folfox").get("options", []))


@pytest.mark.parametrize("address", ["/search/", "/options/", "/drugs/", "/evidence/", "/trials/"])
def test_that_a_name_was_guessed_is_said_with_the_name(client: Client, address: str) -> None:
    page = client.get(address, {"q": "folfri" if address != "/drugs/" else "irinotcan"}).content.decode()
    named = "FOLFIRI" if address != "/drugs/" else "irinotecan"
    said = re.search(r"Nothing is called “(\w+)”. Shown is what is written nearly so: ([^<]*)\.", page)
    assert said and named.lower() in said[2].lower()
    for typed in ("folfiri", "irinotecan", "", "zzzzzzzz"):
        assert "Nothing is called" not in client.get(address, {"q": typed}).content.decode()

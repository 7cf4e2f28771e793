"""`/drugs/`: every drug by every name that it goes by, with what it rules out, its class, and its regimens."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from display.cache import forget
from regimens import releases
from tests.pages import html, text

pytestmark = pytest.mark.django_db


def found(client: Client, words: str, kind: str = "drugs") -> list[str]:
    """The slugs that a search leaves."""
    return re.findall(rf'<a href="/{kind}/([a-z0-9-]+)/">', html(client.get(f"/{kind}/", {"q": words})))


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "slug"),
        [
            ("irinotecan", "irinotecan"),
            ("CPT-11", "irinotecan"),
            ("cpt11", "irinotecan"),
            ("Onivyde", "liposomal-irinotecan"),
            ("opdivo", "nivolumab"),
            ("5 fu", "fluorouracil"),
            ("L01XA01", "cisplatin"),
            ("anti-PD-1", "tislelizumab"),
            ("topoisomerase II", "amrubicin"),
        ],
    )
    def test_a_drug_is_found_by_name_brand_abbreviation_class_and_code(
        self, client: Client, words: str, slug: str
    ) -> None:
        assert slug in found(client, words)

    def test_what_has_another_name_is_not_found(self, client: Client) -> None:
        assert found(client, "opdivo") == ["nivolumab"]
        assert "No drug matches “zzz”" in text(client.get("/drugs/", {"q": "zzz"}))

    def test_all_are_listed_those_of_a_regimen_first(self, client: Client) -> None:
        knowledge = releases.current()
        listed = found(client, "")
        assert sorted(listed) == sorted(knowledge.drugs)
        held = frozenset[str]().union(*(regimen.all_drugs for regimen in knowledge.regimens.values()))
        order = [slug not in held for slug in listed]
        assert order == sorted(order)

    @pytest.mark.parametrize(
        ("words", "slug"), [("CAPOX", "xelox"), ("camptosar", "folfiri"), ("nal-IRI", "nal-iri-5fu"), ("5FU", "folfox")]
    )
    def test_a_regimen_is_found_by_every_name_of_its_drugs(self, client: Client, words: str, slug: str) -> None:
        assert slug in found(client, words, "options")

    @pytest.mark.parametrize(
        ("words", "regimen"),
        [("Opdivo", "nivolumab"), ("CPT-11", "folfiri"), ("5-FU", "folfox"), ("nal IRI", "nal-iri-5fu")],
    )
    def test_publications_are_found_by_them_too(self, client: Client, words: str, regimen: str) -> None:
        expected = {
            key
            for key, row in releases.current().publications.items()
            if any(result["regimen"] == regimen for result in row["results"])
        }
        listed = {key for page in range(1, 7) for key in self.publications(client, words, page)}
        assert expected
        assert expected <= listed

    @pytest.mark.parametrize(
        ("words", "address"),
        [("CAPOX", "/options/xelox/"), ("opdivo", "/drugs/nivolumab/"), ("CPT11", "/drugs/irinotecan/")],
    )
    def test_what_goes_by_the_name_is_said_beside_them(self, client: Client, words: str, address: str) -> None:
        page = html(client.get("/evidence/", {"q": words}))
        assert f'href="{address}"' in page[page.index("By this name:") :]

    def test_and_trials(self, client: Client) -> None:
        assert "NCT03728361" in html(client.get("/trials/", {"q": "Temodal opdivo"}))

    @staticmethod
    def publications(client: Client, words: str, page: int) -> list[str]:
        return re.findall(
            r'<a href="/evidence/([a-z0-9-]+)/">', html(client.get("/evidence/", {"q": words, "page": page}))
        )


class TestPage:
    def test_names_and_code(self, client: Client) -> None:
        page = text(client.get("/drugs/irinotecan/"))
        assert "Also: CPT-11, Camptosar, Campto · ATC: L01CE02" in page

    def test_what_it_rules_out_the_gravest_first_with_whose_label_and_where_it_was_read(self, client: Client) -> None:
        response = client.get("/drugs/irinotecan/")
        page = text(response)
        levels = [page.index(f"{level} ") for level in ("Contraindicated", "Avoid", "Caution")]
        assert levels == sorted(levels)
        assert "Bilirubin above 3 × ULN: Not with bilirubin above 3 times normal (conventional form)." in page
        assert "label (United States), section 5.1 · DailyMed · read on " in page
        canonical = "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=e518dfc6-7e93-4fee-a66c-51e1ab71c056"
        assert re.search(rf'<a href="{re.escape(canonical)}"[^>]*>DailyMed</a>', html(response))

    def test_every_caution_of_every_drug_stands_on_its_page(self, client: Client) -> None:
        for slug, drug in releases.current().drugs.items():
            page = text(client.get(f"/drugs/{slug}/"))
            assert all(" ".join(caution.text.split()).rstrip(".") in page for caution in drug.cautions), slug

    def test_what_was_read_for_another_drug_says_so(self, client: Client) -> None:
        assert "extrapolated from another drug of the class" in text(client.get("/drugs/obrixtamig/"))

    def test_progression_on_it_and_its_sources(self, client: Client) -> None:
        page = text(client.get("/drugs/nivolumab/"))
        assert "A regimen that brings no class but those on which the disease progressed advised against" in page
        assert "A regimen that brings another class as well a caution" in page
        assert "lung, prospective aacrjournals.org" in page
        assert "A convention" not in page

    def test_a_class_without_a_source_is_said_to_be_a_convention(self, client: Client) -> None:
        assert "A convention: no source was read." in text(client.get("/drugs/docetaxel/"))

    def test_a_class_that_says_nothing_and_one_with_an_exception(self, client: Client) -> None:
        page = text(client.get("/drugs/oxaliplatin/"))
        assert "Progression on a drug of this class says nothing of others of the class." in page
        assert "Not for: Repotrectinib" in text(client.get("/drugs/larotrectinib/"))

    def test_others_of_the_class_are_drugs_and_not_regimens_of_that_name(self, client: Client) -> None:
        page = text(client.get("/drugs/topotecan/"))
        others = page[page.index("Others of the class:") :]
        assert others.startswith("Others of the class: Irinotecan Liposomal irinotecan")

    def test_regimens_by_how_they_hold_it(self, client: Client) -> None:
        page = text(client.get("/drugs/cisplatin/"))
        alternative = page[page.index("In place of another drug") :]
        assert "Platinum-etoposide again after a treatment break" in alternative
        assert "etoposide , cisplatin or carboplatin" in alternative
        assert "Alone Irinotecan alone" in text(client.get("/drugs/irinotecan/"))

    def test_licences_of_its_regimens_with_their_criterion_and_when_they_were_read(self, client: Client) -> None:
        knowledge = releases.current()
        page = text(client.get("/drugs/pembrolizumab/"))
        for row in knowledge.document["licences"]:
            if row["regimen"] == "pembrolizumab":
                assert " ".join(row["label"].split()) in page
        assert "licensed for this TMB at least 10 mut/Mb and lines received at least 1" in page
        assert "accelerated approval, since 2020 page read on 28 Nov 2026" in page

    def test_labels_trials_and_publications(self, client: Client) -> None:
        page = text(client.get("/drugs/nivolumab/"))
        assert "Japan: kegg.jp" in page
        assert "NCT03728361" in page
        assert "Al-Toubah T, ESMO Open, 2022" in page

    def test_one_that_no_regimen_holds(self, client: Client) -> None:
        page = text(client.get("/drugs/olaparib/"))
        assert "None in this release; it is here for what a patient had before." in page
        assert "None on record; that no page was read does not mean that there is none." in page


class TestOption:
    def test_drugs_are_links_and_alternatives_are_said(self, client: Client) -> None:
        response = client.get("/options/etoposide-platinum/")
        assert "etoposide , cisplatin or carboplatin · platinum doublet" in text(response)
        assert '<a href="/drugs/carboplatin/" lang="en">carboplatin</a>' in html(response)

    def test_cautions_name_the_drug_that_they_are_of_and_what_softens_them(self, client: Client) -> None:
        page = text(client.get("/options/etoposide-platinum/"))
        assert "Hearing impairment: cisplatin Not with pre-existing hearing impairment." in page
        assert "a caution only where carboplatin can be given in its place" in page
        assert "this regimen American Society of Clinical Oncology" in text(client.get("/options/pembrolizumab/"))

    def test_licences_stand_by_region_with_what_holds_otherwise(self, client: Client) -> None:
        page = text(client.get("/options/pembrolizumab/"))
        licences = page[page.index("Where it is licensed, and for whom") :]
        assert "United States licensed for this MSI / MMR MSI-high or dMMR and lines received at least 1" in licences
        assert licences.count("Where none of these holds: off-label") == 5
        assert text(client.get("/options/folfiri/")).count("No licence on record: off-label") == 5

    def test_indications_lead_to_the_licences_that_they_cite(self, client: Client) -> None:
        page = html(client.get("/options/pembrolizumab/"))
        cited = set(re.findall(r'href="/options/pembrolizumab/#(licence-[a-z0-9-]+)"', page))
        assert cited
        assert cited <= set(re.findall(r'id="(licence-[a-z0-9-]+)"', page))

    def test_a_schedule_has_its_canonical_address_and_the_page_read(self, client: Client) -> None:
        page = text(client.get("/options/folfiri/"))
        assert re.search(r"over 46 h, every 2 weeks\. DOI read on [a-z.]+", page)

    def test_supportive_care_needs_no_licence(self, client: Client) -> None:
        assert "Where it is licensed" not in text(client.get("/options/best-supportive-care/"))


def test_an_address_that_no_browser_may_follow_is_no_link(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge = releases.current()
    row = next(row for row in knowledge.document["drugs"] if row["slug"] == "nivolumab")
    monkeypatch.setitem(row, "labels", [{"region": "US", "url": "javascript:alert(1)"}])
    forget()
    assert "javascript:" not in html(client.get("/drugs/nivolumab/"))
    forget()  # what was kept of a page that no other test should see

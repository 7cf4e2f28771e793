"""The library's pages: every regimen, publication and biomarker of the release, as the release says it."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regimens import releases
from regimens.rules.knowledge import Knowledge
from tests.pages import LIBRARY, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def knowledge() -> Knowledge:
    return releases.current()


def keys(client: Client, **filters: str) -> list[str]:
    """The publications on the first page of the list."""
    return re.findall(r'<a href="/evidence/([a-z0-9-]+)/">', client.get("/evidence/", filters).content.decode())


@pytest.mark.parametrize("path", sorted({*LIBRARY} - {"/trials/"}))  # which a patient may be sent to
def test_it_is_only_read(client: Client, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert "<h1>Method not allowed</h1>" in response.content.decode()


@pytest.mark.parametrize("path", LIBRARY)
class TestEveryPage:
    def test_its_queries_are_few_and_it_names_the_release(
        self, client: Client, path: str, knowledge: Knowledge
    ) -> None:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        assert response.status_code == 200
        # Releases, until when was searched, and what was reported of an entry and answered are not of the release.
        is_of_an_entry = path.count("/") == 3 and not path.startswith("/method/")
        assert len(queries) == (3 if path == "/about/" else 2 if is_of_an_entry else 1)
        assert knowledge.release.sha256 in response.content.decode()

    def test_its_identifiers_are_unique_and_nothing_is_inline(self, client: Client, path: str) -> None:
        html = client.get(path).content.decode()
        identifiers = re.findall(r'\sid="([^"]+)"', html)
        assert len(identifiers) == len(set(identifiers))
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)

    def test_every_link_within_the_app_leads_somewhere(self, client: Client, path: str) -> None:
        html = client.get(path).content.decode()
        for address in sorted(set(re.findall(r'href="(/(?!static/|admin/)[^"]*)"', html)))[:60]:
            assert client.get(address.replace("&amp;", "&")).status_code == 200, address

    def test_the_section_is_marked_in_the_navigation(self, client: Client, path: str) -> None:
        html = client.get(path).content.decode()
        section = path.split("/")[1]
        marked = [] if section == "search" else [section]  # which goes through all of them
        assert re.findall(r'<a href="/([a-z]*)/?"\s+aria-current="page">', html) == marked

    def test_without_a_release_it_says_so(self, client: Client, path: str, without_releases: None) -> None:
        assert client.get(path).status_code == 503


def test_every_regimen_publication_and_biomarker_has_its_page(client: Client, knowledge: Knowledge) -> None:
    addresses = [
        *(f"/options/{slug}/" for slug in knowledge.regimens),
        *(f"/drugs/{slug}/" for slug in knowledge.drugs),
        *(f"/evidence/{key}/" for key in knowledge.publications),
        *(f"/biomarkers/{row['slug']}/" for row in knowledge.document["biomarkers"]),
    ]
    assert len(addresses) == 120 + 148 + 235 + 15
    assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize("path", ["/options/folfri/", "/drugs/nothing/", "/evidence/nobody-2020/", "/biomarkers/none/"])
def test_what_the_release_does_not_know_is_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "<h1>Page not found</h1>" in response.content.decode()


class TestOption:
    def test_the_forest_shows_figures_as_published_and_the_pooled_one(self, client: Client) -> None:
        page = text(client.get("/options/folfiri/"))
        row = page[page.index("Overall survival, median, months") : page.index("Indications")]
        assert "Walter T, Lancet Oncol, 2023" in row
        assert "8.9 5.7–10.6 22 %" in row
        assert "adjusted for its response rate: × 1.00 not demonstrated 7.4 5.7–9.5 100 %" in row
        assert "7.3 60 %" in row

    def test_the_published_figure_stands_beside_the_models_with_its_own_patients(self, client: Client) -> None:
        page = text(client.get("/options/folfiri/"))
        short = page[page.index("Published, and the model’s estimate beside it") : page.index("Every study")]
        assert "OS, months 8.9 5.7–10.6 7.4 5.7–9.5 67 patients Walter T, Lancet Oncol, 2023 : FOLFIRI" in short
        assert "94 effective patients in 2 studies, 60 % benchmark not demonstrated" in short

    def test_what_no_counting_cohort_reports_has_no_estimate_and_keeps_what_was_published(
        self, client: Client, knowledge: Knowledge
    ) -> None:
        pages = [text(client.get(f"/options/{slug}/")) for slug in list(knowledge.regimens)[:60]]
        without = [page for page in pages if "no cohort that counts reports it" in page]
        assert without
        assert any(re.search(r"\d no estimate \d+ (of \d+ )?patients?", page) for page in without)
        assert any("not reported no estimate" in page for page in without)

    def test_studies_that_count_come_first_the_largest_before_the_others(self, client: Client) -> None:
        page = client.get("/options/folfiri/").content.decode()
        table = re.findall(r'<table class="forest-table">.*?</table>', page, re.DOTALL)[0]
        rows = re.findall(r'<tr class="(pooled|shown)-row">.*?<td class="number">\s*(\d+)', table, re.DOTALL)
        counting = [int(size) for kind, size in rows if kind == "pooled"]
        assert len(counting) > 1
        assert counting == sorted(counting, reverse=True)
        assert [kind for kind, _size in rows] == sorted(kind for kind, _size in rows)

    def test_shares_and_the_benchmark_add_up(self, client: Client) -> None:
        html = client.get("/options/folfiri/").content.decode()
        for table in re.findall(r'<table class="forest-table">.*?</table>', html, re.DOTALL):
            shares = [int(share) for share in re.findall(r"(\d+)\s%</td>", table) if share != "100"]
            assert sum(shares) == pytest.approx(100, abs=2)

    def test_a_cohort_that_is_not_pooled_says_why(self, client: Client) -> None:
        page = text(client.get("/options/folfiri/"))
        assert "Apostolidis L, Oncotarget, 2019" in page
        assert "fewer than five patients" in page

    def test_a_matched_drug_is_pooled_for_those_who_may_have_it(self, client: Client) -> None:
        page = text(client.get("/options/dabrafenib-trametinib/"))
        assert "given with BRAF V600E positive" in page
        assert "nothing is known but BRAF V600E positive" in page
        assert "Model: those that count, pooled and drawn towards the benchmark" in page

    def test_cautions_come_with_their_criterion_in_words_and_the_gravest_first(self, client: Client) -> None:
        page = text(client.get("/options/folfiri/"))
        cautions = page[page.index("Cautions Contraindicated") :]
        assert cautions.index("DPD complete deficiency") < cautions.index("Bilirubin above 1.5 × ULN")

    def test_regimens_are_found_by_name_and_drug(self, client: Client) -> None:
        page = text(client.get("/options/", {"q": "irinotecan bevacizumab"}))
        assert "FOLFIRI with bevacizumab" in page
        assert "Temozolomide" not in page
        assert "No regimen matches “zzz”" in text(client.get("/options/", {"q": "zzz"}))


class TestEvidence:
    def test_all_publications_are_listed_in_pages(self, client: Client, knowledge: Knowledge) -> None:
        listed = [key for number in range(1, 7) for key in keys(client, page=str(number))]
        assert sorted(listed) == sorted(knowledge.publications)

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"q": "BEVANEC"}, "walter-2023-bevanec"),
            ({"q": "NCT02820857"}, "walter-2023-bevanec"),
            ({"q": "10.1530/ERC-12-0002"}, "hentic-2012-folfiri"),
            ({"q": "hentic folfiri"}, "hentic-2012-folfiri"),
            ({"design": "randomised-phase-2", "q": "walter"}, "walter-2023-bevanec"),
        ],
    )
    def test_a_publication_is_found(self, client: Client, filters: dict[str, str], expected: str) -> None:
        assert expected in keys(client, **filters)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("histology", "nec"), ("line", "second"), ("design", "retrospective"), ("biomarker", "dll3")],
    )
    def test_a_filter_leaves_what_it_names_and_only_that(
        self, client: Client, knowledge: Knowledge, name: str, value: str
    ) -> None:
        expected = set()
        for key, row in knowledge.publications.items():
            named = [row["study"] or {}, *(result["population"] or {} for result in row["results"])]
            if value in [found.get(name) for found in named]:
                expected.add(key)
        filters = {name: value}
        found = [key for number in range(1, 7) for key in keys(client, page=str(number), **filters)]
        pages = -(-len(expected) // 40)
        assert set(found) == expected
        assert f"{len(expected)} of 235 publications" in text(client.get("/evidence/", filters))
        assert pages >= 1

    def test_what_was_not_read_can_be_found_and_is_said(self, client: Client) -> None:
        page = text(client.get("/evidence/", {"checked": "none"}))
        assert "20 of 235 publications" in page
        assert page.count("not read") >= 20

    def test_it_is_ordered_as_asked(self, client: Client, knowledge: Knowledge) -> None:
        years = [knowledge.publications[key]["year"] or 0 for key in keys(client, sort="-year")]
        assert years == sorted(years, reverse=True)

    @pytest.mark.parametrize("filters", [{"site": "moon"}, {"since": "yesterday"}, {"page": "999"}, {"sort": "x"}])
    def test_a_filter_that_makes_no_sense_does_no_harm(self, client: Client, filters: dict[str, str]) -> None:
        response = client.get("/evidence/", filters)
        assert response.status_code == 200

    def test_the_filters_stay_in_the_addresses(self, client: Client) -> None:
        html = client.get("/evidence/", {"histology": "nec", "line": "any"}).content.decode()
        assert 'href="/evidence.csv?histology=nec&amp;line=any"' in html

    def test_figures_as_csv(self, client: Client) -> None:
        response = client.get("/evidence.csv", {"q": "bevanec"})
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        written = response.content.decode()
        assert written.startswith("\ufeff")  # by which a spreadsheet knows UTF-8
        rows = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"))))
        first = next(row for row in rows if row["regimen"] == "folfiri")
        assert (first["publication"], first["orr"], first["os"]) == ("walter-2023-bevanec", "18", "8.9")
        assert (first["os_low"], first["os_high"], first["dcr"]) == ("5.7", "10.6", "")

    def test_a_publication_shows_its_cohorts_doubts_and_how_it_was_read(self, client: Client) -> None:
        page = text(client.get("/evidence/walter-2023-bevanec/"))
        assert "read twice, in another paper’s account" in page
        assert "first reading" in page
        assert "Doubts" in page
        assert "0.97 (0.64–1.47) against FOLFIRI" in page
        assert "can enter a ranking" in page

    def test_publications_of_one_study_name_each_other(self, client: Client, knowledge: Knowledge) -> None:
        sharing = [key for key, row in knowledge.publications.items() if row["study_key"] == "NCT02628067-tmb"]
        html = client.get(f"/evidence/{sharing[0]}/").content.decode()
        assert all(f'href="/evidence/{key}/"' in html for key in sharing[1:])

    def test_what_was_not_read_enters_no_ranking(self, client: Client, knowledge: Knowledge) -> None:
        for key, row in knowledge.publications.items():
            if row["verified"] == "none" and row["results"]:
                assert "not read, so in no ranking" in text(client.get(f"/evidence/{key}/"))


class TestReference:
    def test_a_biomarker_shows_its_prevalence_with_sources(self, client: Client) -> None:
        response = client.get("/biomarkers/msi-mmr/")
        assert "Digestive NEC 5.3 % 152 gastroenteropancreatic PMC" in text(response)
        assert "https://pmc.ncbi.nlm.nih.gov/articles/PMC8630776" in response.content.decode()

    def test_trials_are_filtered(self, client: Client, knowledge: Knowledge) -> None:
        recruiting = [trial for trial in knowledge.document["trials"] if trial["status_as_seen"] == "recruiting"]
        page = text(client.get("/trials/", {"status": "recruiting"}))
        assert f"{len(recruiting)} of 64 trials" in page
        assert all(trial["nct"] in page for trial in recruiting)

    def test_every_guideline_statement_is_there(self, client: Client, knowledge: Knowledge) -> None:
        html = client.get("/guidelines/").content.decode()
        assert all(f'id="{key}"' in html for key in knowledge.guidelines)

    def test_the_method_states_the_constants_in_force(self, client: Client, knowledge: Knowledge) -> None:
        page = text(client.get("/method/"))
        rate = knowledge.benchmark.rates["orr"]
        assert f"Objective response {100 * rate.mean:.1f} % counts as much as {rate.strength:.3g} patients" in page
        for stated in (
            "randomised phase III 1 ",
            "case report 0.2",
            "Balanced 0.40 0.25 0.20 0.15",
            "Tolerability 0.25 0.15 0.15 0.45",
            "2048 fixed draws",
            "fewer than 60 % of the draws",
            "another site 0.6",
        ):
            assert stated in page

    def test_about_counts_what_the_release_holds(self, client: Client) -> None:
        page = text(client.get("/about/"))
        assert "235 publications, 120 regimens, 148 drugs, 81 licences, 53 guideline statements and 64 trials" in page
        assert "20 could not be read at all" in page

    def test_about_lists_the_releases_and_says_until_when_pages_were_read(
        self, client: Client, knowledge: Knowledge
    ) -> None:
        page = text(client.get("/about/"))
        assert "The newest page on record was read on 28 Nov 2026." in page
        assert f"{knowledge.release.name} in force" in page
        assert knowledge.release.sha256[:12] in page
        assert "It is not a medical device" in page

"""The page `/` before anything is entered: what is asked, what stands beside it, and the region that is remembered."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from regimens import releases
from regimens.pages.beginning import beginning
from regimens.pages.patient_form import PatientForm
from regimens.pages.received import offered
from tests.factories.patients import colorectal
from tests.pages import html, post, text

pytestmark = pytest.mark.django_db

ASKED = "Choose a region: licences and trials differ, and nothing is ranked before."


class TestBeforeAnythingIsEntered:
    def test_nothing_is_ranked_or_recommended(self, client: Client) -> None:
        page = text(client.get("/"))
        for word in ("Recommended", "FOLFIRI", "Best supportive care", "please correct"):
            assert word not in page
        assert "<article" not in html(client.get("/"))
        for word in ("Eight facts give a first answer", "Rank the options", "must be chosen", "What it is not for"):
            assert word in page

    def test_what_is_sent_without_a_region_comes_back_as_it_was(self, client: Client) -> None:
        page = html(client.post("/", colorectal(region="", start="yes", msi="high")))
        assert page.count(ASKED) == 2 and 'href="#id_region_EU"' in page
        assert 'name="ki67" value="80"' in page and '<option value="high" selected>' in page
        assert "<article" not in page and 'class="beginning"' in page

    def test_once_something_was_ranked_a_wrong_entry_keeps_the_sections(self, client: Client) -> None:
        page = html(client.post("/", colorectal(ki67="180")))
        assert 'class="beginning"' not in page and 'id="section-tumour" open' in page

    def test_a_ranking_folds_the_form(self, client: Client) -> None:
        page = html(client.post("/", colorectal(start="yes")))
        assert 'class="beginning"' not in page and 'name="start"' not in page
        assert 'id="section-tumour"><summary>' in page
        assert "Colon or rectum, small cell, poor, Ki-67 80\xa0%." in page


class TestExamples:
    def test_each_is_a_patient_that_the_form_takes_and_ranks(self, client: Client) -> None:
        knowledge = releases.current()
        examples = beginning(knowledge, today=date(2026, 12, 1)).examples
        assert len(examples) == 3
        for example in examples:
            form = PatientForm(dict(example.entries), knowledge=knowledge)
            assert form.is_valid() and not any(note.is_warning for note in form.notes.values()), form.errors
            assert "<article" in html(client.post("/", dict(example.entries)))

    def test_they_are_sent_and_hold_no_data_in_an_address(self, client: Client) -> None:
        page = html(client.get("/"))
        aside = page[page.index('class="examples"') :]
        assert aside.count('<form method="post"') == 3 and "?" not in "".join(re.findall(r'href="([^"]*)"', page))

    def test_one_whose_treatment_the_release_does_not_know_is_left_out(self) -> None:
        knowledge = releases.current()
        known = {regimen.slug for regimen in offered(knowledge).first_line}
        for example in beginning(knowledge, today=date(2026, 12, 1)).examples:
            assert dict(example.entries)["first_line_platinum"] in known

    def test_the_region_of_one_is_nobodys_choice(self, client: Client) -> None:
        entries = dict(beginning(releases.current(), today=date(2026, 12, 1)).examples[0].entries)
        response = client.post("/", entries)
        assert "region" not in response.cookies and 'name="example" value="EU"' in html(response)
        assert client.post("/", entries | {"region": "UK"}).cookies["region"].value == "UK"


class TestHowCurrent:
    def test_ages_are_counted_from_the_day_of_asking(self) -> None:
        knowledge = releases.current()
        rows = [row for row in knowledge.document["licences"] if row["seen_on"]]
        last = max(date.fromisoformat(row["seen_on"]) for row in rows)
        soon = beginning(knowledge, today=last).labels
        assert (soon.count, soon.last) == (len(knowledge.document["licences"]), last)
        assert soon.undated == soon.count - len(rows)
        late = beginning(knowledge, today=last.replace(year=last.year + 2)).labels
        assert late.stale == len(rows) > soon.stale

    def test_it_is_said(self, client: Client) -> None:
        page = text(client.get("/"))
        assert f"{len(releases.current().publications)} publications" in page
        assert "without a day of reading" in page


class TestRememberedRegion:
    def test_it_is_kept_for_a_year_and_chosen_next_time(self, client: Client) -> None:
        cookie = post(client, region="JP").cookies["region"]
        assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("JP", 365 * 24 * 3600, "Strict")
        assert cookie["httponly"] and not cookie["secure"]
        assert 'id="id_region_JP" checked' in html(client.get("/"))

    def test_under_https_it_goes_nowhere_else(self, client: Client, settings: pytest.FixtureRequest) -> None:
        settings.REGION_COOKIE_SECURE = True
        assert post(client).cookies["region"]["secure"]

    def test_nothing_is_kept_of_what_cannot_be_ranked(self, client: Client) -> None:
        assert "region" not in client.get("/").cookies
        assert "region" not in post(client, region="").cookies
        assert "region" not in post(client, ki67="180").cookies

    @pytest.mark.parametrize("kept", ["XX", "<b>", ""])
    def test_a_cookie_that_says_anything_else_is_passed_over(self, client: Client, kept: str) -> None:
        client.cookies["region"] = kept
        page = html(client.get("/"))
        assert not re.search(r'name="region"[^>]* checked', page) and "<b>" not in page

    def test_it_is_no_answer_for_a_form_that_leaves_it_out(self, client: Client) -> None:
        client.cookies["region"] = "UK"
        assert ASKED in text(client.post("/", {"ki67": "80"}))


class TestListOfTreatments:
    def test_it_holds_every_name_and_is_kept_for_good(self, client: Client) -> None:
        knowledge = releases.current()
        page = html(client.post("/", colorectal()))
        address = re.search(r'data-treatments="([^"]+)"', page)
        assert address and address[1] == f"/treatments/{knowledge.release.sha256}/"
        response = client.get(address[1])
        choice = offered(knowledge)
        assert response.json() == [
            [kind, each.slug, each.name, each.words]
            for kind, listed in enumerate((choice.regimens, choice.drugs))
            for each in listed
        ]
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        again = client.get(address[1], headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304

    def test_a_page_of_a_former_release_gets_that_of_today(self, client: Client) -> None:
        response = client.get(f"/treatments/{'0' * 64}/")
        assert response.status_code == 200 and response["Cache-Control"] == "no-cache"

    def test_it_is_only_read(self, client: Client) -> None:
        assert client.post(f"/treatments/{'0' * 64}/").status_code == 405

    def test_the_page_holds_only_what_is_ticked(self, client: Client) -> None:
        page = html(client.post("/", colorectal(received=["folfiri"], progressed_drugs=["olaparib"])))
        rows = re.findall(r"<tr data-words=[^>]*>.*?<th scope=\"row\">([^<]*)</th>", page, re.DOTALL)
        assert rows == ["FOLFIRI", "Olaparib", "#"]
        assert "Carboplatin and paclitaxel" not in page[: page.index('id="answer"')].split("</select>", 9)[-1]

"""Options ticked on the page `/`, and the page that shows two to four of them side by side."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regimens import releases
from regimens.pages.comparison import Comparison, compare
from regimens.pages.patient_form import PatientForm
from regimens.rules.ranking import Ranking, rank
from regimens.wording.estimates import published_words
from tests.factories.patients import colorectal
from tests.pages import post, text

pytestmark = pytest.mark.django_db

THREE = ["temozolomide", "folfiri", "folfox"]


def side_by_side(client: Client, *slugs: str, **values: Any) -> HttpResponse:
    return client.post("/compare/", {**colorectal(), **values, "compare": list(slugs)})


def ranked(**values: Any) -> Ranking:
    knowledge = releases.current()
    form = PatientForm({**colorectal(), **values}, knowledge=knowledge)
    assert form.is_valid()
    assert form.patient is not None
    return rank(form.patient, knowledge)


def comparison(*slugs: str, **values: Any) -> Comparison:
    found = compare(ranked(**values), releases.current(), slugs)
    assert found is not None
    return found


def cells(found: Comparison, title: str) -> list[Any]:
    return next(list(row.cells) for group in found.groups for row in group.rows if row.title == title)


def ticked(html: str) -> list[str]:
    """The options whose box is ticked on the ranking page, in its order."""
    boxes = re.findall(r'<input class="form-check-input"\s+type="checkbox"\s+name="compare".*?>', html, re.DOTALL)
    assert all('form="patient-form"' in box for box in boxes)
    return [re.findall(r'value="([^"]+)"', box)[0] for box in boxes if "checked" in box]


def sent_again(html: str, action: str) -> list[list[str]]:
    """For each form that leads to an address, the options that it sends as ticked."""
    forms = re.findall(rf'<form[^>]*action="{action}".*?</form>', html, re.DOTALL)
    return [re.findall(r'type="hidden"\s+name="compare"\s+value="([^"]+)"', form) for form in forms]


class TestTicks:
    def test_every_option_with_a_row_can_be_ticked_and_no_folded_one(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        boxes = re.findall(r'name="compare"\s+value="([^"]+)"', html)
        assert boxes == re.findall(r'<h4 id="option-([a-z0-9-]+)">', html)
        assert "best-supportive-care" in boxes

    @pytest.mark.parametrize("live", [False, True])
    def test_ticks_are_kept_when_the_ranking_is_renewed(self, client: Client, live: bool) -> None:
        html = post(client, live=live, **colorectal(), compare=THREE).content.decode()
        assert sorted(ticked(html)) == sorted(THREE)
        assert "3 options ticked" in html

    def test_the_form_beside_the_ranking_sends_them_to_the_comparison(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        assert re.search(r'<button[^>]*type="submit"\s+form="patient-form"\s+formaction="/compare/"', html)
        assert "No option is ticked" in html

    def test_what_is_ticked_and_no_longer_ranked_is_said_with_the_reason_and_stays_ticked(self, client: Client) -> None:
        response = post(client, **colorectal(), braf_v600e="negative", compare=["folfiri", "dabrafenib-trametinib"])
        page = text(response)
        assert "Ticked for comparison, but not ranked for this patient" in page
        assert "Dabrafenib with trametinib: ruled out: Only with a proven mutation" in page
        assert sorted(ticked(response.content.decode())) == ["dabrafenib-trametinib", "folfiri"]
        untested = text(post(client, **colorectal(), compare=["dabrafenib-trametinib"]))
        assert "Dabrafenib with trametinib: it waits for a test: BRAF V600E" in untested

    @pytest.mark.parametrize("entered", [{"ki67": "180"}, {"primary_site": "lung"}])
    def test_ticks_outlast_a_page_without_rows(self, client: Client, entered: dict[str, str]) -> None:
        html = post(client, **{**colorectal(), **entered}, compare=THREE).content.decode()
        answer = html[html.index('id="answer"') :]
        kept = re.findall(r'name="compare"\s+value="([^"]+)"\s+(?:id="[^"]+"\s+)?form="patient-form"', answer)
        assert sorted(kept) == sorted(THREE)

    def test_ticks_say_nothing_of_the_patient(self, client: Client) -> None:
        plain = client.post("/bundle.json", colorectal()).content
        assert client.post("/bundle.json", {**colorectal(), "compare": [*THREE, "nonsense"]}).content == plain


class TestPage:
    def test_options_stand_side_by_side_in_the_order_of_the_ranking(self, client: Client) -> None:
        response = side_by_side(client, *THREE)
        html = response.content.decode()
        columns = re.findall(r'<th scope="col" class="band-[a-z-]+">\s*<a href="/options/([a-z0-9-]+)/"', html)
        assert columns == ["folfiri", "folfox", "temozolomide"]
        assert "Colorectal small-cell NEC, Ki-67 80 %" in text(response)

    def test_figures_are_those_of_the_ranking(self) -> None:
        options = {option.regimen.slug: option for option in ranked().options}
        found = comparison(*THREE)
        for column, cell in zip(found.columns, cells(found, "Response rate"), strict=True):
            estimate = options[column.slug].synthesis.estimates["orr"]
            figure = f"{100 * estimate.value:.0f}\N{NO-BREAK SPACE}%"
            assert cell.note.startswith(f"model {figure} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})")
            assert cell.note.endswith("benchmark")
            place = estimate.published.place
            published = published_words("orr", *place, releases.current())
            assert (cell.lead, cell.text) == (published.number, published.interval)
            assert published.citation == cell.items[0].links[0].text
            assert str(cell.drawing).startswith("<svg")

    def test_what_nobody_reported_is_no_figure(self) -> None:
        found = comparison("folfiri", "folfox")
        assert [(cell.lead, cell.note) for cell in cells(found, "Grade 3 or worse events")][1] == ("", "no data")

    def test_the_most_favourable_median_is_named_with_whether_the_intervals_overlap(self) -> None:
        three = cells(comparison(*THREE), "Response rate")
        assert [cell.stands_out for cell in three] == ["", "highest estimate; intervals overlap", ""]
        two = cells(comparison("folfiri", "temozolomide"), "Response rate")
        assert [cell.stands_out for cell in two] == ["higher estimate; intervals overlap", ""]
        apart = cells(comparison("pembrolizumab", "folfiri", msi="high"), "OS, months")
        assert [cell.stands_out for cell in apart] == ["higher estimate; intervals overlap", ""]
        harm = cells(comparison("pembrolizumab", "folfiri", msi="high"), "Grade 3 or worse events")
        assert [cell.stands_out for cell in harm] == ["lower estimate; intervals overlap", ""]

    def test_intervals_that_do_not_overlap_are_said_to_be_apart(self) -> None:
        found = comparison("nab-paclitaxel-bevacizumab", "temozolomide")
        estimates = {o.regimen.slug: o.synthesis.estimates["orr"] for o in ranked().options if o.synthesis}
        assert estimates["nab-paclitaxel-bevacizumab"].low > estimates["temozolomide"].high
        by_slug = dict(zip((c.slug for c in found.columns), cells(found, "Response rate"), strict=True))
        assert by_slug["nab-paclitaxel-bevacizumab"].stands_out == "higher estimate; intervals apart"

    def test_nothing_stands_out_where_only_one_has_data(self) -> None:
        found = comparison("folfiri", "folfox")
        assert not any(cell.stands_out for cell in cells(found, "Grade 3 or worse events"))

    def test_each_two_are_counted_against_each_other(self) -> None:
        found = comparison(*THREE)
        rows = [[item.text for item in cell.items] for cell in cells(found, "Ahead of")]
        assert [len(items) for items in rows] == [2, 2, 2]
        folfox = int(re.findall(r"FOLFOX in (\d+)\s%", rows[0][0])[0])
        folfiri = int(re.findall(r"FOLFIRI in (\d+)\s%", rows[1][0])[0])
        assert folfox + folfiri == pytest.approx(100, abs=1)

    def test_supportive_care_and_a_trial_drug_are_compared_without_draws(self, client: Client) -> None:
        slug = next(o.regimen.slug for o in ranked().options if o.band.value == "trial-only")
        found = comparison("best-supportive-care", "folfiri", slug)
        notes = dict(zip((c.slug for c in found.columns), cells(found, "Ahead of"), strict=True))
        assert notes["best-supportive-care"].note == notes[slug].note == "not drawn, since it carries no rank"
        assert notes["folfiri"].note == "none of the others carries a rank"
        assert side_by_side(client, "best-supportive-care", "folfiri", slug).status_code == 200

    def test_cautions_that_hold_and_those_that_cannot_be_checked(self) -> None:
        found = comparison("folfox", "folfiri", qtcf="480")
        by_slug = dict(zip((c.slug for c in found.columns), cells(found, "Hold for this patient"), strict=True))
        assert by_slug["folfox"].items[0].word == "Caution, Oxaliplatin:"
        assert by_slug["folfiri"].note == "none known to hold"
        unchecked = dict(zip((c.slug for c in found.columns), cells(found, "Cannot be checked"), strict=True))
        grave = unchecked["folfiri"].items[0].text
        assert grave.startswith("Some would rule it out or advise against it; not known: ")
        assert "DPD" in grave
        assert "QTcF" not in unchecked["folfox"].further_words

    def test_cohorts_say_from_whom_they_are_borrowed_and_lead_to_the_library(self, client: Client) -> None:
        cell = cells(comparison(*THREE), "Cohorts used")[0]
        assert cell.items[0].word == "NEC of this site"
        assert cell.items[0].links[0].url == "/evidence/walter-2023-bevanec/"
        assert len(cell.items) <= 3

    def test_reasons_are_the_indications_that_hold(self) -> None:
        found = comparison(*THREE)
        assert cells(found, "For")[0].items[0].word == "Recommended:"
        assert "MGMT" in cells(found, "Still open")[2].items[0].text

    def test_what_is_supposed_is_marked(self, client: Client) -> None:
        page = text(side_by_side(client, "pembrolizumab", "folfiri", msi="high", supposed="msi"))
        assert "Hypothetical MSI / MMR MSI-high or dMMR: supposed, and not known of this patient" in page

    def test_one_more_is_added_and_one_is_dropped(self, client: Client) -> None:
        html = side_by_side(client, *THREE).content.decode()
        assert set(re.findall(r'name="drop"\s+value="([^"]+)"', html)) == set(THREE)
        addable = re.findall(r'<option value="([^"]+)"', html)
        assert "docetaxel" in addable
        assert not set(addable) & set(THREE)
        dropped = side_by_side(client, *THREE, drop="folfox")
        assert "FOLFOX" not in re.findall(r"<thead>.*?</thead>", dropped.content.decode(), re.DOTALL)[0]
        assert 'name="drop"' not in dropped.content.decode()
        full = side_by_side(client, *THREE, "docetaxel")
        assert "<select" not in full.content.decode()
        assert "drop one to add another" in text(full)
        nothing_chosen = side_by_side(client, *THREE, "")
        assert nothing_chosen.content.count(b'scope="col"') == 3

    def test_the_way_back_keeps_everything(self, client: Client) -> None:
        html = side_by_side(client, *THREE, conditions=["transplant"], preference="survival").content.decode()
        back = re.findall(r'<form id="back-form" method="post" action="/">.*?</form>', html, re.DOTALL)[0]
        entered = {name: unescape(value) for name, value in re.findall(r'name="([a-z_0-9]+)"\s+value="([^"]*)"', back)}
        for name, value in colorectal(conditions="transplant", preference="survival").items():
            assert entered[name] == value
        assert all(sorted(sent) == sorted(THREE) for sent in sent_again(html, "/"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("slugs", "said"),
        [
            ([], "None of the ranked options is ticked. Tick 2 to 4 options."),
            (["folfiri"], "1 option is ticked: FOLFIRI. Tick 2 to 4 options."),
            (
                [*THREE, "docetaxel", "topotecan"],
                "5 options are ticked: FOLFIRI, FOLFOX, Temozolomide, Docetaxel, Topotecan. Tick 2 to 4 options.",
            ),
            ([*THREE, "nonsense"], "This release holds no option called “nonsense”. Tick 2 to 4 options."),
            (["folfiri", "<b>"], "This release holds no option called “<b>”."),
        ],
    )
    def test_too_few_too_many_or_unknown_is_said_on_the_ranking_and_everything_is_kept(
        self, client: Client, slugs: list[str], said: str
    ) -> None:
        response = side_by_side(client, *slugs)
        page, html = text(response), response.content.decode()
        assert "Not compared" in page
        assert said in page
        assert "Rank 1" in page
        assert 'value="80"' in html
        assert sorted(map(unescape, ticked(html))) == sorted(slugs)
        assert "<b>" not in html

    def test_an_option_that_is_no_longer_ranked_is_said_beside_the_others(self, client: Client) -> None:
        page = text(side_by_side(client, "folfiri", "folfox", "dabrafenib-trametinib", braf_v600e="negative"))
        assert "Dabrafenib with trametinib is ticked, but not ranked for this patient: ruled out: Only with" in page
        alone = text(side_by_side(client, "folfiri", "dabrafenib-trametinib", braf_v600e="negative"))
        assert "1 option is ticked: FOLFIRI. Tick 2 to 4 options." in alone
        assert "Dabrafenib with trametinib: ruled out: Only with" in alone

    def test_a_wrong_entry_is_said_first(self, client: Client) -> None:
        page = text(side_by_side(client, *THREE, ki67="180"))
        assert "Not ranked: please correct what is marked" in page

    def test_out_of_scope_compares_nothing(self, client: Client) -> None:
        page = text(side_by_side(client, *THREE, primary_site="lung"))
        assert "Out of scope: no options are ranked" in page
        assert "FOLFIRI: the patient is out of scope, so nothing is ranked" in page


class TestPrivacyAndMarkup:
    def test_it_comes_by_post_alone_and_no_cache_keeps_it(self, client: Client, strict_client: Client) -> None:
        assert client.get("/compare/").status_code == 405
        assert "no-store" in side_by_side(client, *THREE).headers["Cache-Control"]
        assert strict_client.post("/compare/", colorectal(compare=THREE)).status_code == 403

    def test_nothing_of_the_patient_is_in_an_address(self, client: Client) -> None:
        html = side_by_side(client, *THREE).content.decode()
        assert not re.search(r'(?:href|action)="/[^"]*\?', html)

    def test_it_takes_one_query(self, client: Client) -> None:
        releases.current()
        with CaptureQueriesContext(connection) as queries:
            side_by_side(client, *THREE)
        assert len(queries) == 1

    def test_identifiers_headings_and_references_are_right_and_nothing_is_inline(self, client: Client) -> None:
        html = side_by_side(client, *THREE).content.decode()
        identifiers = re.findall(r'\sid="([^"]+)"', html)
        assert len(identifiers) == len(set(identifiers))
        assert set(re.findall(r'(?:aria-labelledby|\sfor)="([^"]+)"', html)) <= set(identifiers)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        assert all(after - before <= 1 for before, after in pairwise(levels))

"""The page `/`: a patient in, ranked options out, through Django's client."""

from __future__ import annotations

import logging
import re
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format

from curation.actions import publishing
from regimens import releases
from regimens.pages.patient_form import PatientForm
from regimens.rules.patient import CONDITIONS
from regimens.rules.ranking import rank
from tests.factories.curation import agree
from tests.factories.patients import colorectal
from tests.pages import html, post, text

pytestmark = pytest.mark.django_db


def options(response: HttpResponse) -> list[str]:
    """The names of the options in their order."""
    return re.findall(r'<h4 id="option-([a-z0-9-]+)">', response.content.decode())


class TestRanking:
    def test_the_form_stands_beside_a_ranking_before_anything_is_entered(self, client: Client) -> None:
        response = client.get("/")
        assert response.status_code == 200
        assert "NEC, primary site not entered" in text(response)
        assert len(options(response)) > 10

    def test_a_patient_is_ranked_as_the_rules_rank_it(self, client: Client) -> None:
        response = post(client, **colorectal())
        knowledge = releases.current()
        form = PatientForm(colorectal(), knowledge=knowledge)
        assert form.is_valid()
        assert form.patient is not None
        ranking = rank(form.patient, knowledge)
        listed = [
            option.regimen.slug for option in ranking.options if option.band.value not in ("no-evidence", "unsuitable")
        ]
        assert options(response) == listed
        assert options(response)[0] == "folfiri"

    def test_it_says_what_it_understood_in_words(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        assert "Colorectal small-cell NEC, Ki-67 80 %" in page
        assert "partial response to platinum, progressed after 2 months" in page
        assert "platinum-resistant" in page
        assert "Received: Etoposide with cisplatin or carboplatin (progressed)" in page

    def test_an_option_shows_figures_evidence_shares_level_and_availability(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        row = page[page.index("Rank 1") :].partition("Best supportive care")[0]
        for shown in ("21 %", "15–29", "3.2", "2.4–4.2", "7.1", "5.2–9.8", "125 patients", "3 studies", "level A"):
            assert shown in row
        assert re.search(r"top three \d+ %", row)
        assert "off-label" in row

    def test_an_opened_option_shows_cohorts_terms_indications_and_sources(self, client: Client) -> None:
        response = post(client, **colorectal())
        page, html = text(response), response.content.decode()
        row = page[page.index("Rank 1") :].partition("Best supportive care")[0]
        for shown in (
            "0.40 × 7.1 / 18.0",
            "Utility 0.279",
            "Walter T, Lancet Oncol, 2023",
            "design 1 × histology 1 × line 1 × site 1",
            "true Recommended",
            "false To be considered",
            "read twice",
        ):
            assert shown in row
        assert 'href="https://doi.org/10.1530/ERC-12-0002"' in html
        assert 'href="https://pubmed.ncbi.nlm.nih.gov/' in html
        assert 'href="https://clinicaltrials.gov/study/NCT02820857"' in html

    def test_each_cohort_says_from_whom_it_is_borrowed(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        row = page[page.index("Rank 1") :].partition("Best supportive care")[0]
        assert "NEC of this site" in row
        bladder = text(post(client, primary_site="bladder"))
        assert "NEC of another site" in bladder
        assert "mixed grade 3" in bladder
        assert "NEC, site not compared" in text(client.get("/"))

    def test_the_terms_of_every_option_add_up_to_its_utility(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        tables = re.findall(r'<table class="terms">.*?</table>', html, re.DOTALL)
        assert len(tables) > 10
        for table in tables:
            *terms, utility = [
                float(number.replace("−", "-")) for number in re.findall(r'<td class="number">([^<]+)</td>', table)
            ]
            assert sum(terms) == pytest.approx(utility, abs=0.0021)

    def test_an_untested_biomarker_is_a_question_and_never_a_negative(self, client: Client) -> None:
        untested = text(post(client, **colorectal()))
        waiting = untested[untested.index("Needs a test") : untested.index("Also not known")]
        assert "BRAF V600E Dabrafenib with panitumumab" in waiting
        negative = text(post(client, **colorectal(), braf_v600e="negative"))
        waiting = negative[negative.index("Needs a test") : negative.index("Also not known")]
        assert "Dabrafenib" not in waiting
        assert "Dabrafenib with trametinib :" in negative[negative.index("Not suitable") :]

    def test_the_tests_that_could_change_the_order_come_with_their_chance_and_source(self, client: Client) -> None:
        response = post(client, **colorectal())
        page = text(response)
        tests = page[page.index("Test, supposed result") : page.index("Needs a test")]
        assert "MSI / MMR MSI-high or dMMR 5.3 % Digestive NEC Pembrolizumab" in tests
        assert "HER2 IHC 3+ not known Trastuzumab deruxtecan" in tests
        assert "BRAF V600E positive 17.8 %" in tests

    def test_what_else_is_not_known_is_said_in_stretches_and_not_in_probes(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        questions = page[page.index("Also not known") :]
        assert "Creatinine clearance would change the order at below 30 mL/min" in questions
        assert "Neuropathy grade would change the order at 2 or more" in questions
        assert re.search(r"Bilirubin would change the order at above 1(\.5)?", questions)

    def test_a_performance_status_that_empties_the_list_is_said_to_matter(self, client: Client) -> None:
        page = text(post(client, primary_site="bladder", histology="small-cell"))
        assert "ECOG would not change the order" not in page
        assert re.search(r"ECOG would change the order (at [^;]*3 or more|whatever it is)", page)

    def test_cautions_that_hold_stand_at_the_option(self, client: Client) -> None:
        def stated(response: HttpResponse) -> list[str]:
            html = response.content.decode()
            row = html[html.index('id="option-folfox"') :]
            return re.findall(r'<p class="caution caution-([a-z]+)">', row[: row.index("</article>")])

        assert stated(post(client, **colorectal())) == []
        assert stated(post(client, **colorectal(), qtcf="480")) == ["caution"]

    def test_a_caution_on_what_follows_from_other_features_names_those_that_are_not_known(self, client: Client) -> None:
        when = {"feature": "platinum_status", "is": "resistant"}
        caution = {"when": when, "level": "contraindicated", "text": "Made up.", "url": None}
        agree("regimens", "folfiri", lambda entry: entry["cautions"].append(caution))
        publishing.publish("with a caution on platinum status")
        page = text(post(client))
        assert "best response to platinum" in page[page.index("Contraindications not checked") :]

    def test_what_matters_more_changes_the_order_and_not_the_bands(self, client: Client) -> None:
        balanced = post(client, **colorectal())
        survival = post(client, **colorectal(), preference="survival")
        assert options(balanced) != options(survival)
        assert set(options(balanced)) == set(options(survival))

    def test_another_preference_marks_what_stands_elsewhere(self, client: Client) -> None:
        balanced, survival = options(post(client, **colorectal())), post(client, **colorectal(), preference="survival")
        marked = dict(
            re.findall(r'id="option-([a-z0-9-]+)">[^<]*</h4>\s*<p class="moved moved-(up|down)">', html(survival))
        )
        ranked = [slug for slug in options(survival) if slug in balanced]
        expected = {slug for slug in ranked if ranked.index(slug) != balanced.index(slug)}
        assert marked.keys() == expected
        assert all((ranked.index(s) < balanced.index(s)) is (way == "up") for s, way in marked.items())
        assert f"{len(expected)} options stand elsewhere; the first is the same." in text(survival)
        assert "stand elsewhere" not in text(post(client, **colorectal()))

    def test_borrowed_evidence_can_be_left_out_and_that_is_said(self, client: Client) -> None:
        everything, own = post(client, **colorectal()), post(client, **colorectal(), evidence="nec")
        tags = set(re.findall(r'<span class="when">([^<]+)</span>', html(own)))
        assert tags and tags <= {"NEC of this site", "NEC of another site", "NEC, site not compared"}
        assert set(re.findall(r'<span class="when">([^<]+)</span>', html(everything))) - tags
        assert "This is not the order of the method" in text(own)
        assert "This is not the order of the method" not in text(everything)
        assert "was 7, in “Supported" in text(own) or "in “Limited activity" in text(own)

    def test_the_closest_studies_stand_together_whatever_their_regimen(self, client: Client) -> None:
        page = html(post(client, **colorectal()))
        closest = page[page.index('id="closest-studies"') :]
        closest = closest[: closest.index("</details>")]
        weights = [float(weight) for weight in re.findall(r"<strong>(\d\.\d\d)</strong>", closest)]
        assert len(weights) == 8
        assert weights == sorted(weights, reverse=True)
        assert weights[0] == 1
        assert len(set(re.findall(r'href="/options/([a-z0-9-]+)/"', closest))) > 3

    def test_what_keeps_an_option_from_being_recommended_is_said_and_holds(self, client: Client) -> None:
        def said(slug: str, response: HttpResponse) -> str:
            page = html(response)
            row = page[page.index(f'id="option-{slug}"') :]
            found = re.search(r'<div class="why-not">(.*?)</div>', row[: row.index("</article>")], re.DOTALL)
            return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""

        page = post(client, **colorectal())
        assert said("folfiri", page) == ""
        assert said("folfox", page) == (
            "Nothing about this patient would put it among the recommended: "
            "No guideline, approval or review recommends it for any situation."
        )
        assert said("pembrolizumab", page) == (
            "It would be recommended with: not known A test or the record could show: "
            "MSI / MMR MSI-high or dMMR; or TMB at least 10 mut/Mb"
        )
        recommended = html(post(client, **colorectal(), msi="high"))
        assert 'id="option-pembrolizumab"' in recommended[: recommended.index('id="band-supported"')]

    def test_what_may_change_is_told_with_what_it_is_today(self, client: Client) -> None:
        page = text(post(client, **colorectal(), bilirubin_uln="3", conditions=["bowel_obstruction"]))
        folfiri = page[page.index("FOLFIRI : Advised against") :][:1500]
        assert (
            "It would be recommended with: may change Bilirubin at most 1.5 × ULN (here 3 × ULN); No bowel obstruction"
            in folfiri
        )

    def test_only_another_region_stands_in_the_way(self, client: Client) -> None:
        page = text(post(client, **colorectal(region="EU"), msi="high"))
        assert "What recommends it holds only in other regions: United States and Japan." in page
        assert "With nothing else changed it would be recommended in: United States and Japan." in page

    def test_why_an_option_is_not_suitable_at_all_is_said_in_its_list(self, client: Client) -> None:
        page = html(post(client, **colorectal()))
        listed = page[page.index('id="fold-unsuitable"') :]
        row = listed[listed.index("Topotecan, paclitaxel and bevacizumab") :]
        assert re.search(r"cannot change</span>\s*Primary site gynaecological \(here colon or rectum\)", row[:2500])

    def test_the_terms_and_the_shares_are_drawn_beside_their_numbers(self, client: Client) -> None:
        page = html(post(client, **colorectal()))
        row = page[page.index('id="option-folfiri"') :]
        row = row[: row.index("</article>")]
        widths = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)%"[^>]*class="(?:os|pfs|orr)"', row)]
        widths = widths or [float(w) for w in re.findall(r'class="(?:os|pfs|orr)"[^>]*?width="([\d.]+)%"', row)]
        gains = [float(g) for g in re.findall(r'<td class="number">\+([\d.]+)</td>', row)]
        assert len(widths) == len(gains) == 3
        assert widths == pytest.approx([100 * gain / 0.85 for gain in gains], abs=0.15)
        assert 'class="share-bar"' in row

    def test_availability_follows_the_region(self, client: Client) -> None:
        def shown(region: str) -> str:
            html = post(client, **colorectal(region=region, msi="high")).content.decode()
            row = html[html.index('id="option-pembrolizumab"') :]
            found = re.search(r'<p class="availability">.*?</span>\s*(.*?)\s*</p>', row, re.DOTALL)
            assert found is not None
            return found[1]

        availability = releases.current().regimens["pembrolizumab"].availability
        assert shown("US") == "approved"
        assert availability["CN"] != "approved"
        assert shown("CN") != "approved"

    def test_a_regimen_that_was_received_is_marked(self, client: Client) -> None:
        page = text(post(client, **colorectal(lines_received="2"), received=["folfiri"]))
        assert (
            "FOLFIRI primary site colon or rectum ENETS guidance paper on digestive NEC, 2023 already received" in page
        )

    def test_what_nobody_read_is_no_reason_and_is_said_as_a_source(self, client: Client) -> None:
        html = post(client, **colorectal(), braf_v600e="positive").content.decode()
        row = html[html.index('id="option-dabrafenib-trametinib"') :]
        row = row[: row.index("</article>")]
        assert "(not read)" in row
        assert "(not read)" not in row[: row.index('<details class="option-details"')]

    def test_contraindications_that_cannot_be_checked_are_named_in_the_row(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        row = page[page.index("Rank 1") :].partition("Evidence, reasons and cautions")[0]
        assert "Contraindications not checked, since not known: DPD" in row

    def test_where_only_supportive_care_is_recommended_nothing_is_said_to_name_a_treatment(
        self, client: Client
    ) -> None:
        page = text(post(client, primary_site="bladder"))
        assert "no guideline or approval names a treatment for this situation" in page

    def test_every_page_names_the_release_it_stands_on(self, client: Client) -> None:
        release = releases.current().release
        page = text(post(client, **colorectal()))
        assert release.sha256 in page
        assert f"Knowledge release {release.name} , published {date_format(release.published_on)} ," in page

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"primary_site": "lung"}, "lung"),
            ({"primary_site": "skin"}, "Merkel"),
            ({"differentiation": "well"}, "well"),
        ],
    )
    def test_out_of_scope_is_said_with_the_reason_and_nothing_is_ranked(
        self, client: Client, values: dict[str, str], reason: str
    ) -> None:
        response = post(client, **values)
        assert "Out of scope: no options are ranked" in text(response)
        assert reason in text(response)
        assert not options(response)

    def test_a_warning_of_the_scope_stands_above_the_options(self, client: Client) -> None:
        page = text(post(client, primary_site="pancreas", ki67="40", sstr="positive"))
        assert "Check first" in page
        assert "NET G3" in page


class TestSupposing:
    """A missing test is tried out: marked as hypothetical until it is cleared, and never taken for known."""

    TRIED = colorectal(msi="high", supposed="msi")

    def test_each_missing_test_can_be_tried(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        assert re.search(r'name="try"\s+value="msi:high"', html)
        tried = text(post(client, **colorectal(), **{"try": "msi:high"}))
        assert "Hypothetical MSI / MMR MSI-high or dMMR: supposed, and not known of this patient" in tried
        again = text(post(client, **self.TRIED, **{"try": "tmb:10"}))
        assert "MSI / MMR MSI-high or dMMR, TMB 10 mut/Mb: supposed" in again

    @pytest.mark.parametrize("tried", ["", "msi", "msi:much", "nothing:1", ":", "received:folfri"])
    def test_what_cannot_be_tried_does_no_harm(self, client: Client, tried: str) -> None:
        assert post(client, **colorectal(), **{"try": tried}).status_code == 200

    def test_what_is_supposed_is_ranked_and_marked(self, client: Client) -> None:
        response = post(client, **self.TRIED)
        page = text(response)
        assert "Hypothetical MSI / MMR MSI-high or dMMR: supposed, and not known of this patient" in page
        assert options(response)[0] == "pembrolizumab"

    def test_what_is_known_is_not_marked(self, client: Client) -> None:
        assert "Hypothetical" not in text(post(client, **colorectal(), msi="high"))

    def test_clearing_sends_the_patient_without_it(self, client: Client) -> None:
        html = post(client, **self.TRIED).content.decode()
        form = re.search(r'<form class="notice supposed".*?</form>', html, re.DOTALL)
        assert form is not None
        assert 'name="ki67" value="80"' in form[0]
        assert 'name="msi"' not in form[0]
        assert 'name="supposed"' not in form[0]

    def test_the_summary_says_so_and_no_other_file_is_made(self, client: Client) -> None:
        assert "HYPOTHETICAL: MSI / MMR MSI-high or dMMR" in client.post("/summary.txt", self.TRIED).content.decode()
        for path in ("/ranking.json", "/bundle.json"):
            response = client.post(path, self.TRIED)
            assert response.headers["Content-Type"].startswith("text/html")
            assert "Hypothetical" in text(response)

    def test_nothing_that_is_not_entered_is_supposed(self, client: Client) -> None:
        assert "Hypothetical" not in text(post(client, **colorectal(), supposed="msi"))


class TestTrials:
    def test_trials_that_may_fit_say_of_each_criterion_whether_it_holds(self, client: Client) -> None:
        page = text(post(client, **colorectal()))
        trials = page[page.index("Trials that may fit") :]
        assert "NCT05882058" in trials
        assert "true lines received at least 1" in trials
        assert "unknown DLL3 positive" in trials
        assert "All trials, checked against this patient" in trials

    def test_out_of_scope_names_none(self, client: Client) -> None:
        assert "Trials that may fit" not in text(post(client, primary_site="lung"))


class TestEntries:
    def test_all_others_absent_makes_every_condition_known(self) -> None:
        form = PatientForm({"conditions": ["transplant"], "others_absent": "on"}, knowledge=releases.current())
        assert form.is_valid()
        assert {name: form.patient.values[name] for name in CONDITIONS} == {
            name: name == "transplant" for name in CONDITIONS
        }

    def test_what_is_not_ticked_stays_unknown_without_it(self) -> None:
        form = PatientForm({"conditions": ["transplant"]}, knowledge=releases.current())
        assert form.is_valid()
        assert [name for name in CONDITIONS if form.patient.knows(name)] == ["transplant"]

    def test_an_empty_form_knows_nothing(self) -> None:
        form = PatientForm({}, knowledge=releases.current())
        assert form.is_valid()
        assert dict(form.patient.features) == {}

    def test_regimens_are_known_only_when_all_of_them_are_said(self) -> None:
        platinum = {"first_line_platinum": "etoposide-platinum"}
        for values, known in (
            (platinum, False),
            (platinum | {"lines_received": "2"}, False),
            (platinum | {"lines_received": "1"}, True),
            (platinum | {"none_received": "on"}, True),
            (platinum | {"received": ["folfiri"]}, True),
            ({"none_received": "on"}, False),
            ({"first_line_platinum": "not-given", "none_received": "on"}, True),
        ):
            form = PatientForm(values, knowledge=releases.current())
            assert form.is_valid(), form.errors
            assert form.patient.knows("prior_regimens") is known, values

    @pytest.mark.parametrize(
        ("values", "progressed"),
        [
            # nothing said of how FOLFIRI went: not known
            ({"received": ["folfiri"], "platinum_free_interval_months": "8"}, None),
            ({"received": ["folfiri"], "platinum_free_interval_months": "8", "none_progressed": "on"}, set()),
            ({"received": ["folfiri"], "progressed": ["folfiri"]}, {"folfiri"}),
            # platinum failed: of the regimens that hold it, the only one is meant
            ({"received": ["folfiri"], "platinum_best_response": "PD"}, {"etoposide-platinum"}),
            (
                {"first_line_platinum": "given", "received": ["folfiri", "platinum-rechallenge"]}
                | {"platinum_best_response": "PD"},
                {"platinum-rechallenge"},
            ),
            # which of two is not said: not known, and not none
            (
                {"first_line_platinum": "given", "received": ["etoposide-platinum", "irinotecan-platinum"]}
                | {"platinum_best_response": "PD"},
                None,
            ),
            ({"first_line_platinum": "given", "platinum_best_response": "PD"}, None),
        ],
    )
    def test_progression_is_known_only_as_far_as_it_was_said(
        self, values: dict[str, Any], progressed: set[str] | None
    ) -> None:
        form = PatientForm({"first_line_platinum": "etoposide-platinum"} | values, knowledge=releases.current())
        assert form.is_valid(), form.errors
        assert (form.patient.progressed_on if form.patient.knows("progressed_on") else None) == progressed

    def test_progression_on_platinum_follows_from_response_and_interval(self) -> None:
        for values, expected in (
            ({"platinum_best_response": "PD"}, {"etoposide-platinum"}),
            ({"platinum_free_interval_months": "2.9"}, {"etoposide-platinum"}),
            ({"platinum_free_interval_months": "3"}, set()),
        ):
            given = {"first_line_platinum": "etoposide-platinum", "lines_received": "1", **values}
            form = PatientForm(given, knowledge=releases.current())
            assert form.is_valid(), form.errors
            assert form.patient.progressed_on == expected

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("ki67", "180", "Ki-67 is a percentage from 0 to 100. 180 is not."),
            ("ki67", "-1", "Ki-67 is a percentage from 0 to 100. -1 is not."),
            ("ki67", "nan", "“nan” is not a number"),
            ("ecog", "nan", "ECOG is a whole number from 0 to 4. “nan” is not a number"),
            ("lines_received", "inf", "“inf” is not a number"),
            ("neuropathy_grade", "1e400", "“1e400” is not a number"),
            ("ecog", "9" * 5000, "“99999999999999999999…” is not a number"),
            ("ki67", "1_0", "“1_0” is not a number"),
            ("ki67", "high", "“high” is not a number"),
            ("ki67", "80,5", "(write 2.5, not 2,5)"),
            ("ecog", "1.5", "a whole number from 0 to 4. 1.5 is not."),
            ("lvef", "3", "from 5 to 90"),
            ("platinum_free_interval_months", "241", "a number of months from 0 to 240. 241 is not."),
            ("primary_site", "colon", "Select a valid choice"),
            ("received", "folfri", "Select a valid choice"),
        ],
    )
    def test_a_wrong_entry_is_said_at_its_field_and_above_and_everything_is_kept(
        self, client: Client, field: str, value: str, said: str
    ) -> None:
        entered = {**colorectal(), "conditions": ["transplant"], "tmb": "12.5", field: value}
        response = post(client, **entered)
        page, html = text(response), response.content.decode()
        assert "Not ranked: please correct what is marked" in page
        assert page.count(said) == 2
        assert f'href="#id_{field}"' in html
        assert 'name="tmb" value="12.5"' in html
        assert re.search(r'value="transplant"\s+id="id_conditions_transplant"\s+checked', html)
        if field in ("ki67", "ecog", "lvef"):
            assert f'value="{value}"' in html
        assert not options(response)

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            (
                {"platinum_best_response": "PD", "platinum_free_interval_months": "7"},
                "With progression as best response the platinum-free interval is below 3 months; 7 contradicts it.",
            ),
            (
                {"first_line_platinum": "not-given", "received": ["etoposide-platinum"]},
                "“No platinum” contradicts the regimens ticked here",
            ),
            (
                {"first_line_platinum": "not-given", "platinum_best_response": "PR"},
                "there is no response to it and no interval after it",
            ),
            ({"histology": "small-cell", "differentiation": "well"}, "“Well” contradicts it"),
            ({"lines_received": "0", "received": ["folfiri"]}, "which contradicts the regimens received"),
            (
                {"none_progressed": "on", "progressed": ["folfiri"]},
                "“Progressed on none of them” contradicts: FOLFIRI.",
            ),
            ({"none_received": "on", "received": ["folfiri"]}, "“No others” is ticked, and so are regimens: FOLFIRI."),
        ],
    )
    def test_contradictions_are_said_in_words(self, client: Client, values: dict[str, Any], said: str) -> None:
        response = post(client, **values)
        assert text(response).count(said) == 2
        assert not options(response)

    def test_without_scripts_the_closed_lists_say_what_is_ticked(self, client: Client) -> None:
        html = post(client, received=["folfiri"], conditions=["transplant"]).content.decode()
        assert re.search(r'id="id_received"[^>]*>FOLFIRI</summary>', html)
        assert re.search(r'id="id_conditions"[^>]*>Organ transplant</summary>', html)
        html = post(client, others_absent="on").content.decode()
        assert re.search(r'id="id_conditions"[^>]*>none</summary>', html)

    def test_platinum_etoposide_is_the_first_of_the_first_line_regimens(self, client: Client) -> None:
        html = client.get("/").content.decode()
        assert re.findall(r'<option value="([a-z-]*)"', html[html.index('id="id_first_line_platinum"') :])[:2] == [
            "",
            "etoposide-platinum",
        ]

    def test_an_unknown_region_says_which_counts(self, client: Client) -> None:
        assert "unknown: US availability is used" in text(client.get("/"))

    def test_what_was_entered_stands_in_the_form_again(self, client: Client) -> None:
        html = post(client, **colorectal(), received=["folfiri"], progressed=["folfiri"]).content.decode()
        assert '<option value="colorectal" selected>' in html
        assert re.search(r'name="ki67" value="80"', html)
        assert len(re.findall(r'value="folfiri"\s+aria-label="[^"]*"\s+checked', html)) == 2

    def test_markup_in_an_entry_is_shown_as_text(self, client: Client) -> None:
        html = post(client, ki67="<script>alert(1)</script>").content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html


class TestLive:
    def test_htmx_gets_the_answer_alone_with_the_errors_of_every_field(self, client: Client) -> None:
        html = post(client, live=True, **colorectal()).content.decode()
        assert "<html" not in html
        assert 'id="options-heading"' in html
        assert re.search(r'<div id="id_ki67_error" class="field-error" hx-swap-oob="true">\s*</div>', html)
        assert "options ranked, first FOLFIRI." in html

    def test_an_error_comes_the_same_way(self, client: Client) -> None:
        html = post(client, live=True, ki67="180").content.decode()
        said = "<span>Ki-67 is a percentage from 0 to 100. 180 is not.</span>"
        assert re.search(rf'id="id_ki67_error" class="field-error" hx-swap-oob="true">\s*{said}\s*</div>', html)
        assert "Not ranked: 1 entry to correct." in html


class TestPrivacy:
    def test_patient_data_in_the_address_are_not_read(self, client: Client) -> None:
        response = client.get("/", colorectal())
        assert "NEC, primary site not entered" in text(response)

    def test_no_link_or_form_puts_a_patient_into_an_address(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        assert 'method="post"' in html
        assert not re.search(r'href="/\?|action="[^"]*\?|hx-get|hx-push-url', html)

    def test_nothing_is_stored_and_no_cache_keeps_it(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as queries:
            response = post(client, **colorectal())
        assert not [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]
        assert "no-store" in response.headers["Cache-Control"]
        assert "sessionid" not in response.cookies

    def test_nothing_of_a_patient_is_logged(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            post(client, **colorectal(ki67="87.654"))
            post(client, **colorectal(ki67="987.654"))
        assert "87.654" not in caplog.text

    def test_nothing_identifying_is_asked_for(self, client: Client) -> None:
        names = set(re.findall(r'name="([a-z0-9_]+)"', client.get("/").content.decode()))
        assert not {name for name in names if re.search(r"name|birth|\bage\b|sex|record|hospital|address|mail", name)}


class TestSpeed:
    @pytest.mark.parametrize("entered", [{}, colorectal(), {"ki67": "180"}])
    def test_a_ranking_takes_one_query(self, client: Client, entered: dict[str, str]) -> None:
        releases.current()
        with CaptureQueriesContext(connection) as queries:
            post(client, **entered)
        assert len(queries) == 1


class TestMarkup:
    def test_identifiers_are_unique_and_every_reference_resolves(self, client: Client) -> None:
        for entered in ({}, colorectal(), {"ki67": "180"}):
            html = post(client, **entered).content.decode()
            identifiers = re.findall(r'\sid="([^"]+)"', html)
            assert len(identifiers) == len(set(identifiers))
            references = {
                name
                for names in re.findall(r'(?:aria-labelledby|aria-describedby|\sfor)="([^"]+)"', html)
                for name in names.split()
            }
            assert references <= set(identifiers)

    def test_nothing_is_inline_and_nothing_comes_from_elsewhere(self, client: Client) -> None:
        html = post(client, **colorectal()).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html)
        assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', html)

    def test_headings_go_down_one_level_at_a_time(self, client: Client) -> None:
        levels = [int(level) for level in re.findall(r"<h([1-6])", post(client, **colorectal()).content.decode())]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

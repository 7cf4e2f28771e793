"""The desk, the form of a search and what is due, as curators use them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actions import exclusive
from curation import actions
from curation.admin.surveillance.drawn import bars
from curation.admin.surveillance.freshness import MOST_SHOWN
from curation.imports.clinicaltrials import read_studies
from curation.models import Entry, EntryCheck, Proposal, SavedSearch, SurveyFinding, WorkPackage
from curation.surveillance.records import Record
from regimens.models import ReportedNotice
from regimens.models.choices import TrialStatus
from regimens.wording.states import CHECK_EVERY_DAYS
from tests.databases import ROOT
from tests.factories.accounts import signed_in
from tests.factories.curation import somebody
from tests.factories.surveillance import found, found_from, retracted, seen

pytestmark = pytest.mark.django_db

DESK = "/admin/desk/"
STUDY = (ROOT / "tests/curation/imports/files/study-completed.json").read_bytes()
TRIAL = replace(read_studies(STUDY, "").trials[0], nct="NCT09999999", version=date(2026, 1, 5))
DECIDE = "/admin/desk/decide/"


@pytest.fixture
def papers() -> list[SurveyFinding]:
    titles = ("Neuroendocrine carcinoma, relapsed <b>", "A second paper", "A third paper")
    return list(found(*titles).findings)


def states() -> dict[str, str]:
    return dict(SurveyFinding.objects.values_list("title", "state"))


class TestTheDesk:
    def test_says_what_was_found_and_why(self, as_ada: Client, papers: list[SurveyFinding]) -> None:
        page = as_ada.get(DESK).content.decode()
        assert "<mark>Neuroendocrine carcinoma</mark>, <mark>relapsed</mark> &lt;b&gt;" in page
        assert "NEC, later lines (neuroendocrine carcinoma*, relapsed)" in page
        assert page.count('name="chosen"') == 3
        assert page.count('name="chosen"') == as_ada.get(f"{DESK}?search=nec-later-line").content.decode().count(
            'name="chosen"'
        )
        assert 'name="chosen"' not in as_ada.get(f"{DESK}?search=nec-markers&state=undecided").content.decode()

    def test_decides_on_one_with_a_button(self, as_ada: Client, papers: list[SurveyFinding]) -> None:
        first, second, third = papers
        page = as_ada.post(DECIDE, {"include": str(first.pk)})
        assert page["Location"] == reverse("admin:found", args=[first.pk]) or "work" in page["Location"]
        as_ada.post(DECIDE, {"exclude": f"{second.pk}:review", "back": f"{DESK}?state=undecided"})
        as_ada.post(DECIDE, {"later": f"{third.pk}:30"})
        assert list(states().values()).count("undecided") == 0
        assert set(states().values()) == {"included", "excluded", "later"}
        as_ada.post(DECIDE, {"reopen": str(second.pk)})
        assert states()["A second paper"] == "undecided"

    def test_leads_on_to_the_record_below(self, as_ada: Client, papers: list[SurveyFinding]) -> None:
        page = " ".join(as_ada.get(DESK).content.decode().split())
        first, below, last = re.findall(r'<article class="found" id="found-(\d+)" tabindex="-1">', page)
        assert page.count(f'name="next-{first}" value="{below}"') == 1 and f"next-{last}" not in page
        sent = {"exclude": f"{first}:review", f"next-{first}": below, "back": f"{DESK}?state=undecided"}
        assert as_ada.post(DECIDE, sent)["Location"] == f"{DESK}?state=undecided#found-{below}"
        sent = {"exclude": f"{below}:review", f"next-{below}": '1"x', "back": DESK}
        assert as_ada.post(DECIDE, sent)["Location"] == DESK

    def test_what_was_found_comes_first_and_leads_to_what_stands_beside(
        self, as_ada: Client, papers: list[SurveyFinding]
    ) -> None:
        page = as_ada.get(DESK).content.decode()
        places = [page.index(f'id="{name}-heading"') for name in ("findings", "searches", "fresh", "packages")]
        assert places == sorted(places)
        assert all(f'href="#{name}-heading"' in page for name in ("searches", "fresh", "packages"))

    def test_says_how_a_held_trial_stands_here_and_at_the_source(self, as_ada: Client) -> None:
        held = Entry.objects.get(kind="trials", key="NCT05882058").values["status_as_seen"]
        other = "terminated" if held != "terminated" else "completed"
        trial = replace(TRIAL, nct="NCT05882058", status=other)
        found("A held trial", key="held-trials", nct=trial.nct, trial=trial)
        page = " ".join(as_ada.get(DESK).content.decode().split())
        here, there = TrialStatus(held).label, TrialStatus(other).label
        told = f"here <strong>{here}</strong>, at the source <strong>{there}</strong>"
        assert told in page and 'href="/admin/entry/trials/NCT05882058/"' in page

    def test_decides_on_many_at_once(self, as_ada: Client, papers: list[SurveyFinding]) -> None:
        chosen = [str(one.pk) for one in papers]
        refused = as_ada.post(DECIDE, {"many": "exclude", "chosen": chosen, "reason": ""}, follow=True)
        assert "Say why it is left out." in refused.content.decode()
        sent = {"many": "exclude", "chosen": chosen[:2], "reason": "other", "until": "2030-01-01"}
        page = as_ada.post(DECIDE, sent, follow=True).content.decode()
        assert page.count(" checked") == 2 and '<option value="other" selected>' in page
        assert 'value="2030-01-01"' in page and " checked" not in as_ada.get(DESK).content.decode()
        day = (timezone.localdate() + timedelta(days=9)).isoformat()
        as_ada.post(DECIDE, {"many": "later", "chosen": chosen[:1], "until": day})
        as_ada.post(DECIDE, {"many": "exclude", "chosen": chosen, "reason": "other", "note": "A letter."})
        assert set(states().values()) == {"excluded"}

    @pytest.mark.parametrize(
        "sent",
        [
            {"include": "x"},
            {"include": "99999999999999999999"},
            {"exclude": "1"},
            {"later": "1:3650"},
            {"many": "exclude"},
            {"many": "later", "until": "soon"},
            {"reopen": ""},
        ],
    )
    def test_takes_anything_and_changes_nothing(
        self, as_ada: Client, papers: list[SurveyFinding], sent: dict[str, Any]
    ) -> None:
        sent = {name: value.replace("1:", f"{papers[0].pk}:") for name, value in sent.items()}
        assert as_ada.post(DECIDE, {**sent, "back": "https://evil.example.org/"})["Location"] == DESK
        assert set(states().values()) == {"undecided"}

    def test_is_for_curators(self, papers: list[SurveyFinding]) -> None:
        publisher = signed_in(somebody("paula", "Publisher"))
        for address in (DESK, "/admin/freshness/", "/admin/desk/search/", f"/admin/desk/found/{papers[0].pk}/"):
            assert publisher.get(address).status_code == 403
        assert publisher.post(DECIDE, {"include": str(papers[0].pk)}).status_code == 403

    def test_pins_a_retraction_with_what_rests_on_it(self, as_ada: Client, as_ben: Client) -> None:
        notice = retracted()
        page = as_ada.get(DESK).content.decode()
        assert "walter-2023-bevanec" in page and "Options: folfiri" in page
        assert "walter-2023-bevanec" in as_ada.get("/admin/").content.decode()
        address = f"/admin/desk/notices/{notice.pk}/"
        as_ada.post(address, {"propose": "1"})
        proposal = Proposal.objects.get()
        assert proposal.values["notice"]["kind"] == "retraction"
        page = as_ben.get(DESK).content.decode()
        assert f"Proposal {proposal.pk} of ada says so" in page and 'name="propose"' not in page
        as_ben.post(address, {"because": "It is another paper."})
        assert ReportedNotice.objects.get().settled_because == "It is another paper."


def test_what_was_included_is_proposed_from_its_page(as_ada: Client) -> None:
    finding = found("A paper with nothing else").findings[0]
    as_ada.post(DECIDE, {"include": str(finding.pk)})
    page = as_ada.get(f"/admin/desk/found/{finding.pk}/").content.decode()
    assert "says too little" in page
    assert as_ada.post(f"/admin/desk/found/{finding.pk}/", follow=True).status_code == 200
    assert not Proposal.objects.exists()


class TestASearch:
    GIVEN = {
        "key": "mine",
        "name": "Mine",
        "source": "pubmed",
        "query": "nec[ti]",
        "words": "one\n\ntwo",
        "is_active": "on",
    }

    def test_is_written_and_changed(self, as_ada: Client) -> None:
        assert as_ada.post("/admin/desk/search/", self.GIVEN).status_code == 302
        assert SavedSearch.objects.get().words == ["one", "two"]
        page = as_ada.get("/admin/desk/search/mine/").content.decode()
        assert "nec[ti]" in page
        as_ada.post("/admin/desk/search/mine/", self.GIVEN | {"key": "another", "query": "nec[tiab]"})
        assert SavedSearch.objects.values_list("key", "query").get() == ("mine", "nec[tiab]")

    def test_that_cannot_be_is_refused_with_what_was_entered(self, as_ada: Client) -> None:
        page = as_ada.post("/admin/desk/search/", self.GIVEN | {"query": " "})
        assert page.status_code == 422
        assert "Write what is searched for." in page.content.decode()
        assert 'value="Mine"' in page.content.decode()

    def test_of_a_feed_whose_host_may_not_be_asked_is_told(self, as_ada: Client, settings: Any) -> None:
        given = self.GIVEN | {"source": "feed", "query": "https://agency.example.org/rss"}
        page = as_ada.post("/admin/desk/search/", given, follow=True).content.decode()
        assert "may be asked (SURVEY_HOSTS), agency.example.org:" in page
        settings.SURVEY_HOSTS = ["agency.example.org"]
        page = as_ada.post("/admin/desk/search/mine/", given | {"name": "Another"}, follow=True).content.decode()
        assert "The search is kept: Another." in page and "SURVEY_HOSTS" not in page

    def test_shipped_ones_come_with_a_button(self, as_ada: Client) -> None:
        as_ada.post("/admin/desk/load/")
        assert SavedSearch.objects.count() > 5


class TestWhatIsDue:
    def test_is_listed_and_seen_unchanged_with_one_click(self, as_ada: Client, ada: User) -> None:
        page = as_ada.get("/admin/freshness/").content.decode()
        value = next(part for part in page.split('"') if part.startswith("trials|"))
        as_ada.post("/admin/freshness/", {"one": value})
        check = EntryCheck.objects.get()
        assert (check.kind, check.key, check.by) == ("trials", value.split("|")[1], ada)
        assert value not in as_ada.get("/admin/freshness/").content.decode()
        assert value in as_ada.get("/admin/freshness/?all").content.decode()

    def test_many_at_once_and_whatever_is_sent(self, as_ada: Client) -> None:
        page = as_ada.get("/admin/freshness/").content.decode()
        values = [part for part in page.split('"') if part.startswith(("licences|", "guidelines|"))]
        as_ada.post("/admin/freshness/", {"seen": sorted(set(values))})
        assert EntryCheck.objects.count() == len(set(values)) > 10
        for wrong in ("", "a", "a|b|c", "trials|NCT05882058|0"):
            assert as_ada.post("/admin/freshness/", {"one": wrong}).status_code == 302
        assert EntryCheck.objects.count() == len(set(values))

    def test_one_kind_is_listed_whole_and_led_back_to(self, as_ada: Client) -> None:
        page = as_ada.get("/admin/freshness/").content.decode()
        assert page.count('value="drugs|') == 2 * MOST_SHOWN and 'href="?kind=drugs"' in page
        whole = as_ada.get("/admin/freshness/?kind=drugs").content.decode()
        assert whole.count('value="drugs|') == 2 * Entry.objects.filter(kind="drugs").count()
        assert "trials|" not in whole
        value = next(part for part in whole.split('"') if part.startswith("drugs|"))
        assert as_ada.post("/admin/freshness/?kind=drugs", {"one": value})["Location"].endswith("?kind=drugs")
        assert as_ada.post("/admin/freshness/?kind=x", {"one": value})["Location"] == "/admin/freshness/"

    def test_the_publisher_is_told(self) -> None:
        seen()
        page = signed_in(somebody("paula", "Publisher")).get("/admin/publish/").content.decode()
        assert "Due to be read again" in page
        assert timezone.localdate().isoformat() in page  # the day of the check is among the changes


class TestWhatWasFoundFillsAPackage:
    """The desk holds the record: no file is asked for, and nothing is fetched."""

    def test_including_opens_a_package_that_is_filled(self, as_ada: Client) -> None:
        finding = found_from("records.xml").findings[0]
        opened = as_ada.post(DECIDE, {"include": str(finding.pk)}, follow=True)
        package = WorkPackage.objects.get()
        entry = package.entries.get()
        assert (package.identifier, entry.kind) == (f"PMID {finding.pmid}", "publications")
        assert (entry.values["pmid"], entry.values["title"]) == (finding.pmid, finding.title)
        page = opened.content.decode()
        assert opened.redirect_chain[-1][0].startswith(f"/admin/regimens/edit/publications/{entry.key}/") or (
            f"package={package.pk}" in opened.redirect_chain[0][0]
        )
        assert finding.title in page and "a saved search found on" in page
        assert states()[finding.title] == "included"

    @pytest.mark.parametrize("which", ["pmid", "doi"])
    def test_pasting_what_the_desk_found_needs_no_file(self, as_ada: Client, which: str) -> None:
        findings = found_from("records.xml").findings
        finding = next(one for one in findings if getattr(one, which))
        pasted = getattr(finding, which).upper()
        as_ada.post(reverse("admin:work-package-new"), {"identifier": pasted})
        assert WorkPackage.objects.get().entries.get().values["pmid"] == finding.pmid

    def test_a_trial_bears_the_day_of_its_record(self, as_ada: Client) -> None:
        found("A trial of the register", key="nec-registered-trials", nct=TRIAL.nct, trial=TRIAL)
        as_ada.post(DECIDE, {"include": str(SurveyFinding.objects.get().pk)})
        entry = WorkPackage.objects.get().entries.get()
        assert (entry.key, entry.values["looked_up_on"]) == (TRIAL.nct, "2026-01-05")

    def test_a_record_that_is_older_than_what_stands_changes_nothing(self, as_ada: Client) -> None:
        held = Entry.objects.get(key="NCT05882058").values
        older = replace(TRIAL, nct="NCT05882058", status="withdrawn", version=date(2020, 1, 1))
        given = {"kind": "new", "identity": f"nct:{older.nct}", "title": "x", "nct": older.nct}
        with exclusive():
            known = SurveyFinding.objects.create(
                **given, found_at=timezone.now(), record=Record("x", trial=older).stored()
            )
        page = as_ada.post(DECIDE, {"include": str(known.pk)}, follow=True).content.decode()
        assert "it was looked up later" in page
        assert WorkPackage.objects.get().entries.get().values == held

    def test_a_second_package_of_it_is_said(self, as_ada: Client, as_ben: Client) -> None:
        finding = found_from("records.xml").findings[0]
        as_ada.post(DECIDE, {"include": str(finding.pk)})
        new = as_ben.post(reverse("admin:work-package-new"), {"identifier": finding.pmid}, follow=True)
        first = WorkPackage.objects.earliest("pk")
        assert f"Work package {first.pk} of ada has it in work too" in new.content.decode()

    def test_of_what_says_too_little_the_form_of_a_package_is_opened(self, as_ada: Client) -> None:
        finding = found("A paper", pmid="39000009").findings[0]
        page = as_ada.post(DECIDE, {"include": str(finding.pk)})
        assert page["Location"] == f"{reverse('admin:work-package-new')}?identifier=39000009"
        assert not WorkPackage.objects.exists()


class TestBeside:
    """What the desk shows beside what was found: bars, how fresh, packages in work."""

    def test_bars_say_what_each_look_found(self, as_ada: Client) -> None:
        found("A paper", "A second paper")
        found("A third paper")
        page = as_ada.get(DESK).content.decode()
        assert 'aria-label="Found at the last 2 looks: 2, 1"' in page
        assert page.count('class="bar newest"') == 1 and page.count('class="drawn bars"') == 1

    def test_how_fresh_and_what_is_in_work(self, as_ada: Client, ada: User) -> None:
        package = actions.begin_package(title="A made-up study", by=ada)
        page = as_ada.get(DESK).content.decode()
        assert page.count('class="drawn ages"') == len(CHECK_EVERY_DAYS)
        assert re.search(r"\d+ of \d+ are due; the line stands at 30 days", page)
        assert reverse("admin:work-package", args=[package.pk]) in page and "draft, ada" in page
        assert "<style" not in page and " style=" not in page

    def test_says_to_which_day_searched_until_moves(self, as_ada: Client, papers: list[SurveyFinding]) -> None:
        today = timezone.localdate().isoformat()
        page = " ".join(as_ada.get(f"{DESK}?search=nec-later-line").content.decode().split())
        assert f"“searched until” moves to {today} for this search" in page


def test_bars_of_many_looks_are_the_last_twelve() -> None:
    drawn = bars([(date(2026, 1, 1) + timedelta(days=7 * place), place) for place in range(20)])
    assert drawn.count("<rect") == 12 and "8, 9, 10" in drawn and 'height="20"' in drawn
    assert bars([]) == ""

"""The page before a release: what changes, what to look at, what it does; and publishing from it."""

from __future__ import annotations

import copy
import re
import shutil
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from curation import actions
from curation.actions import publishing
from curation.actions.loading import load
from curation.admin.releases.publishing import effect_context
from curation.models import Entry
from curation.review import effect
from regimens import releases
from regimens.knowledge import loader
from regimens.models import KnowledgeRelease
from regimens.signals import release_in_force
from tests.databases import without_triggers
from tests.factories.curation import REASON, agree, content, rename_folfiri, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

PAGE = "/admin/publish/"


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(somebody("pia", "Publisher"))
    return client


@pytest.fixture
def demoted() -> Entry:
    """FOLFIRI is no longer recommended in digestive NEC: many rankings change."""
    return agree("indications", "folfiri-digestive", stance="consider")


def shown(client: Client, page: str = PAGE) -> str:
    response = client.get(page)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def seen(html: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', html)
    assert found
    return found[1]


def posted(client: Client, html: str, **given: Any) -> Any:
    data = {"name": "second", "summary": "FOLFIRI anew.", "looked": "on", "seen": seen(html)} | given
    return client.post(PAGE, {key: value for key, value in data.items() if value is not None})


class TestWhatChanges:
    def test_nothing_to_publish_is_said_and_no_form_shown(self, publisher: Client) -> None:
        html = shown(publisher)
        assert "Nothing to publish" in html
        assert 'name="seen"' not in html

    def test_a_change_stands_side_by_side_with_who_decided_it_and_why(self, publisher: Client, demoted: Entry) -> None:
        html = shown(publisher)
        assert "1 entry differs" in html
        assert "Proposed by <strong>ada</strong>" in html
        assert "accepted by <strong>ben</strong>" in html
        assert f"{REASON['reason']}" in html
        assert f'href="{REASON["source"]}"' in html
        assert f'href="/admin/regimens/proposal/{demoted.proposal_id}/change/"' in html
        assert re.search(
            r'data-head="In force"> Recommended </td>.*data-head="To be published"> To be considered', html
        )
        assert 'href="/options/folfiri/"' in html

    def test_each_proposal_on_the_way_is_named_and_those_before_the_release_are_not(self, publisher: Client) -> None:
        rename_folfiri("One")
        publishing.publish("one")
        rename_folfiri("Two")
        rename_folfiri("Three")
        html = shown(publisher)
        pks = (
            Entry.history.filter(key="folfiri").exclude(proposal=None).order_by("pk").values_list("proposal", flat=True)
        )
        assert [f"/admin/regimens/proposal/{pk}/change/" in html for pk in pks] == [False, True, True]

    def test_what_was_accepted_and_taken_back_again_is_named(self, publisher: Client, demoted: Entry) -> None:
        rename_folfiri("One")
        rename_folfiri("FOLFIRI")
        html = shown(publisher)
        assert "1 entry differs" in html
        assert html.count("Regimen folfiri, proposal") + html.count("regimen folfiri, proposal") == 2

    def test_new_and_retired_entries_are_marked(self, publisher: Client) -> None:
        ada, ben = somebody("ada"), somebody("ben")
        trial = content("trials", Entry.objects.filter(kind="trials")[0].key, nct="NCT99999999")
        new = actions.propose(kind="trials", key="NCT99999999", content=trial, by=ada, **REASON)
        gone = Entry.objects.filter(kind="trials")[1].key
        retired = actions.propose_retirement(kind="trials", key=gone, by=ada, **REASON)
        for one in (new, retired):
            actions.accept(one.proposal, by=ben)
        html = shown(publisher)
        assert re.search(r'id="change-trials-NCT99999999".*?mark-new">new<', html)
        assert re.search(rf'id="change-trials-{gone}".*?mark-retired">retired<', html)

    def test_what_loading_changed_is_said_to_be_loaded(
        self, publisher: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        folder = tmp_path / "shipped"
        shutil.copytree(loader.SHIPPED, folder)
        regimens = folder / "regimens.yaml"
        text = regimens.read_text(encoding="utf-8")
        assert text.count("name: FOLFOX\n") == 1
        regimens.write_text(text.replace("name: FOLFOX\n", "name: FOLFOX as shipped now\n"), encoding="utf-8")
        monkeypatch.setattr(loader, "SHIPPED", folder)
        load()
        html = shown(publisher)
        assert "FOLFOX as shipped now" in html
        assert "Changed by loading, and by no proposal" in html

    def test_the_first_release_is_counted(self, publisher: Client, without_releases: None) -> None:
        html = shown(publisher)
        assert "To be published, with nothing to compare it with:" in html
        assert posted(publisher, html, name="first").status_code == 302
        assert releases.current().release.name == "first"

    def test_a_damaged_release_in_force_is_said_and_replaced(self, publisher: Client, demoted: Entry) -> None:
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_knowledgerelease SET content = %s", [zlib.compress(b"{}")])
        releases._in_force.knowledge = None
        html = shown(publisher)
        assert "release shipped is damaged" in html
        assert posted(publisher, html).status_code == 302
        assert releases.current().release.name == "second"


class TestProblemsFound:
    def test_new_ones_are_marked_and_linked_to_row_and_public_page(self, publisher: Client) -> None:
        agree("publications", "walter-2023-bevanec", lambda row: row["results"][0].update(deaths=80))
        html = shown(publisher)
        contradiction = html[html.index("contradict their own numbers") : html.index("Pooled figures read by one")]
        assert "1 new" in contradiction
        assert "80 treatment-related deaths among 67 analysed" in contradiction
        assert 'href="/evidence/walter-2023-bevanec/"' in contradiction
        assert re.search(r'href="/admin/regimens/publication/\d+/change/"', contradiction)
        assert "(FOLFIRI)" in contradiction

    def test_those_that_are_in_force_too_are_listed_and_not_marked(self, publisher: Client, demoted: Entry) -> None:
        html = shown(publisher)
        old = html[html.index("Trials not looked up for 90 days") : html.index("What it does")]
        assert "is not recorded" in old
        assert "new" not in old.replace("newest", "")

    def test_an_entry_that_nobody_agreed_on_is_a_refusal(self, publisher: Client, demoted: Entry) -> None:
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE regimens_entry SET origin = 'shipped', proposal_id = NULL WHERE key = 'folfiri-digestive'"
            )
        html = shown(publisher)
        assert "Nothing may be published now" in html
        assert "it is not what two people agreed on last" in html
        assert 'name="seen"' not in html
        forged = {"name": "forged", "summary": "x", "looked": "on", "seen": "0" * 64}
        assert "Nothing was published" in publisher.post(PAGE, forged).content.decode()
        assert releases.current().release.name == "shipped"


@pytest.fixture
def poor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held-out figures speak against survival: too few within their intervals, and the benchmark did better."""
    held = copy.deepcopy(releases.current().document["validation"])
    held["warnings"] = ["os"]
    for row in held["table"]:
        if (row["design"], row["outcome"], row["selection"]) == ("leave-one-study-out", "os", "all"):
            row |= {"targets": 26, "inside": 17, "coverage": 17 / 26, "gain": -0.3, "standard_error": 0.1}
    monkeypatch.setattr(publishing, "validate", lambda content: SimpleNamespace(as_plain=lambda: held))


class TestWhatHeldOutFiguresSay:
    def test_nothing_where_they_say_nothing(self, publisher: Client, demoted: Entry) -> None:
        assert releases.current().document["validation"]["warnings"] == []
        assert "held-out figures" not in shown(publisher)

    @pytest.mark.usefixtures("poor")
    def test_an_outcome_is_named_with_both_reasons_and_may_be_published(
        self, publisher: Client, demoted: Entry
    ) -> None:
        html = shown(publisher)
        warned = html[html.index("What held-out figures say against it") : html.index("What changes")]
        assert (
            "OS: of 26 figures held out, only 17 (65 %) fell inside their 95 % interval, fewer than 90 %; 26 figures "
            "held out were predicted worse than by the benchmark alone: a gain of -0.30 a figure, with a standard "
            "error of 0.10." in warned
        )
        assert 'href="/method/validation/"' in warned
        assert "PFS" not in warned
        assert posted(publisher, html).status_code == 302
        assert releases.current().document["validation"]["warnings"] == ["os"]

    @pytest.mark.usefixtures("poor")
    def test_the_command_says_so_as_well(self, demoted: Entry, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("publish_release", "second")
        assert capsys.readouterr().err.startswith("Warning: OS: of 26 figures held out, only 17 (65 %) fell")


class TestWhatItDoes:
    def test_what_moves_is_shown_with_the_change_that_moves_it(self, publisher: Client, demoted: Entry) -> None:
        agree("publications", "walter-2023-bevanec", doubts="Words alone.")
        html = shown(publisher)
        shown_effect = html[html.index("What it does") :]
        assert "of 30 reference patients" in shown_effect
        assert '<a href="#change-indications-folfiri-digestive">indication folfiri-digestive</a>' in shown_effect
        assert "publication walter-2023-bevanec" not in shown_effect
        assert "1, in “Recommended for this patient” → " in shown_effect
        assert shown_effect.index("changes</span> FOLFIRI →") < shown_effect.index("Colorectal, MSI-high")
        assert "No change for" in shown_effect

    def test_many_changes_are_tried_by_a_second_request(
        self, publisher: Client, demoted: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("curation.admin.releases.publishing.EFFECT_AT_ONCE", 0)
        html = shown(publisher)
        address = f"/admin/publish/effect/?seen={seen(html)}"
        assert f'hx-get="{address}"' in html
        assert f'<a href="{address}">' in html
        whole = shown(publisher, address)
        assert "<html" in whole and "of 30 reference patients" in whole
        part = publisher.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part and "of 30 reference patients" in part
        assert "changed since the page was made" not in part
        rename_folfiri("Meanwhile")
        assert "changed since the page was made" in shown(publisher, address)

    def test_what_was_not_tried_alone_is_said(
        self, publisher: Client, demoted: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        agree("indications", "captem-lower-ki67", stance="recommend")
        monkeypatch.setattr(effect, "MOST_TRIED_ALONE", 1)
        html = shown(publisher)
        assert "Of 2 changes that can move anything, not tried alone, to spare time: 1." in html

    def test_a_patient_who_received_what_is_gone_is_left_out(self, publisher: Client) -> None:
        document = dict(releases.current().document)
        gone = [row for row in document["regimens"] if row["slug"] != "folfiri"]
        kept = [row for row in document["indications"] if row["regimen"] != "folfiri"]
        after = document | {"regimens": gone, "indications": kept}
        table = effect_context(document, after, at_once=True)["effect"]
        assert "Pancreas, refractory, after FOLFIRI too" in table.left_out
        assert len(table.all) + len(table.left_out) == 30
        assert any(moved.words.endswith("→ not among the options") for row in table.moved for moved in row.moved)


class TestPublishing:
    def test_it_puts_a_release_in_force_with_its_summary(
        self, publisher: Client, demoted: Entry, django_capture_on_commit_callbacks: Any
    ) -> None:
        told: list[KnowledgeRelease] = []

        def receive(release: KnowledgeRelease, **kwargs: Any) -> None:
            told.append(release)

        release_in_force.connect(receive)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                response = posted(publisher, shown(publisher))
        finally:
            release_in_force.disconnect(receive)
        release = KnowledgeRelease.objects.get(name="second")
        assert response.url == f"/admin/regimens/knowledgerelease/{release.pk}/change/"
        assert releases.in_force() == release
        assert told == [release]
        assert str(release.published_by) == "pia"
        event = Event.objects.get(action="publish", subject="second")
        assert (str(event.by), event.details["summary"], event.address) == ("pia", "FOLFIRI anew.", "127.0.0.1")
        html = shown(publisher, response.url)
        assert "FOLFIRI anew." in html and "published by pia" in html
        assert "From release shipped to release second" in html
        assert "To be considered" in html and "of 30 reference patients" in html

    def test_what_was_accepted_meanwhile_is_shown_first(self, publisher: Client, demoted: Entry) -> None:
        html = shown(publisher)
        rename_folfiri("Accepted meanwhile")
        response = posted(publisher, html)
        again = " ".join(response.content.decode().split())
        assert response.status_code == 200
        assert "changed since this page was made" in again
        assert "Accepted meanwhile" in again
        assert 'value="second"' in again and "FOLFIRI anew.</textarea>" in again
        assert "checked" not in again[again.index('name="looked"') : again.index('name="looked"') + 80]
        assert releases.current().release.name == "shipped"
        assert posted(publisher, again).status_code == 302

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"looked": None}, "Look at the changes, the problems found and the effect first"),
            ({"name": ""}, "This field is required"),
            ({"name": "x" * 81}, "at most 80 characters"),
            ({"name": "shipped"}, "There is a release of this name already"),
            ({"summary": " "}, "This field is required"),
            ({"seen": ""}, "changed since this page was made"),
            ({"seen": "f" * 64}, "changed since this page was made"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_entered_stays(
        self, publisher: Client, demoted: Entry, given: dict[str, Any], said: str
    ) -> None:
        response = posted(publisher, shown(publisher), **given)
        html = response.content.decode()
        assert response.status_code == 200
        assert said in html
        if "summary" not in given:
            assert "FOLFIRI anew.</textarea>" in html
        assert releases.current().release.name == "shipped"

    def test_of_two_who_publish_the_same_one_makes_the_release(self, publisher: Client, demoted: Entry) -> None:
        other = Client()
        other.force_login(somebody("quinn", "Publisher"))
        html = shown(publisher)
        assert posted(publisher, html, name="first click").status_code == 302
        response = posted(other, html, name="second click")
        assert response.url.startswith("/admin/regimens/knowledgerelease/")
        assert "Nothing to publish: release first click" in shown(other, response.url)
        assert list(KnowledgeRelease.objects.values_list("name", flat=True)) == ["first click", "shipped"]

    @pytest.mark.parametrize("role", ["Curator", "Clinician", "Board member", "Administrator"])
    def test_it_is_for_publishers(self, client: Client, demoted: Entry, role: str) -> None:
        client.force_login(somebody("someone", role))
        forged = {"name": "forged", "summary": "x", "looked": "on", "seen": "0" * 64}
        assert client.get(PAGE).status_code in (302, 403)
        assert client.post(PAGE, forged).status_code in (302, 403)
        assert client.get("/admin/publish/effect/").status_code in (302, 403)
        assert releases.current().release.name == "shipped"

    def test_it_asks_for_a_sign_in_and_the_form_s_token(self, strict_client: Client, demoted: Entry) -> None:
        assert strict_client.get(PAGE).status_code == 302
        strict_client.force_login(somebody("pia", "Publisher"))
        assert posted(strict_client, shown(strict_client)).status_code == 403
        assert releases.current().release.name == "shipped"

    def test_who_lost_the_permission_meanwhile_publishes_nothing(self, publisher: Client, demoted: Entry) -> None:
        html = shown(publisher)
        User.objects.get(username="pia").groups.clear()
        assert posted(publisher, html).status_code == 403
        assert releases.current().release.name == "shipped"


def test_the_start_page_says_how_many_entries_wait(publisher: Client, demoted: Entry) -> None:
    rename_folfiri("One")
    rename_folfiri("Two")
    assert re.search(r'<a href="/admin/publish/">Publish a release</a> \(2\)', shown(publisher, "/admin/"))


def test_queries_do_not_grow_with_the_changes(publisher: Client, demoted: Entry) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(publisher)
        return len(queries)

    shown(publisher)  # a process asks some things once
    few = count()
    for key in list(Entry.objects.filter(kind="trials").values_list("key", flat=True))[:5]:
        agree("trials", key, looked_up_on="2026-11-20")
    assert count() == few
    assert few <= 30


def test_the_page_keeps_to_the_policy(publisher: Client, demoted: Entry) -> None:
    html = shown(publisher)
    assert "<style" not in html and " style=" not in html and "onclick" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)

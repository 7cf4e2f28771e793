"""The pages of boards, through Django's client: saving from `/`, blind votes, the second of two, bounded queries."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from boards import actions
from boards.models import GUARD, AgendaItem, Case, CaseVersion, Decision
from boards.presenters.options import option_columns
from boards.presenters.questions import missing_tests
from boards.shown.snapshot import Snapshot, filled_form, not_entered_again
from boards.shown.stored_ranking import Frozen
from boards.times import zone_names
from curation.actions import publishing
from regimens import releases
from regimens.rules.ranking import rank
from regimens.rules.record import of
from regimens.wording.citations import citation
from tests.factories.boards import (
    FOLFIRI,
    FOLFOX,
    a_board,
    a_case,
    a_meeting,
    account,
    an_item,
    decide,
    entered,
    signed,
)
from tests.factories.curation import content, rename_folfiri, somebody
from tests.factories.patients import colorectal
from tests.factories.replays import DIGESTIVE, agreed
from tests.pages import text
from tests.pseudo_language import in_force, untranslated
from tests.valid_html import faults

pytestmark = pytest.mark.django_db


def member(username: str = "ada") -> Client:
    client = Client()
    client.force_login(account(username))
    return client


def page(response: HttpResponse) -> str:
    return response.content.decode()


def at(name: str, *arguments: Any) -> str:
    return reverse(f"boards:{name}", args=arguments)


def without_region() -> Snapshot:
    """A patient as it was saved when the United States counted where no region was chosen."""
    chosen, knowledge = entered(), releases.current()
    features = {name: value for name, value in chosen.features.items() if name != "region"}
    pairs = [pair for pair in chosen.entered if pair[0] != "region"]
    ranking = of(rank(knowledge.patient(features), knowledge, chosen.preference))
    return replace(chosen, entered=pairs, features=features, ranking=ranking)


def sent_again(response: HttpResponse, **changes: Any) -> dict[str, Any]:
    """What the form of a version on a page sends, pressing “Save”."""
    sent: dict[str, Any] = {"save": "1", "based_on": str(response.context["based_on"])}
    for name, value in response.context["form"].entered():
        sent.setdefault(name, []).append(value)
    return sent | changes


class TestSaving:
    def test_the_button_is_there_for_who_is_signed_in(self, client: Client) -> None:
        assert "Save as a case" not in text(client.post("/", colorectal()))
        a_board()
        assert "Save as a case" in text(member().post("/", colorectal()))

    def test_a_patient_becomes_a_case(self) -> None:
        board, client = a_board(), member()
        asked = client.post(at("case-new"), colorectal())
        assert "Colorectal small-cell NEC, Ki-67 80 %" in text(asked)
        given = colorectal(label="Colon 7", board=str(board.pk), notes="New scan.", save="1")
        saved = client.post(at("case-new"), given)
        case = Case.objects.get()
        assert saved.headers["Location"] == at("case", case.pk)
        shown = text(client.get(at("case", case.pk)))
        for words in ("Colon 7", "Ki-67 80 %", "platinum-resistant", "FOLFIRI", "New scan.", "on release shipped"):
            assert words in shown
        assert case.current.features["platinum_free_interval_months"] == 2

    def test_nothing_is_lost_where_the_label_is_refused(self) -> None:
        board, client = a_board(), member()
        given = colorectal(label="Anna Schmidt", board=str(board.pk), notes="New scan.", save="1")
        response = client.post(at("case-new"), given)
        assert "A label must not identify the patient: “Anna” looks like a person’s name" in text(response)
        for name, value in colorectal().items():
            assert f'name="{name}" value="{value}"' in page(response)
        assert 'value="Anna Schmidt"' in page(response)
        assert "New scan." in page(response)
        assert not Case.objects.exists()

    def test_notes_are_looked_at_once(self) -> None:
        board, client = a_board(), member()
        given = colorectal(label="Colon 7", board=str(board.pk), notes="Frau Weiss hofft.", save="1")
        response = client.post(at("case-new"), given)
        assert "“Frau Weiss” looks like a person’s name" in text(response)
        assert not Case.objects.exists()
        client.post(at("case-new"), given | {"sure": "on"})
        assert Case.objects.get().current.notes == "Frau Weiss hofft."

    @pytest.mark.parametrize("wrong", [{"ki67": "180"}, {"supposed": "msi", "msi": "high"}])
    def test_what_cannot_be_ranked_is_not_saved(self, wrong: dict[str, str]) -> None:
        board, client = a_board(), member()
        given = colorectal() | wrong | {"label": "Colon 7", "board": str(board.pk), "save": "1"}
        response = client.post(at("case-new"), given)
        assert 'id="patient-form"' in page(response)
        assert not Case.objects.exists()

    def test_a_board_of_others_is_no_choice(self) -> None:
        board = a_board()
        given = colorectal(label="Colon 7", board=str(board.pk), save="1")
        assert "You prepare cases of none" in text(member("eve").post(at("case-new"), colorectal()))
        member("eve").post(at("case-new"), given)
        assert not Case.objects.exists()

    def test_another_language_keeps_what_was_entered(self) -> None:
        client = member()
        given = colorectal(page="boards:case-new", language="de")
        response = client.post("/language/", given)
        assert (response.status_code, response.headers["Location"]) == (307, at("case-new"))


class TestVersions:
    def test_the_form_is_filled_in_and_saved_as_the_next(self) -> None:
        case = a_case(a_board(), received=["captem"], progressed=["captem"], lines_received="2", conditions=["ild"])
        client = member("ben")
        response = client.get(at("version-new", case.pk))
        assert re.search(r'name="ki67" value="80"', page(response))
        assert re.search(r'<option value="colorectal" selected>', page(response))
        assert re.search(r'name="received"\s+value="captem"[^>]*\schecked', page(response))
        given = colorectal(ecog="3", notes="Worse.", save="1", based_on="1")
        client.post(at("version-new", case.pk), given)
        assert [version.features["ecog"] for version in case.versions.all()] == [3, 1]

    def test_the_list_says_what_the_ranking_was_asked_for_otherwise(self) -> None:
        case = a_case(a_board())
        asked = entered(preference="survival", evidence="nec")
        actions.add_version(case, based_on=1, snapshot=asked, by=account("ada"))
        shown = text(member().get(at("case", case.pk)))
        assert "What matters more: Balanced → Survival" in shown
        assert "Evidence that counts: All, by how far it applies → NEC only" in shown

    def test_a_label_that_is_refused_comes_back(self) -> None:
        case, client = a_case(a_board()), member()
        response = client.post(at("case-label", case.pk), {"label": "Anna Schmidt"})
        assert "“Anna” looks like a person’s name" in text(response)
        assert 'value="Anna Schmidt"' in page(response) and "<details open" in page(response)
        assert client.post(at("case-label", case.pk), {"label": "Colon 8"}).status_code == 302
        assert "Colon 8" in text(client.get(at("case", case.pk)))

    def test_a_wrong_entry_is_said_and_kept(self) -> None:
        case = a_case(a_board())
        response = member().post(at("version-new", case.pk), colorectal(ki67="180", notes="x", save="1"))
        assert "Ki-67 is a percentage from 0 to 100. 180 is not." in text(response)
        assert 'value="180"' in page(response)
        assert case.versions.count() == 1

    def test_it_is_ranked_again_when_there_is_another_release(self) -> None:
        somebody("ada")
        somebody("ben")
        case = a_case(a_board())
        client = member()
        assert "Rank on release" not in text(client.get(at("case", case.pk)))
        rename_folfiri()
        publishing.publish("later")
        shown = text(client.get(at("case", case.pk)))
        assert "Rank on release later" in shown
        assert "FOLFIRI, renamed" not in shown
        client.post(at("rank-again", case.pk))
        assert "FOLFIRI, renamed" in text(client.get(at("case", case.pk)))
        old = text(client.get(at("version", case.pk, 1)))
        assert "ranked on release shipped" in old
        assert "FOLFIRI, renamed" not in old

    def test_a_case_of_a_time_when_no_region_had_to_be_chosen_is_read_and_asked_for_it(self) -> None:
        case = actions.save_case(board=a_board(), label="Colon 7", snapshot=without_region(), by=account("ada"))
        client = member()
        for address in (at("case", case.pk), at("version", case.pk, 1)):
            shown = text(client.get(address))
            assert "FOLFIRI" in shown and "Colorectal" in shown
        response = client.get(at("version-new", case.pk))
        asked = "Choose a region: licences and trials differ, and nothing is ranked before."
        assert asked in text(response) and 'id="section-place" open' in page(response)
        assert 'name="ki67" value="80"' in page(response) and "To be entered again" not in text(response)
        assert "No region was chosen for this case" in text(client.post(at("rank-again", case.pk), follow=True))
        assert asked in text(client.post(at("version-new", case.pk), sent_again(response)))
        assert case.versions.count() == 1
        assert client.post(at("version-new", case.pk), sent_again(response, region=["EU"])).status_code == 302
        assert case.versions.get(number=2).features == case.versions.get(number=1).features | {"region": "EU"}

    def test_what_is_to_be_entered_again_is_said_of_a_case_without_a_region_too(self) -> None:
        case = actions.save_case(board=a_board(), label="Colon 7", snapshot=without_region(), by=account("ada"))
        form = filled_form(case.current)
        assert form.lacks_region_alone and not_entered_again(case.current, form) == ()
        form.understood = form.knowledge.patient({"primary_site": "colorectal"})
        assert "ki67" in not_entered_again(case.current, form)

    def test_the_stored_ranking_is_what_its_digest_says(self) -> None:
        case = a_case(a_board())
        response = member().get(at("version-json", case.pk, 1))
        assert hashlib.sha256(response.content).hexdigest() == case.current.sha256
        assert case.current.sha256 in page(member().get(at("version", case.pk, 1)))


class TestStored:
    def test_no_page_ranks_anything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        item = an_item()
        signed(item)
        for name in ("regimens.rules.ranking.rank", "boards.shown.snapshot.rank", "regimens.pages.views.rank"):
            monkeypatch.setattr(name, None)
        client = member()
        for address in pages_of(item):
            if "new-version" not in address:
                assert client.get(address).status_code == 200, address

    def test_what_is_shown_is_what_was_stored(self) -> None:
        """A stored figure that no ranking would give is what the page shows."""
        item = an_item()
        ranking = item.version.ranked
        first, *others = ranking.options
        told = replace(first, estimates={**first.estimates, "orr": replace(first.estimates["orr"], estimate=0.777)})
        version = CaseVersion(
            **{f.name: getattr(item.version, f.name) for f in CaseVersion._meta.fields} | {"id": None}
        )
        version.number = 2
        version.keep(replace(ranking, options=(told, *others)))
        with GUARD.open():
            version.save()
        assert "78 %" in text(member().get(at("version", item.case_id, 2)))


def pages_of(item: AgendaItem) -> list[str]:
    """Every page of a case that its members can open."""
    case = item.case_id
    return [
        at("boards"),
        at("board", item.meeting.board_id),
        at("meeting", item.meeting_id),
        at("item", item.pk),
        at("item-prepare", item.pk),
        at("cases"),
        at("case", case),
        at("version", case, 1),
        at("version-new", case),
        at("case-erase", case),
        *([at("decision", item.pk), at("decide", item.pk)] if item.decisions.exists() else []),
    ]


class TestBlindFirst:
    # What a ranking tells: bands, ranks, figures, bests. Names of options stand in the ballot and the form.
    TELLING = ("Recommended for this patient", "Supported by evidence", "Rank 1", "rank 1", "best of all", "then first")

    @pytest.mark.parametrize("ballots", ["named", "anonymous"])
    def test_no_page_holds_the_ranking_before_the_vote_is_closed(self, ballots: str) -> None:
        item = an_item(blind_first=True, ballots=ballots)
        actions.add_version(item.case, based_on=1, snapshot=entered(ecog="2"), by=account("ada"))
        actions.vote(item, choice=FOLFOX, by=account("ben"))
        for username in ("ada", "ben", "chair"):
            client = member(username)
            for address in [*pages_of(item), at("vote", item.pk), at("version", item.case_id, 2)]:
                response = client.get(address)
                assert response.status_code == 200
                shown = text(response)
                for words in self.TELLING:
                    assert words not in shown, (address, words)
                if "vote" not in address and "new-version" not in address:
                    assert "FOLF" not in page(response), address
            found = client.post(at("cases"), {"option": "folfiri"})
            assert "Colon 7" not in text(found)
            assert client.get(at("version-json", item.case_id, 1)).status_code == 403
            assert client.get(at("decide", item.pk)).status_code == 302
            fragment = client.get(at("live", item.pk), headers={"HX-Request": "true"})
            assert "1 of 3 members have voted" in text(fragment)
            assert "FOLF" not in page(fragment)
            assert "HX-Refresh" not in fragment.headers

    def test_the_ballot_lists_options_by_name(self) -> None:
        item = an_item(blind_first=True)
        listed = re.findall(r"<option[^>]*>([^<]+)</option>", page(member().get(at("vote", item.pk))))
        names = listed[1 : listed.index("choose", 1)]
        assert len(names) > 40
        assert names == sorted(names, key=str.lower)

    @pytest.mark.parametrize("ballots", ["named", "anonymous"])
    def test_then_it_is_shown_with_the_votes(self, ballots: str) -> None:
        item = an_item(blind_first=True, ballots=ballots)
        for username in ("ada", "ben"):
            response = member(username).post(at("vote", item.pk), {"kind": "ranked", "regimen": "folfox"})
            assert response.status_code == 302
        member("chair").post(at("vote-close", item.pk))
        member("ben").post(at("vote", item.pk), {"kind": "ranked", "regimen": "folfiri"})
        shown = text(member().get(at("item", item.pk)))
        assert "Rank 1 · Recommended for this patient" in shown
        assert "2 FOLFOX" in shown
        assert "1 of 2 members changed the choice" in shown
        assert ("2 FOLFOX (ada, ben)" in shown) == (ballots == "named")
        assert ("Member First choice" in shown) == (ballots == "named")
        asked_before = f"{at('live', item.pk)}?page={item.prepared}-{item.version_id}-1"
        assert member().get(asked_before, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"

    @pytest.mark.parametrize("ballots", ["named", "anonymous"])
    def test_an_event_says_who_voted_only_where_votes_are_by_name(self, ballots: str) -> None:
        item = an_item(blind_first=True, ballots=ballots)
        member().post(at("vote", item.pk), {"kind": "ranked", "regimen": "folfox"}, REMOTE_ADDR="192.0.2.7")
        event = Event.objects.first()
        assert event.action == "vote"
        named = (account("ada"), "192.0.2.7")
        assert (event.by, event.address) == (named if ballots == "named" else (None, None))

    def test_a_choice_that_says_nothing_is_refused_at_its_field(self) -> None:
        item = an_item(blind_first=True)
        response = member().post(at("vote", item.pk), {"kind": "trial", "trial": "NCT1", "words": "kept"})
        assert "NCT and eight digits" in text(response)
        assert 'value="kept"' in page(response)


class TestDeciding:
    GIVEN = {"step-0-do": "ranked:folfiri", "rationale": "Best evidence.", "based_on": "0"}

    def given(self, **changes: Any) -> dict[str, Any]:
        return self.GIVEN | {"present": [account("ada").pk, account("chair").pk]} | changes

    def test_a_decision_is_recorded_signed_and_corrected(self) -> None:
        item = an_item()
        member().post(at("decide", item.pk), self.given())
        shown = text(member().get(at("decision", item.pk)))
        assert "FOLFIRI among the recommended; rank 1, level of evidence A" in shown
        for username in ("ada", "chair"):
            member(username).post(at("sign", item.pk), {"number": "1"})
        shown = text(member().get(at("decision", item.pk)))
        assert "Sign this version" not in shown
        response = member().post(at("decide", item.pk), self.given(based_on="1", rationale="Otherwise."))
        assert "say why it is corrected" in text(response)
        assert "Otherwise." in page(response)
        member().post(at("decide", item.pk), self.given(based_on="1", rationale="Otherwise.", correction="Misheard."))
        shown = text(member().get(at("decision", item.pk)))
        for words in ("Version 2", "Version 1", "Best evidence.", "Otherwise.", "Misheard.", "signed by two members"):
            assert words in shown

    def test_the_second_of_two_sees_what_changed_and_loses_nothing(self) -> None:
        item = an_item()
        decide(item, rationale="Ada's reasons")
        response = member("ben").post(at("decide", item.pk), self.given(rationale="Ben's reasons"))
        assert response.status_code == 409
        shown = text(response)
        assert "ada recorded version 1 of this decision while you were writing." in shown
        assert "Ada's reasons" in shown
        assert "Ben&#x27;s reasons" in page(response)
        assert re.search(r'name="based_on" value="1"', page(response))
        assert Decision.objects.count() == 1
        member("ben").post(at("decide", item.pk), self.given(rationale="Ben's reasons", based_on="1"))
        assert list(Decision.objects.values_list("rationale", flat=True)) == ["Ben's reasons", "Ada's reasons"]

    def test_a_reason_is_asked_for_at_its_field(self) -> None:
        item = an_item()
        response = member().post(at("decide", item.pk), self.given(**{"step-0-do": "ranked:folfox"}))
        assert "It is not among the recommended: give a reason." in text(response)
        assert "Best evidence." in page(response)


class TestSearch:
    @pytest.mark.parametrize(
        ("wanted", "labels"),
        [
            ({}, ["Pancreas 1", "Colon 2"]),
            ({"q": "pan"}, ["Pancreas 1"]),
            ({"site": "colorectal"}, ["Colon 2"]),
            ({"option": "FOLFOX"}, ["Colon 2"]),
            ({"option": "folfiri"}, ["Colon 2"]),
            ({"status": "decided"}, ["Colon 2"]),
            ({"status": "archived"}, ["Liver 3"]),
            ({"q": "zzz"}, []),
        ],
    )
    def test_cases_are_found(self, wanted: dict[str, str], labels: list[str]) -> None:
        board = a_board()
        actions.archive(a_case(board, "Liver 3", primary_site="liver"), by=account("ada"))
        colon = a_case(board, "Colon 2")
        decide(a_meeting(board, colon).items.get(), FOLFOX, reason="cost", reason_words="x")
        a_case(board, "Pancreas 1", primary_site="bladder")
        others = a_board("Others")
        a_case(others, "Colon 9")
        actions.remove_member(others.memberships.get(person=account("ada")), by=account("chair"))
        response = member().post(at("cases"), wanted)
        assert re.findall(r'/cases/\d+/">([^<]+)<', page(response)) == labels


class TestQueries:
    """The number of queries does not grow with cases, meetings, items, versions or ballots."""

    def counted(self, client: Client, address: str) -> int:
        client.get(address)  # what a process keeps is kept
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def test_they_are_bounded(self) -> None:
        board, client = a_board(blind_first=True), member()
        case = a_case(board)
        meeting = a_meeting(board, case, fixed=False)
        item = meeting.items.get()
        addresses = [
            *(at("boards"), at("board", board.pk), at("cases"), at("case", case.pk), at("meeting", meeting.pk)),
            *(at("item", item.pk), at("version", case.pk, 1)),
        ]
        before = [self.counted(client, address) for address in addresses]
        for number in range(12):
            other = a_case(board, f"Rectum {number}")
            actions.list_case(meeting, case=other, by=account("ada"))
            a_case(board, f"Colon {number + 20}")
        for number in range(5):
            actions.add_version(case, based_on=number + 1, snapshot=entered(ecog="2"), by=account("ada"))
            a_meeting(board, a_case(board, f"Anus {number}"))
        after = [self.counted(client, address) for address in addresses]
        assert after == before
        assert max(after) <= 18
        agenda = page(client.get(at("meeting", meeting.pk)))
        assert all(f"Rectum {number}" in agenda for number in range(12))


class TestScreen:
    def test_a_paper_that_nobody_could_read_is_said_to_be(self) -> None:
        paper = next(row for row in releases.current().document["publications"] if row["verified"] == "none")
        sources = [*content("indications", DIGESTIVE)["sources"], f"publication:{paper['key']}"]
        agreed("indications", DIGESTIVE, content("indications", DIGESTIVE, sources=sources))
        publishing.publish("with a paper that nobody could read")
        shown = text(member().get(at("item", an_item().pk)))
        unread = citation(paper)
        assert f"{unread} (not read)" in shown
        assert shown.count(unread) == shown.count(f"{unread} (not read)")

    def test_a_newer_version_than_the_one_it_is_frozen_in_is_said_until_the_decision_is_signed(self) -> None:
        item = an_item()
        client = member()
        screen, form = at("item", item.pk), at("decide", item.pk)
        assert "Newer version" not in text(client.get(screen)) + text(client.get(form))
        actions.add_version(item.case, based_on=1, snapshot=entered(braf_v600e="positive"), by=account("ben"))
        said = "The meeting looks at version 1; version 2 was saved since. BRAF V600E : not entered → positive"
        assert said in text(client.get(screen)) and said in text(client.get(form))
        decision, to_sign = decide(item), at("decision", item.pk)
        assert said in text(client.get(to_sign))
        for username in ("ada", "chair"):
            actions.sign(decision, by=account(username))
        assert "Newer version" not in "".join(text(client.get(each)) for each in (screen, form, to_sign))

    def test_every_test_that_is_not_known_is_named_on_it(self) -> None:
        item = an_item()
        shown = text(member().get(at("item", item.pk))).split("For, against and cautions in full")
        told, full = shown[0].split("Missing tests")[1].split("Open questions")[0], shown[1]
        assert "BRAF V600E" in told
        names = [test.name for test in missing_tests(Frozen(item.version))]
        assert len(names) > 3 and "Not known either: " + ", ".join(names[3:]) in told
        assert all(name in full for name in names)

    def test_what_cannot_be_checked_is_counted_and_listed(self) -> None:
        shown = text(member().get(at("item", an_item().pk))).split("For, against and cautions in full")
        first = Frozen(AgendaItem.objects.get().version).options[0]
        unknown = [caution for caution in first.cautions if caution.truth is None]
        grave = [caution for caution in unknown if caution.level != "caution"]
        assert grave and len(grave) < len(unknown)
        assert f"{len(unknown)} cautions cannot be checked, grave if they hold: {len(grave)}" in shown[0]
        assert "Contraindicated, cannot be checked, Irinotecan: Not in severe bone-marrow failure." in shown[1]

    def test_what_was_published_stands_beside_what_the_model_says(self) -> None:
        item = an_item()
        shown = text(member().get(at("item", item.pk)))
        (column,) = option_columns(Frozen(item.version), ["folfiri"], today=date(2026, 12, 3))
        response, _pfs, survival, _harm = column.figures
        said = f"published {response.published} model {response.number} {response.interval}"
        assert " ".join(said.split()) in shown
        assert f"published {survival.published} {survival.published_interval} model {survival.number}" in shown
        assert "Walter T, Lancet Oncol, 2023: 67 patients" in shown
        assert "effective patients in" in shown
        assert "Check:" in shown and shown.count("Survival does not separate these options") == 1

    def test_a_ranking_that_was_asked_for_otherwise_says_so(self) -> None:
        board = a_board()
        usual, other = a_case(board), a_case(board, "Colon 8", preference="tolerability", evidence="nec")
        first, second = a_meeting(board, usual, other).items.order_by("position")
        client = member()
        assert "What mattered more" not in text(client.get(at("item", first.pk)))
        shown = text(client.get(at("item", second.pk)))
        assert "What mattered more: Tolerability · NEC only: borrowed evidence was left out" in shown

    def test_the_case_says_in_which_band_each_first_option_is(self) -> None:
        shown = text(member().get(at("case", a_case(a_board()).pk)))
        assert "1 FOLFIRI Recommended for this patient" in shown
        assert "Supported by evidence in NEC" in shown


class TestAtOnce:
    """Who writes second is shown what the first wrote, with all of theirs in the form."""

    def test_a_version_of_a_case(self, client: Client) -> None:
        case = a_case(a_board())
        client.force_login(account("ada"))
        assert 'name="based_on" value="1"' in page(client.get(at("version-new", case.pk)))
        actions.add_version(case, based_on=1, snapshot=entered(braf_v600e="positive"), notes="Test.", by=account("ben"))
        sent = colorectal(ecog="3", notes="Scan.", save="1", based_on="1")
        response = client.post(at("version-new", case.pk), sent)
        assert response.status_code == 409
        told = text(response)
        assert "ben saved version 2 of this case while you were writing." in told
        assert "taken over into the form below: What changed Before After BRAF V600E not entered positive" in told
        assert "as you entered it: What changed Yours Theirs Notes for the board Scan. Test." in told
        form = page(response)
        assert 'name="based_on" value="2"' in form and "Save as version 3" in told
        assert re.search(r'name="ecog"[^>]*value="3"', form) and "Scan.</textarea>" in form
        assert '<option value="positive" selected>' in form
        assert client.post(at("version-new", case.pk), sent_again(response, notes="Scan.")).status_code == 302
        changes = text(client.get(at("case", case.pk)))
        assert "ECOG: 1 → 3" in changes and "BRAF V600E: positive → not entered" not in changes
        assert "BRAF V600E: not entered → positive" in changes

    def test_what_both_changed_of_a_version_stands_as_the_second_entered_it(self, client: Client) -> None:
        case = a_case(a_board())
        client.force_login(account("ada"))
        theirs = entered(ecog="2", conditions=["ild"], msi="high")
        actions.add_version(case, based_on=1, snapshot=theirs, notes="Test.", by=account("ben"))
        sent = colorectal(ecog="3", others_absent="on", save="1", based_on="1", notes="")
        response = client.post(at("version-new", case.pk), sent)
        told = text(response)
        assert "MSI / MMR not entered MSI-high or dMMR" in told
        assert "ECOG 3 2 " in told and "Interstitial lung disease no yes" in told
        form = response.context["form"]
        assert form["conditions"].value() == [] and form["others_absent"].value()
        assert form["ecog"].value() == "3" and form["msi"].value() == "high"
        assert "Test.</textarea>" in page(response)

    def test_what_contradicts_what_was_entered_is_told_and_not_taken_over(self, client: Client) -> None:
        case = a_case(a_board(), ecog="1", platinum_best_response="", platinum_free_interval_months="")
        client.force_login(account("ada"))
        theirs = entered(platinum_best_response="PD", platinum_free_interval_months="")
        actions.add_version(case, based_on=1, snapshot=theirs, by=account("ben"))
        mine = colorectal(platinum_best_response="", platinum_free_interval_months="7")
        response = client.post(at("version-new", case.pk), mine | {"save": "1", "based_on": "1"})
        assert response.status_code == 409
        assert "as you entered it: What changed Yours Theirs Best response to platinum not entered progression" in text(
            response
        )
        assert response.context["form"]["platinum_best_response"].value() in ("", None)

    def test_the_preparation_of_a_case(self, client: Client) -> None:
        item = an_item()
        client.force_login(account("ada"))
        sent = {"question": "Surgery?", "options": ["folfiri", "folfox"], "based_on": item.prepared}
        actions.prepare(item, question="Radiotherapy?", by=account("ben"))
        response = client.post(at("item-prepare", item.pk), sent)
        assert response.status_code == 409
        told = text(response)
        assert "Somebody else prepared this case while you were writing." in told
        assert "Yours Theirs Question to the board Surgery? Radiotherapy? Options side by side FOLFIRI, FOLFOX" in told
        assert "Surgery?</textarea>" in page(response)
        item.refresh_from_db()
        assert item.question == "Radiotherapy?"
        again = client.post(at("item-prepare", item.pk), sent | {"based_on": item.prepared})
        item.refresh_from_db()
        assert (again.status_code, item.question, item.options) == (302, "Surgery?", ["folfiri", "folfox"])


class TestLanguagesAndMarkup:
    def everything(self) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
        """Addresses to get, and pages that answer what is sent."""
        board = a_board(blind_first=True)
        case, waiting, loose = (a_case(board, label, notes="Notes.") for label in ("Colon 7", "Colon 8", "Colon 9"))
        meeting = a_meeting(board, case, waiting, fixed=False)
        item, other = meeting.items.all()
        actions.prepare(item, question="Question?", by=account("ada"))
        actions.fix_agenda(meeting, by=account("chair"))
        for username in ("ada", "ben", "chair"):
            actions.vote(item, choice=FOLFIRI, by=account(username))
        actions.change_choice(item, choice=FOLFOX, by=account("ben"))
        item.refresh_from_db()
        decision = decide(
            item, FOLFOX, reason="cost", reason_words="Words.", dissent="Dissent.", guests="Guests.", rationale="Why."
        )
        actions.sign(decision, by=account("chair"))
        actions.add_version(case, based_on=1, snapshot=entered(ecog="2", received=["folfiri"]), by=account("ben"))
        open_meeting = a_meeting(board, loose, fixed=False)
        erased = a_case(board, "Colon 6")
        listed = actions.list_case(open_meeting, case=erased, by=account("ada"))
        actions.erase(erased, by=account("ada"))
        addresses = [
            *pages_of(item),
            *(at("item", other.pk), at("vote", other.pk), at("vote", item.pk), at("item-prepare", other.pk)),
            *(at("meeting", open_meeting.pk), at("meeting-new", board.pk), at("board-settings", board.pk)),
            *(
                at("case", erased.pk),
                at("item", listed.pk),
                at("decide", item.pk),
                at("case", waiting.pk),
                at("version", waiting.pk, 1),
            ),
            at("version-new", waiting.pk),
        ]
        sent = [
            (at("case-new"), colorectal()),
            (at("case-new"), colorectal(save="1", label="Anna B.", notes="Dr. Weiss 3.4.1957")),
            (at("version-new", case.pk), colorectal(save="1", ki67="180")),
            (at("version-new", case.pk), colorectal(save="1", notes="Notes.", based_on="1")),
            (at("item-prepare", item.pk), {"question": "Words.", "options": ["folfiri", "folfox"], "based_on": "?"}),
            (at("decide", item.pk), {"step-0-do": "ranked:folfiri", "rationale": "Why.", "based_on": "0",
                                     "present": [account("ada").pk, account("ben").pk]}),
            (at("decide", item.pk), {"based_on": "1"}),
            (at("vote", other.pk), {}),
            (at("item-prepare", item.pk), {"options": ["folfiri"]}),
            (at("board-settings", board.pk), {"name": ""}),
            (at("member-add", board.pk), {"username": "nobody"}),
            (at("meeting-new", board.pk), {"held_on": "x"}),
            (at("case-erase", case.pk), {"even_if_decided": "on"}),
            (at("cases"), {"q": "zzz"}),
        ]  # fmt: skip
        return addresses, sent

    def responses(self, client: Client) -> list[tuple[str, HttpResponse]]:
        addresses, sent = self.everything()
        client.force_login(account("chair"))
        got = [(address, client.get(address)) for address in addresses]
        answered = [(f"POST {address}", client.post(address, data)) for address, data in sent]
        return [*got, *answered]

    def test_every_page_is_valid_html(self, client: Client) -> None:
        for address, response in self.responses(client):
            assert response.status_code in (200, 409), address
            assert faults(page(response)) == [], address

    def test_every_word_is_translated(self, pseudo_client: Client) -> None:
        words = [
            *("NEC board", "Colon 7", "Colon 8", "Colon 9", "Colon 6", "Room 4", "Notes", "Question?", "Words", "Why"),
            *("Dissent", "Guests", "chair", "ada", "ben", "Anna B.", "Dr. Weiss 3.4.1957", "x", "Dr. Weiss", "Anna"),
            *("ranking.json", "zzz", "nobody", "3.4.1957", "B.", "Anna B", "folfiri", "Admin"),
            *(f"http://testserver/v/{meeting}/" for meeting in range(1, 9)),
            *zone_names(),
        ]
        known = in_force().with_names(*words)
        for address, response in self.responses(pseudo_client):
            assert untranslated(page(response), known) == [], address


def test_events_and_addresses_hold_no_label(client: Client) -> None:
    item = an_item()
    client.force_login(account("ada"))
    for address in pages_of(item):
        assert "Colon" not in json.dumps(re.findall(r'(?:href|action)="([^"]*)"', page(client.get(address))))

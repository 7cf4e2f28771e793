"""The pages of the room: entrance, agenda, projector, telephones, the end; what they show and to whom."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards import actions
from boards.models import Board, Case, Meeting, Membership
from boards.models.choices import CaseStatus, Role
from curation.actions import publishing
from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, an_item, decide
from tests.factories.curation import content as entry
from tests.factories.patients import colorectal
from tests.factories.replays import WALTER, agreed, weaker
from tests.pages import text
from tests.valid_html import faults

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def of(username: str = "chair") -> Client:
    client = Client()
    client.force_login(account(username))
    return client


def at(name: str, *arguments: Any) -> str:
    return reverse(f"boards:{name}", args=arguments)


def an_agenda(board: Board | None = None, count: int = 2, **given: Any) -> Meeting:
    board = board or a_board()
    return a_meeting(board, *(a_case(board, f"Colon {n}") for n in range(1, count + 1)), **given)


def opened(meeting: Meeting, *present: str) -> Meeting:
    people = [account(name) for name in present or ("ada", "ben", "chair")]
    return actions.open_room(meeting, present=people, by=account("chair"))


def content(response: HttpResponse) -> str:
    return response.content.decode()


def another_release() -> None:
    """In force as "later": it moves nothing."""
    agreed("publications", WALTER, entry("publications", WALTER, title="Another title"))
    publishing.publish("later")


class TestTheRoom:
    def test_only_the_chair_and_coordinators_run_it(self) -> None:
        board = a_board()
        for username, role in (("cora", Role.COORDINATOR), ("rita", Role.READER), ("quinn", Role.QUALITY)):
            actions.add_member(board, person=account(username), role=role, by=account("chair"))
        meeting = an_agenda(board)
        wanted = {"chair": 200, "cora": 200, "ada": 403, "rita": 403, "quinn": 404, "eve": 404}
        for name in ("room", "room-finish"):
            assert {who: of(who).get(at(name, meeting.pk)).status_code for who in wanted} == wanted
        opened(meeting)
        assert of("rita").get(at("screen", meeting.pk)).status_code == 302
        assert of("eve").get(at("screen", meeting.pk)).status_code == 404
        assert of("eve").get(at("vote-now", meeting.pk)).status_code == 404

    def test_it_opens_with_a_quorum_and_keeps_what_was_ticked_without(self) -> None:
        meeting = an_agenda()
        client = of()
        refused = client.post(at("room-open", meeting.pk), {"present": [account("ada").pk], "guests": "A fellow"})
        assert "1 of the 2 members who have to decide are there" in text(refused)
        assert re.search(rf'value="{account("ada").pk}"[^>]*checked', content(refused))
        assert 'value="A fellow"' in content(refused)
        there = [account("ada").pk, account("chair").pk]
        assert client.post(at("room-open", meeting.pk), {"present": there}).status_code == 302
        shown = text(client.get(at("room", meeting.pk)))
        assert "Present 2 of 3 , quorum met" in shown or "Present 2 of 3, quorum met" in shown
        assert "case 1 of 2" in shown
        assert "Next case: Colon 2" in shown

    def test_it_goes_from_case_to_case_and_is_finished(self) -> None:
        meeting = opened(an_agenda())
        client = of()
        first, second = meeting.items.order_by("position")
        decide(first)
        client.post(at("room-show", meeting.pk), {"item": second.pk})
        shown = text(client.get(at("room", meeting.pk)))
        assert "case 2 of 2" in shown
        client.post(at("room-attend", meeting.pk), {"present": [account("chair").pk]})
        assert "no quorum: 1 of the 2 members who have to decide are there" in text(client.get(at("room", meeting.pk)))
        asked = text(client.get(at("room-finish", meeting.pk)))
        assert "Decided: FOLFIRI 2 of: ada, ben, chair" in asked
        assert "Not decided. Waits for the next meeting that is made." in asked
        assert "carry over 1 case" in asked
        client.post(at("room-finish", meeting.pk))
        done = text(client.get(at("room-finish", meeting.pk)))
        assert "The meeting is finished" in done
        assert Case.objects.get(label="Colon 2").status == CaseStatus.WAITING
        assert client.get(at("room", meeting.pk)).status_code == 302
        board = text(client.get(at("board", meeting.board_id)))
        assert "Wait for the next meeting Colon 2" in board

    def test_an_item_of_another_meeting_is_not_found(self) -> None:
        board = a_board()
        meeting, other = opened(an_agenda(board)), a_meeting(board, a_case(board, "Colon 9"))
        answer = of().post(at("room-show", meeting.pk), {"item": other.items.get().pk})
        assert answer.status_code == 404

    def test_its_pages_are_valid(self) -> None:
        board = a_board(blind_first=True)
        meeting = an_agenda(board)
        later = a_meeting(board, fixed=False, held_on=timezone.localdate() + timedelta(days=7))
        client = of()
        item = meeting.items.get(position=1)
        held = Membership.objects.get(person=account("ben"))
        before = [at("room", meeting.pk), at("room-finish", meeting.pk), at("vote-now", meeting.pk)]
        before += [at("meeting-change", later.pk), at("member-remove", board.pk, held.pk), at("meeting", later.pk)]
        pages = [(address, client.get(address)) for address in before]
        opened(meeting)
        after = [at("room", meeting.pk), at("item", item.pk), at("vote-now", meeting.pk), at("meeting", meeting.pk)]
        pages += [(address, client.get(address, follow=True)) for address in after]
        actions.close_vote(item, by=account("chair"))
        decide(item)
        pages += [(address, client.get(address, follow=True)) for address in after]
        client.post(at("room-finish", meeting.pk))
        pages += [(address, client.get(address)) for address in (before[1], before[2], at("item", item.pk))]
        pages.append(("found", client.post(at("member-add", board.pk), {"username": "a", "role": "member"})))
        for address, response in pages:
            assert response.status_code == 200, address
            assert faults(content(response)) == [], address


class TestVotingFromATelephone:
    def test_the_code_leads_to_the_vote_on_the_screen_once(self) -> None:
        meeting = opened(an_agenda(a_board(blind_first=True)))
        item = meeting.items.get(position=1)
        room = content(of().get(at("room", meeting.pk)))
        assert "<svg" in room and f"http://testserver/v/{meeting.pk}/" in room
        assert Client().get(at("vote-now", meeting.pk)).status_code == 302  # to sign in, and back
        client = of("ada")
        answer = client.get(at("vote-now", meeting.pk))
        assert answer.headers["Location"] == at("vote", item.pk) + "?room=1"
        voted = client.post(answer.headers["Location"], {"kind": "abstention"})
        assert voted.headers["Location"] == at("vote-now", meeting.pk)
        shown = text(client.get(voted.headers["Location"]))
        assert "1 of 3 members have voted" in shown
        again = text(client.post(at("vote", item.pk) + "?room=1", {"kind": "ranked", "regimen": "folfiri"}))
        assert "You have voted on this case." in again
        assert item.ballots_cast.count() == 1

    def test_abstention_is_last_in_the_list(self) -> None:
        item = an_item(a_board(blind_first=True))
        kinds = re.findall(r'name="kind"\s+value="([^"]+)"', content(of("ada").get(at("vote", item.pk))))
        assert kinds[-1] == "abstention"

    def test_it_waits_and_goes_on_with_the_room(self) -> None:
        meeting = opened(an_agenda(a_board(blind_first=True)))
        first, second = meeting.items.order_by("position")
        client = of("ada")
        actions.vote(first, choice=FOLFIRI, by=account("ada"))
        state = re.search(r"state=([^\"]+)", content(client.get(at("vote-now", meeting.pk))))
        assert state
        asks = f"{at('vote-now', meeting.pk)}?state={state[1]}"
        assert client.get(asks, headers=HTMX).headers.get("HX-Redirect") is None
        actions.show_item(second, by=account("chair"))
        assert client.get(asks, headers=HTMX).headers["HX-Redirect"] == at("vote", second.pk) + "?room=1"

    def test_counts_are_hidden_until_it_is_closed(self) -> None:
        meeting = opened(an_agenda(a_board(blind_first=True)))
        item = meeting.items.get(position=1)
        actions.vote(item, choice=FOLFIRI, by=account("ada"))
        client = of()
        for address in (at("room", meeting.pk), at("live", item.pk), f"{at('live', item.pk)}?of=room"):
            shown = client.get(address)
            assert "1 of 3 members have voted" in text(shown)
            assert "FOLFIRI" not in content(shown)
        assert "Waiting for: ben, chair" in text(client.get(at("room", meeting.pk)))
        client.post(at("vote-close", item.pk), {"in": "room"})
        assert "1 FOLFIRI" in text(client.get(f"{at('live', item.pk)}?of=room"))

    def test_anonymous_voters_are_counted_alone(self) -> None:
        meeting = opened(an_agenda(a_board(blind_first=True, ballots="anonymous")))
        actions.vote(meeting.items.get(position=1), choice=FOLFIRI, by=account("ada"))
        assert "Waiting for: 2 members" in text(of().get(at("room", meeting.pk)))


class TestWhatIsLive:
    def test_it_is_sent_again_only_when_it_changed(self) -> None:
        item = an_item()
        client = of("ada")
        first = client.get(at("live", item.pk), headers=HTMX)
        assert first.status_code == 200
        mark = {"If-None-Match": first.headers["ETag"]}
        assert client.get(at("live", item.pk), headers=HTMX | mark).status_code == 304
        weak = {"If-None-Match": f"W/{first.headers['ETag']}"}  # as an answer that was compressed has it
        assert client.get(at("live", item.pk), headers=HTMX | weak).status_code == 304
        decide(item)
        changed = client.get(at("live", item.pk), headers=HTMX | mark)
        assert changed.status_code == 200
        assert "FOLFIRI" in text(changed)

    def test_it_follows_the_room_and_ends_with_it(self) -> None:
        meeting = opened(an_agenda())
        first, second = meeting.items.order_by("position")
        client = of("ada")
        assert client.get(at("screen", meeting.pk)).headers["Location"] == f"{at('item', first.pk)}?follow=1"
        follows = f"{at('live', first.pk)}?follow=1"
        assert client.get(follows, headers=HTMX).status_code == 200
        actions.show_item(second, by=account("chair"))
        assert client.get(follows, headers=HTMX).headers["HX-Redirect"] == at("screen", meeting.pk)
        assert "HX-Redirect" not in client.get(at("live", first.pk), headers=HTMX).headers
        actions.finish_meeting(meeting, by=account("chair"))
        assert client.get(at("live", first.pk), headers=HTMX).status_code == 286

    def test_a_page_that_shows_less_is_loaded_anew(self) -> None:
        item = an_item()
        client = of("ada")
        asks = re.search(r'hx-get="([^"]+)"', content(client.get(at("item", item.pk))))
        assert asks
        assert "HX-Refresh" not in client.get(asks[1], headers=HTMX).headers
        actions.prepare(item, question="Which line?", by=account("ada"))
        assert client.get(asks[1], headers=HTMX).headers["HX-Refresh"] == "true"


class TestAgendas:
    def test_several_cases_are_added_with_one_press(self) -> None:
        board = a_board()
        meeting, cases = a_meeting(board, fixed=False), [a_case(board, f"Colon {n}") for n in range(1, 6)]
        client = of("ada")
        assert "Tick all that are to be on the agenda" in text(client.get(at("meeting", meeting.pk)))
        client.post(at("agenda-add", meeting.pk), {"case": [case.pk for case in cases]})
        assert [item.case for item in meeting.items.order_by("position")] == cases
        assert "Tick the cases" in text(client.post(at("agenda-add", meeting.pk), {}, follow=True))

    def test_the_focus_stays_on_the_button(self) -> None:
        meeting = an_agenda(count=3, fixed=False)
        item = meeting.items.get(position=2)
        client = of("ada")
        moved = client.post(at("item-move", item.pk), {"what": "down"}, follow=True)
        focused = re.findall(r'<button[^>]*value="(\w+)"\s+autofocus', content(moved))
        assert focused == ["up"]  # it is last: there is no Down any more
        moved = client.post(at("item-move", item.pk), {"what": "up"}, follow=True)
        assert re.findall(r'<button[^>]*value="(\w+)"\s+autofocus', content(moved)) == ["up"]
        client.post(at("item-move", item.pk), {"position": "1"})
        item.refresh_from_db()
        assert item.position == 1

    def test_a_day_that_is_no_day_comes_back(self) -> None:
        board = a_board()
        client = of("ada")
        for day in ("0001-01-01", "9999-12-31"):
            refused = client.post(at("meeting-new", board.pk), {"held_on": day, "place": "Room 4"})
            assert f"A meeting on {day} cannot be entered" in text(refused)
            assert 'value="Room 4"' in content(refused)
        assert not Meeting.objects.exists()


class TestMembers:
    def test_they_are_found_by_name(self) -> None:
        board = a_board()
        for username, first, last in (("m1", "Mara", "Lind"), ("m2", "Max", "Lindner"), ("m3", "Ida", "Okafor")):
            person = account(username)
            person.first_name, person.last_name = first, last
            person.save()
        client = of()
        several = client.post(at("member-add", board.pk), {"username": "lind", "role": "member"})
        assert "Several accounts fit “lind”" in text(several)
        assert re.findall(r'name="username"\s+value="(m\d)"', content(several)) == ["m1", "m2"]
        client.post(at("member-add", board.pk), {"username": "okafor", "role": "member"})
        client.post(at("member-add", board.pk), {"username": "m2", "role": "reader"})
        named = set(board.memberships.values_list("person__username", flat=True))
        assert named == {"chair", "ada", "ben", "m2", "m3"}
        none = client.post(at("member-add", board.pk), {"username": "zzz", "role": "member"})
        assert "No account fits “zzz”" in text(none)

    def test_who_is_removed_is_asked_about(self) -> None:
        board = a_board(blind_first=True)
        an_item(board)
        held = Membership.objects.get(person=account("ben"))
        client = of()
        asked = client.post(at("member-change", board.pk, held.pk), {"what": "remove"}, follow=True)
        assert "Votes that wait for this member: Colon 7." in text(asked)
        held.refresh_from_db()
        assert held.ended_at is None
        client.post(at("member-remove", board.pk, held.pk))
        held.refresh_from_db()
        assert held.ended_at is not None


class TestANewerRelease:
    def test_it_is_said_on_screen_form_and_decision(self) -> None:
        item = an_item()
        client = of("ada")
        assert "Newer release" not in text(client.get(at("item", item.pk)))
        another_release()
        for name in ("item", "decide"):
            shown = text(client.get(at(name, item.pk)))
            assert "This case is shown on release shipped, and release later is in force." in shown
            assert "The first option is the same. No option stands elsewhere." in shown
        decide(item)
        assert "release later is in force" in text(client.get(at("decision", item.pk)))

    def test_what_moved_is_named_unless_it_is_hidden(self) -> None:
        seen, hidden = an_item(), an_item(a_board("Blind", blind_first=True))
        weaker()
        client = of("ada")
        assert "Another option is first" in text(client.get(at("item", seen.pk)))
        shown = client.get(at("item", hidden.pk))
        assert "release weaker is in force" in text(shown)
        assert "Another option" not in text(shown)
        assert "FOLF" not in content(shown)

    def test_a_case_is_saved_as_it_was_shown_or_says_that_it_is_not(self) -> None:
        board = a_board()
        client = of("ada")
        patient = colorectal(save="1", label="Colon 7", board=str(board.pk))
        same = client.post(at("case-new"), patient | {"shown_on": "shipped"}, follow=True)
        assert "with the ranking as it was shown" in text(same)
        another_release()
        told = text(client.post(at("case-new"), colorectal(shown_on="shipped")))
        assert "was shown on release shipped" in told
        saved = client.post(at("case-new"), patient | {"label": "Colon 8", "shown_on": "shipped"}, follow=True)
        assert "as it was shown" not in text(saved)
        assert "ranked on release later" in text(saved)

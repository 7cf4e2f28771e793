"""While a vote on a case is open, nothing shows its ranking or how anybody voted on it: every address is asked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from audit.models import Event
from boards import actions, blindness
from boards.choice import Choice
from boards.models import AgendaItem, Board, Case
from boards.models.choices import Role
from boards.outcomes.exports import OF_RANKING
from boards.outcomes.statistics import Period, figures
from boards.shown.stored_ranking import Recorded
from boards.urls import urlpatterns
from interop.models import Scope
from tests.factories.boards import a_board, a_meeting, account, decide, entered, signed
from tests.factories.replays import weaker
from tests.factories.tokens import API, token

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

RANKED, VOTED = "ZZRANKED", "ZZVOTED"
# What a page says of a ranking besides the names of its options.
PLACES = re.compile(rf"{RANKED}|{VOTED}|recommended; rank|level of evidence [A-D]")
PEOPLE = ("ben", "chair", "quinn", "administrator")


@dataclass
class There:
    """A case that was voted on, decided and signed at one meeting; a vote on it is open at another."""

    board: Board
    case: Case
    former: AgendaItem
    open: AgendaItem


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> There:
    monkeypatch.setattr(Recorded, "name", lambda self, slug: f"{RANKED} {slug}")
    board = a_board(blind_first=True)
    actions.add_member(board, person=account("quinn"), role=Role.QUALITY, by=account("chair"))
    found = entered()
    options = tuple(replace(option, name=f"{RANKED} {option.regimen}") for option in found.ranking.options)
    marked = replace(found, ranking=replace(found.ranking, options=options))
    case = actions.save_case(board=board, label="Colon 7", snapshot=marked, by=account("ada"))
    former = a_meeting(board, case).items.get()
    actions.vote(former, choice=Choice("other", words=f"{VOTED} first"), by=account("ada"))
    actions.close_vote(former, by=account("chair"))
    signed(AgendaItem.objects.get(pk=former.pk))
    item = a_meeting(board, case).items.get()
    actions.vote(item, choice=Choice("other", words=f"{VOTED} again"), by=account("ada"))
    return There(board, case, AgendaItem.objects.get(pk=former.pk), AgendaItem.objects.get(pk=item.pk))


def addresses(there: There) -> Iterator[tuple[str, str]]:
    """Every address of boards on the case, by its name, with those of its board, meetings, items and steps."""
    items, meetings = [there.former.pk, there.open.pk], [there.former.meeting_id, there.open.meeting_id]
    known = {
        "boards/<row:pk>": [there.board.pk],
        "meetings/<row:pk>": meetings,
        "agenda/<row:pk>": items,
        "cases/<row:pk>": [there.case.pk],
        "v/<row:pk>": meetings,
        "<row:number>": [1],
        "<row:membership>": [there.board.memberships.latest("pk").pk],
        "<row:item>": items,
        "<row:step>": [there.former.decisions.get().steps.get().pk],
        "referrals/<row:pk>": [there.case.pk],
    }
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        parts = [part for part in known if part in route]
        for values in product(*(known[part] for part in parts)):
            address = route
            for part, value in zip(parts, values, strict=True):
                address = address.replace(part, re.sub("<.*>", str(value), part))
            assert "<" not in address, f"{pattern.name}: say above which rows it is of"
            if not address.endswith(".pdf"):  # the same as the page beside it
                yield pattern.name, f"/{address}"
    for pk in items:
        yield "decision-fhir", reverse("decision-fhir", args=[pk])
    yield "events", reverse("admin:regimens_event_changelist")


def body(response: Any) -> str:
    content = response.content
    if response.headers.get("Content-Type") == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return re.sub(r"<script.*?</script>", "", content.decode(), flags=re.DOTALL)


def shown(there: There, who: str) -> dict[str, set[str]]:
    """By name of the address, what is told of rankings and votes, read and sent; what is written is undone."""
    client = Client()
    client.force_login(account(who, "Administrator" if who == "administrator" else "Clinician"))
    found: dict[str, set[str]] = {}
    for name, address in addresses(there):
        for ask in (client.get, client.post):
            with transaction.atomic():
                response = ask(address)
                transaction.set_rollback(True)
            assert response.status_code < 500, address
            told = set(PLACES.findall(body(response))) | set(PLACES.findall(str(response.headers)))
            if told:
                found.setdefault(name, set()).update(told)
    return found


def test_no_address_tells_of_the_ranking_or_of_votes_until_the_vote_is_closed(there: There) -> None:
    assert {who: shown(there, who) for who in PEOPLE} == {key: {} for key in PEOPLE}
    actions.close_vote(there.open, by=account("chair"))
    found = shown(there, "chair")
    assert {name for name, told in found.items() if RANKED in told} >= {
        *("case", "cases", "version", "version-json", "meeting", "item", "report", "minutes", "decision"),
        *("item-prepare", "letter", "decide"),
    }
    assert {name for name, told in found.items() if VOTED in told} >= {"item", "live", "report", "minutes", "decision"}
    assert "recommended; rank" in found["decision"]


def test_nor_do_files_figures_systems_and_events(there: There) -> None:
    weaker()
    client, system = Client(), token(Scope.DECISIONS, board=there.board)[1]
    client.force_login(account("chair"))

    def rows() -> Any:
        answer = client.post(reverse("boards:decisions-json", args=[there.board.pk]))
        return json.loads(answer.content)["decisions"]

    def counted() -> tuple[int, int, int]:
        found = figures(there.board, Period())
        return found.agreement.of, found.recommended.of, found.votes.of

    def listed() -> int:
        return len(Client().get(f"{API}boards/decisions", headers=system).json()["items"])

    client.get(reverse("boards:changed", args=[there.board.pk]))
    assert Event.objects.filter(action="replay-decisions").latest("pk").details["first_changed"] == 0
    assert [{name: row[name] for name in OF_RANKING} for row in rows()] == [dict.fromkeys(OF_RANKING)]
    assert (counted(), listed()) == ((0, 0, 0), 0)
    actions.close_vote(there.open, by=account("chair"))
    assert rows()[0]["first_option"] == "folfiri"
    assert (counted(), listed()) == ((1, 1, 2), 1)


def test_a_decision_stays_readable_and_waits_for_its_correction(there: There) -> None:
    client = Client()
    client.force_login(account("ben"))
    page = client.get(reverse("boards:decision", args=[there.former.pk])).content.decode()
    assert "FOLFIRI" in page and "Best evidence here." in page
    assert "A vote on this case is open at another meeting." in page
    for name in ("report", "letter", "decide"):
        assert client.get(reverse(f"boards:{name}", args=[there.former.pk])).status_code == 302
    with pytest.raises(actions.decisions.Refused, match="has to be closed"):
        decide(there.former, based_on=1, correction="A reason.")


def test_whether_it_is_known_or_asked_for_it_is_the_same(there: There) -> None:
    items = blindness.items_known(AgendaItem.objects.filter(case=there.case))
    assert [item.is_hidden for item in items] == [item.is_hidden for item in AgendaItem.objects.all()] == [True, True]
    assert blindness.blind_among([there.case.pk, 0]) == {there.case.pk}
    actions.close_vote(there.open, by=account("chair"))
    assert [item.is_hidden for item in items.all()] == [item.is_hidden for item in AgendaItem.objects.all()]
    assert not blindness.is_blind(there.case.pk)

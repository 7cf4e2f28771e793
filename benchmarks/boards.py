"""A board with thousands of cases: its pages, the replay of every decision, and what that adds to publishing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from audit.actions import writing
from boards import actions
from boards.actions.decisions import place_of
from boards.actions.replays import replay_decisions
from boards.choice import Choice, name_of
from boards.models import (
    GUARD,
    AgendaItem,
    Ballot,
    Board,
    Case,
    CaseVersion,
    Decision,
    FollowUp,
    Meeting,
    Presence,
    Signature,
)
from boards.models.choices import CaseStatus, Reason
from boards.models.followup import Progression, Response, Stopping, Vital
from boards.models.months import before, month_of
from boards.outcomes.course import Course
from boards.receivers import RECEIVER, SECONDS, replay_on
from boards.shown.replay import release_in_use
from boards.shown.snapshot import snapshot
from boards.shown.stored_ranking import Frozen
from curation import actions as curation_actions
from curation.actions import publishing as actions_publishing
from curation.models import Entry
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.pages.patient_form import PatientForm
from regimens.signals import release_in_force

from .pages import PLAIN_STATIC
from .patients import cases as patients
from .patients import entered
from .timing import p50_p95, say

CASES, A_MEETING, ROUNDS = 5000, 20, 30
MOVING = ("indications", "folfiri-digestive")


def measure_boards(count: int = CASES) -> None:
    board = filled_board(count)
    say(f"a board with {count} decided cases", f"{board.meetings.count()} meetings")
    with override_settings(STORAGES=PLAIN_STATIC, REQUIRE_SECOND_FACTOR=False):
        client = Client()
        client.force_login(User.objects.get(username="measured-chair"))
        _measure_replays()
        newest = AgendaItem.objects.filter(meeting__board=board).latest("pk")
        item, meeting = newest.pk, newest.meeting_id
        for name, ask in {
            "list of cases": lambda: client.get("/cases/"),
            "cases found by label and option": lambda: client.post("/cases/", {"q": "Case 49", "option": "folfiri"}),
            "page of the board": lambda: client.get(f"/boards/{board.pk}/"),
            "page of a meeting": lambda: client.get(f"/meetings/{meeting}/"),
            "screen of a case": lambda: client.get(f"/agenda/{item}/"),
            "report of a case as PDF": lambda: client.get(f"/agenda/{item}/report.pdf"),
            "figures of the board": lambda: client.get(f"/boards/{board.pk}/figures/"),
            "figures of a year": lambda: client.get(f"/boards/{board.pk}/figures/?start=2026-01&end=2026-12"),
            "changed since the decision": lambda: client.get(f"/boards/{board.pk}/changed/"),
            "one case then and now": lambda: client.get(f"/agenda/{item}/replay/"),
            "follow-up of a case": lambda: client.get(f"/agenda/{item}/follow-up/"),
            "decisions as CSV": lambda: client.post(f"/boards/{board.pk}/decisions.csv"),
            "decisions as JSON": lambda: client.post(f"/boards/{board.pk}/decisions.json"),
        }.items():
            _say_page(name, ask)


def filled_board(count: int, name: str = "Measured board") -> Board:
    """A board with decided, signed and followed cases, `A_MEETING` to a meeting, over the weeks up to today.

    Filled in bulk, past the actions, as the constraints and triggers allow.
    """
    people = [_person(f"measured-{role}") for role in ("chair", "ada", "ben")]
    board = actions.make_board(name=name, chair=people[0], by=_person("measured-administrator", "Administrator"))
    for person in people[1:]:
        actions.add_member(board, person=person, by=_person("measured-administrator", "Administrator"))
    with writing(GUARD):
        items = _listed(board, count, people[0])
        _decided(items, people)
        _followed(items, people[1])
    return board


def change_the_knowledge() -> KnowledgeRelease:
    """A release that changes an indication, which two people agreed on."""
    kind, key = MOVING
    content = Entry.objects.get(kind=kind, key=key).values | {"stance": "consider"}
    proposer, reviewer = (_person(f"measured-{name}", "Curator") for name in ("carol", "dora"))
    curation_actions.declare_interests(by=reviewer, companies="none")
    given = {"reason": "The statement was read again.", "source": "https://example.org/statement"}
    proposed = curation_actions.propose(kind=kind, key=key, content=content, by=proposer, **given)
    curation_actions.accept(proposed.proposal, by=reviewer)
    return actions_publishing.publish("measured, changed")[0]


def _measure_replays() -> None:
    release_in_force.disconnect(dispatch_uid=RECEIVER)
    start = time.perf_counter()
    release = change_the_knowledge()
    publishing = time.perf_counter() - start
    release_in_force.connect(replay_on, dispatch_uid=RECEIVER)
    start = time.perf_counter()
    replay_on(None, release)
    hook = time.perf_counter() - start
    say("propose, accept and publish a change", f"{1000 * publishing:.0f} ms")
    say("what the replay of decided cases adds to it", f"{1000 * hook:.0f} ms", f"it stops after {SECONDS:g} s")
    start = time.perf_counter()
    progress = replay_decisions(release_in_use() or 0)
    rest = time.perf_counter() - start
    say("replay the rest of them", f"{rest:.1f} s", f"{1000 * rest / max(progress.made, 1):.2f} ms each")


def _say_page(name: str, ask: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = ask()
    count = len(queries)
    if response.status_code != 200:
        raise RuntimeError(f"{name} was answered with {response.status_code}")
    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    p50, p95 = p50_p95(times)
    note = f"p95 {p95:.0f} ms, {count} queries, {len(response.content) / 1024:.0f} KiB"
    say(f"{name}, p50", f"{p50:.0f} ms", note)


def _person(username: str, role: str = "Clinician") -> User:
    person, is_new = User.objects.get_or_create(username=username)
    if is_new:
        person.groups.add(Group.objects.get(name=role))
    return person


def _listed(board: Board, count: int, chair: User) -> list[AgendaItem]:
    """Cases with one version each on the fixed agendas of blind meetings, with the vote on each closed."""
    knowledge = releases.current()
    shots = [snapshot(PatientForm(entered(features), knowledge=knowledge), knowledge) for features in patients()]
    shots = [shot for shot in shots if shot and shot.first]
    now = timezone.now()
    cases = Case.objects.bulk_create(
        [Case(board=board, label=f"Case {n}", status=CaseStatus.PREPARED, created_by=chair) for n in range(count)]
    )
    versions = [_version(case, shots[n % len(shots)], chair) for n, case in enumerate(cases)]
    for case, version in zip(cases, CaseVersion.objects.bulk_create(versions, batch_size=200), strict=True):
        case.current, case.status = version, CaseStatus.DECIDED
    Case.objects.bulk_update(cases, ["current", "status"], batch_size=200)
    items = []
    for n in range(0, count, A_MEETING):
        weeks = (count - n) / A_MEETING
        held_on = (now - timedelta(days=2 + 3 * weeks)).date()
        meeting = Meeting.objects.create(
            board=board, held_on=held_on, blind_first=True, ballots="named", created_by=chair
        )
        listed = [
            AgendaItem(
                meeting=meeting,
                case=case,
                version=case.current,
                position=place,
                listed_by=chair,
                listed_at=now - timedelta(days=5 + 3 * weeks + (n + place) % 25),
            )
            for place, case in enumerate(cases[n : n + A_MEETING], 1)
        ]
        items += AgendaItem.objects.bulk_create(listed)
        meeting.fixed_at, meeting.fixed_by = now, chair
        meeting.save()
    return items


def _version(case: Case, shot: Any, by: User) -> CaseVersion:
    version = CaseVersion(
        case=case,
        number=1,
        entered=shot.entered,
        features=shot.features,
        release=shot.release,
        preference=shot.preference,
        evidence=shot.evidence,
        primary_site=shot.primary_site,
        first_option=shot.first.regimen,
        first_option_name=shot.first.name,
        created_by=by,
    )
    version.keep(shot.ranking)
    return version


def _decided(items: list[AgendaItem], people: list[User]) -> None:
    choices = [_choice(item, n) for n, item in enumerate(items)]
    ballots = [
        Ballot(
            id=uuid.uuid4(),
            item=item,
            voter=person,
            first_kind=choice.kind,
            first_option=choice.option,
            final_kind=choice.kind,
            final_option=choice.option,
            is_changed=(n + place) % 5 == 0,
        )
        for n, (item, (choice, _frozen)) in enumerate(zip(items, choices, strict=True))
        for place, person in enumerate(people)
    ]
    Ballot.objects.bulk_create(ballots, batch_size=500)
    for item in items:
        item.vote_closed_at = item.listed_at + timedelta(days=3)
    AgendaItem.objects.bulk_update(items, ["vote_closed_at"], batch_size=200)
    decisions = [_decision(item, *choices[n], people[n % 3], n) for n, item in enumerate(items)]
    made = Decision.objects.bulk_create(decisions, batch_size=500)
    Presence.objects.bulk_create([Presence(decision=each, person=people[0]) for each in made], batch_size=500)
    for place in (1, 2):
        signatures = [Signature(decision=each, place=place, person=people[place - 1]) for each in made[::place]]
        Signature.objects.bulk_create(signatures, batch_size=500)


_frozen_by_ranking: dict[str, Frozen] = {}


def _choice(item: AgendaItem, n: int) -> tuple[Choice, Frozen]:
    """Two in three take the first option; others one further down, a trial, or best supportive care."""
    version = item.version
    frozen = _frozen_by_ranking.setdefault(version.sha256, Frozen(version))
    ranked = [option.regimen for option in frozen.options if option.rank is not None]
    if n % 12 == 11:
        return Choice("trial", "NCT02820857"), frozen
    if n % 12 == 10:
        return Choice("best-supportive-care"), frozen
    if n % 12 == 9:
        return Choice("test-first", "her2"), frozen
    return Choice("ranked", ranked[min(len(ranked) - 1, (0, 0, 1, 0, 0, 2, 0, 0, 3)[n % 12 % 9])]), frozen


def _decision(item: AgendaItem, choice: Choice, frozen: Frozen, by: User, n: int) -> Decision:
    place = place_of(choice, frozen)
    reasons = list(Reason.values)
    return Decision(
        item=item,
        number=1,
        kind=choice.kind,
        option=choice.option,
        option_name=name_of(choice, frozen.knowledge),
        rationale="As the evidence has it.",
        reason=reasons[n % len(reasons)] if place.is_recommended is False else "",
        is_recommended=place.is_recommended,
        agrees_with_first=place.agrees_with_first,
        rank=place.rank,
        level=place.level,
        first_level=frozen.first.level if frozen.first else None,
        decided_at=item.listed_at + timedelta(days=1 + n % 40),
        decided_by=by,
    )


def _followed(items: list[AgendaItem], by: User) -> None:
    """Three in four, each with a course that is set by the place in the list."""
    today = timezone.localdate()
    rows = []
    for n, item in enumerate(items):
        choice, frozen = _choice(item, n)
        if n % 4 == 3 or choice.kind == "test-first":
            continue
        course = _course(choice, n, today)
        kept = {name: value for name, value in vars(course).items() if name != "given"}
        name = name_of(choice, frozen.knowledge)
        rows.append(
            FollowUp(
                item=item, number=1, kind=choice.kind, option=choice.option, option_name=name, recorded_by=by, **kept
            )
        )
    FollowUp.objects.bulk_create(rows, batch_size=500)


def _course(choice: Choice, n: int, today: date) -> Course:
    this = month_of(today)
    observed, treated = 1 + n * 7 % 23, n * 5 % 9
    dead, progressed = n % 3 != 0, n % 5 != 0
    start = before(this, observed)
    return Course(
        given=choice,
        started_in=start,
        stopped_in=before(this, max(0, observed - treated)) if progressed else "",
        stop_reason=(Stopping.PROGRESSION, Stopping.TOXICITY, Stopping.WISH)[n % 3] if progressed else Stopping.UNKNOWN,
        best_response=list(Response.values)[n % 6] if progressed else Response.STABLE,
        progression=Progression.YES if progressed else Progression.NO,
        progressed_in=before(this, max(0, observed - treated)) if progressed else "",
        vital=Vital.DEAD if dead else Vital.ALIVE,
        vital_in=before(this, max(0, observed - treated - n % 6)) if dead else this,
    )

"""What boards were shown under the first edition of the method stays as it was shown, beside what is ranked today."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audit.actions import writing
from audit.canonical import canonical_json, sha256_of
from audit.guard import RECORDS
from boards.actions.replays import replay_decisions
from boards.blindness import blind_cases
from boards.models import GUARD, AgendaItem, CaseVersion, Replay
from boards.presenters.ranking import stored_ranking
from boards.shown.replay import (
    Reproduction,
    Tracing,
    account,
    releases_since,
    reproduction,
    standing_on,
)
from boards.shown.snapshot import filled_form, not_entered_again, snapshot
from boards.shown.stored_ranking import Frozen, knowledge_of
from curation.actions import publishing
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.pages.patient_form import PatientForm
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.first_edition import ASKED_TOGETHER, PARTS, of_today
from regimens.rules.patient import CONDITIONS
from regimens.rules.record import plain
from tests.factories.evidence import shipped_document

from .former import in_place_of_the_tests_own, migrated, of_table, record, said_by

Former = dict[str, Any]
MADE_AGAIN_WITH = "necapp 0.1.0 (commit 668b308)"
NEW_CONDITIONS = {"active_infection", "pregnancy_or_breastfeeding"}


@pytest.fixture(scope="module")
def former(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Former]:
    """What was written down of a former database, which is in use, with every migration since."""
    with django_db_blocker.unblock(), migrated("sqlite", tmp_path_factory.mktemp("stored")) as url:
        knowledge_of.cache_clear()
        with in_place_of_the_tests_own(url):
            yield record()["sqlite"]
        knowledge_of.cache_clear()


@pytest.fixture(autouse=True)
def undone(former: Former) -> Iterator[None]:
    """What a test writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def todays_text() -> bytes:
    """The shipped evidence as a release holds it, without the validation, which no board asks for."""
    document = shipped_document()
    return canonical_json(document | {"constants": benchmark_constants(document)})


@pytest.fixture
def today(undone: None, todays_text: bytes) -> KnowledgeRelease:
    """A release of the second edition, in force; nothing is replayed on it yet."""
    knowledge_of.cache_clear()
    with RECORDS.open():
        release = publishing._add("today", todays_text, sha256_of(todays_text), timezone.now(), None)
        ReleaseInForce.objects.create(
            release=release, how="publishing", asked_at=timezone.now(), confirmed_at=timezone.now()
        )
    return release


def versions() -> list[CaseVersion]:
    return list(CaseVersion.objects.select_related("release").order_by("pk"))


def decided() -> list[AgendaItem]:
    return list(of_decided().select_related("version").order_by("pk"))


def shown() -> list[AgendaItem]:
    """The decided items of cases on which no vote is open."""
    return list(of_decided().exclude(case__in=blind_cases()).select_related("version").order_by("pk"))


def of_decided() -> QuerySet[AgendaItem]:
    return AgendaItem.objects.filter(decisions__isnull=False, version__isnull=False).distinct()


def page(address: str, username: str = "clara") -> str:
    client = Client()
    client.force_login(User.objects.get(username=username))
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(strip_tags(response.content.decode()).split())


def bleeding() -> CaseVersion:
    """The version in which “bleeding or recent thrombosis” was ticked."""
    return next(version for version in versions() if version.features.get("bleeding_or_thrombosis"))


def with_others_absent(version: CaseVersion, ticked: tuple[str, ...]) -> CaseVersion:
    """As if “all others absent” had been ticked beside these conditions of the form of then; not saved."""
    kept = [pair for pair in version.entered if pair[0] not in ("conditions", "others_absent")]
    version.entered = [*kept, *(["conditions", name] for name in ticked), ["others_absent", "on"]]
    version.features = {**version.features, **{name: name in ticked for name in ASKED_TOGETHER}}
    return version


class TestTheRecord:
    def test_each_is_read_and_written_again_byte_for_byte(self, former: Former) -> None:
        for version in versions():
            assert version.ranking_json == zlib.decompress(version.ranking)
            assert version.ranked.method == 1
            version.keep(version.ranked)
            assert version.sha256 == former["rankings"][str(version.pk)]

    def test_its_release_is_read_and_nothing_is_ranked_on_it(self, former: Former) -> None:
        for version in versions():
            frozen = Frozen(version)
            assert frozen.knowledge.edition == 1
            assert frozen.release.sha256 == former["releases"][version.release.name]
            assert all(frozen.name(option.regimen) for option in frozen.options)
            assert not standing_on(version, frozen.knowledge).is_ranked
            assert reproduction(frozen) is Reproduction.FORMER_EDITION

    def test_its_figures_are_those_that_were_shown(self) -> None:
        for version in versions():
            shown = json.loads(version.ranking_json)
            stored = {o["regimen"]: o for o in shown["options"]}
            for band in stored_ranking(Frozen(version), today=date(2026, 12, 3)).bands:
                for row in band.rows:
                    option = stored[row.words.slug]
                    number = "" if option["rank"] is None else str(option["rank"])
                    assert (row.words.name, row.words.level, row.standing.number) == (
                        option["name"],
                        option["level"],
                        number,
                    )
                    assert (row.licence, row.safety) == (None, ())
                    assert len(row.figures) == (4 if option["estimates"] else 0)
                    for outcome, line in zip(("orr", "pfs", "os", "grade3"), row.figures, strict=False):
                        estimate = option["estimates"].get(outcome)
                        assert line.published == "" and not line.says_published
                        if estimate is None or estimate["no_data"]:
                            assert line.number == ""
                        elif outcome in ("pfs", "os"):
                            assert line.number == f"{estimate['median']:.1f}"  # the months are in the title
                        else:
                            assert line.number == f"{100 * estimate['median']:.0f}\N{NO-BREAK SPACE}%"

    def test_bleeding_or_thrombosis_is_shown_as_it_was_entered(self) -> None:
        version = bleeding()
        said = page(reverse("boards:version", args=[version.case_id, version.number]))
        assert "Bleeding or recent thrombosis" in said


class TestBeforeARelease:
    """After the update and before anything of the second edition is in force."""

    def test_pages_and_documents_open_and_say_by_what_it_is_made_again(self) -> None:
        assert shown()
        for item in shown():
            case = item.version.case_id
            for name, arguments in (
                ("case", [case]),
                ("item", [item.pk]),
                ("decision", [item.pk]),
                ("report", [item.pk]),
                ("minutes", [item.meeting_id]),
                ("follow-up", [item.pk]),
            ):
                page(reverse(f"boards:{name}", args=arguments))
            kept = page(reverse("boards:version", args=[case, item.version.number]))
            replayed = page(reverse("boards:replay", args=[item.pk]))
            reported = page(reverse("boards:report", args=[item.pk]))
            for said in (kept, replayed, reported):
                assert MADE_AGAIN_WITH in said
            assert "made with the method’s first edition" in kept
            assert "no release of today’s method is in force" in replayed

    def test_documents_are_typeset(self) -> None:
        client = Client()
        client.force_login(User.objects.get(username="clara"))
        for address in ("/agenda/3/report.pdf", "/meetings/1/minutes.pdf"):
            assert client.get(address).content.startswith(b"%PDF")

    def test_the_list_says_that_nothing_is_in_force_that_ranks(self) -> None:
        assert "first edition" in page("/boards/1/changed/")

    def test_the_command_counts_them_and_fails_for_none(self) -> None:
        said = said_by("replay_decisions", "--check")
        count = len({item.version_id for item in decided()})
        assert "0 of 0 rankings are reproduced" in said
        assert f"{count} made with the method's first edition" in said and MADE_AGAIN_WITH in said

    def test_replays_of_then_stay(self, former: Former) -> None:
        was = former["tables"]["boards_replay"]
        assert of_table("boards_replay", was["columns"])["sha256"] == was["sha256"]


class TestThenAndNow:
    def test_the_stored_ranking_stands_beside_todays(self, today: KnowledgeRelease) -> None:
        for item in shown():
            said = page(reverse("boards:replay", args=[item.pk]))
            assert "Then, as it was shown" in said and "Release today" in said
            assert MADE_AGAIN_WITH in said

    def test_no_difference_is_laid_at_the_door_of_the_evidence(self, today: KnowledgeRelease) -> None:
        moved = 0
        for item in shown():
            frozen = Frozen(item.version)
            found = account(frozen, standing_on(item.version, knowledge_of(today.pk)))
            assert found.tracing is Tracing.METHOD_CHANGED
            assert found.changes == found.tried == ()
            assert not any(each.by or each.is_software for each in found.moved)
            moved += len(found.moved)
            said = page(reverse("boards:replay", args=[item.pk]))
            assert "The method changed between the two rankings" in said
            for word in ("Moved by", "no change alone", "What changed in the knowledge", "today’s rules"):
                assert word not in said
        assert moved

    def test_todays_place_is_that_of_the_patient_as_far_as_asked_then(self, today: KnowledgeRelease) -> None:
        version = bleeding()
        known = knowledge_of(today.pk)
        patient = known.patient(of_today(version.features).features)
        assert not any(patient.knows(name) for name in PARTS["bleeding_or_thrombosis"])
        assert standing_on(version, known).is_ranked

    def test_releases_of_the_first_edition_are_not_offered(self, today: KnowledgeRelease) -> None:
        for version in versions():
            assert [release.name for release in releases_since(version)] == ["today"]

    def test_decisions_are_replayed_and_listed(self, former: Former, today: KnowledgeRelease) -> None:
        replay_decisions(today.pk)
        replays = Replay.objects.filter(release=today)
        assert replays.count() == len({item.version_id for item in decided()})
        was = former["tables"]["boards_replay"]
        assert Replay.objects.exclude(release=today).count() == was["rows"]

    def test_the_list_says_that_the_method_changed(self, today: KnowledgeRelease) -> None:
        item = shown()[0]
        with writing(GUARD):
            Replay.objects.create(
                version=item.version, release=today, first_option="x", first_option_name="X", is_first_changed=True
            )
        said = page(reverse("boards:changed", args=[item.meeting.board_id]))
        assert "The method changed since some of these rankings were shown" in said
        assert "by the method’s first edition then" in said

    def test_they_are_not_replayed_on_a_release_of_then(self, today: KnowledgeRelease) -> None:
        then = Replay.objects.exclude(release=today).values_list("pk", "first_option", "release_id").order_by("pk")
        before = list(then)
        for name in KnowledgeRelease.objects.exclude(pk=today.pk).values_list("name", flat=True):
            with pytest.raises(Exception, match="is of edition 1 of the method"):
                said_by("replay_decisions", "--again", "--release", name)
        assert list(then) == before

    def test_the_export_says_by_which_method(self, today: KnowledgeRelease) -> None:
        replay_decisions(today.pk)
        client = Client()
        client.force_login(User.objects.get(username="clara"))
        rows = json.loads(client.post("/boards/1/decisions.json").content)["decisions"]
        told = {(row["method"], row["method_changed"]) for row in rows if row["release"]}
        assert told <= {(1, True), (1, None)} and (1, True) in told

    def test_nothing_that_was_stored_is_changed(self, former: Former, today: KnowledgeRelease) -> None:
        replay_decisions(today.pk)
        for item in decided():
            page(reverse("boards:replay", args=[item.pk]))
        for table in ("boards_caseversion", "boards_decision", "boards_ballot", "boards_agendaitem"):
            was = former["tables"][table]
            assert of_table(table, was["columns"])["sha256"] == was["sha256"], table


class TestTheForm:
    def test_it_says_what_was_stored_and_no_more(self, today: KnowledgeRelease) -> None:
        for version in versions():
            form = filled_form(version, knowledge_of(today.pk))
            stored = of_today(version.features).features
            if not form.is_valid():  # a region was not asked for then, and nobody else chooses one
                assert {*form.errors} == {"region"} and "region" not in stored
                form = PatientForm(dict(form.entered()) | {"region": "EU"}, knowledge=knowledge_of(today.pk))
                assert form.is_valid(), form.errors
            lost = not_entered_again(version, form)
            said = {name: plain(value) for name, value in form.patient.features.items()}
            if "region" not in stored:
                assert said.pop("region") == "EU"
            assert {name: stored[name] for name in stored if name not in lost} == said
            assert set(lost) <= {"prior_regimens", "progressed_on"}

    def test_bleeding_is_asked_again_until_a_version_says_it(self, today: KnowledgeRelease) -> None:
        version = bleeding()
        asked = "Today’s method asks which it is: active bleeding"
        for name, arguments in (("case", [version.case_id]), ("version-new", [version.case_id])):
            assert asked in page(reverse(f"boards:{name}", args=arguments))
        form = filled_form(version, knowledge_of(today.pk))
        kept = snapshot(form, knowledge_of(today.pk))
        assert kept is not None and not set(PARTS["bleeding_or_thrombosis"]) & kept.features.keys()

    @pytest.mark.parametrize("ticked", [(), ("bleeding_or_thrombosis",), ("ras_mutation", "warfarin"), ASKED_TOGETHER])
    def test_all_others_absent_is_no_answer_for_a_condition_that_is_new(
        self, ticked: tuple[str, ...], today: KnowledgeRelease
    ) -> None:
        """Of every condition of today: present, absent or unknown as the stored features have it."""
        version = with_others_absent(versions()[0], ticked)
        form = filled_form(version, knowledge_of(today.pk))
        assert form.is_valid(), form.errors
        stored = of_today(version.features).features
        for name in (*CONDITIONS, "ras_mutation"):
            assert form.patient.features.get(name) == stored.get(name), name
        assert not NEW_CONDITIONS & form.patient.features.keys()
        if "bleeding_or_thrombosis" in ticked:
            assert not set(PARTS["bleeding_or_thrombosis"]) & form.patient.features.keys()
        sent = dict(form.entered())
        assert "others_absent" not in sent

    def test_what_contradicts_itself_today_is_said_at_its_field(self, today: KnowledgeRelease) -> None:
        """A RAS mutation, which KRAS G12C is, could be absent with “all others”."""
        version = with_others_absent(versions()[0], ())
        version.entered = [*version.entered, ["kras_g12c", "positive"]]
        form = filled_form(version, knowledge_of(today.pk))
        assert not form.is_valid() and {"kras_g12c", "ras_mutation"} <= form.errors.keys()
        assert not_entered_again(version, form) == ()

    def test_no_others_was_said_of_regimens(self, today: KnowledgeRelease) -> None:
        """Drugs were not asked for, so none is known to be given, and what cannot be entered so is named."""
        version = versions()[0]
        version.entered = [
            pair
            for pair in version.entered
            if pair[0] not in ("received", "progressed", "lines_received", "first_line_platinum")
        ] + [["first_line_platinum", "etoposide-platinum"], ["none_received", "on"]]
        version.features = {**version.features, "prior_regimens": ["etoposide-platinum"]}
        form = filled_form(version, knowledge_of(today.pk))
        assert form.is_valid() and form.patient is not None
        assert not {"prior_drugs", "progressed_on_drugs"} & form.patient.features.keys()
        assert "prior_regimens" in not_entered_again(version, form)

    def test_it_is_not_ranked_again_before_somebody_looked(self, today: KnowledgeRelease) -> None:
        version = bleeding()
        client = Client()
        client.force_login(User.objects.get(username="clara"))
        response = client.post(reverse("boards:rank-again", args=[version.case_id]))
        assert re.search(r"/new-version/$", response.headers["Location"])

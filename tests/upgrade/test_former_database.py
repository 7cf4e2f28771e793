"""Databases of a hospital that used the project before: they open, and say what they said (README.md beside)."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts.models import AuthenticatorApp
from accounts.seeds import is_sealed
from audit.canonical import canonical_json
from boards.shown.stored_ranking import knowledge_of
from regimens import releases
from regimens.rules.record import as_dict
from tests.databases import without_triggers
from tests.factories.accounts import code_of, signs_in

from .former import (
    GROUPS_ARE_FIXED,
    GROWING,
    KINDS,
    NO_SUPERUSER,
    PROJECTED,
    SEEDS,
    in_place_of_the_tests_own,
    migrated,
    of_table,
    record,
    rows,
    said_by,
    signed_in,
    triggers,
)

RECORD = record()
PASSWORD = RECORD["password"]
Former = dict[str, Any]


@pytest.fixture(scope="module", params=KINDS)
def former(request: Any, tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Former]:
    """What was written down of a former database, which is in use, with every migration since."""
    with django_db_blocker.unblock(), migrated(request.param, tmp_path_factory.mktemp("former")) as url:
        knowledge_of.cache_clear()
        with in_place_of_the_tests_own(url):
            yield RECORD[request.param]
        knowledge_of.cache_clear()


@pytest.fixture(autouse=True)
def undone(former: Former) -> Iterator[None]:
    """What a test writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class TestMigrations:
    def test_every_one_that_was_applied_is_still_there(self, former: Former) -> None:
        executor = MigrationExecutor(connection)
        applied = {".".join(name) for name in executor.loader.applied_migrations}
        assert set(former["migrations"]) <= applied
        assert set(former["migrations"]) <= {".".join(name) for name in executor.loader.disk_migrations}
        assert not executor.migration_plan(executor.loader.graph.leaf_nodes())

    def test_none_is_missing(self) -> None:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class TestRows:
    def test_as_many_as_there_were(self, former: Former) -> None:
        for table, was in former["tables"].items():
            if table in PROJECTED:
                continue
            found = of_table(table, was["columns"])["rows"]
            assert found >= was["rows"] if table in GROWING else found == was["rows"], table

    def test_they_say_what_they_said(self, former: Former) -> None:
        changed = [
            table
            for table, was in former["tables"].items()
            if table not in (*GROWING, *PROJECTED) and of_table(table, was["columns"])["sha256"] != was["sha256"]
        ]
        assert changed == [NO_SUPERUSER, SEEDS]

    def test_seeds_are_encrypted_and_are_those_of_before(self, former: Former) -> None:
        was = former["tables"][SEEDS]
        for app in AuthenticatorApp.objects.all():
            assert is_sealed(app.key)
            rows("otp_totp.TOTPDevice").filter(pk=app.pk).update(key=app.bin_key.hex())
        assert of_table(SEEDS, was["columns"])["sha256"] == was["sha256"]

    def test_the_superuser_is_an_administrator_and_nobody_else_is_changed(self, former: Former) -> None:
        (event,) = rows("regimens.Event").filter(action="superuser-became-administrator")
        root = User.objects.get(username="root")
        assert event.details == {"account": root.pk}
        assert (root.is_superuser, root.is_staff) == (False, True)
        assert [group.name for group in root.groups.all()] == ["Administrator"]
        assert not User.objects.filter(is_superuser=True).exists()

    def test_groups_may_what_they_might(self, former: Former) -> None:
        """And nothing more, but for permissions that came since."""
        rights = {
            group.name: {f"{right.content_type.app_label}.{right.codename}" for right in group.permissions.all()}
            for group in Group.objects.prefetch_related("permissions__content_type")
        }
        known = set(former["permissions"])
        kept = {
            name: [right for right in held if right not in GROUPS_ARE_FIXED] for name, held in former["groups"].items()
        }
        assert {name: sorted(held & known) for name, held in rights.items()} == kept

    def test_permissions_are_there_once(self, former: Former) -> None:
        found = [
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
        ]
        assert len(found) == len(set(found))
        assert set(former["permissions"]) <= set(found)


class TestTriggers:
    def test_they_are_there(self, former: Former) -> None:
        assert set(former["triggers"]) <= set(triggers())

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE boards_decision SET rationale = 'Another one.' WHERE number = 1",
            "DELETE FROM boards_decision WHERE number = 2",
            "UPDATE boards_signature SET person_id = 1",
            "DELETE FROM boards_presence",
            "UPDATE boards_caseversion SET notes = 'Another one.'",
            "UPDATE boards_ballot SET first_option = 'folfox' WHERE first_kind = 'ranked'",
            "DELETE FROM boards_ballot",
            "UPDATE boards_followup SET option_name = 'Another one'",
            "DELETE FROM boards_case",
            "DELETE FROM regimens_event",
            "UPDATE regimens_event SET action = 'accept'",
            "UPDATE regimens_eventseal SET former = ''",
            "UPDATE regimens_knowledgerelease SET name = 'Another one'",
            "UPDATE regimens_releaseinforce SET confirmed_at = NULL WHERE id = 1",
            "UPDATE regimens_entry SET content = '{}'",
            "DELETE FROM regimens_entry",
            "UPDATE regimens_proposal SET reason = 'Another one.' WHERE status = 'accepted'",
            "DELETE FROM regimens_proposal",
            "UPDATE regimens_reading SET cohorts = '[]'",
            "UPDATE regimens_readingtask SET comment = 'Another one.' WHERE outcome <> ''",
        ],
    )
    def test_they_refuse(self, statement: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


class TestAudit:
    def test_the_chain_is_whole(self, former: Former) -> None:
        said = said_by("verify_events", "--holds", former["head"])
        assert said.startswith(f"{former['sealed'] + 2} events, none changed; the last hash is ")

    def test_what_boards_recorded_is_sealed_as_it_was_found(self) -> None:
        assert "records that they tell of, each as it was sealed" in said_by("verify_events")
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE boards_signature SET signed_at = '2025-01-01 00:00:00+00:00'")
        with pytest.raises(CommandError, match=r"signature 1: it is not what event \d+ \(seal-records\) says"):
            said_by("verify_events")

    def test_events_are_exported_with_the_hashes_that_they_had(self, former: Former, tmp_path: Path) -> None:
        said_by("export_events", tmp_path / "events.jsonl")
        events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()]
        last, since = events[former["sealed"] - 1], events[former["sealed"] :]
        assert last["sha256"] == former["head"]
        assert {event["action"] for event in since} == {"superuser-became-administrator", "seal-records"}
        assert "as its hash says" in said_by("verify_events", "--file", tmp_path / "events.jsonl")


class TestReleases:
    def test_each_is_what_its_sha256_says(self, former: Former) -> None:
        found = {
            release.name: hashlib.sha256(zlib.decompress(release.content)).hexdigest()
            for release in rows("regimens.KnowledgeRelease")
        }
        assert found == former["releases"]

    def test_each_can_be_read(self, former: Former) -> None:
        for release in rows("regimens.KnowledgeRelease"):
            knowledge = releases.compiled(release)
            assert knowledge.release.sha256 == former["releases"][release.name]
            assert knowledge.edition == 1
            assert knowledge.regimens["folfiri"].name.startswith("FOLFIRI")
            assert knowledge.publications["walter-2023-bevanec"]["journal"] == "Lancet Oncol"
            assert len(knowledge.regimens["folfiri"].cohorts) > 0

    def test_none_can_be_ranked_with(self, former: Former, tmp_path: Path) -> None:
        patient = tmp_path / "patient.jsonl"
        patient.write_text("{}", encoding="utf-8")
        for name in former["releases"]:
            with pytest.raises(CommandError, match=r"is of edition 1 of the method.*necapp 0\.1\.0"):
                said_by("rank", patient, "--release", name)

    def test_the_same_is_in_force(self, former: Former) -> None:
        in_force = releases.in_force()
        assert in_force is not None
        assert in_force.name == former["in_force"]
        with pytest.raises(releases.FormerEdition, match="run load_evidence, then publish_release"):
            releases.current()


class TestRankings:
    def test_each_is_what_its_sha256_says(self, former: Former) -> None:
        versions = list(rows("boards.CaseVersion"))
        assert len(versions) == len(former["rankings"])
        for version in versions:
            text = zlib.decompress(version.ranking)
            assert hashlib.sha256(text).hexdigest() == version.sha256 == former["rankings"][str(version.pk)]
            assert canonical_json(as_dict(version.ranked)) == text

    def test_decided_cases_are_not_ranked_anew(self) -> None:
        before = list(rows("boards.Replay").values())
        with pytest.raises(CommandError, match="run load_evidence, then publish_release"):
            said_by("replay_decisions", "--again")
        assert list(rows("boards.Replay").values()) == before
        assert "made with the method's first edition" in said_by("replay_decisions", "--check")


# Who opens which page, and what it says.
PAGES = [
    ("root", "/account/notices/", "Your roles were changed. Since then they are: Administrator."),
    ("administrator", "/admin/regimens/event/", "noah"),
    ("administrator", "/admin/regimens/event/277/change/", "noah"),
    ("administrator", "/admin/auth/user/", "Lindqvist"),
    ("ada", "/admin/waiting/", "FOLFOX regimen"),
    ("ada", "/admin/regimens/proposal/1/change/", "folfiri-digestive"),
    ("ada", "/admin/regimens/proposal/18/change/", "FOLFOX every two weeks"),
    ("ada", "/admin/regimens/proposal/18/change/?effect=shown", "before load_evidence has carried the base over"),
    ("ada", "/admin/regimens/entry/1/change/", ""),
    ("ada", "/admin/regimens/regimen/", ""),
    ("ada", "/admin/readings/", ""),
    ("pat", "/admin/regimens/knowledgerelease/", "Partner hospital, September"),
    ("quinn", "/admin/releases/former/6/", ""),
    ("pat", "/admin/publish/", "run load_evidence"),
    ("clara", "/boards/", "Extrapulmonary board"),
    ("clara", "/boards/1/", "Digestive NEC board"),
    ("clara", "/boards/1/changed/", ""),
    ("clara", "/boards/1/figures/", ""),
    ("clara", "/cases/1/", "Colon 7"),
    ("clara", "/cases/1/versions/2/", "Seen again on ward 3."),
    ("clara", "/cases/4/", "erased"),
    ("clara", "/meetings/1/", "Room 4"),
    ("clara", "/meetings/1/minutes/", "Tumour centre"),
    ("clara", "/agenda/1/", "Colon 7"),
    ("clara", "/agenda/1/decision/", "The patient asked for the shorter infusion."),
    ("clara", "/agenda/3/report/", "Invented University Hospital"),
    ("clara", "/agenda/1/follow-up/", ""),
    ("noah", "/boards/2/settings/", "Extrapulmonary board"),
    ("clara", "/account/", "Clinician"),
]


class TestPages:
    @pytest.mark.parametrize(("username", "address", "words"), PAGES)
    def test_it_opens(self, username: str, address: str, words: str) -> None:
        response = (signed_in(username) if username else Client()).get(address)
        assert response.status_code == 200
        assert words in response.content.decode()

    @pytest.mark.parametrize("address", ["/", "/options/", "/options/folfiri/", "/about/", "/cases/new/"])
    def test_nothing_is_ranked_before_there_is_a_release_to_rank_with(self, address: str) -> None:
        response = signed_in("clara").get(address)
        assert response.status_code == 503
        assert "Release 2026-11, which is in force, was made for the former edition" in response.content.decode()
        assert "python manage.py load_evidence" in response.content.decode()

    @pytest.mark.parametrize("address", ["/agenda/3/report.pdf", "/meetings/1/minutes.pdf"])
    def test_documents_are_typeset(self, address: str) -> None:
        response = signed_in("clara").get(address)
        assert response.status_code == 200
        assert response.content.startswith(b"%PDF")

    def test_a_stored_ranking_is_taken_as_it_was(self, former: Former) -> None:
        version = rows("boards.CaseVersion").get(case__label="Pancreas 2")
        response = signed_in("clara").get(f"/cases/{version.case_id}/versions/1/ranking.json")
        assert response.content.strip() == zlib.decompress(version.ranking)

    @pytest.mark.parametrize(
        ("username", "address", "status"),
        [
            ("outsider", "/cases/1/", 404),
            ("outsider", "/agenda/1/report.pdf", 404),
            ("administrator", "/boards/1/", 404),
            ("leo", "/boards/1/", 302),  # the account is closed
            ("clara", "/admin/", 403),
            ("mara", "/admin/regimens/event/", 403),
            ("ada", "/admin/publish/", 403),
            ("pat", "/admin/regimens/event/", 403),
        ],
    )
    def test_it_stays_closed_to_others(self, username: str, address: str, status: int) -> None:
        assert signed_in(username).get(address, follow=address == "/admin/").status_code == status


class TestAccounts:
    @pytest.fixture(autouse=True)
    def with_second_factor(self, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = True
        settings.SEED_KEYS = [settings.SECRET_KEY]  # with which its seeds were encrypted when it was brought up to date
        settings.SECRET_KEY = RECORD["secret_key"]  # by which an anonymous ballot is found again

    def test_a_person_signs_in_with_the_app_of_then(self) -> None:
        client, code = Client(), code_of(AuthenticatorApp.objects.get(user__username="clara"))
        assert signs_in(client, "clara", PASSWORD, code)
        assert client.get("/boards/1/").status_code == 200
        assert not signs_in(Client(), "clara", PASSWORD, code)

    def test_a_recovery_code_of_then_is_good_once(self, former: Former) -> None:
        code = former["recovery_code_of_clara"]
        assert signs_in(Client(), "clara", PASSWORD, code)
        assert not signs_in(Client(), "clara", PASSWORD, code)

    def test_an_anonymous_ballot_is_its_voters(self, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = False
        voted = {name: signed_in(name).get("/agenda/10/").context["has_voted"] for name in ("mara", "clara")}
        assert voted == {"mara": True, "clara": False}


def test_the_record_holds_what_people_do() -> None:
    """So that nobody takes a part of it away unseen."""
    statuses = set(rows("regimens.Proposal").values_list("status", flat=True))
    assert statuses == {"proposed", "accepted", "rejected", "change-asked", "superseded", "withdrawn"}
    assert set(rows("boards.Case").values_list("status", flat=True)) == {
        "prepared",
        "listed",
        "decided",
        "archived",
        "erased",
    }
    assert set(rows("boards.Meeting").values_list("ballots", flat=True)) == {"named", "anonymous"}
    assert set(rows("regimens.ReleaseInForce").values_list("how", flat=True)) == {
        "publishing",
        "importing",
        "reinstating",
    }
    assert re.fullmatch(r"[0-9a-f]{64}", rows("regimens.EventSeal").last().sha256)

"""Processes killed at random moments leave nothing half-made; `python -m benchmarks.kills` kills hundreds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.kills import CHECKED, Killer, State
from curation.actions import publishing
from tests.databases import ROOT, own_database, without_triggers
from tests.factories.curation import rename_folfiri

pytestmark = pytest.mark.postgresql


def test_a_few_kills_leave_nothing_half_made(tmp_path_factory: pytest.TempPathFactory) -> None:
    environment = own_database("killed", tmp_path_factory.mktemp("database"))
    kills = [f"--{kind}=2" for kind in ("publish", "import", "survey", "package")]
    command = [sys.executable, "-m", "benchmarks.kills", *kills, "--on", environment["DATABASE_URL"]]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert json.loads(finished.stdout.splitlines()[-1]) == {"kills": 8, "wrong": 0}


def harm(*statements: str) -> Callable[[], None]:
    def harmful() -> None:
        with without_triggers(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return harmful


def half_a_release() -> None:
    rename_folfiri("Half published")
    publishing.publish("half")
    harm("DELETE FROM regimens_releaseinforce WHERE release_id = (SELECT max(id) FROM regimens_knowledgerelease)")()


@pytest.mark.django_db
class TestTheLookCanFail:
    @pytest.mark.parametrize(
        ("harmful", "named"),
        [
            (half_a_release, "releases half-made"),
            (harm("UPDATE regimens_knowledgerelease SET content = substr(content, 1, 99)"), "release in force damaged"),
            (harm("DELETE FROM regimens_event WHERE action = 'propose'"), "proposals lost"),
            (harm("UPDATE regimens_proposal SET status = 'withdrawn', reviewer_id = NULL"), "proposals lost"),
            (harm("UPDATE regimens_entry SET sha256 = '0' WHERE key = 'folfox'"), "entries without agreement"),
        ],
    )
    def test_harm_is_named(self, tmp_path: Path, harmful: Callable[[], None], named: str) -> None:
        killer = Killer(tmp_path, 1)
        rename_folfiri()
        before = State.now()
        harmful()
        killer.look(before, State.now(), "publish_release")
        assert killer.wrong[named] > 0

    def test_without_harm_nothing_is_named(self, tmp_path: Path) -> None:
        killer = Killer(tmp_path, 1)
        before = State.now()
        killer.look(before, State.now(), "import_trials")
        assert killer.wrong == dict.fromkeys(CHECKED, 0)

"""A database of any version of the main branch is migrated to now: what ran is known, and the rest follows in order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from audit.management.commands.migrate import RENAMED, call_by_present_names

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

OURS = ("accounts", "boards", "interop", "regimens", "registries")
# What the versions of 25 November 2026 had run, in the order in which they were made, and what each added.
HISTORY = (
    "regimens.0001_initial regimens.0002_release_is_immutable",
    "regimens.0003_curation regimens.0004_decisions_are_kept regimens.0005_roles",
    "regimens.0010_lookups_and_notices",
    "boards.0001_initial boards.0002_what_was_shown_and_decided_stays boards.0003_administrators_make_boards",
    "regimens.0050_event_seals",
    "accounts.0001_sessions_and_recovery_codes",
    "regimens.0040_readings regimens.0041_readings_are_kept",
    "boards.0020_follow_up_and_replays boards.0021_follow_up_stays",
)
VERSIONS = [" ".join(HISTORY[: number + 1]) for number in range(len(HISTORY))]


def names(text: str) -> list[tuple[str, str]]:
    return [(app, name) for app, _, name in (each.partition(".") for each in text.split())]


def as_if_ran(ran: Iterable[tuple[str, str]]) -> None:
    """The record of a database on which these ran, of our apps."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app__in=OURS).delete()
    for app, name in ran:
        recorder.record_applied(app, name)


@pytest.mark.parametrize("version", VERSIONS, ids=[text.split()[-1] for text in VERSIONS])
def test_former_names(version: str) -> None:
    """No table is made twice: each that ran under a former name is known, and none is left that nobody knows."""
    present = {(app, former): (app, name) for app, former, name in RENAMED}
    ran = [present.get(each, each) for each in names(version)]
    as_if_ran(names(version))
    call_by_present_names(connection)
    loader = MigrationLoader(connection)
    loader.check_consistent_history(connection)
    recorded = {each for each in MigrationRecorder(connection).applied_migrations() if each[0] in OURS}
    assert recorded == set(ran) <= set(loader.disk_migrations)
    plan = MigrationExecutor(connection).migration_plan(loader.graph.leaf_nodes())
    assert not {(step.app_label, step.name) for step, _ in plan} & set(ran)


def test_each_state_since_leads_to_now() -> None:
    """From the state after each migration, all others follow once, after those that they need."""
    loader = MigrationLoader(connection)
    everything = [each for each, _ in _whole_plan(loader)]
    for number in range(len(everything)):
        as_if_ran(each for each in everything[:number] if each[0] in OURS)
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        left = [(step.app_label, step.name) for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        assert sorted(left) == sorted(each for each in everything[number:] if each[0] in OURS)


def test_no_name_of_a_former_version_is_used_again() -> None:
    """One under which something else once ran would be taken for it."""
    here = {(app, name) for app, name in MigrationLoader(connection).disk_migrations if app in OURS}
    assert not {(app, former) for app, former, _ in RENAMED} & here
    assert {(app, name) for app, _, name in RENAMED} <= here


def _whole_plan(loader: MigrationLoader) -> list[tuple[tuple[str, str], object]]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True)
    return [((step.app_label, step.name), step) for step, _ in plan]

"""A database as files and back, and from one kind to another: all of it or nothing, and known to be the same."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit import chain
from audit.canonical import canonical_json, sha256_of
from audit.models import Event
from boards.models import Case, Decision
from necapp.operations.backup import folder, loading, tables
from necapp.operations.backup.connections import SQLITE, Database
from necapp.operations.backup.errors import BackupError
from necapp.operations.backup.snapshot import snapshot
from tests.factories.moved import a_file, address, count, emptied, used, worked_on
from tests.factories.moved import tables as tables_there
from tests.upgrade.former import of_table, triggers

pytestmark = pytest.mark.postgresql

# What a restored database says of its own: when it was migrated, who is signed in, and that it was restored.
ITS_OWN = {"django_migrations", "django_session", "accounts_session", "regimens_event", "regimens_eventseal"}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Database]:
    """A database in use, which no test changes but by what is told in events."""
    with django_db_blocker.unblock():
        yield used("backup", tmp_path_factory.mktemp("hospital"))


@pytest.fixture(scope="module")
def backup(hospital: Database, tmp_path_factory: Any, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("backups") / "monday"
    with django_db_blocker.unblock(), worked_on(hospital):
        call_command("backup", str(path), stdout=io.StringIO())
    return path


@pytest.fixture(autouse=True)
def databases_of_their_own(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def said(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def described() -> dict[str, Any]:
    """What each table says, read in another way than by what backs up."""
    found = {}
    for table in tables_there() - ITS_OWN:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - of our own tables
            columns = sorted(column[0] for column in cursor.description)
        found[table] = of_table(table, columns)
    return found


def test_restored_is_what_was_backed_up(hospital: Database, backup: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """After two attempts that failed in the middle, into the same database."""
    spoilt = tmp_path / "spoilt"
    shutil.copytree(backup, spoilt)
    _with_another_row(spoilt)
    with worked_on(hospital):
        before, guarded, newest = described(), triggers(), User.objects.latest("pk").pk
        with pytest.raises(DatabaseError), transaction.atomic():
            _write_past_the_app()
    with worked_on(emptied("restored", tmp_path)):
        with pytest.raises(CommandError, match="rows of auth_group are not those that were read"):
            said("restore", spoilt)
        with monkeypatch.context() as broken:
            broken.setattr(loading, "_load_table", _broken_off_at("boards_decision"))
            with pytest.raises(KeyboardInterrupt):
                said("restore", backup)
        assert [name for name in ("auth_user", "boards_case", "regimens_event") if count(name)] == []
        assert triggers() == guarded
        assert "what is ranked are those of the backup" in said("restore", backup)
        assert described() == before
        assert triggers() == guarded
        with pytest.raises(DatabaseError), transaction.atomic():
            _write_past_the_app()
        assert (Case.objects.count(), Decision.objects.count(), TOTPDevice.objects.count()) == (2, 1, 1)
        for table in ("regimens_surveyfinding", "regimens_workpackage", "regimens_packageentry", "regimens_report"):
            assert count(table), table
        assert Event.objects.first().action == "restore"
        found = chain.verify()
        assert (found.broken, found.unsealed) == ("", ())
        assert User.objects.create(username="next").pk > newest + 1  # the number of who is gone is not given again
        with pytest.raises(CommandError, match="not empty: there are rows in"):
            said("restore", backup)


def test_what_the_database_says_is_not_repeated(backup: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Its words may hold a row."""
    target = a_file(tmp_path, "full")
    monkeypatch.setattr(loading, "_migrate", _refused)
    with worked_on(target), pytest.raises(CommandError, match="the database refused it") as refused:
        said("restore", backup)
    assert "Müllerhausen" not in f"{refused.value}{refused.value.__cause__}"


def _refused(*given: Any) -> None:
    raise DatabaseError("DETAIL: Failing row contains (7, Müllerhausen)")


def test_moved_there_and_back(hospital: Database, tmp_path: Path) -> None:
    """From PostgreSQL over SQLite to PostgreSQL again; from SQLite to another file."""
    with worked_on(hospital):
        before, guarded = described(), triggers()
    ways = [] if _on_sqlite(hospital) else [a_file(tmp_path, "moved")]
    ways.append(emptied("back", tmp_path))
    for source, target in zip([hospital, *ways], ways, strict=False):
        with worked_on(source):
            told = said("move_database", address(target))
            assert "30 reference patients and of 1 decided cases" in told
            assert Event.objects.first().action == "move-database"
    with worked_on(ways[-1]):
        assert described() == before
        assert triggers() == guarded
        assert "none changed" in said("verify_events")
        assert "1 of 1 rankings are reproduced" in said("replay_decisions", "--check")
        with pytest.raises(DatabaseError), transaction.atomic():
            _write_past_the_app()
        with pytest.raises(CommandError, match="that of the database itself"):
            said("move_database", address(ways[-1]))


def test_one_moment(hospital: Database) -> None:
    """What is written while it is read is not in it, and is not kept waiting."""
    with snapshot(hospital) as source:
        with worked_on(hospital):
            late = User.objects.create(username="late")
        users = list(source.rows("auth_user"))
    with worked_on(hospital):
        late.delete()
    assert users
    assert not any("late" in row for row in users)


def test_every_table(hospital: Database) -> None:
    """None is forgotten; sessions alone are left out."""
    with snapshot(hospital) as source:
        assert tables_there() - source.tables.keys() == {"accounts_session", "django_migrations", "django_session"}


def test_for_its_owner_alone(hospital: Database, backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in backup.iterdir()} == {0o600}
    with snapshot(hospital) as source, pytest.raises(BackupError, match="holds something"):
        folder.write(source, backup)
    assert sorted(path.name for path in backup.parent.iterdir()) == ["monday"]


@pytest.mark.parametrize("path", [".", "", "/", ".."])
def test_no_new_folder(hospital: Database, tmp_path: Path, monkeypatch: Any, path: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a-file").touch()
    monkeypatch.chdir(tmp_path / "in")
    with worked_on(hospital), pytest.raises(CommandError, match=r"Nothing was backed up: .*(name a new|no new one)"):
        said("backup", path)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "cannot be opened: unable to open database file"),
        ("sqlite:////etc/hostname", "cannot be opened: file is not a database"),
        ("postgres://necapp@127.0.0.1:1/necapp", "cannot be opened: connection to server"),
        ("mysql://necapp@127.0.0.1/necapp", "names no database"),
    ],
)
def test_a_target_that_is_none(hospital: Database, monkeypatch: Any, address: str, why: str) -> None:
    """Said before all is read, which takes its time."""
    monkeypatch.setattr("necapp.operations.management.commands.move_database.snapshot", None)
    with worked_on(hospital), pytest.raises(CommandError, match=f"Nothing was moved: .*{why}"):
        said("move_database", address)


def test_beside_another_key(backup: Path, tmp_path: Path, settings: Any) -> None:
    settings.SEED_KEYS = ["a key of seeds that is not the one of the backup"]
    settings.SECRET_KEY = "a key of cookies that is not the one of the backup"  # noqa: S105 - of this test
    with worked_on(a_file(tmp_path, "target")):
        assert "1 authenticator apps are locked" in said("restore", backup)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


def _with_another_row(folder: Path) -> None:
    """And the hash of the file is that of the file."""
    file = folder / "auth_group.jsonl.gz"
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"Curator", b"Curated")))
    _stated(folder, lambda manifest: manifest["tables"]["auth_group"].update(sha256=sha256_of(file.read_bytes())))


def _stated(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """The manifest says something else, and its own hash is that of what it says."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_bytes().splitlines()[1])
    change(manifest)
    text = canonical_json(manifest)
    file.write_bytes(canonical_json({"sha256": sha256_of(text)}) + b"\n" + text + b"\n")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda it: _cut(it / "boards_case.jsonl.gz"), "boards_case.jsonl.gz is not what the manifest says"),
        (lambda it: _cut(it / "rankings.json.gz"), "rankings.json.gz is not what the manifest says"),
        (lambda it: (it / "boards_case.jsonl.gz").unlink(), "boards_case.jsonl.gz is missing"),
        (lambda it: _cut(it / "manifest.json"), "manifest.json is not what its hash says"),
        (lambda it: (it / "manifest.json").unlink(), "cannot be read as a backup"),
        (lambda it: (it / "manifest.json").write_text("{}"), "cannot be read"),
        (lambda it: _stated(it, lambda m: m.update(format="necapp backup 9")), "of another format"),
        (lambda it: _stated(it, lambda m: m["tables"].update({"../x": {"sha256": ""}})), "is no table"),
        (lambda it: _stated(it, lambda m: m["migrations"]["boards"].append("9999_later")), "by a newer version"),
    ],
)
def test_refused(backup: Path, tmp_path: Path, spoil: Callable[[Path], Any], why: str) -> None:
    """Before a table is made."""
    spoilt = tmp_path / "spoilt"
    shutil.copytree(backup, spoilt)
    spoil(spoilt)
    with worked_on(a_file(tmp_path, "target")):
        with pytest.raises(CommandError, match="Nothing was restored: .*" + why):
            said("restore", spoilt)
        assert tables_there() == set()


class Covered(models.BinaryField):
    """As a field that opens what is encrypted at rest."""

    def from_db_value(self, value: Any, expression: Any, opened_by: Any) -> Any:
        raise AssertionError("what is encrypted was opened")

    def get_prep_value(self, value: Any) -> Any:
        raise AssertionError("what is encrypted was encrypted again")


def test_what_is_encrypted_stays_so() -> None:
    field = Covered()
    field.set_attributes_from_name("seed")
    stored = tables._as_stored(field)
    plain = tables._plain(b"\x00sealed", tables._converters(stored, "a_table", connection))
    assert (stored.column, tables._read(stored, plain)) == ("seed", b"\x00sealed")
    assert stored.get_db_prep_save(b"\x00sealed", connection)


def _on_sqlite(database: Database) -> bool:
    return bool(database["ENGINE"] == SQLITE)


def _write_past_the_app() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE regimens_event SET subject = 'another' WHERE id = (SELECT min(id) FROM regimens_event)")


def _broken_off_at(name: str) -> Callable[..., None]:
    load_table = loading._load_table

    def broken_off(into: Any, table: tables.Table, *others: Any) -> None:
        if table.name == name:
            raise KeyboardInterrupt
        load_table(into, table, *others)

    return broken_off

"""Runs that are interrupted, repeated or spread over workers write the same bytes, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registries.engine import run as engine
from registries.engine.folder import Folder, FolderError
from registries.engine.release import Carried, ReleaseDamaged, hold
from registries.engine.work import mark_of
from tests.databases import ROOT
from tests.factories.patients import worked
from tests.factories.registries import as_lines, data_of, export_of, exported, small


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_lines(tmp_path_factory.mktemp("registry") / "in.jsonl", [*worked(), {"ki67": 800}])


@pytest.fixture(scope="module")
def whole(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run writes, in parts of 20."""
    out = tmp_path_factory.mktemp("whole") / "out"
    small(given, out)
    return out


class _StoppedError(Exception):
    """In place of somebody who interrupts."""


def test_an_interrupted_run_goes_on_where_it_stopped(given: Path, whole: Path, tmp_path: Path) -> None:
    def stopping(done: Iterator[Any], rows: int, before: int) -> Iterator[Any]:
        yield next(done)
        raise _StoppedError

    out = tmp_path / "out"
    with pytest.raises(_StoppedError):
        engine.run(_asked(given, out), stopping)
    assert not (out / "manifest.json").exists()
    first = mark_of(out, 0).stat().st_mtime_ns
    told: list[tuple[int, int]] = []

    def telling(done: Iterator[Any], rows: int, before: int) -> Iterator[Any]:
        told.append((rows, before))
        return done

    engine.run(_asked(given, out), telling)
    assert told == [(61, 20)]
    assert mark_of(out, 0).stat().st_mtime_ns == first
    assert data_of(out) == data_of(whole)
    assert (out / "manifest.json").read_bytes() == (whole / "manifest.json").read_bytes()


def test_a_part_that_was_damaged_is_done_again(given: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    small(given, out)
    damaged = out / "rankings/part-000001.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    (out / "tests/part-000002.parquet").unlink()
    mark_of(out, 3).write_text("{")
    (out / "patients/.part-000001.parquet.0123").touch()
    (out / "patients/part-000009.parquet").touch()
    small(given, out)
    assert data_of(out) == data_of(whole)


def test_another_run_does_not_go_on_in_the_same_folder(given: Path, whole: Path) -> None:
    with pytest.raises(FolderError, match="another run, which differs in preference"):
        small(given, whole, preference="survival")
    assert (whole / "manifest.json").exists()


def test_a_folder_with_other_files_is_left_alone(given: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(FolderError, match="other files"):
        small(given, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_two_runs_do_not_write_at_once(given: Path, tmp_path: Path) -> None:
    with Folder(tmp_path / "out").taken(), pytest.raises(FolderError, match="another run"):
        small(given, tmp_path / "out")


def test_a_release_is_verified_where_it_arrives() -> None:
    carried = engine.carried_of(exported())
    with pytest.raises(ReleaseDamaged, match="should be"):
        hold(Carried(carried.name, carried.published, carried.sha256, carried.text + b" "))


RANK_REGISTRY = (sys.executable, "manage.py", "rank_registry")


def _command(release: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    settings = {"DATABASE_URL": "sqlite:////nowhere/none.sqlite3", "ALLOWED_HOSTS": "x", "SECRET_KEY": "x" * 60}
    return subprocess.Popen(
        [*RANK_REGISTRY, *map(str, arguments), "--release", str(release)],
        cwd=ROOT,
        env=os.environ | settings | {"DEBUG": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "release.json"
    path.write_bytes(exported())
    return path


def test_workers_that_are_killed_change_no_byte(tmp_path: Path, release: Path) -> None:
    """Two workers, of whom one after another is killed, write what this process writes alone; without a database."""
    rows = [patient for patient in worked() for _ in range(70)]
    given = as_lines(tmp_path / "in.jsonl", rows)
    engine.run(_asked(given, tmp_path / "alone", rows_a_part=2_000))
    process = _command(release, given, tmp_path / "out", "--workers", "2")
    killed, until = 0, time.monotonic() + 120
    while process.poll() is None and killed < 3 and time.monotonic() < until:
        if any((tmp_path / "out" / "done").glob("*")) and (workers := _workers_of(process.pid)):
            os.kill(workers[-1], signal.SIGKILL)
            killed += 1
        time.sleep(0.7)
    said, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert said.startswith("4200 rows: ")
    assert killed
    assert data_of(tmp_path / "out") == data_of(tmp_path / "alone")
    assert (tmp_path / "out/manifest.json").read_bytes() == (tmp_path / "alone/manifest.json").read_bytes()


def test_the_command_says_what_was_refused(tmp_path: Path, release: Path) -> None:
    process = _command(release, as_lines(tmp_path / "in.jsonl", [{"ki67": 800}, {"ki67": 0.8}]), tmp_path / "out")
    said, told = process.communicate(timeout=120)
    assert (process.returncode, said) == (1, "2 rows: 1 ranked, 0 out of scope, 1 refused; release shipped\n")
    assert told == f"ki67: 1 of 1 values look like another unit\nWhy rows are refused: {tmp_path}/out/errors\n"


def test_a_cluster_that_does_not_answer(tmp_path: Path, release: Path) -> None:
    process = _command(
        release, as_lines(tmp_path / "in.jsonl", [{"ki67": 80}]), tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9"
    )
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "the scheduler at tcp://127.0.0.1:9 does not answer" in told
    assert not [*(tmp_path / "out").iterdir()]
    assert "Traceback" not in told


def test_a_release_of_another_edition(tmp_path: Path) -> None:
    release = tmp_path / "former.json"
    release.write_bytes(export_of({"format": 2, "edition": 7, "nothing": True}))
    process = _command(release, as_lines(tmp_path / "in.jsonl", [{"ki67": 80}]), tmp_path / "out")
    _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert told.startswith("CommandError: ")


WITHOUT_DJANGO = """
import sys
from pathlib import Path
from registries.engine.run import Asked, run
given, out, release = sys.argv[1:]
manifest = run(Asked(given, Path(out), Path(release).read_bytes(), "balanced", workers=1))
import registries.engine.cluster
loaded = {name.partition(".")[0] for name in sys.modules}
print(sum(manifest["counts"]["rows"].values()), sorted(loaded & {"django", "necapp"}))
"""


def test_workers_need_neither_settings_nor_a_database(given: Path, release: Path, tmp_path: Path) -> None:
    without = {
        name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "SECRET_KEY")
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO, str(given), str(tmp_path / "out"), str(release)],
        cwd=ROOT,
        env=without,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "61 []\n"


HEAVY = ("pyarrow", "dask", "distributed", "matplotlib", "tqdm", "pandas")
COMMANDS = """
import sys, django
django.setup()
from importlib import import_module
from pathlib import Path
for path in sorted(Path("registries/management/commands").glob("[a-z]*.py")):
    import_module(f"registries.management.commands.{path.stem}").Command().create_parser("manage.py", path.stem)
import necapp.urls
from django.urls import get_resolver
get_resolver().url_patterns
print(sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_commands_and_pages_import_nothing_heavy_before_it_is_asked_for() -> None:
    settings = {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings", "DEBUG": "true"}
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, *HEAVY],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def _asked(given: Path, out: Path, rows_a_part: int = 20) -> engine.Asked:
    return engine.Asked(str(given), out, exported(), "balanced", workers=1, rows_a_part=rows_a_part)


def _workers_of(pid: int) -> list[int]:
    """The processes of Dask that a command started, oldest first: those that it spawned."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            with_arguments = Path(f"/proc/{child}/cmdline")
            if with_arguments.exists() and b"spawn_main" in with_arguments.read_bytes():
                found.append(int(child))
    return sorted(found)

"""A cluster does what this process does, or says clearly why it cannot: other code, other versions, other folders."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registries.engine import run as engine
from registries.engine.cluster_error import ClusterError
from registries.engine.job import Job
from registries.engine.mapping import plain
from registries.engine.release import hold
from registries.engine.sources import Part, opened, parts_of
from registries.engine.work import NotHeld, OtherCode, rank_part
from tests.databases import ROOT
from tests.factories.patients import worked
from tests.factories.registries import as_lines, data_of, exported, small

ON_A_CLUSTER = """
import sys
from pathlib import Path
from distributed import LocalCluster
from registries.engine.run import Asked, run

def main():
    given, out, release = sys.argv[1:]
    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        asked = Asked(given, Path(out), Path(release).read_bytes(), "balanced", rows_a_part=20)
        run(Asked(**{**vars(asked), "scheduler": cluster.scheduler_address}))

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return as_lines(tmp_path / "in.jsonl", worked())


@pytest.fixture
def job_and_parts(given: Path) -> tuple[Job, list[Part]]:
    knowledge = hold(engine.carried_of(exported()))
    source, _ = opened(given)
    job = Job.of(knowledge.release.sha256, plain(worked()[0], None), preference="balanced")
    return job, list(parts_of([source], 20))


class _Client:
    """In place of a cluster: what each worker says of itself, and which files it does not see."""

    def __init__(self, told: Any):
        self.told = told

    def run(self, *arguments: Any, on_error: str) -> Any:
        assert on_error == "return"
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


def refusal(told: Any, job: Job, parts: list[Part], out: Path) -> str:
    from registries.engine import cluster

    with pytest.raises(ClusterError) as caught:
        cluster._check(_Client(told), job, parts, out)  # type: ignore[arg-type]
    assert not [*out.iterdir()]
    return str(caught.value)


def test_a_running_cluster_writes_the_same_bytes(given: Path, tmp_path: Path) -> None:
    small(given, tmp_path / "alone")
    release, script = tmp_path / "release.json", tmp_path / "on_a_cluster.py"
    release.write_bytes(exported())
    script.write_text(ON_A_CLUSTER)
    done = subprocess.run(
        [sys.executable, str(script), str(given), str(tmp_path / "out"), str(release)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert data_of(tmp_path / "out") == data_of(tmp_path / "alone")


def test_workers_with_other_code_or_versions_are_refused(job_and_parts: tuple[Job, list[Part]], tmp_path: Path) -> None:
    job, parts = job_and_parts
    out = tmp_path / "out"
    out.mkdir()
    mine = {"code": job.code, **dict(job.versions)}
    other = {"tcp://one:1": (mine, []), "tcp://two:2": (mine | {"code": "0" * 64}, [])}
    assert f"tcp://two:2 has code {'0' * 64} and not {job.code}" in refusal(other, job, parts, out)
    assert "has pyarrow 1.0 and not" in refusal({"w": (mine | {"pyarrow": "1.0"}, [])}, job, parts, out)
    assert "does not see /data/in.parquet" in refusal({"w": (mine, ["/data/in.parquet"])}, job, parts, out)
    missing = ModuleNotFoundError("No module named 'registries'")
    assert "does not run this code: No module named 'registries'" in refusal({"w": missing}, job, parts, out)
    assert "do not run this code: No module named 'registries'" in refusal(missing, job, parts, out)


def test_a_worker_that_dies_while_it_is_asked_is_left_to_its_successor(
    job_and_parts: tuple[Job, list[Part]], tmp_path: Path
) -> None:
    from registries.engine import cluster

    job, parts = job_and_parts
    mine = {"code": job.code, **dict(job.versions)}
    for told in ({"w": OSError("Stream is closed"), "x": (mine, [])}, OSError("Stream is closed")):
        cluster._check(_Client(told), job, parts, tmp_path)  # type: ignore[arg-type]


def test_a_worker_that_joins_with_other_code_ranks_nothing(
    job_and_parts: tuple[Job, list[Part]], tmp_path: Path
) -> None:
    job, parts = job_and_parts
    with pytest.raises(OtherCode):
        rank_part(replace(job, code="0" * 64), parts[0], str(tmp_path / "out"))
    with pytest.raises(NotHeld):
        rank_part(replace(job, release="0" * 64), parts[0], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_this_process_tells_what_it_is(job_and_parts: tuple[Job, list[Part]], given: Path, tmp_path: Path) -> None:
    from registries.engine import cluster

    job, _ = job_and_parts
    nowhere = str(tmp_path / "nowhere")
    told, unseen = cluster._told(str(given), [str(given), nowhere])
    assert told == {"code": job.code, **dict(job.versions)}
    assert unseen == [nowhere]

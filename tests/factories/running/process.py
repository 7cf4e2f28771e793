"""A process beside the running app, on its database: it starts once, and runs what it is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

from tests.databases import ROOT

LISTEN = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.db import connection
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except Exception:
        failed = traceback.format_exc()
    connection.close()
    print(json.dumps([said.getvalue(), failed]), flush=True)
"""


def run(environment: dict[str, str], code: str) -> str:
    """What the code prints; where it fails, what it said is said."""
    process = _started(tuple(sorted(environment.items())))
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(code) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer, f"the process beside the app ended: {process.poll()}"
    said, failed = json.loads(answer)
    assert not failed, failed
    return str(said)


@cache
def _started(environment: tuple[tuple[str, str], ...]) -> subprocess.Popen[str]:
    """It ends with the tests, when nobody can send it anything any more."""
    arguments = [sys.executable, "-c", LISTEN]
    return subprocess.Popen(
        arguments, cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

"""The day on which the suite runs: today, or CLOCK_AHEAD days later, as in `make test CLOCK_AHEAD=1095`.

It is that day in this process and in every Python process that a test starts, the app among them. The database server
and the browser stay with today, and nothing asks them for it.
"""

from __future__ import annotations

import os
from pathlib import Path

DAYS_AHEAD = int(os.environ.get("CLOCK_AHEAD") or 0)
STARTING = Path(__file__).parent / "ahead"


def put_ahead() -> None:
    """The clock of this process goes on as it does, days ahead."""
    if DAYS_AHEAD:
        from tests.ahead import sitecustomize  # noqa: F401


def put_ahead_from_now_on() -> None:
    """And so does that of every process that is started from here on.

    Not before pytest has started its own: they want to be the first to import time-machine, which is a plugin of it.
    """
    if DAYS_AHEAD:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTING), os.environ.get("PYTHONPATH")]))

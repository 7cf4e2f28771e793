"""When the suite runs: from seven in the morning of the next day on, or CLOCK_AHEAD days later than that, as in
`make test CLOCK_AHEAD=1095`.

No day ends while the suite runs, so what a module reckons from its day as it is imported is so in its tests as well.
It is that time in this process and in every Python process that a test starts, the app among them. The database server
and the browser stay with the time as it is, and nothing asks them for it.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

DAY = 24 * 3600
STARTS_AT = 7 * 3600  # in the day, which is that of UTC, as it is in the settings of the tests
DAYS_AHEAD = int(os.environ.get("CLOCK_AHEAD") or 0)
SHARED = "NECAPP_TESTS_SECONDS_AHEAD"
STARTING = Path(__file__).parent / "ahead"


def seconds_to_start(now: float) -> int:
    """From now, in seconds since 1970, to the hour at which the suite starts: of the next day, so never back."""
    return DAY - int(now) % DAY + STARTS_AT


def put_ahead() -> None:
    """The clock of this process goes on as it does, ahead; that of processes which pytest-xdist starts, by as much."""
    os.environ.setdefault(SHARED, str(seconds_to_start(time.time()) + DAYS_AHEAD * DAY))
    from tests.ahead import sitecustomize  # noqa: F401


def put_ahead_from_now_on() -> None:
    """And so does that of every process that is started from here on.

    Not before pytest has started its own: they want to be the first to import time-machine, which is a plugin of it.
    """
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTING), os.environ.get("PYTHONPATH")]))


def said() -> str:
    return f"clock: it is {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"

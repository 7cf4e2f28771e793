"""The clock of this process ahead (tests/clock.py). Python imports this as it starts, where PYTHONPATH leads here."""

from __future__ import annotations

import os
import time

import time_machine

if not time_machine.escape_hatch.is_travelling():
    time_machine.travel(time.time() + int(os.environ["NECAPP_TESTS_SECONDS_AHEAD"]), tick=True).start()

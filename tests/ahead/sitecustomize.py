"""The clock of this process CLOCK_AHEAD days ahead. Python imports this as it starts, where PYTHONPATH leads here."""

from __future__ import annotations

import os
import time

import time_machine

if not time_machine.escape_hatch.is_travelling():
    ahead = int(os.environ["CLOCK_AHEAD"]) * 24 * 3600
    time_machine.travel(time.time() + ahead, tick=True).start()

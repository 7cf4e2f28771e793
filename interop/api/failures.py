"""What is logged when the API fails: where, and what kind of error; its message and its values may be a patient's."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from audit.unavailable import RETRY_SECONDS, is_unavailable

from .problems import Problem

logger = logging.getLogger("interop.failures")


def problem_of(failure: BaseException) -> Problem:
    """What is answered: that the database is away, or that necapp failed. It is logged."""
    log_failure(failure)
    if is_unavailable(failure):
        return Problem("away", headers={"Retry-After": str(RETRY_SECONDS)})
    return Problem("fault")


def log_failure(failure: BaseException) -> None:
    frames = traceback.extract_tb(failure.__traceback__)
    way = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    logger.error("%s at %s", type(failure).__name__, way)

"""Why an action of boards is refused: each message is for the person who asked for it."""

from __future__ import annotations

from typing import Any

from audit.errors import ActionRefused


class Refused(ActionRefused):
    """Not now, or not so: what was entered or what the case, agenda, vote or decision has come to rules it out.

    field   the field of the form that it concerns; empty where none does
    """

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


class AskedFirst(Refused):
    """Only once the person has said that it is meant; `tick` is the field of the form by which that is said."""

    def __init__(self, message: str, field: str, tick: str):
        super().__init__(message, field)
        self.tick = tick


class ChangedMeanwhile(ActionRefused):
    """Somebody else wrote the same since the form was opened: `latest`, the row as it is now. Nothing was written."""

    def __init__(self, message: str, latest: Any):
        self.latest = latest
        super().__init__(message)

"""Why an action of curation is refused: each message is for the person who asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import ngettext

from audit.errors import ActionRefused
from regimens.knowledge.loader import LoadProblem


class AlreadyDecided(ActionRefused):
    """The proposal was decided, superseded or withdrawn before."""


class StaleProposal(ActionRefused):
    """The entry changed since the proposal was made on it; the proposal is superseded now."""


class NothingToChange(ActionRefused):
    """The entry says this already, or the same is proposed already."""


class InvalidContent(ActionRefused):
    """The evidence base would break its own rules.

    problems   everything that is wrong: each with list (`file`), key, field, value and rule
    """

    def __init__(self, problems: Sequence[LoadProblem]):
        self.problems = list(problems)
        count = len(self.problems)
        said = ngettext("%(count)s problem:", "%(count)s problems:", count) % {"count": count}
        super().__init__("\n".join([said, *map(str, self.problems)]))

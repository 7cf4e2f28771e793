"""Why an action of curation is refused: each message is for the person who asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import ngettext

from regimens.knowledge.loader import LoadProblem


class CurationError(Exception):
    """An action that is refused; the message says why, in the reader's language."""


class NotAllowed(CurationError):  # noqa: N818 - says of the action what it is
    """Not by this person: who is not signed in, lacks the permission, proposed it, or has no current statement."""


class AlreadyDecided(CurationError):  # noqa: N818
    """The proposal was decided, superseded or withdrawn before."""


class StaleProposal(CurationError):  # noqa: N818
    """The entry changed since the proposal was made on it; the proposal is superseded now."""


class NothingToChange(CurationError):  # noqa: N818
    """The entry says this already, or the same is proposed already."""


class InvalidContent(CurationError):  # noqa: N818
    """The evidence base would break its own rules.

    problems   everything that is wrong: each with list (`file`), key, field, value and rule
    """

    def __init__(self, problems: Sequence[LoadProblem]):
        self.problems = list(problems)
        count = len(self.problems)
        said = ngettext("%(count)s problem:", "%(count)s problems:", count) % {"count": count}
        super().__init__("\n".join([said, *map(str, self.problems)]))

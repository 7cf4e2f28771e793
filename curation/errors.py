"""Why an action of curation is refused: each message is for the person who asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.errors import ActionRefused
from regimens.knowledge.loader import LoadProblem


class AlreadyDecided(ActionRefused):
    """The proposal was decided, superseded or withdrawn before."""


class StaleProposal(ActionRefused):
    """The entry changed since the proposal was made on it; the proposal is superseded now."""


class NothingToChange(ActionRefused):
    """The entry says this already, or the same is proposed already."""


class LooksAlike(ActionRefused):
    """A new publication is in all likelihood one that is here already, in force or proposed.

    alike   those that it looks like, by key, each with its citation
    """

    def __init__(self, key: str, alike: Mapping[str, str]):
        self.key, self.alike = key, dict(alike)
        found = "; ".join(f"{other} ({citation})" for other, citation in alike.items())
        said = _("%(key)s looks like a text that is here already: %(found)s. Say first that it is another one.")
        super().__init__(said % {"key": key, "found": found})


class InvalidContent(ActionRefused):
    """The evidence base would break its own rules.

    problems   everything that is wrong: each with list (`file`), key, field, value and rule
    """

    def __init__(self, problems: Sequence[LoadProblem]):
        self.problems = list(problems)
        count = len(self.problems)
        said = ngettext("%(count)s problem:", "%(count)s problems:", count) % {"count": count}
        super().__init__("\n".join([said, *map(str, self.problems)]))


class TextRefused(ActionRefused):
    """A text that is missing, too long, or looks as if it identified a person; `field` is where it stands."""

    def __init__(self, message: str, field: str):
        self.field = field
        super().__init__(message)


class TooMany(ActionRefused):
    """More was reported in this hour, from this address or from all of them, than anybody reads."""

"""What boards do when a release comes into force, and what mail tells after an action.

The decided cases are replayed on it, for a second at most: that is some hundreds, and publishing must not wait longer.
What is left is replayed when a board opens its list, or by `manage.py replay_decisions`; until then the list says how
many are missing. There is no worker in the background, since a hospital would have to run and watch it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, transaction

from audit.models import Event
from regimens.models import KnowledgeRelease
from regimens.releases import ReleaseError

from .actions.replays import replay_decisions
from .mail import is_configured, tell_soon

SECONDS = 1.0
RECEIVER = "replay of decisions"  # by which the receiver is connected and found
TELLING = "mail of boards"
# The actions after which there is something to tell.
TOLD = frozenset(
    {
        *("make-meeting", "change-meeting", "delete-meeting", "add-member"),
        *("decide", "sign", "replay-decisions", "close-vote", "change-notifications"),
    }
)

logger = logging.getLogger(__name__)


def replay_on(sender: object, release: KnowledgeRelease, **kwargs: Any) -> None:
    """Never raises: the release is in force whatever becomes of the replays."""
    try:
        progress = replay_decisions(release.pk, seconds=SECONDS)
    except (DatabaseError, ReleaseError):
        logger.exception("Decided cases are not replayed on release %s: run manage.py replay_decisions", release.pk)
    else:
        if progress.left:
            logger.info("%s decided cases wait to be replayed on release %s", progress.left, release.pk)


def tell_after(sender: object, instance: Event, created: bool, **kwargs: Any) -> None:
    """Once what an event tells of is committed; what cannot be sent then is sent by `manage.py tell_boards`."""
    if created and instance.action in TOLD and is_configured():
        transaction.on_commit(tell_soon, robust=True)

"""What boards do when a release comes into force.

The decided cases are replayed on it, for a second at most: that is some hundreds, and publishing must not wait longer.
What is left is replayed when a board opens its list, or by `manage.py replay_decisions`; until then the list says how
many are missing. There is no worker in the background, since a hospital would have to run and watch it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError

from regimens.models import KnowledgeRelease
from regimens.releases import ReleaseError

from .actions.replays import replay_decisions

SECONDS = 1.0
RECEIVER = "replay of decisions"  # by which the receiver is connected and found

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

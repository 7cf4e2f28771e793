"""What the app tells others when it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.dispatch import Signal

if TYPE_CHECKING:
    from .models import KnowledgeRelease

# A release came into force, by publishing or by being put back: `release`, the KnowledgeRelease. Sent once that is
# committed, in the process that did it; a receiver that fails is logged, and changes nothing for the others.
release_in_force = Signal()


def tell_in_force(release: KnowledgeRelease) -> None:
    """Send `release_in_force` when this transaction is committed."""
    transaction.on_commit(lambda: release_in_force.send_robust(sender=type(release), release=release))

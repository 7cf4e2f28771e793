"""What the events of running the service are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit import sentences

_PHRASES = {
    "back-up": _("backed the database up as {}"),
    "restore": _("restored the database from {}"),
    "move-database": _("moved the database: {}"),
}
_LABELS = {"manifest": _("SHA-256 of the manifest"), "made_at": _("Backed up at")}


def register() -> None:
    sentences.register("operations", _PHRASES, labels=_LABELS)

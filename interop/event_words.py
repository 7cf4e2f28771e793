"""What the events of the interfaces are called: they say tokens, addresses and reasons, never a patient's."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in

_PHRASES = {
    "make-token": _("made the API token {}"),
    "agree-to-token": _("agreed that the API token {} reads the decisions of their board"),
    "limit-token": _("changed the limits of the API token {}"),
    "revoke-token": _("revoked the API token {}"),
    "use-token": _("used the API token {} for the first time"),
    "refuse-token": _("was refused by the API: {}"),
    "refuse-jwt": _("was refused by CDS Hooks: {}"),
    "refuse-launch": _("was refused when a record was to be read: {}"),
    "list-systems": _("started with another list of hospital systems"),
}
_LABELS = {
    "token": None,
    "scopes": _("Scopes"),
    "board": _("Board"),
    "networks": _("Networks"),
    "expires_on": _("Last day"),
    "rankings_a_minute": _("Rankings a minute"),
    "reads_a_minute": _("Reads a minute"),
    "key": _("Key of the token"),
    "issuer": _("Issuer"),
    "server": _("Server"),
    "hooks": _("May ask by CDS Hooks"),
    "smart": _("Are asked for records"),
    "list_sha256": _("SHA-256 of the list"),
}
_FIELDS = {
    "networks": _("networks"),
    "expires_on": _("last day"),
    "rankings_a_minute": _("rankings a minute"),
    "reads_a_minute": _("reads a minute"),
}


def register() -> None:
    sentences.register("interop", _PHRASES, labels=_LABELS, fields=_FIELDS, subjects=_subjects)


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    """The pages of tokens."""
    return {
        event.pk: Subject(page=("admin:interop_apitoken_change", pk))
        for event in events
        if event.action in _PHRASES and (pk := number_in(event, "token"))
    }

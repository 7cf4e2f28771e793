"""What the events of the interfaces are called: they say tokens, addresses and reasons, never a patient's."""

from __future__ import annotations

from collections.abc import Sequence

from audit import sentences
from audit.models import Event
from audit.sentences import Subject, number_in

_PHRASES = {
    "make-token": "made the API token {}",
    "agree-to-token": "agreed that the API token {} reads the decisions of their board",
    "limit-token": "changed the limits of the API token {}",
    "revoke-token": "revoked the API token {}",
    "use-token": "used the API token {} for the first time",
    "refuse-token": "was refused by the API: {}",
    "refuse-jwt": "was refused by CDS Hooks: {}",
    "refuse-launch": "was refused when a record was to be read: {}",
    "list-systems": "started with another list of hospital systems",
}
_LABELS = {
    "token": None,
    "scopes": "Scopes",
    "board": "Board",
    "networks": "Networks",
    "expires_on": "Last day",
    "rankings_a_minute": "Rankings a minute",
    "reads_a_minute": "Reads a minute",
    "key": "Key of the token",
    "issuer": "Issuer",
    "server": "Server",
    "hooks": "May ask by CDS Hooks",
    "smart": "Are asked for records",
    "list_sha256": "SHA-256 of the list",
}
_FIELDS = {
    "networks": "networks",
    "expires_on": "last day",
    "rankings_a_minute": "rankings a minute",
    "reads_a_minute": "reads a minute",
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

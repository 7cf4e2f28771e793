"""Why a record was not read from a hospital's server: a word for the program, a sentence and a status for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Failure:
    """`knock` what an event says that somebody tried, where nobody may; "" for what is no event."""

    status: int
    words: str | Promise
    knock: str = ""


FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "issuer": Failure(
            403, _("This server is not one of those from which records are read here."), "a server that is not listed"
        ),
        "launch": Failure(400, _("The address with which the record started this page cannot be read.")),
        "state": Failure(
            400,
            _(
                "This answer belongs to no start in this browser, or came more than ten minutes after it. Start again "
                "from the record."
            ),
            "an answer that belongs to no start",
        ),
        "write-scope": Failure(
            403,
            _(
                "The server gave leave to change its records, which was not asked for and is not wanted. Nothing "
                "was read with it."
            ),
            "leave to write",
        ),
        "identity": Failure(
            502, _("The server's word on who signed in does not fit this start."), "an identity of another start"
        ),
        "denied": Failure(403, _("The server did not allow it, or it was cancelled there.")),
        "no-s256": Failure(
            502, _("The server does not protect the start of an app as it has to (PKCE with S256 is not offered).")
        ),
        "endpoint": Failure(502, _("The server names an address that is not on the list, or not encrypted.")),
        "no-smart": Failure(502, _("The server does not say how apps are started from it (SMART App Launch).")),
        "token": Failure(502, _("The server did not exchange the code of this start. It may have been used before.")),
        "no-patient": Failure(422, _("The server named no patient. Open a patient's record and start from there.")),
        "other": Failure(502, _("The server sent resources of another patient.")),
        "not-given": Failure(403, _("The server does not give what is needed: the patient, conditions, observations.")),
        "failed": Failure(502, _("The server reported a fault of its own.")),
        "no-fhir": Failure(502, _("The server sent something that is no FHIR.")),
        "many-pages": Failure(413, _("The record has more pages than are read.")),
        "too-large": Failure(413, _("The record is larger than what is read at once (2 MB, 5,000 resources).")),
        "too-slow": Failure(504, _("The server took longer than two seconds.")),
        "unreachable": Failure(502, _("The server cannot be reached.")),
        "busy": Failure(503, _("Several records are being read just now. Try again.")),
    }
)
# What is asked of other systems has more words for a place where it may not go.
_ELSEWHERE = {"not-allowed": "endpoint", "address": "endpoint", "redirect": "endpoint", "encoded": "no-fhir"}


class LaunchError(Exception):
    """A start that ended; `why` a word of FAILURES. It names nothing that was sent."""

    def __init__(self, why: str):
        self.why = _ELSEWHERE.get(why, why)
        super().__init__(self.why)

    @property
    def failure(self) -> Failure:
        return FAILURES[self.why]

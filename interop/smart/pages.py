"""`/smart/`, `/smart/launch` and `/smart/callback`: started from a record, back with it, and confirmed field by field.

What the callback answers is the table of `/fill/` with its values as fields: nothing is held on the server, and code
and state stand in no link of it. Nothing that a server or a browser sent is logged or put into an event.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts import outgoing
from audit.middleware import address_of
from interop.actions import note_refused_launch
from interop.api import limits
from interop.clients import SmartServer, clients
from interop.limits import Busy, reading_slot
from interop.patient_record import Fetched, RecordError, fetch
from interop.reading import Reading, Refused, read
from interop.record_table import table
from interop.terminology import terminology
from regimens.pages.views import with_release
from regimens.rules.knowledge import Knowledge

from . import carried, grant, identity
from .discovery import Configuration, configuration
from .failures import LaunchError

# Room for the brackets and commas between the answers of a server.
MOST_BYTES = outgoing.MOST_BYTES - 1024
_LAUNCH = re.compile(r"[\x21-\x7e]{1,2000}")
# No page is told of code and state. The table says in its head that `/fill/take/` may be told the origin, since a form
# that leaves a page with `no-referrer` says `Origin: null`, which is refused as forged.
REFERRER = "no-referrer"


@never_cache
@require_safe
def servers(request: HttpRequest) -> HttpResponse:
    """The servers from which records may be read, as links: standalone launch."""
    context = {"servers": clients().smart, "section": "patient"}
    return render(request, "interop/smart_servers.html", context)


@never_cache
@require_GET
def launch(request: HttpRequest) -> HttpResponse:
    """Sends the browser to the server's own sign-in. With `launch` from an open record, else to choose a patient."""
    given = _taken_from_address(request)
    if "iss" not in given:
        return redirect("smart-servers")
    name = ""
    try:
        server = clients().server(given["iss"])
        if server is None:
            raise LaunchError("issuer")
        name = server.name
        handle = given.get("launch", "")
        if handle and not _LAUNCH.fullmatch(handle):
            raise LaunchError("launch")
        start = carried.Start.of(server.iss)
        reach = clients().reach([server.iss, *server.origins])
        with outgoing.Outgoing(reach) as web:
            found = configuration(web, server, reach)
    except LaunchError as error:
        return _refused(request, error, name)
    to = grant.address(found, server, start, handle, _callback_address(request, server))
    response = HttpResponseRedirect(to, headers={"Referrer-Policy": REFERRER})
    carried.give(response, start)
    return response


@never_cache
@require_GET
@with_release
def callback(request: HttpRequest, knowledge: Knowledge, own: str = "") -> HttpResponse:
    """What the server answered: the record is read once, and shown to be confirmed.

    At its own redirect address (`own`) where it has one: what comes at another's is of another server (RFC 9700, 4.4).
    """
    given = _taken_from_address(request)
    if not given:
        return redirect("smart-servers")
    name = ""
    try:
        start = carried.take(request, given.get("state", ""))
        server = clients().server(start.iss)
        if server is None:  # taken off the list since
            raise LaunchError("issuer")
        name = server.name
        if own != (server.callback or ""):
            raise LaunchError("state")
        fetched = _fetched(server, start, given, _callback_address(request, server))
        reading = _read(fetched, knowledge)
    except LaunchError as error:
        response = _refused(request, error, name)
    else:
        response = _to_confirm(request, reading, knowledge, fetched, name)
    carried.drop(response)
    return response


def _fetched(server: SmartServer, start: carried.Start, given: dict[str, str], redirect_uri: str) -> Fetched:
    """The record, with a token that is given back whatever comes of it. Raises LaunchError."""
    now = timezone.now()
    reach = clients().reach([server.iss, *server.origins])
    with outgoing.Outgoing(reach) as web:
        found = configuration(web, server, reach)
        issuer = given.get("iss", None if found.says_issuer else found.issuer)
        if found.issuer and issuer != found.issuer:  # RFC 9207: the answer of another server
            raise LaunchError("state")
        if "error" in given or "code" not in given:
            raise LaunchError("denied")
        held = grant.exchange(web, found, server, start, given["code"], redirect_uri=redirect_uri, now=now)
        try:
            held.check()
            if server.openid:
                identity.check(web, found, server, held.identity, start.nonce, now)
            return _record(server, held)
        finally:
            _give_back(server, found, held)


def _record(server: SmartServer, held: grant.Grant) -> Fetched:
    """Asked of the FHIR server alone. Raises LaunchError."""
    with outgoing.Outgoing(clients().reach([server.iss]), most_bytes=MOST_BYTES) as web:
        try:
            return fetch(web, server.iss, held.patient, held.tokens[0])
        except RecordError as error:
            raise LaunchError(error.why) from error


def _give_back(server: SmartServer, found: Configuration, held: grant.Grant) -> None:
    with outgoing.Outgoing(clients().reach([server.iss, *server.origins])) as web:
        grant.give_back(web, found, server, held, timezone.now())


def _read(fetched: Fetched, knowledge: Knowledge) -> Reading:
    """Raises LaunchError."""
    try:
        with reading_slot():
            return read(fetched.data, knowledge=knowledge, terms=terminology())
    except Busy as error:
        raise LaunchError("busy") from error
    except Refused as refused:
        if refused.reason == "several-patients":
            raise LaunchError("other") from refused
        raise LaunchError("too-large" if refused.status == 413 else "no-fhir") from refused


def _to_confirm(
    request: HttpRequest, reading: Reading, knowledge: Knowledge, fetched: Fetched, name: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "table": table(reading, knowledge, timezone.localdate()),
        "release": knowledge.release,
        "server": name,
        "missing": fetched.missing,
        "section": "patient",
    }
    response = render(request, "interop/confirm.html", context)
    response.headers["Referrer-Policy"] = REFERRER
    return response


def _refused(request: HttpRequest, error: LaunchError, name: str) -> HttpResponse:
    """A page that says why, and an event where somebody tried what nobody may: one a minute, address and reason."""
    failure = error.failure
    if failure.knock:
        caller = f"{limits.caller_at(address_of(request))} smart {error.why}"
        if limits.count(caller, limits.KNOCKS, timezone.now()) == 1:
            note_refused_launch(failure.knock, name)
    context = {"words": failure.words, "server": name, "section": "patient"}
    response = render(request, "interop/smart_refused.html", context, status=failure.status)
    response.headers["Referrer-Policy"] = REFERRER
    return response


def _taken_from_address(request: HttpRequest) -> dict[str, str]:
    """What was sent in the address; no link of the page repeats it, as those for languages and signing in would."""
    given = request.GET.dict()
    request.META["QUERY_STRING"] = ""
    return given


def _callback_address(request: HttpRequest, server: SmartServer) -> str:
    """As it is registered with the server."""
    own = reverse("smart-callback-own", args=[server.callback]) if server.callback else reverse("smart-callback")
    return request.build_absolute_uri(own)

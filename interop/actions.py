"""What is done to API tokens, each in one transaction with its event. Raise TokenError, in words for their reader."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.guard import RECORDS
from boards.members import membership

from .models import LONGEST_DAYS, MOST_A_MINUTE, ApiToken, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boards.models import Board

MANAGE = "interop.manage_tokens"
# What an administrator may change of a token that is in use; for another scope there is another token.
LIMITS = ("expires_on", "networks", "rankings_a_minute", "reads_a_minute")

_SIGNS = string.ascii_lowercase + string.digits


class TokenError(ActionRefused):
    """Something that cannot be done to a token, in words."""


def make_token(
    *,
    name: str,
    scopes: Iterable[str],
    expires_on: date,
    networks: str,
    rankings_a_minute: int,
    reads_a_minute: int,
    by: User,
    now: datetime,
    board: Board | None = None,
) -> tuple[ApiToken, str]:
    """A new token, and what its system has to send: shown once, since only its digest is kept."""
    _permit(by)
    name = name.strip()
    chosen = [scope.value for scope in Scope if scope.value in set(scopes)]
    if not name or not name.isprintable():
        raise TokenError(_("A token needs a name: which system uses it, and for what."))
    if not chosen:
        raise TokenError(_("A token needs a scope."))
    if (Scope.DECISIONS in chosen) != (board is not None):
        raise TokenError(
            _("Board: one is named for the scope %(scope)s, and for no other.") % {"scope": Scope.DECISIONS.value}
        )
    limits = _limits(
        expires_on=expires_on,
        networks=networks,
        rankings_a_minute=rankings_a_minute,
        reads_a_minute=reads_a_minute,
        made_on=now.date(),
        today=now.date(),
    )
    key = "".join(secrets.choice(_SIGNS) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    with writing(RECORDS):
        if ApiToken.objects.filter(name__iexact=name).exists():
            raise TokenError(_("There is a token named %(name)s.") % {"name": name})
        token = ApiToken.objects.create(
            name=name,
            key=key,
            digest=digest_of(secret),
            scopes=" ".join(chosen),
            board=board,
            made_at=now,
            made_by=by,
            **limits,
        )
        details = {"token": token.pk, "scopes": chosen} | ({"board": board.name} if board else {}) | _plain(limits)
        record("make-token", token, by=by, details=details)
    return token, f"nec_{key}_{secret}"


def limit_token(token: ApiToken, *, by: User, now: datetime, **limits: Any) -> None:
    """Change the limits of a token that is in use."""
    _permit(by)
    with writing(RECORDS):
        token = locked(token)
        if token.revoked_at is not None:
            raise TokenError(_("The token %(token)s is revoked.") % {"token": token})
        wanted = _limits(**limits, made_on=token.made_at.date(), today=now.date())
        former = {name: getattr(token, name) for name in LIMITS}
        changed = {
            name: [before, _plain(wanted)[name]]
            for name, before in _plain(former).items()
            if before != _plain(wanted)[name]
        }
        if not changed:
            return
        for name, value in wanted.items():
            setattr(token, name, value)
        token.save(update_fields=LIMITS)
        record("limit-token", token, by=by, details={"token": token.pk, "changed": changed})


def agree_to_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """Let it read the decisions of the board that `by` chairs: an administrator alone gives nobody a board's cases."""
    with writing(RECORDS):
        token = locked(token)
        if not _chairs(by, token):
            raise NotAllowed(_("Only the chair may do this."))
        if token.revoked_at is not None or token.agreed_at is not None:
            raise TokenError(_("The token %(token)s is revoked, or agreed to already.") % {"token": token})
        token.agreed_at, token.agreed_by = now, by
        token.save(update_fields=["agreed_at", "agreed_by"])
        details = {"token": token.pk, "board": token.board.name}
        record("agree-to-token", token, by=by, details=details)


def revoke_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """From now on nobody is let in with it. Of one that reads a board's decisions the chair may do so, too."""
    with writing(RECORDS):
        if not _chairs(by, token):
            _permit(by)
        token = locked(token)
        if token.revoked_at is not None:
            raise TokenError(_("The token %(token)s is revoked already.") % {"token": token})
        token.revoked_at, token.revoked_by = now, by
        token.save(update_fields=["revoked_at", "revoked_by"])
        record("revoke-token", token, by=by, details={"token": token.pk})


def note_use(token: ApiToken, *, on: date) -> None:
    """Remember the day on which a token was used last; its first use is an event."""
    if token.last_used == on:
        return
    with writing(RECORDS):
        is_first = ApiToken.objects.filter(pk=token.pk, last_used__isnull=True).update(last_used=on)
        if is_first:
            record("use-token", token, details={"token": token.pk})
        else:
            ApiToken.objects.filter(pk=token.pk, last_used__lt=on).update(last_used=on)


def note_refusal(reason: str, token: ApiToken | None) -> None:
    """Somebody knocked with a token that lets nobody in, or not there: an event, which names nothing that was sent."""
    known = {"token": token.pk, "key": token.key} if token else {}
    with writing(RECORDS):
        record("refuse-token", reason, details=known)


def note_refused_jwt(reason: str, issuer: str) -> None:
    """A system of the hospital was not let in: an event with the name of its issuer, "" for one that is not listed."""
    with writing(RECORDS):
        record("refuse-jwt", reason, details={"issuer": issuer or "not listed"})


def note_refused_launch(reason: str, server: str) -> None:
    """Somebody came with a start that is none: an event. `server` as the hospital named it, "" where it is unknown."""
    with writing(RECORDS):
        record("refuse-launch", reason, details={"server": server} if server else {})


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _chairs(person: User, token: ApiToken) -> bool:
    held = membership(person, token.board) if token.board else None
    return held is not None and held.is_chair


def _permit(by: User) -> None:
    known = User.objects.filter(pk=getattr(by, "pk", None), is_active=True).first()
    if known is None or not known.has_perm(MANAGE):
        raise NotAllowed(_("You have no permission to do this."))


def _limits(
    *, expires_on: date, networks: str, rankings_a_minute: int, reads_a_minute: int, made_on: date, today: date
) -> dict[str, Any]:
    """The limits as they are kept. Raises TokenError."""
    latest = made_on + timedelta(days=LONGEST_DAYS)
    if not today <= expires_on <= latest:
        said = _("The last day is %(day)s; it has to be from %(first)s to %(last)s, a year at most.")
        raise TokenError(said % {"day": expires_on, "first": today, "last": latest})
    rates = (
        (_("Rankings a minute: %(number)d; it has to be from 1 to %(most)d."), rankings_a_minute),
        (_("Reads a minute: %(number)d; it has to be from 1 to %(most)d."), reads_a_minute),
    )
    for said, number in rates:
        if not 1 <= number <= MOST_A_MINUTE:
            raise TokenError(said % {"number": number, "most": MOST_A_MINUTE})
    return {
        "expires_on": expires_on,
        "networks": " ".join(map(_network, networks.replace(",", " ").split())),
        "rankings_a_minute": rankings_a_minute,
        "reads_a_minute": reads_a_minute,
    }


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        said = _("Networks: %(why)s; allowed are addresses such as 192.0.2.0/24 or 2001:db8::/32.")
        raise TokenError(said % {"why": error}) from None


def _plain(limits: Mapping[str, Any]) -> dict[str, Any]:
    """As an event holds them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in limits.items()}

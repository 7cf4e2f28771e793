"""Whose account a believed identity is, and the roles that its groups give now. One transaction for each sign-in."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import rights
from accounts.administering import end_sessions_of
from accounts.carried import SECONDS
from accounts.identity_provider import Provider, is_local, mixes
from accounts.models import Identity, SpentSignIn
from accounts.two_administrators import set_roles

from .failures import SignInError
from .tokens import Claims


def person_of(claims: Claims, nonce: str, *, provider: Provider, now: datetime) -> User:
    """The account, made at the first sign-in, with the roles of its groups. Raises SignInError.

    Who has no role any more loses those of before, and is signed out, though nobody is let in.
    """
    name = claims.text(provider.username_claim)
    try:
        roles = _roles(claims, provider)
        with transaction.atomic():
            _spend(nonce, now)
            person = _known(claims) or _made(claims, provider, roles, now)
            if rights.ADMINISTRATOR in roles and rights.standings(person):
                raise SignInError("mixed")
            set_roles(person, sorted(roles))
            if not roles:
                end_sessions_of(person)
    except IntegrityError as error:  # at the same moment in another process
        raise SignInError("state", name) from error
    except SignInError as error:
        raise SignInError(error.why, name) from error
    if not roles:
        raise SignInError("no-role", name)
    return person


def _roles(claims: Claims, provider: Provider) -> set[str]:
    groups = claims.groups(provider.groups_claim)
    roles = {role for group in groups for role in provider.roles.get(group, ())}
    if mixes(roles):
        raise SignInError("mixed")
    return roles


def _spend(nonce: str, now: datetime) -> None:
    """A sign-in is completed once, in whichever process."""
    SpentSignIn.objects.filter(at__lt=now - timedelta(seconds=2 * SECONDS)).delete()
    digest = hashlib.sha256(nonce.encode()).hexdigest()
    _, is_new = SpentSignIn.objects.get_or_create(digest=digest, defaults={"at": now})
    if not is_new:
        raise SignInError("state")


def _known(claims: Claims) -> User | None:
    """By issuer and subject, and by nothing else."""
    found = Identity.objects.filter(issuer=claims.issuer, subject=claims.subject).first()
    if found is None:
        return None
    person = User.objects.select_for_update().get(pk=found.person_id)
    if not person.is_active or is_local(person.get_username()):
        raise SignInError("closed")
    told = {"first_name": claims.text("given_name")[:150], "last_name": claims.text("family_name")[:150]}
    told |= {"email": claims.text("email")[:254]}
    changed = [field for field, value in told.items() if value and getattr(person, field) != value]
    for field in changed:
        setattr(person, field, told[field])
    if changed:
        person.save(update_fields=changed)
    return person


def _made(claims: Claims, provider: Provider, roles: set[str], now: datetime) -> User:
    """A new account; never one that is there, whose name may have been another's."""
    if not roles:
        raise SignInError("no-role")
    username = claims.text(provider.username_claim)
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise SignInError("name") from error
    if not username or User.normalize_username(username) != username:
        raise SignInError("name")
    if is_local(username) or User.objects.filter(username__iexact=username).exists():
        raise SignInError("taken")
    person = User(
        username=username,
        first_name=claims.text("given_name")[:150],
        last_name=claims.text("family_name")[:150],
        email=claims.text("email")[:254],
    )
    person.set_unusable_password()
    person.save()
    Identity.objects.create(person=person, issuer=claims.issuer, subject=claims.subject, made_at=now)
    return person

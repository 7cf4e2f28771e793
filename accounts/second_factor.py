"""The second factor: an authenticator app that shows codes (TOTP, RFC 6238), and recovery codes where it is lost."""

from __future__ import annotations

import hashlib
import logging
import secrets
from base64 import b32encode
from datetime import timedelta
from typing import TYPE_CHECKING

import segno
from django.db import transaction
from django.utils import timezone

from audit.events import record

from . import seeds
from .models import AuthenticatorApp, RecoveryCode
from .seeds import SeedError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

CODES = 10
# Letters and digits that are not mistaken for one another; 24 of them are 118 bits, too many to search even for whoever
# reads the table. Codes of before had 16 and are good until they are used or replaced.
LENGTH = 24
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# A secret that was shown and not confirmed is shown again for so long, then there is a new one.
UNCONFIRMED = timedelta(hours=1)


def device_of(person: User) -> AuthenticatorApp | None:
    """The app in force of a person; None where there is none yet."""
    return AuthenticatorApp.objects.filter(user=person, confirmed=True).first()


def locked() -> int:
    """How many apps nobody can use: their seeds were encrypted with a key that is not there."""
    stored = AuthenticatorApp.objects.filter(confirmed=True).values_list("key", "user_id")
    return sum(seeds.is_sealed(key) and not seeds.opens(key, person) for key, person in stored)


def accepts(device: AuthenticatorApp, given: str) -> bool:
    """Whether this is a code of the app, or a recovery code, that was not used before; it is used now."""
    code = "".join(given.split()).replace("-", "").lower()
    if code.isascii() and code.isdigit():
        return _verifies(device, code)
    with transaction.atomic():
        used, _ = RecoveryCode.objects.filter(person=device.user, digest=_digest(code)).delete()
        if used:
            record("use-recovery-code", device.user, by=device.user)
    return used == 1


def unconfirmed(person: User) -> AuthenticatorApp:
    """The app that a person is setting up."""
    devices = AuthenticatorApp.objects.filter(user=person, confirmed=False)
    found = devices.filter(created_at__gt=timezone.now() - UNCONFIRMED).first()
    if found is None:
        devices.delete()
        found = AuthenticatorApp.objects.create(user=person, confirmed=False, name="app")
    return found


def confirm(device: AuthenticatorApp, given: str) -> bool:
    """Put an app in force, in the place of any other, if this is a code of it."""
    code = "".join(given.split())
    if not (code.isascii() and code.isdigit() and _verifies(device, code)):
        return False
    with transaction.atomic():
        AuthenticatorApp.objects.filter(user=device.user).exclude(pk=device.pk).delete()
        AuthenticatorApp.objects.filter(pk=device.pk).update(confirmed=True)
    device.confirmed = True
    return True


def new_recovery_codes(person: User) -> list[str]:
    """Ten new codes, which take the place of all before; they can be read this once."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(person=person).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=_digest(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, LENGTH, 4)) for code in codes]


def forget(person: User) -> None:
    """No app and no codes: the next sign-in asks to set one up."""
    AuthenticatorApp.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(person=person).delete()


def secret_of(device: AuthenticatorApp) -> str:
    """To be typed where no picture can be taken, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture_of(device: AuthenticatorApp) -> str:
    """The same as a QR code, in SVG without styles."""
    drawn = segno.make_qr(device.config_url, error="m")
    return drawn.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)


def _verifies(device: AuthenticatorApp, code: str) -> bool:
    """Under a lock, so that of two who send the same code at once only one is let in."""
    with transaction.atomic():
        locked = AuthenticatorApp.objects.select_for_update().filter(pk=device.pk).first()
        try:
            return locked is not None and bool(locked.verify_token(code))
        except SeedError as error:
            logger.error("the authenticator app of account %s cannot be read: %s", device.user_id, error)
            return False


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

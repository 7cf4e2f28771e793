"""The second factor: an authenticator app that shows codes (TOTP, RFC 6238), and recovery codes where it is lost."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from datetime import timedelta
from typing import TYPE_CHECKING

import segno
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.events import record

from .models import RecoveryCode

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CODES = 10
# Letters and digits that are not mistaken for one another; 16 of them are 79 bits, too many to guess or to search.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# A secret that was shown and not confirmed is shown again for so long, then there is a new one.
UNCONFIRMED = timedelta(hours=1)


def device_of(person: User) -> TOTPDevice | None:
    """The app in force of a person; None where there is none yet."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).first()


def accepts(device: TOTPDevice, given: str) -> bool:
    """Whether this is a code of the app, or a recovery code, that was not used before; it is used now."""
    code = "".join(given.split()).replace("-", "").lower()
    if code.isascii() and code.isdigit():
        return _verifies(device, code)
    with transaction.atomic():
        used, _ = RecoveryCode.objects.filter(person=device.user, digest=_digest(code)).delete()
        if used:
            record("use-recovery-code", device.user, by=device.user)
    return used == 1


def unconfirmed(person: User) -> TOTPDevice:
    """The app that a person is setting up."""
    devices = TOTPDevice.objects.filter(user=person, confirmed=False)
    found = devices.filter(created_at__gt=timezone.now() - UNCONFIRMED).first()
    if found is None:
        devices.delete()
        found = TOTPDevice.objects.create(user=person, confirmed=False, name="app")
    return found


def confirm(device: TOTPDevice, given: str) -> bool:
    """Put an app in force, in the place of any other, if this is a code of it."""
    code = "".join(given.split())
    if not (code.isascii() and code.isdigit() and _verifies(device, code)):
        return False
    with transaction.atomic():
        TOTPDevice.objects.filter(user=device.user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    device.confirmed = True
    return True


def new_recovery_codes(person: User) -> list[str]:
    """Ten new codes, which take the place of all before; they can be read this once."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(16)) for _ in range(CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(person=person).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=_digest(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def forget(person: User) -> None:
    """No app and no codes: the next sign-in asks to set one up."""
    TOTPDevice.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(person=person).delete()


def secret_of(device: TOTPDevice) -> str:
    """To be typed where no picture can be taken, in groups of four."""
    secret = b32encode(device.bin_key).decode()
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture_of(device: TOTPDevice) -> str:
    """The same as a QR code, in SVG without styles."""
    drawn = segno.make_qr(device.config_url, error="m")
    return drawn.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)


def _verifies(device: TOTPDevice, code: str) -> bool:
    """Under a lock, so that of two who send the same code at once only one is let in."""
    with transaction.atomic():
        locked = TOTPDevice.objects.select_for_update().filter(pk=device.pk).first()
        return locked is not None and bool(locked.verify_token(code))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

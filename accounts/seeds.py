"""The seeds of authenticator apps as the database holds them: encrypted, with a key that is not in the database.

AES-256 in GCM, with the number of the account as what is authenticated besides, so that a seed that was copied to the
row of another account opens nothing, and neither does one that was written there in plain. The first of the keys seals;
all of them open: docs/deploy.md says how a key is changed.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# The first names of these, so that what was sealed under them can be opened.
PREFIX, INFO = "s1.", b"necapp.accounts.seeds"
NAME_BYTES, NONCE_BYTES = 4, 12
# What the column of django-otp holds.
LONGEST = 80
SHORTEST_KEY = 32


class SeedError(Exception):
    """A seed that none of the keys opens, or that is too long to be kept; the text names no part of it."""


def is_sealed(stored: str) -> bool:
    return stored.startswith(PREFIX)


def sealed(seed: bytes, person: int) -> str:
    """A seed as it is stored for an account. Raises SeedError where it is too long."""
    name, key = _key_of(secrets_in_force()[0])
    nonce = secrets.token_bytes(NONCE_BYTES)
    content = name + nonce + AESGCM(key).encrypt(nonce, seed, _bound_to(person))
    stored = PREFIX + urlsafe_b64encode(content).rstrip(b"=").decode()
    if len(stored) > LONGEST:
        raise SeedError("The seed is longer than an authenticator app's.")
    return stored


def opened(stored: str, person: int) -> bytes:
    """The seed of an account. Raises SeedError."""
    if not is_sealed(stored):
        raise SeedError("The seed is not encrypted.")
    try:
        content = urlsafe_b64decode(stored.removeprefix(PREFIX) + "==")
    except (NoBase64, ValueError) as error:
        raise SeedError("The seed is not as it was stored.") from error
    name, nonce, rest = (
        content[:NAME_BYTES],
        content[NAME_BYTES : NAME_BYTES + NONCE_BYTES],
        content[NAME_BYTES + NONCE_BYTES :],
    )
    keys = [key for known, key in map(_key_of, secrets_in_force()) if known == name]
    if not keys:
        raise SeedError("The seed was encrypted with a key that is not among those of SEED_KEY.")
    for key in keys:
        try:
            return AESGCM(key).decrypt(nonce, rest, _bound_to(person))
        except (InvalidTag, ValueError):
            continue
    raise SeedError("The seed is not as it was stored, or is another account's.")


def opens(stored: str, person: int) -> bool:
    try:
        opened(stored, person)
    except SeedError:
        return False
    return True


def is_current(stored: str) -> bool:
    """Whether a seed is sealed with the key that seals now."""
    name, _ = _key_of(secrets_in_force()[0])
    return is_sealed(stored) and urlsafe_b64decode(stored.removeprefix(PREFIX) + "==")[:NAME_BYTES] == name


def secrets_in_force() -> list[str]:
    """Those of SEED_KEY, and then SECRET_KEY: it seals where there is no SEED_KEY, and opens what it sealed before."""
    return [*settings.SEED_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _bound_to(person: int) -> bytes:
    return b"account %d" % person


@lru_cache(maxsize=32)
def _key_of(secret: str) -> tuple[bytes, bytes]:
    """What a key is known by, and the key itself."""
    derived = HKDF(SHA256(), NAME_BYTES + 32, salt=None, info=INFO).derive(secret.encode())
    return derived[:NAME_BYTES], derived[NAME_BYTES:]

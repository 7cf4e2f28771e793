"""Whether the server's word on who signed in belongs to this start, where the server demands the scope openid.

Who it is, is not looked at: the token is checked, and dropped.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accounts.outgoing import Outgoing, OutgoingError
from interop.clients import SmartServer

from .discovery import Configuration
from .failures import LaunchError

ALGORITHMS = ["RS256", "RS384", "ES256", "ES384"]
SKEW_SECONDS = 60


def check(web: Outgoing, found: Configuration, server: SmartServer, identity: str, nonce: str, now: datetime) -> None:
    """Raises LaunchError."""
    if not (identity and found.jwks and found.issuer):
        raise LaunchError("identity")
    try:
        keys = KeySet.import_key_set(web.get(found.jwks, {"Accept": "application/json"}).json())
        claims = jwt.decode(identity, keys, algorithms=ALGORITHMS).claims
    except OutgoingError as error:
        raise LaunchError(error.why) from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise LaunchError("identity") from error
    audience, ends = claims.get("aud"), claims.get("exp")
    is_ours = audience == server.client_id or (isinstance(audience, list) and server.client_id in audience)
    lasts = isinstance(ends, int | float) and now.timestamp() < ends + SKEW_SECONDS
    is_answer = hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
    if not (is_ours and lasts and is_answer and claims.get("iss") == found.issuer):
        raise LaunchError("identity")

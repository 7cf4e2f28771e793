"""Keys with which hospital systems and this app sign, made for a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey


def signing_key(name: str = "k1") -> ECKey:
    """P-384, with a name."""
    return ECKey.generate_key("P-384", {"kid": name, "use": "sig", "alg": "ES384"}, private=True)


def public(*keys: ECKey) -> dict[str, Any]:
    """As a set of public keys (JWKS)."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def private_file(folder: Path, key: ECKey) -> Path:
    path = folder / f"{key.kid}.jwk"
    path.touch(0o600)
    path.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    return path

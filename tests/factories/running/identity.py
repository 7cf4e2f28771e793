"""A real OpenID Connect server beside the running app: oidc-provider-mock, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

SERVE = """
import time
from oidc_provider_mock import User, app
people = [
    User(sub="0f1e", claims={"preferred_username": "ada.oidc", "groups": ["curators"], "auth_time": int(time.time())}),
    User(sub="2d3c", claims={"preferred_username": "eve.oidc", "groups": ["everybody"], "auth_time": int(time.time())}),
]
app(require_nonce=True, user_claims=people).run(port=__PORT__, threaded=True)
"""


@contextmanager
def oidc_server() -> Iterator[str]:
    """Its issuer. It knows ada.oidc, a curator, and eve.oidc, who has no role: a button on its page for each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
    code = SERVE.replace("__PORT__", str(port))
    server = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    issuer = f"http://localhost:{port}"
    try:
        for _ in range(600):
            assert server.poll() is None, "the identity provider stopped while starting"
            try:
                urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5).close()  # noqa: S310
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield issuer
    finally:
        server.terminate()
        server.wait(60)

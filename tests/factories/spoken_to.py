"""A WSGI application that says what reached it, for tests of the server in front: it needs no Django."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from necapp.bodies import OF_A_PAGE


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length <= OF_A_PAGE else b""
    said = json.dumps({"path": environ["PATH_INFO"], "read": len(body), "length": length}).encode()
    start_response("200 OK", [("Content-Length", str(len(said))), ("Content-Type", "application/json")])
    return [said]

"""What is answered to HEAD has no body; Django leaves that to its server, and gunicorn warns of each in the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .frames import Application


def without_body(application: Application) -> Application:
    """The same application, whose answers to HEAD are their headers alone."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return ()

    return call

"""Room for the frames of a request, so that Python need not ask the system for it thousands of times a page.

CPython 3.11 to 3.13 keep frames in chunks of 16 KiB and give one back as soon as its last frame returns: a loop that
happens to run at a chunk's edge maps and unmaps memory at every call, which made up a quarter of a ranking page
(github.com/python/cpython/issues/142183; later releases keep one chunk). A frame that asks for far more than it uses
makes Python map one large chunk, in which all frames of the request then fit; what is not touched takes no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# Slots of 8 bytes: 256 KiB, which CPython rounds up to the next power of two. The deeper frames have the other half.
SLOTS = 2**15

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def with_room(application: Application) -> Application:
    """The same application, called with room for its frames."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return application(environ, start_response)

    call.__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call

"""A record as it is pasted or uploaded on a page: read in memory, within its own limit, and never in a file.

Django holds a form to 256 KB and writes larger uploads to disk; a record has 2 MiB, and no file may be made of it.
"""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

MULTIPART = "multipart/form-data"
MOST_PARTS = 20
MOST_BESIDE = 64 * 1024  # the other fields of the form, and what parts them


class TooLarge(ValueError):  # noqa: N818 - says what is the matter
    """A form that is larger than a record may be."""


class WrongKind(ValueError):  # noqa: N818
    """A file whose name says that it is something else."""


def take(request: HttpRequest, most: int, endings: tuple[str, ...]) -> dict[str, bytes]:
    """The parts of a form by name; its short ones are `request.POST` then. Raises TooLarge, and WrongKind for a file
    whose name ends otherwise.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > most + MOST_BESIDE:
        request.POST = QueryDict()  # type: ignore[misc]  # so that nobody reads the body
        raise TooLarge
    body = request.read(length)
    boundary = str(request.content_params.get("boundary", "")) if request.content_params else ""
    if boundary and body.count(boundary.encode()) > MOST_PARTS:
        request.POST = QueryDict()  # type: ignore[misc]
        raise TooLarge
    head = f"Content-Type: {request.META.get('CONTENT_TYPE', '')}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, bytes] = {}
    fields = QueryDict(mutable=True)
    named = ""
    for part in message.iter_parts() if message.is_multipart() else ():
        named = named or str(part.get_filename() or "")
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
            if len(content) < 1000:
                fields.appendlist(name, content.decode("utf-8", "replace"))
    request.POST = fields  # type: ignore[misc]
    request._files = MultiValueDict()  # type: ignore[attr-defined]
    if named and not named.lower().endswith(endings):
        raise WrongKind
    return parts

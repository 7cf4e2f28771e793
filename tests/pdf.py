"""PDFs as tests look into them."""

from __future__ import annotations

import re
import zlib


def streams_of(document: bytes) -> bytes:
    """A PDF with its streams uncompressed, to look for words in its structure."""
    found = [document]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)

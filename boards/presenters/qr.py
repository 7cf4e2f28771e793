"""A QR code as a drawing within the page."""

from __future__ import annotations

import segno
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def qr_drawing(address: str, title: str) -> SafeString:
    """The code of an address, dark on light whatever the page is, with a title for those who hear the page."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, light="#fff", title="TITLE")
    return mark_safe(svg.replace("<title>TITLE", f"<title>{escape(title)}").replace("<svg ", '<svg role="img" ', 1))  # noqa: S308 - drawn here

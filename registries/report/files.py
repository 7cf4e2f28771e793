"""A report as a file: one HTML page that needs nothing from elsewhere, or a PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from display.typesetting import pdf

from .document import Document

STYLE = "registries.css"


def as_html(document: Document) -> bytes:
    """With its style in it; without a script."""
    style = Path(settings.BASE_DIR, "static", STYLE).read_text(encoding="utf-8")
    context = {"document": document, "style": mark_safe(style)}  # noqa: S308 - our own file
    return render_to_string("registries/file.html", context).encode()


def as_pdf(document: Document, *, at: datetime) -> bytes:
    return pdf(document, at=at)

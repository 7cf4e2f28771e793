"""On every page: notices that were reported against publications of the release in force since it was made."""

from __future__ import annotations

from typing import Any

from django import template

from regimens import releases
from regimens.wording.reports import report_lines

register = template.Library()


@register.inclusion_tag("regimens/_reported.html")
def reported_notices() -> dict[str, Any]:
    """As this process found them when it last asked for the release in force; no query."""
    knowledge, reported = releases.held(), releases.reported()
    return {"lines": report_lines(reported, knowledge) if knowledge and reported else ()}

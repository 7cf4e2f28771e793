"""On every page: that a release fails, for those who mend it; and notices that were reported since it was made."""

from __future__ import annotations

from typing import Any

from django import template

from regimens import releases
from regimens.wording.reports import report_lines

register = template.Library()
# Of curators, publishers and administrators.
MENDS = ("regimens.propose_change", "regimens.publish_release", "auth.change_user")


@register.inclusion_tag("regimens/_failing.html")
def failing_release(user: Any) -> dict[str, Any]:
    """That a release in force cannot be used, for those who mend it. No query while there is none."""
    failing = releases.found_failing()
    is_shown = failing is not None and any(map(user.has_perm, MENDS))
    return {"words": failing.words if failing and is_shown else ""}


@register.inclusion_tag("regimens/_reported.html")
def reported_notices() -> dict[str, Any]:
    """As this process found them when it last asked for the release in force; no query."""
    knowledge, reported = releases.held(), releases.reported()
    return {"lines": report_lines(reported, knowledge) if knowledge and reported else ()}

"""What the curators' home says of surveillance: retractions, and what is due to be read again, the oldest first."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from curation.freshness import freshness
from curation.permissions import PROPOSE
from curation.surveillance.notices import waiting_notices

register = template.Library()

NAMED = 5  # of each kind


@register.inclusion_tag("admin/surveillance/_home.html", takes_context=True)
def surveillance_home(context: Any) -> dict[str, Any]:
    """Five queries for those who may propose, none for others."""
    person = getattr(context.get("request"), "user", None)
    if person is None or not person.has_perm(PROPOSE):
        return {}
    due = [one for one in freshness(timezone.localdate()) if one.due]
    dated = [(one, [each for each in one.due if each.last][:NAMED]) for one in due]
    return {"notices": waiting_notices(), "due": dated}

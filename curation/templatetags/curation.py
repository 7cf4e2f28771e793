"""What the header of every admin page shows: the search, what waits for a person, and a statement that lapses."""

from __future__ import annotations

from typing import Any

from django import template

from curation.actions import current_statement
from curation.admin.proposals.rights import reminder
from curation.admin.proposals.waiting import count_to_revise, count_waiting
from curation.permissions import REVIEW

register = template.Library()


@register.inclusion_tag("admin/review/_header.html", takes_context=True)
def curation_header(context: Any) -> dict[str, Any]:
    """Five queries for those who may review, none for others."""
    person = getattr(context.get("request"), "user", None)
    if person is None or not (person.is_active and person.is_staff):
        return {}
    may_review = person.has_perm(REVIEW)
    return {
        "may_search": person.has_perm("regimens.view_entry"),
        "may_review": may_review,
        "waiting": count_waiting(person) if may_review else None,
        "to_revise": count_to_revise(person) if may_review else None,
        "reminder": reminder(current_statement(person)) if may_review else "",
        "asked": context.get("asked", ""),
    }

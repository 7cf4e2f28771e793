"""Who may decide on a proposal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.utils import timezone

from curation.models import InterestStatement
from curation.models.proposal import STATEMENT_DAYS
from curation.permissions import REVIEW

BACKEND = "django.contrib.auth.backends.ModelBackend"


def who_may_decide(proposer: Any) -> list[Any]:
    """The people other than the proposer who may review and have a current statement of interests."""
    since = timezone.now().date() - timedelta(days=STATEMENT_DAYS)
    current = InterestStatement.objects.filter(person=OuterRef("pk"), declared_on__gte=since)
    people = get_user_model()._default_manager.with_perm(REVIEW, backend=BACKEND)
    return list(people.filter(Exists(current), is_active=True).exclude(pk=proposer.pk).order_by("username"))

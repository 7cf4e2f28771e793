"""A release of any content, put in force past the app: one that is damaged, for tests."""

from __future__ import annotations

from django.utils import timezone

from audit.guard import RECORDS
from regimens.models import KnowledgeRelease, ReleaseInForce


def put_in_force(name: str, content: bytes) -> None:
    now = timezone.now()
    with RECORDS.open():
        release = KnowledgeRelease(name=name, published_at=now, sha256="0" * 64, content=content)
        release.save()
        ReleaseInForce.objects.create(release=release, how="publishing", asked_at=now, confirmed_at=now)

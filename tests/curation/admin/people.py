"""Two curators at the admin, as clients of Django's, and what they look at."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.actions import exclusive
from curation import actions
from curation.models import InterestStatement, Proposal
from tests.factories.curation import REASON, content, somebody


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def proposed(by: User, kind: str = "regimens", key: str = "folfiri", **changes: Any) -> Proposal:
    """A change of an entry by one person."""
    values = content(kind, key, **(changes or {"name": "FOLFIRI, renamed"}))
    return actions.propose(kind=kind, key=key, content=values, by=by, **REASON).proposal


def declared(person: User, days_ago: int, companies: str = "none") -> InterestStatement:
    """A statement of interests of some days ago."""
    with exclusive():
        day = timezone.now().date() - timedelta(days=days_ago)
        return InterestStatement.objects.create(person=person, declared_on=day, companies=companies)


def shown(response: Any) -> str:
    """What a page says, without tags, each run of white space as one space."""
    page = response.content.decode()
    main = page[page.index("<main") :] if "<main" in page else page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


__all__ = ["declared", "proposed", "shown", "signed_in", "somebody"]

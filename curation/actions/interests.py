"""What interests a person declared: nobody decides on evidence without a statement of this year."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import known, permitted
from curation.models import InterestStatement
from curation.models.proposal import STATEMENT_DAYS
from curation.permissions import REVIEW

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def declare_interests(*, by: User, companies: str) -> InterestStatement:
    """A person's conflicts of interest: the companies by name, or "none"; it holds for a year. Raises ActionRefused."""
    person = known(by)
    companies = companies.strip()
    if not companies:
        raise ActionRefused(_("Name the companies, or say “none”."))
    with exclusive():
        statement = InterestStatement.objects.create(
            person=person, declared_on=timezone.now().date(), companies=companies
        )
        record("declare-interests", person, by=person, details={"companies": companies})
    return statement


def current_statement(person: User) -> InterestStatement | None:
    """The newest statement of interests of a person that holds today."""
    today = timezone.now().date()
    since = today - timedelta(days=STATEMENT_DAYS)
    return InterestStatement.objects.filter(person=person, declared_on__range=(since, today)).first()


def reviewing(by: User | None) -> User:
    """The person, who may decide on proposals and has a current statement of interests. Raises NotAllowed."""
    person = permitted(by, REVIEW)
    if current_statement(person) is None:
        raise NotAllowed(
            _("%(person)s has no current statement of interests: it is renewed every year.") % {"person": person}
        )
    return person

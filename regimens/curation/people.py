"""Who may do what, and what interests they declared."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from regimens.models import InterestStatement
from regimens.models.curation import STATEMENT_DAYS

from .errors import CurationError, NotAllowed
from .events import record
from .locking import exclusive

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PROPOSE, REVIEW = "regimens.propose_change", "regimens.review_change"
PUBLISH, REINSTATE = "regimens.publish_release", "regimens.reinstate_release"


def declare_interests(*, by: User, companies: str) -> InterestStatement:
    """A person's conflicts of interest: the companies by name, or "none"; it holds for a year. Raises CurationError."""
    person = known(by)
    companies = companies.strip()
    if not companies:
        raise CurationError(_("Name the companies, or say “none”."))
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


def person_name(person: User) -> str:
    """As whom a person is shown: by their full name where the account has one."""
    return str(person.get_full_name() or person.get_username())


def known(by: User | None) -> User:
    """The person as the database knows them now. Raises NotAllowed."""
    pk = getattr(by, "pk", None)
    person = get_user_model().objects.filter(pk=pk, is_active=True).first() if pk else None
    if person is None:
        raise NotAllowed(_("Only a person who is signed in may do this."))
    return person


def permitted(by: User | None, permission: str) -> User:
    """The person, who holds a permission. Raises NotAllowed."""
    person = known(by)
    if not person.has_perm(permission):
        raise NotAllowed(_("%(person)s has no permission to do this.") % {"person": person})
    return person


def reviewing(by: User | None) -> User:
    """The person, who may decide on proposals and has a current statement of interests. Raises NotAllowed."""
    person = permitted(by, REVIEW)
    if current_statement(person) is None:
        raise NotAllowed(
            _("%(person)s has no current statement of interests: it is renewed every year.") % {"person": person}
        )
    return person

"""What whoever runs the server does to accounts, where no second administrator is there yet or any more.

They could do all of it in the database; here it is whole, an event, and told to its person (docs/deploy.md).
"""

from __future__ import annotations

from django.contrib.auth.models import User

from audit.events import record

from . import notices, rights, two_administrators
from .administering import AccountError, whole
from .models import AccountRequest

Kind = AccountRequest.Kind


def account_named(username: str) -> User:
    """Raises AccountError."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise AccountError(f"There is no account named {username}.")
    return person


@whole
def make_link(person: User) -> str:
    """The path of a link to set a password. Raises AccountError."""
    if not person.is_active:
        raise AccountError(f"The account {person} is closed.")
    two_administrators.settled_at_the_server(person, Kind.LINK)
    return two_administrators.new_link(person, by=None)


@whole
def reset_second_factor(person: User) -> None:
    two_administrators.settled_at_the_server(person, Kind.SECOND_FACTOR)
    two_administrators.forget_second_factor(person, by=None)


@whole
def give_roles(person: User, roles: list[str]) -> None:
    """These roles and no others. Raises AccountError for roles that do not exist, or that nobody holds together."""
    if unknown := sorted(set(roles) - set(rights.ROLES)):
        raise AccountError(f"There is no role {', '.join(unknown)}; there are {', '.join(rights.ROLES)}.")
    two_administrators.settled_at_the_server(person, Kind.ADMINISTRATOR)
    if rights.ADMINISTRATOR in roles:
        two_administrators.refuse_other_standing(person)
    given = two_administrators.set_roles(person, roles)
    notices.note(person, "change-roles", by=None, roles=given)
    record("give-roles", person, details={"account": person.pk, "roles": given})

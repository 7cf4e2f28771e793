"""What a person may do with a proposal, and why not: for pages, which show the buttons that would work.

The rule is not here: `curation.actions` asks again, whatever a page showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from curation.actions import current_statement
from curation.models import InterestStatement, Proposal, WorkPackage
from curation.permissions import PROPOSE, REVIEW
from curation.review.interested import drugs_of, named_in
from regimens.knowledge.loader import Evidence

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REMIND_WITHIN_DAYS = 30


@dataclass(frozen=True)
class Rights:
    """`why_not` is said where a person may not decide; `must_declare` when a statement of interests would mend it."""

    may_decide: bool
    may_withdraw: bool
    why_not: str = ""
    must_declare: bool = False


def rights_on(proposal: Proposal, person: User) -> Rights:
    if not proposal.is_open:
        return Rights(False, False)
    if package := package_of(proposal):
        return Rights(False, False, f"It is part of work package {package.pk}, which is decided as a whole.")
    if proposal.proposer_id == person.pk:
        may_withdraw = person.has_perm(PROPOSE)
        return Rights(False, may_withdraw, _("You proposed this: another person decides on it."))
    why_not, must_declare = why_not_reviewing(person)
    return Rights(not why_not, False, why_not, must_declare)


def package_of(proposal: Proposal) -> WorkPackage | None:
    """The work package with which a proposal is decided."""
    return WorkPackage.objects.filter(entries__proposal=proposal).first()


@dataclass(frozen=True)
class DeclaredInterest:
    """What a person who proposes or decides declared; `drugs` are those of the change that it names."""

    who: str
    companies: str
    drugs: tuple[str, ...]


def interests_in(
    changes: Iterable[tuple[str, Mapping[str, Any] | None]], base: Evidence, **people: User | None
) -> list[DeclaredInterest]:
    """The current statements of people, each under what they are to the change, beside the drugs that it is about."""
    slugs = {slug for kind, content in changes if content for slug in drugs_of(kind, content, base)}
    found = []
    for who, person in people.items():
        statement = current_statement(person) if person is not None else None
        if statement is not None and statement.companies != "none":
            drugs = named_in(statement.companies, slugs, base["drugs"])
            found.append(DeclaredInterest(f"{who.capitalize()}, {person}", statement.companies, tuple(drugs)))
    return found


def why_not_reviewing(person: User) -> tuple[str, bool]:
    """Why a person may decide on no proposal, empty if they may; and whether declaring interests would mend it."""
    if not person.has_perm(REVIEW):
        return _("You have no permission to decide on proposals: curators have it."), False
    if current_statement(person) is None:
        said = _("You have no current statement of interests, without which nobody decides on a proposal.")
        return said, True
    return "", False


def holds_today(statement: InterestStatement) -> bool:
    return bool(statement.declared_on <= timezone.now().date() <= statement.valid_until)


def days_left(statement: InterestStatement) -> int:
    """How many days a statement still holds; 0 on its last one."""
    return max(0, (statement.valid_until - timezone.now().date()).days)


def reminder(statement: InterestStatement | None) -> str:
    """That a statement is missing or will lapse soon; empty where neither is so."""
    if statement is None:
        return _("You have no current statement of interests.")
    left = days_left(statement)
    if left >= REMIND_WITHIN_DAYS:
        return ""
    if left == 0:
        return _("Your statement of interests lapses today.")
    if left == 1:
        return _("Your statement of interests lapses tomorrow.")
    return _("Your statement of interests lapses in %(count)d days.") % {"count": left}

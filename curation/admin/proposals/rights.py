"""What a person may do with a proposal, and why not: for pages, which show the buttons that would work.

The rule is not here: `curation.actions` asks again, whatever a page showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from curation.actions import current_statement
from curation.models import InterestStatement, Proposal
from curation.permissions import PROPOSE, REVIEW

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
    if proposal.proposer_id == person.pk:
        may_withdraw = person.has_perm(PROPOSE)
        return Rights(False, may_withdraw, _("You proposed this: another person decides on it."))
    why_not, must_declare = why_not_reviewing(person)
    return Rights(not why_not, False, why_not, must_declare)


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

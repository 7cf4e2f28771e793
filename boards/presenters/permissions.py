"""What a person may do on a board, by role: pages show an action to those alone whom it does not refuse."""

from __future__ import annotations

from boards.members import EXPORTING_ROLES, PREPARING_ROLES, SEEING_ROLES
from boards.models import Membership
from boards.models.choices import DECIDING_ROLES


def permissions(held: Membership) -> dict[str, bool]:
    """For the context of a page.

    may_see       cases, meetings and decisions
    may_prepare   write on them: cases, agendas, plans, follow-up
    may_decide    vote and sign
    may_export    take files of the figures
    """
    return {
        "may_see": held.role in SEEING_ROLES,
        "may_prepare": held.role in PREPARING_ROLES,
        "may_decide": held.role in DECIDING_ROLES,
        "may_export": held.role in EXPORTING_ROLES,
    }

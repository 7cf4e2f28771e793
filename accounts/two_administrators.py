"""What one administrator asks for and another confirms, so that none of them alone becomes the person or makes another.

A link that is shown to an administrator, a link together with a reset of the second factor, and the role of an
administrator. The one who asks never sees the link; the one who sees it did not choose whose it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.events import record

from . import links, notices, rights, second_factor
from .administering import CHANGE, AccountError, another, end_sessions_of, permitted, whole
from .models import AccountRequest

Kind, Outcome = AccountRequest.Kind, AccountRequest.Outcome
# A request that nobody confirmed by then has lapsed.
WAITS_FOR = timedelta(days=7)
_ASKED = {
    Kind.LINK: "ask-for-link",
    Kind.SECOND_FACTOR: "ask-to-reset-second-factor",
    Kind.ADMINISTRATOR: "ask-for-administrator",
}


def waiting(*, now: datetime | None = None) -> QuerySet[AccountRequest]:
    """What can be confirmed now; none that is said to be asked for in the future, after a clock was wrong."""
    now = now or timezone.now()
    return AccountRequest.objects.filter(outcome="", asked_at__gt=now - WAITS_FOR, asked_at__lte=now)


def for_others(by: User) -> QuerySet[AccountRequest]:
    """What waits for this administrator: what somebody else asked for, for somebody else."""
    return waiting().exclude(asked_by=by).exclude(person=by)


@whole
def ask(person: User, kind: str, *, by: User) -> AccountRequest:
    """Ask another administrator; a request that waits already stays, if it is one's own. Raises AccountError."""
    person = another(person, by)
    if not person.is_active:
        raise AccountError(_("The account %(person)s is closed.") % {"person": person})
    AccountRequest.objects.filter(person=person, kind=kind, outcome="").exclude(pk__in=waiting()).update(
        outcome=Outcome.WITHDRAWN, decided_at=timezone.now()
    )
    there = waiting().filter(person=person, kind=kind).first()
    if there is not None:
        if there.asked_by_id == by.pk:
            return there
        raise AccountError(
            _("%(person)s asked for the same already: it waits for you to confirm it.") % {"person": there.asked_by}
        )
    asked = AccountRequest.objects.create(kind=kind, person=person, asked_by=by, asked_at=timezone.now())
    record(_ASKED[Kind(kind)], person, by=by, details={"account": person.pk})
    return asked


@whole
def confirm(request: AccountRequest, *, by: User) -> str | None:
    """Do what another administrator asked for; the path of the link, where it is one. Raises AccountError."""
    person = another(request.person, by)
    row = waiting().select_for_update(of=("self",)).select_related("asked_by").filter(pk=request.pk).first()
    if row is None or row.person_id != person.pk:
        raise AccountError(_("This does not wait any more."))
    if row.asked_by_id == by.pk:
        raise AccountError(_("You asked for this yourself: another administrator confirms it."))
    permitted(row.asked_by, CHANGE)
    if not person.is_active:
        raise AccountError(_("The account %(person)s is closed.") % {"person": person})
    row.outcome, row.decided_by, row.decided_at = Outcome.CONFIRMED, by, timezone.now()
    row.save(update_fields=["outcome", "decided_by", "decided_at"])
    if row.kind == Kind.LINK:
        return new_link(person, by=by, asked_by=row.asked_by)
    if row.kind == Kind.SECOND_FACTOR:
        forget_second_factor(person, by=by, asked_by=row.asked_by)
    else:
        make_administrator(person, by=by, asked_by=row.asked_by)
    return None


@whole
def withdraw(request: AccountRequest, *, by: User) -> None:
    """Let nothing come of it: whoever asked, or another administrator who does not confirm it. Raises AccountError."""
    known = permitted(by, CHANGE)
    row = AccountRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk, outcome="").first()
    if row is None:
        raise AccountError(_("This does not wait any more."))
    row.outcome, row.decided_by, row.decided_at = Outcome.WITHDRAWN, known, timezone.now()
    row.save(update_fields=["outcome", "decided_by", "decided_at"])
    record("withdraw-account-request", row.person, by=known, details={"account": row.person_id, "asked": row.kind})


def settled_at_the_server(person: User, kind: str) -> None:
    """Nothing is left to confirm where the server's command did it."""
    AccountRequest.objects.filter(person=person, kind=kind, outcome="").update(
        outcome=Outcome.WITHDRAWN, decided_at=timezone.now()
    )


# ---- what is done, within the transaction of who does it


def new_link(person: User, *, by: User | None, asked_by: User | None = None) -> str:
    """The path of a new link; the password and every link before stop working, and sessions end."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions_of(person)
    notices.note(person, notices.LINK, by=by, asked_by=asked_by)
    record("make-link", person, by=by, details=_asked(asked_by))
    return links.path_for(person)


def forget_second_factor(person: User, *, by: User | None, asked_by: User | None = None) -> None:
    second_factor.forget(person)
    end_sessions_of(person)
    notices.note(person, notices.SECOND_FACTOR, by=by, asked_by=asked_by)
    record("reset-second-factor", person, by=by, details=_asked(asked_by))


def make_administrator(person: User, *, by: User | None, asked_by: User | None = None) -> None:
    """Raises AccountError for somebody who is something else besides."""
    refuse_other_standing(person)
    set_roles(person, [rights.ADMINISTRATOR])
    notices.note(person, "change-roles", by=by, asked_by=asked_by, roles=[rights.ADMINISTRATOR])
    record("make-administrator", person, by=by, details={"account": person.pk} | _asked(asked_by))


def set_roles(person: User, roles: list[str]) -> list[str]:
    """The groups of a person, and with them whether the admin is open; the names of the roles. Raises AccountError."""
    given = sorted(roles)
    if refused := rights.why_not_together(given):
        raise AccountError(refused)
    person.groups.set(Group.objects.filter(name__in=given))
    person.is_staff = bool(set(given) - set(rights.OUTSIDE_THE_ADMIN))
    person.save(update_fields=["is_staff"])
    return given


def refuse_other_standing(person: User) -> None:
    """Raises AccountError."""
    if found := rights.standings(person):
        said = _("%(person)s cannot be an administrator: %(reasons)s.")
        raise AccountError(said % {"person": person, "reasons": "; ".join(found)})


def _asked(asked_by: User | None) -> dict[str, str]:
    return {"asked_by": asked_by.get_username()} if asked_by else {}

"""A former release, or one from elsewhere, comes into force by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import permitted
from curation.errors import AlreadyDecided, NothingToChange
from curation.permissions import REINSTATE
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import InForceBy
from regimens.releases import DamagedRelease, edition_of, newest_in_force
from regimens.rules.knowledge import EDITION
from regimens.signals import tell_in_force

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def ask_to_reinstate(
    release: KnowledgeRelease, *, reason: str, by: User, how: InForceBy = InForceBy.REINSTATING
) -> ReleaseInForce:
    """Ask that a release be put in force, which another person confirms.

    Raises NotAllowed; NothingToChange where it is in force or asked for already; ActionRefused without a reason, and
    for a release of a former edition of the method.
    """
    person = permitted(by, REINSTATE)
    if not reason.strip():
        raise ActionRefused(_("Say why it should be in force."))
    _check_edition(release)
    with exclusive():
        in_force = newest_in_force()
        since = in_force.pk if in_force else 0
        if in_force and in_force.release_id == release.pk:
            raise NothingToChange(_("Release %(release)s is in force.") % {"release": release})
        if ReleaseInForce.objects.filter(release=release, confirmed_at__isnull=True, pk__gt=since).exists():
            raise NothingToChange(_("Release %(release)s has already been asked for.") % {"release": release})
        asked = ReleaseInForce.objects.create(
            release=release, how=how, reason=reason.strip(), asked_by=person, asked_at=timezone.now()
        )
        record("ask-to-reinstate", release, by=person, details={"sha256": release.sha256, "reason": asked.reason})
    return asked


def confirm_reinstatement(asked: ReleaseInForce, *, by: User) -> ReleaseInForce:
    """Put in force what another person asked for.

    Raises NotAllowed; AlreadyDecided where it was confirmed, or another release came into force since; ActionRefused
    for a release of a former edition of the method.
    """
    person = permitted(by, REINSTATE)
    with exclusive():
        row = ReleaseInForce.objects.select_related("release").get(pk=asked.pk)
        if row.asked_by_id == person.pk:
            raise NotAllowed(_("Somebody other than the person who asked for it has to confirm it."))
        if row.confirmed_at is not None:
            raise AlreadyDecided(_("It has already been confirmed."))
        if ReleaseInForce.objects.filter(pk__gt=row.pk, confirmed_at__isnull=False).exists():
            raise AlreadyDecided(_("Another release came into force since it was asked for: ask again."))
        _check_edition(row.release)
        row.confirmed_by, row.confirmed_at = person, timezone.now()
        row.save()
        record("reinstate", row.release, by=person, details={"sha256": row.release.sha256, "reason": row.reason})
        tell_in_force(row.release)
    return row


def waiting() -> list[ReleaseInForce]:
    """What was asked for and can be confirmed."""
    in_force = newest_in_force()
    rows = ReleaseInForce.objects.filter(confirmed_at__isnull=True, pk__gt=in_force.pk if in_force else 0)
    return list(rows.select_related("release", "asked_by"))


def _check_edition(release: KnowledgeRelease) -> None:
    """Raises ActionRefused for a release that nothing can be ranked with here."""
    try:
        edition = edition_of(release.sha256)
    except DamagedRelease:
        return  # which is said where it is compiled
    if edition != EDITION:
        raise ActionRefused(
            _(
                "Release %(release)s is of edition %(edition)s of the method, and this version of necapp ranks by "
                "edition %(current)s: it stays as it is, to be read, and cannot be in force."
            )
            % {"release": release, "edition": edition, "current": EDITION}
        )

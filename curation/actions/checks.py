"""“Seen, unchanged”: somebody read the source of entries again, and it says what they say.

It changes no entry, so it needs no second person; a release carries the day, which its publisher is shown: decision 27
(docs/adr/0027-surveillance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.models import Entry, EntryCheck
from curation.permissions import PROPOSE
from regimens.wording.states import CHECK_EVERY_DAYS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_AT_ONCE = 500


def check_unchanged(seen: Sequence[tuple[str, str, str]], *, by: User, now: datetime) -> list[EntryCheck]:
    """Record that the sources of entries say what the entries do: kind, key and SHA-256 of what was on the page.

    All of them or none, with one event; what was checked today already stays once. Raises NotAllowed; ActionRefused
    for none, for an entry that changed meanwhile or is of a kind that is not looked at again.
    """
    person = permitted(by, PROPOSE)
    wanted = dict.fromkeys(seen)
    if not wanted:
        raise ActionRefused(_("Choose at least one."))
    if len(wanted) > MOST_AT_ONCE:
        raise ActionRefused(_("%(count)s at once at most.") % {"count": MOST_AT_ONCE})
    today = now.date()
    with exclusive():
        entries = Entry.objects.filter(retired_at__isnull=True, key__in={key for _kind, key, _sha in wanted})
        held = {(entry.kind, entry.key): entry.sha256 for entry in entries}
        changed = [
            key for kind, key, sha256 in wanted if kind not in CHECK_EVERY_DAYS or held.get((kind, key)) != sha256
        ]
        if changed:
            raise ActionRefused(
                _("Nothing was recorded: these entries are not as they were shown: %(keys)s.")
                % {"keys": ", ".join(changed)}
            )
        rows = EntryCheck.objects.filter(checked_on=today, key__in={key for _kind, key, _sha in wanted})
        done = set(rows.values_list("kind", "key", "sha256"))
        made = [
            EntryCheck.objects.create(kind=kind, key=key, sha256=sha256, checked_on=today, at=now, by=person)
            for kind, key, sha256 in wanted
            if (kind, key, sha256) not in done
        ]
        if made:
            kinds: dict[str, list[str]] = {}
            for one in made:
                kinds.setdefault(one.kind, []).append(one.key)
            subject = made[0].key if len(made) == 1 else f"{len(made)} entries"
            record("check-unchanged", subject, by=person, details={"entries": kinds})
    return made

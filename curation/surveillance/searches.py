"""Saved searches: those that are shipped, and those that curators write. A change of one is an event, and no proposal:
a search says where to look, and what is found changes nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.models import SavedSearch
from curation.permissions import PROPOSE
from regimens.models.choices import ASKS_ABOUT_HELD, SurveySource

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHIPPED = Path(__file__).parent / "searches.yaml"
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_WORDS = 60


def shipped() -> list[dict[str, Any]]:
    """The searches of the file, in the fields of `SavedSearch`."""
    rows = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return [{"query": "", "words": [], "since": None, **row} for row in rows]


def load_shipped(*, by: User | None) -> list[SavedSearch]:
    """Those of the file whose key is not here yet; the others stay as curators have them.

    None is whoever runs manage.py. Raises NotAllowed.
    """
    if by is not None:
        permitted(by, PROPOSE)
    with exclusive():
        here = set(SavedSearch.objects.values_list("key", flat=True))
        made = [SavedSearch.objects.create(**row) for row in shipped() if row["key"] not in here]
        if made:
            record("load-searches", by=by, details={"added": {"searches": [one.key for one in made]}})
    return made


def keep_search(
    search: SavedSearch | None,
    *,
    key: str,
    name: str,
    source: str,
    query: str,
    words: Sequence[str],
    since: date | None,
    is_active: bool,
    by: User,
) -> SavedSearch:
    """Write a search, new (None) or changed. With another query it is not searched at all yet, and begins at `since`.

    Raises NotAllowed; ActionRefused for a key that is taken or none, a name that is missing, a query where it has none.
    """
    person = permitted(by, PROPOSE)
    given = {
        "name": name.strip(),
        "source": source,
        "query": query.strip(),
        "words": _words(words),
        "since": since,
        "is_active": is_active,
    }
    _check(key, given)
    with exclusive():
        row = SavedSearch.objects.get(pk=search.pk) if search else SavedSearch(key=key)
        if search is None and SavedSearch.objects.filter(key=key).exists():
            raise ActionRefused(_("There is a search with this key: %(key)s.") % {"key": key})
        before = {field: getattr(row, field) for field in given} if search else {}
        if search and (before["source"], before["query"]) != (given["source"], given["query"]):
            row.searched_until = None
        for field, value in given.items():
            setattr(row, field, value)
        changed = {field: [_plain(before.get(field)), _plain(value)] for field, value in given.items()}
        changed = {field: pair for field, pair in changed.items() if pair[0] != pair[1]}
        if changed:
            row.save()
            record("keep-search", row.name, by=person, details={"search": row.key, "changed": changed})
    return row


def _check(key: str, given: dict[str, Any]) -> None:
    if not KEY.fullmatch(key) or len(key) > 80:
        raise ActionRefused(_("The key is small letters and digits, in groups joined by hyphens."))
    if not given["name"]:
        raise ActionRefused(_("Give the search a name."))
    if given["source"] not in SurveySource.values:
        raise ActionRefused(_("%(source)s is no source of searches.") % {"source": given["source"]})
    if given["source"] in ASKS_ABOUT_HELD:
        if given["query"]:
            raise ActionRefused(_("This source is asked about all that is held, and takes no query."))
    elif not given["query"]:
        raise ActionRefused(_("Write what is searched for."))
    if given["source"] == SurveySource.FEED:
        if urlsplit(given["query"]).scheme != "https":
            raise ActionRefused(_("The query of a feed is its address, which begins with https://."))
        if not given["words"]:
            raise ActionRefused(_("Give the words of which one has to occur in what a feed says."))


def _words(words: Sequence[str]) -> list[str]:
    found = dict.fromkeys(word.strip() for word in words if re.search(r"\w", word))
    if len(found) > MOST_WORDS:
        raise ActionRefused(_("%(count)d words at most.") % {"count": MOST_WORDS})
    return list(found)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, list) else value

"""A saved search, people, a register on this machine, and answers as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from curation.models import SavedSearch
from curation.surveillance.files import read_file
from curation.surveillance.looking import Looked, newest_look, record_look
from curation.surveillance.searches import load_shipped
from tests.factories.curation import somebody
from tests.factories.registers import Register, running_register
from tests.factories.surveillance import FILES

SEARCH = "nec-later-line"


@pytest.fixture
def register() -> Iterator[Register]:
    with running_register() as found:
        yield found


@pytest.fixture
def ada(db: None) -> User:
    return somebody("ada")


@pytest.fixture
def ben(db: None) -> User:
    return somebody("ben")


@pytest.fixture
def search(db: None) -> SavedSearch:
    load_shipped(by=None)
    return SavedSearch.objects.get(key=SEARCH)


@pytest.fixture
def look(search: SavedSearch) -> Any:
    """Looks at a file, as the search that is named, until a day; today unless given."""

    def looked(name: str = "records.xml", key: str = SEARCH, until: date | None = None, **more: Any) -> Looked:
        found = SavedSearch.objects.get(key=key)
        answer = read_file((FILES / name).read_bytes(), name, today=timezone.localdate())
        given = {"after": newest_look(found), "by": None, "now": timezone.now(), "came_from": name} | more
        return record_look(found, answer, until=until or timezone.localdate(), **given)

    return looked

"""A register on this machine, people who import, and the sample files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User

from tests.factories.registers import Register, running_register


@pytest.fixture
def register() -> Iterator[Register]:
    with running_register() as found:
        yield found


@pytest.fixture
def curator(db: None) -> User:
    user = User.objects.create_user("curator", password="x")
    user.groups.add(Group.objects.get(name="Curator"))
    return user

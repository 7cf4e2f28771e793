"""A register on this machine, people who import, and the sample files."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User

from tests.factories.registers import Register


@pytest.fixture
def register() -> Iterator[Register]:
    found = Register()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@pytest.fixture
def curator(db: None) -> User:
    user = User.objects.create_user("curator", password="x")
    user.groups.add(Group.objects.get(name="Curator"))
    return user

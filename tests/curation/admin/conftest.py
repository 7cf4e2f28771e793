from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories.accounts import signed_in
from tests.factories.curation import somebody


@pytest.fixture
def ada(db: None) -> User:
    return somebody("ada")


@pytest.fixture
def ben(db: None) -> User:
    return somebody("ben")


@pytest.fixture
def as_ada(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def as_ben(ben: User) -> Client:
    return signed_in(ben)

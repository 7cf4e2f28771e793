"""A system reads a board's decisions once the board's chair agreed: an administrator alone gives nobody its cases."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from audit.actions import writing
from audit.errors import NotAllowed
from audit.guard import RECORDS
from audit.models import Event
from boards.members import members_of
from boards.models.choices import Role
from interop.actions import agree_to_token
from interop.models import ApiToken, Scope
from tests.factories.accounts import account, signed_in
from tests.factories.tokens import System, token

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def waiting() -> tuple[ApiToken, System, Any]:
    """A token that an administrator made, its system, and the chair of its board."""
    made, header = token(Scope.DECISIONS, agreed=False)
    return made, System(header), members_of(made.board).get(role=Role.CHAIR).person


def test_nothing_is_read_before(waiting: Any) -> None:
    made, system, chair = waiting
    refused = system.get("boards/decisions")
    assert refused.status_code == 403
    assert "The chair of the board has not agreed" in refused.json()["detail"]
    page = signed_in(chair)
    address = f"/boards/{made.board_id}/systems/"
    assert "It waits for your agreement" in page.get(address).content.decode()
    assert page.post(address, {"token": made.pk, "agree": "yes"}).status_code == 302
    assert system.get("boards/decisions").status_code == 200
    assert Event.objects.filter(action="agree-to-token", by=chair).count() == 1


def test_the_chair_ends_it(waiting: Any) -> None:
    made, system, chair = waiting
    agree_to_token(made, by=chair, now=timezone.now())
    signed_in(chair).post(f"/boards/{made.board_id}/systems/", {"token": made.pk, "end": "yes"})
    assert system.get("boards/decisions").status_code == 401


@pytest.mark.parametrize("role", ["Administrator", "Board member"])
def test_nobody_else_agrees(waiting: Any, role: str) -> None:
    made, system, _ = waiting
    other = account("other", role)
    with pytest.raises(NotAllowed):
        agree_to_token(made, by=other, now=timezone.now())
    with pytest.raises(NotAllowed):
        agree_to_token(made, by=made.made_by, now=timezone.now())
    assert signed_in(other).post(f"/boards/{made.board_id}/systems/", {"token": made.pk}).status_code == 404
    assert system.get("boards/decisions").status_code == 403


def test_the_database_takes_nobody_s_own_word(waiting: Any) -> None:
    made, _, _ = waiting
    with pytest.raises(IntegrityError), writing(RECORDS):
        ApiToken.objects.filter(pk=made.pk).update(agreed_at=timezone.now(), agreed_by=made.made_by)

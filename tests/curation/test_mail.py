"""A change that is asked for is told to who proposed it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from curation import actions
from tests.factories.curation import REASON, proposed, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(settings: Any) -> User:
    settings.EMAIL_URL, settings.PUBLIC_URL = "memory:", "https://nec.hospital.example"
    ada = somebody("ada")
    ada.email = "ada@hospital.example"
    ada.save()
    return ada


def test_of_a_proposal_and_of_a_work_package(
    ada: User, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    proposal = proposed(ada)
    named = proposal.values | {"name": "Another name"}
    drafted = actions.Drafted("regimens", "folfiri", named, proposal.base_sha256)
    package = actions.begin_package(title="A name", entries=[drafted], by=ada)
    actions.propose_package(package, **REASON, by=ada)
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_for_change(proposal, by=somebody("ben"), comment="Say it\nbetter.")
        actions.ask_for_change_of_package(package, by=somebody("ben"), comment="All of it.")
    one, two = mailoutbox
    assert one.to == two.to == ["ada@hospital.example"]
    assert "Say it\nbetter." in one.body
    assert f"https://nec.hospital.example/admin/regimens/proposal/{proposal.pk}/change/" in one.body
    assert f"https://nec.hospital.example/admin/packages/{package.pk}/" in two.body


@pytest.mark.parametrize("without", ["server", "address"])
def test_nothing_goes_out_without(
    ada: User, without: str, settings: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    if without == "server":
        settings.EMAIL_URL = ""
    else:
        User.objects.filter(pk=ada.pk).update(email="")
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_for_change(proposed(ada), by=somebody("ben"), comment="Say it better.")
    assert not mailoutbox

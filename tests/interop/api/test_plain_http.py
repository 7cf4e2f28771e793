"""A system that calls by plain HTTP is refused, and not sent on: its token has been seen already."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/options", "/api/v1/rankings", "/cds-services"])
def test_refused(path: str, method: str) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        response = getattr(Client(), method)(path, headers={"Authorization": "Bearer x"})
        assert response.status_code == 403
        assert response.json()["type"] == "/api/problems/https/"
        assert getattr(Client(), method)(path, secure=True).status_code != 403 or path == "/cds-services"


def test_pages_are_redirected() -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        for path in ("/", "/api/problems/", "/account/sign-in/"):
            assert Client().get(path).headers["Location"] == f"https://testserver{path}"

"""Bodies that are too large, or of no length, are refused unread: signed in or not, on every kind of page."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from django.test import Client

from necapp.bodies import KIB, LARGER, MIB, OF_A_PAGE, most_at
from tests.factories.accounts import account, signed_in

pytestmark = pytest.mark.django_db

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
ADDRESSES = ("/", "/cases/new/", "/account/sign-in/", "/admin/login/", "/fill/", "/registries/", "/nothing/here/")


class Unread:
    """A body of which nothing may be read."""

    def read(self, *arguments: object) -> NoReturn:
        raise AssertionError("the body is read")

    readline = __iter__ = read


def sent(client: Client, path: str, content_type: str, **head: str) -> Any:
    return client.generic(
        "POST", path, b"", content_type, **{"wsgi.input": Unread(), "CONTENT_TYPE": content_type} | head
    )


@pytest.mark.parametrize("is_signed_in", [False, True])
@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("path", ADDRESSES)
def test_refused_unread(path: str, content_type: str, is_signed_in: bool) -> None:
    client = signed_in(account("somebody", "Administrator")) if is_signed_in else Client()
    most = most_at(path)
    limit = f"{most // MIB} MB" if most >= MIB else f"{most // KIB} KB"
    for length in (str(most + 1), "9" * 40):
        response = sent(client, path, content_type, CONTENT_LENGTH=length)
        assert response.status_code == 413
        assert f"larger than {limit}" in response.content.decode()
    for head in ({"HTTP_TRANSFER_ENCODING": "chunked"}, {"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "１"}):
        assert sent(client, path, content_type, **head).status_code == 411


def test_in_the_language_of_the_request(client: Client) -> None:
    response = sent(client, "/", FORMS[0], CONTENT_LENGTH="999999", HTTP_ACCEPT_LANGUAGE="de")
    assert 'lang="de"' in response.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/rankings", "/api/v1/fhir/rankings", "/cds-services/necapp-options"])
def test_interfaces_refuse_in_their_own_form(client: Client, path: str) -> None:
    """With or without a token: nothing is read for who has none, and nothing too large for who has."""
    for head in ({"CONTENT_LENGTH": str(50 * MIB)}, {"HTTP_TRANSFER_ENCODING": "chunked"}):
        response = sent(client, path, "application/json", **head)
        assert 400 <= response.status_code < 500
        assert response.headers["Content-Type"].startswith(("application/problem+json", "application/fhir+json"))


def test_more_is_taken_where_files_are() -> None:
    assert {most_at(f"{start}anything") for start in LARGER} == set(LARGER.values())
    assert most_at("/") == most_at("/cases/fill/") == OF_A_PAGE

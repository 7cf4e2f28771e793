"""A NUL anywhere in a request is refused with 400, and never reaches the database."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.factories.accounts import account
from tests.factories.tokens import token

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

ADDRESSES = ("/", "/options/", "/evidence/", "/cases/", "/account/sign-in/", "/admin/search/", "/nothing/")


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account("curator"))
    return client


@pytest.mark.parametrize("path", ADDRESSES)
def test_in_the_head(client: Client, path: str) -> None:
    for query in ("%00", "q=%00", "q=a%00b&page=1", "%00q=1"):
        assert client.get(f"{path}?{query}").status_code == 400
    assert client.get(f"{path}x%00/").status_code == 400
    for name in ("HX-Current-URL", "Accept-Language", "User-Agent", "Referer"):
        assert client.get(path, headers={name: "a\0b"}).status_code == 400
    assert client.get(path, headers={"Cookie": r'sessionid="\000"'}).status_code == 400
    response = client.get(f"{path}?q=%00")
    assert "<h1>Bad request</h1>" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/ranking.json", "/cases/new/", "/account/sign-in/", "/language/", "/fill/take/"]
)
def test_in_a_form(client: Client, path: str) -> None:
    for fields in ({"ki67": "8\0"}, {"k\0": "80"}, {"next": "\0", "username": "a"}):
        assert client.post(path, fields).status_code == 400
        assert (
            client.post(
                path,
                "&".join(f"{k}={v}" for k, v in fields.items()).replace("\0", "%00"),
                content_type="application/x-www-form-urlencoded",
            ).status_code
            == 400
        )


def test_in_what_systems_send(client: Client) -> None:
    _, head = token("rankings.create", "knowledge.read")
    for body in ({"primary_site": "a\0"}, {"k\0": 1}, {"prior_regimens": ["\0"]}):
        response = client.post("/api/v1/rankings", json.dumps(body), content_type="application/json", headers=head)
        assert (response.status_code, response.json()["type"]) == (400, "/api/problems/nul/")
    for address in ("/api/v1/options?q=%00", "/api/v1/options/%00", "/cds-services/%00"):
        response = client.get(address, headers=head)
        assert (response.status_code, response.json()["type"]) == (400, "/api/problems/nul/")


def test_a_backslash_before_it_is_no_nul(client: Client) -> None:
    _, head = token("rankings.create")
    sent = '{"primary_site": "\\\\u0000"}'
    assert client.post("/api/v1/rankings", sent, content_type="application/json", headers=head).status_code == 422
    assert client.get("/evidence/?q=%2500").status_code == 200

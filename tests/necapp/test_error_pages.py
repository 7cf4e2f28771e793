"""Requests that cannot be answered get a plain page in the app's style, and never a traceback."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.factories.accounts import account, signed_in

pytestmark = pytest.mark.django_db


def check(response: HttpResponse, status: int, heading: str) -> None:
    html = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in html
    assert 'class="site-header"' in html
    assert "Traceback" not in html


def test_an_unknown_address(client: Client) -> None:
    check(client.get("/nothing/here/"), 404, "Page not found")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_wrong_method(client: Client, method: str) -> None:
    response = getattr(client, method)("/")
    check(response, 405, "Method not allowed")
    assert "GET, HEAD, POST" in response.content.decode()
    assert response.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_wrong_method_from_a_browser(strict_client: Client, method: str) -> None:
    response = getattr(strict_client, method)("/")
    check(response, 405, "Method not allowed")
    assert int(response.headers["Content-Length"]) == len(response.content)


@pytest.mark.parametrize("path", ["/admin/", "/admin/search/", "/admin/regimens/publication/", "/releases/feed/"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_no_page_takes_another_method_for_a_get(method: str, path: str) -> None:
    curator = signed_in(account("cy", "Curator"))
    check(curator.generic(method, path), 405, "Method not allowed")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_a_body_that_is_no_form(client: Client, content_type: str) -> None:
    check(client.post("/", '{"ki67": 80}', content_type=content_type), 415, "Not a form")


def test_a_form_without_its_token(strict_client: Client) -> None:
    check(strict_client.post("/", {"ki67": "80"}), 403, "The form has expired")


def test_a_form_with_its_token(strict_client: Client) -> None:
    token = strict_client.get("/").cookies["csrftoken"].value
    html = strict_client.get("/").content.decode()
    assert 'name="csrfmiddlewaretoken"' in html
    assert strict_client.post("/", {"ki67": "80", "csrfmiddlewaretoken": token}).status_code == 200


def test_an_oversized_body(client: Client) -> None:
    check(client.post("/", {"ki67": "8" * 300_000}), 413, "Too much data")


def test_too_many_fields(client: Client) -> None:
    fields = "&".join(f"field{i}=x" for i in range(6000))
    check(client.post("/", fields, content_type="application/x-www-form-urlencoded"), 400, "Bad request")


def test_a_fault_of_ours() -> None:
    client = Client(raise_request_exception=False)
    with patch("regimens.pages.views.rank", side_effect=RuntimeError("Ki-67 80")):
        response = client.post("/", {"ki67": "80", "region": "EU"})
    check(response, 500, "Something went wrong")
    assert "Ki-67 80" not in response.content.decode()

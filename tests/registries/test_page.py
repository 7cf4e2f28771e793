"""`/registries/`: administrators see the report of a manifest; nothing of it is stored or sent on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registries.synthetic import make
from tests.factories.accounts import account, signed_in
from tests.factories.registries import exported, knowledge_of, ranked
from tests.valid_html import check

pytestmark = pytest.mark.django_db
PAGE = "/registries/"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("registry")
    make(200, folder / "in", knowledge_of(exported()))
    ranked(folder / "in", folder / "out", key="id")
    return Path(folder, "out", "manifest.json").read_bytes()


@pytest.fixture
def administrator() -> Client:
    return signed_in(account("administrator", "Administrator"))


def sent(client: Client, data: bytes, **fields: Any) -> Any:
    return client.post(PAGE, {"manifest": SimpleUploadedFile("manifest.json", data)}, **fields)


def test_a_file_of_another_kind_is_not_read(administrator: Client) -> None:
    response = administrator.post(PAGE, {"manifest": SimpleUploadedFile("manifest.xlsx", b"{}")})
    assert response.status_code == 415
    assert "ends in .json" in response.content.decode()


def test_it_is_for_administrators(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    for role in ("Clinician", "Board member", "Curator", "Publisher"):
        assert signed_in(account(role.replace(" ", ""), role)).get(PAGE).status_code == 403


def test_it_asks_for_a_manifest(administrator: Client) -> None:
    response = administrator.get(PAGE)
    check(response)
    assert "no-store" in response["Cache-Control"]


def test_the_report_is_shown(administrator: Client, manifest: bytes) -> None:
    response = sent(administrator, manifest)
    check(response)
    page = response.content.decode()
    assert "Which missing test would change most" in page
    assert "Counts below 5 are hidden." in page
    assert "style=" not in page
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "Choose the file"),
        (b"{}", 422, "no manifest of a ranked registry"),
        (b"x" * (5 << 20), 413, "larger than 4 MB"),
    ],
)
def test_what_is_none_is_refused(administrator: Client, data: bytes, status: int, said: str) -> None:
    response = sent(administrator, data)
    check(response, status=status)
    assert said in response.content.decode()


def test_what_it_says_is_text(administrator: Client, manifest: bytes) -> None:
    content = json.loads(manifest)
    slug = next(option for _, option, *_ in content["summary"]["sites"] if option)
    content["names"][slug] = "<script>alert(1)</script>"
    page = sent(administrator, json.dumps(content).encode()).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_it_asks_for_the_token_of_the_form(strict_client: Client, manifest: bytes) -> None:
    strict_client.force_login(account("administrator", "Administrator"))
    assert sent(strict_client, manifest).status_code == 403


def test_the_account_leads_there(administrator: Client) -> None:
    assert PAGE in administrator.get("/account/").content.decode()
    assert PAGE not in signed_in(account("curator")).get("/account/").content.decode()

"""What is kept of the library: pages without a patient, once a release and language, within a bound."""

from __future__ import annotations

import gc
import re
import weakref

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import translation

from display.cache import forget
from regimens import releases
from regimens.pages.library import kept
from regimens.pages.library.frame import Shown, framed
from regimens.pages.library.kept import kept_page, once_a_release
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from tests.factories.patients import colorectal
from tests.pages import html

pytestmark = pytest.mark.django_db


@pytest.fixture
def knowledge() -> Knowledge:
    document = releases.current().document
    return Knowledge.from_document(document, release=ReleaseIdentity("another", "2026-11-28", "6" * 64))


def test_a_page_is_written_once_in_each_language(knowledge: Knowledge) -> None:
    written: list[str] = []

    def write() -> str:
        written.append(translation.get_language())
        return "a page"

    for _ in range(2):
        for language in ("en", "de"):
            with translation.override(language):
                kept_page(knowledge, "key", write)
    assert written == ["en", "de"]
    forget()
    with translation.override("de"):
        kept_page(knowledge, "key", write)
    assert written == ["en", "de", "de"]


def test_the_pages_asked_for_longest_ago_go_first(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 3_000)
    written: list[str] = []

    def ask(key: str) -> None:
        kept_page(knowledge, key, lambda: written.append(key) or key * 1_000)

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert written == ["a", "b", "c", "b"]


def test_what_is_kept_goes_with_its_release(knowledge: Knowledge) -> None:
    @once_a_release
    def names(of: Knowledge) -> list[str]:
        return [of.release.name]

    assert names(knowledge) is names(knowledge)
    place = weakref.ref(knowledge.kept["library"])
    assert place() in kept._kept
    knowledge.kept.clear()
    gc.collect()
    assert place() is None


def test_the_frame_is_of_the_request(client: Client) -> None:
    """Its address and the token of its form, though the page within is kept."""
    first, second = (html(client.get("/options/", {"q": "folfiri", "x": str(turn)})) for turn in (1, 2))
    assert re.findall(r'name="next"\s+value="([^"]+)"', first) == ["/options/?q=folfiri&amp;x=1"]
    assert re.findall(r'name="next"\s+value="([^"]+)"', second) == ["/options/?q=folfiri&amp;x=2"]
    tokens = [re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0] for page in (first, second)]
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize("address", ["/options/?q=%22%3Cb%3E&x=a+b&amp;=1", "/method/"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_kept_frame_says_what_one_written_for_the_request_says(address: str, language: str) -> None:
    request = RequestFactory().get(address)
    request.user = AnonymousUser()
    shown = Shown("options", 'A & "B"', "library/options.html", "<i>")

    def framed_page(**further: bool) -> str:
        page = html(framed(request, releases.current(), shown, "<p>a page</p>", **further))
        return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", page)

    with translation.override(language):
        kept_ones = [framed_page(), framed_page()]
        assert kept_ones == [framed_page(written_for_the_request=True)] * 2
    assert "goes.here" not in kept_ones[0]
    assert "<p>a page</p>" in kept_ones[0]


def test_the_token_of_a_kept_frame_is_taken(strict_client: Client) -> None:
    strict_client.get("/method/")
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', html(strict_client.get("/method/")))[0]
    chosen = {"language": "de", "next": "/method/", "csrfmiddlewaretoken": token}
    assert strict_client.post("/language/", chosen).status_code == 302
    assert strict_client.post("/language/", chosen | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_who_is_signed_in_is_never_kept(client: Client) -> None:
    user = get_user_model().objects.create_user("somebody.known", password="x" * 20)
    client.get("/evidence/")
    client.force_login(user)
    assert "somebody.known" in html(client.get("/evidence/"))
    assert "somebody.known" not in html(Client().get("/evidence/"))


def test_a_patient_is_never_kept(client: Client) -> None:
    client.post("/trials/", colorectal(ki67="83"))
    held = [page for of_release in kept._kept.values() for page in of_release.pages.values()]
    assert not any("Ki-67 83" in page for page in held)
    assert "Ki-67 83" not in html(client.get("/trials/"))

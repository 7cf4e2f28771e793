"""What releases changed, for everybody, and the Atom feed of them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from curation.actions import publishing
from regimens import releases
from tests.factories.curation import agree, rename_folfiri, somebody
from tests.pages import shown
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/releases/feed/"


def feed(**more: Any) -> ElementTree.Element:
    response = Client().get(FEED, **more)
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def only(parent: ElementTree.Element, name: str) -> ElementTree.Element:
    (found,) = parent.findall(f"{ATOM}{name}")
    return found


@pytest.fixture
def second() -> str:
    """A release that renames FOLFIRI, with its summary; its SHA-256."""
    rename_folfiri("FOLFIRI, <renamed> & more")
    by = somebody("pia", "Publisher")
    release, _is_new = publishing.publish("second & last", by=by, summary="One name,\x0b <b>changed</b>.")
    return str(release.sha256)


def test_each_release_says_what_it_changed(second: str) -> None:
    listed = shown(Client().get("/releases/"))
    assert "1 changed entry" in listed
    assert "The first release" in listed
    assert "One name" in listed
    page = Client().get(f"/releases/{second}/")
    check(page)
    assert "FOLFIRI, <renamed> & more" in shown(page)
    first = Client().get(f"/releases/{releases.history()[-1].release.sha256}/")
    check(first)
    assert "The first release" in shown(first)


def test_only_what_came_into_force_has_notes(second: str) -> None:
    for other in ("0" * 64, second[:12], "feed2"):
        assert Client().get(f"/releases/{other}/").status_code == 404


def test_what_a_release_is_put_back_for_is_not_public(second: str) -> None:
    from curation import actions
    from regimens.models import KnowledgeRelease

    first = KnowledgeRelease.objects.get(name="shipped")
    asked = actions.ask_to_reinstate(first, reason="A secret of the house.", by=somebody("pia", "Publisher"))
    assert asked is not None
    actions.confirm_reinstatement(asked, by=somebody("paul", "Publisher"))
    for address in ("/releases/", f"/releases/{first.sha256}/", FEED):
        assert "secret" not in Client().get(address).content.decode()
    assert len(feed().findall(f"{ATOM}entry")) == 3


def test_the_feed_is_valid_atom(second: str) -> None:
    """RFC 4287, sections 4.1.1 and 4.1.2: what has to be there, once, and how it is written."""
    root = feed()
    assert root.tag == f"{ATOM}feed"
    assert only(root, "title").text
    assert re.match("https?://", only(root, "id").text or "")
    assert only(only(root, "author"), "name").text
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"alternate": "http://testserver/releases/", "self": "http://testserver/releases/feed/"}
    entries = root.findall(f"{ATOM}entry")
    assert [only(entry, "title").text for entry in entries] == ["second & last", "shipped"]
    assert len({only(entry, "id").text for entry in entries}) == 2
    for entry in entries:
        assert re.match("[a-z]+:", only(entry, "id").text or "")
        for day in ("updated", "published"):
            assert datetime.fromisoformat(only(entry, day).text or "").tzinfo is not None
        assert only(entry, "summary").text
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("rel") == "alternate"
        assert Client().get((link.get("href") or "").removeprefix("http://testserver")).status_code == 200
    newest = max(datetime.fromisoformat(only(entry, "updated").text or "") for entry in entries)
    assert datetime.fromisoformat(only(root, "updated").text or "") == newest
    assert " ".join((only(entries[0], "summary").text or "").split()) == "One name, <b>changed</b>. 1 changed entry."


def test_an_entry_is_known_by_the_same_name_wherever_the_server_stands(second: str) -> None:
    there = [only(entry, "id").text for entry in feed(headers={"host": "testserver"}).findall(f"{ATOM}entry")]
    here = [only(entry, "id").text for entry in feed(headers={"accept-language": "de"}).findall(f"{ATOM}entry")]
    assert here == there


def test_every_page_names_the_feed_and_nothing_changed_is_said() -> None:
    assert 'href="/releases/feed/"' in Client().get("/about/").content.decode()
    agree("regimens", "folfiri", name="FOLFIRI again")
    publishing.publish("a", by=somebody("pia", "Publisher"))
    agree("regimens", "folfiri", name="FOLFIRI")
    publishing.publish("b", by=somebody("pia", "Publisher"))
    assert shown(Client().get("/releases/")).count("1 changed entry") == 2


@pytest.mark.parametrize("name", ["FOLFIRI one", "FOLFIRI other"])
def test_notes_are_those_of_what_a_release_holds_not_of_its_number(name: str) -> None:
    """In a database of its own each time, numbered from the same number: one process keeps the notes of both."""
    agree("regimens", "folfiri", name=name)
    release, _is_new = publishing.publish("renamed", by=somebody("pia", "Publisher"))
    assert name in shown(Client().get(f"/releases/{release.sha256}/"))

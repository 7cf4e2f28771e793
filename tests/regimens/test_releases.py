"""Releases as they are read: found, compiled once, noticed at once, and refused when damaged."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from django.test import Client

from curation.actions import publishing
from regimens import releases
from regimens.models import KnowledgeRelease
from tests.factories.accounts import account
from tests.factories.curation import rename_folfiri
from tests.factories.releases import put_in_force

DAMAGED = (b"not compressed", zlib.compress(b'{"format":1}'))

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


class TestInForce:
    def test_it_is_compiled_once_and_costs_one_query_a_request(self, django_assert_num_queries: Any) -> None:
        first = releases.current()
        with django_assert_num_queries(1):
            assert releases.current() is first

    def test_a_newer_one_is_noticed_within_one_request(self, client: Client) -> None:
        assert "FOLFIRI, renamed" not in client.get("/options/").content.decode()
        rename_folfiri()
        publishing.publish("second")
        assert "FOLFIRI, renamed" in client.get("/options/").content.decode()
        assert "Release second" in client.get("/").content.decode()

    def test_a_change_that_is_not_published_is_not_seen(self, client: Client) -> None:
        rename_folfiri()
        assert "FOLFIRI, renamed" not in client.get("/options/").content.decode()

    def test_without_a_release_the_page_says_so(self, client: Client, without_releases: None) -> None:
        response = client.get("/")
        assert response.status_code == 503
        assert "No knowledge release is published" in response.content.decode()

    @pytest.mark.parametrize("content", DAMAGED)
    def test_a_damaged_one_is_refused(
        self, client: Client, without_releases: None, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(releases, "_in_force", releases._InForce())
        put_in_force("damaged", content)
        for _ in range(2):
            with pytest.raises(releases.UnverifiedRelease, match="is damaged"):
                releases.current()
        page = client.get("/")
        assert page.status_code == 503
        assert "damaged is not what was published" in page.content.decode()

    @pytest.mark.parametrize("content", DAMAGED)
    def test_the_verified_one_stays_where_the_next_is_damaged(
        self, client: Client, content: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(releases, "_in_force", releases._InForce())
        verified = releases.current()
        put_in_force("damaged", content)
        assert releases.current() is releases.current() is verified
        said = [record.getMessage() for record in caplog.records if record.name == "regimens.releases"]
        assert len(said) == 1
        assert "damaged, which is in force, cannot be used" in said[0]
        client.force_login(account("publisher", "Publisher"))
        page = client.get("/admin/regimens/knowledgerelease/").content.decode()
        assert "Release damaged is in force and cannot be used" in page
        assert "Release shipped is ranked with in its place." in page


def test_whole_numbers_are_written_without_a_fraction() -> None:
    assert (
        releases.canonical_json({"b": [1.0, 0.5, True, None], "a": "é"}) == '{"a":"é","b":[1,0.5,true,null]}'.encode()
    )


class TestFinding:
    def test_by_name_and_by_hash(self) -> None:
        release = KnowledgeRelease.objects.get()
        for name in ("shipped", release.sha256, release.sha256[:7]):
            assert releases.find(name) == release

    def test_an_unknown_name_lists_those_there_are(self) -> None:
        with pytest.raises(releases.ReleaseError, match="there are: shipped"):
            releases.find("unknown")

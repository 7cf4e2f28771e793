"""A former release comes back by two people, who see first what that does; and two releases side by side."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Event
from curation import actions
from curation.actions import publishing
from regimens import releases
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.signals import release_in_force
from tests.factories.curation import agree, somebody

pytestmark = pytest.mark.django_db

PAGE = "/admin/releases/former/"


@pytest.fixture
def second() -> KnowledgeRelease:
    agree("indications", "folfiri-digestive", stance="consider")
    release, _ = publishing.publish("second", summary="FOLFIRI is considered.")
    return release


@pytest.fixture
def shipped(second: KnowledgeRelease) -> KnowledgeRelease:
    return releases.find("shipped")


def signed_in(username: str, role: str = "Publisher") -> Client:
    client = Client()
    client.force_login(somebody(username, role))
    return client


@pytest.fixture
def pia() -> Client:
    return signed_in("pia")


@pytest.fixture
def quinn() -> Client:
    return signed_in("quinn")


@pytest.fixture
def asked(pia: Client, shipped: KnowledgeRelease) -> str:
    """The address of the page on which what Pia asked for is confirmed."""
    response = pia.post(PAGE, {"release": shipped.pk, "reason": "The guideline was a draft."})
    assert response.status_code == 302
    return str(response.url)


def shown(client: Client, page: str) -> str:
    response = client.get(page)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def now_in_force() -> str:
    return releases.current().release.name


class TestTwoPeople:
    def test_another_person_sees_the_effect_and_confirms(
        self, quinn: Client, asked: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        assert now_in_force() == "second"
        listed = shown(quinn, PAGE)
        assert "The guideline was a draft." in listed and f'href="{asked}"' in listed
        html = shown(quinn, asked)
        assert "of 30 reference patients" in html and "→ <strong>FOLFIRI</strong>" in html
        assert "Takes back:" in html and "Proposed by <strong>ada</strong>" in html
        told: list[str] = []

        def receive(release: KnowledgeRelease, **kwargs: Any) -> None:
            told.append(release.name)

        release_in_force.connect(receive)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                response = quinn.post(asked)
        finally:
            release_in_force.disconnect(receive)
        assert response.status_code == 302
        assert (now_in_force(), told) == ("shipped", ["shipped"])
        event = Event.objects.get(action="reinstate")
        assert (str(event.by), event.details["reason"]) == ("quinn", "The guideline was a draft.")
        page = shown(quinn, response.url)
        assert "asked for by pia, confirmed by quinn. The guideline was a draft." in page

    def test_who_asked_is_told_why_they_cannot_confirm(self, pia: Client, asked: str) -> None:
        html = shown(pia, asked)
        assert "You asked for it. Another person confirms it." in html
        assert "Confirm, and put release" not in html
        forged = pia.post(asked).content.decode()
        assert "It was not put in force: Somebody other than the person who asked for it has to confirm it." in forged
        assert now_in_force() == "second"

    def test_what_was_overtaken_is_not_confirmed(self, quinn: Client, asked: str) -> None:
        agree("regimens", "folfox", name="FOLFOX, renamed")
        publishing.publish("third")
        assert "Another release came into force since it was asked for" in shown(quinn, asked)
        assert "It was not put in force" in quinn.post(asked).content.decode()
        assert now_in_force() == "third"

    def test_what_is_confirmed_is_confirmed_once(self, quinn: Client, asked: str) -> None:
        quinn.post(asked)
        rows = ReleaseInForce.objects.count()
        assert "It was confirmed on" in shown(quinn, asked)
        assert "It was not put in force: It has already been confirmed." in quinn.post(asked).content.decode()
        assert ReleaseInForce.objects.count() == rows

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"reason": " "}, "This field is required"),
            ({"release": ""}, "This field is required"),
            ({"release": "999999"}, "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_with_asking_is_said(
        self, pia: Client, shipped: KnowledgeRelease, given: dict[str, str], said: str
    ) -> None:
        response = pia.post(PAGE, {"release": str(shipped.pk), "reason": "A draft."} | given)
        assert said in response.content.decode()
        assert actions.waiting() == []

    def test_the_release_in_force_cannot_be_asked_for_nor_the_same_twice(
        self, pia: Client, quinn: Client, second: KnowledgeRelease, asked: str
    ) -> None:
        in_force = pia.post(PAGE, {"release": second.pk, "reason": "Again."}).content.decode()
        assert "Select a valid choice" in in_force
        again = quinn.post(PAGE, {"release": releases.find("shipped").pk, "reason": "Again."}).content.decode()
        assert "Release shipped has already been asked for." in again
        assert len(actions.waiting()) == 1

    @pytest.mark.parametrize("role", ["Curator", "Clinician", "Board member", "Administrator"])
    def test_it_is_for_publishers(self, shipped: KnowledgeRelease, asked: str, role: str) -> None:
        client = signed_in("someone", role)
        assert client.get(PAGE).status_code in (302, 403)
        assert client.post(PAGE, {"release": shipped.pk, "reason": "Mine."}).status_code in (302, 403)
        assert client.get(asked).status_code in (302, 403)
        assert client.post(asked).status_code in (302, 403)
        assert now_in_force() == "second" and len(actions.waiting()) == 1

    def test_a_publication_is_no_request(self, quinn: Client, second: KnowledgeRelease) -> None:
        published = ReleaseInForce.objects.get(release=second)
        assert quinn.get(f"{PAGE}{published.pk}/").status_code == 404
        assert quinn.get(f"{PAGE}999999/").status_code == 404

    def test_the_next_publisher_is_told_that_it_was_put_back(self, quinn: Client, asked: str) -> None:
        quinn.post(asked)
        html = shown(quinn, "/admin/publish/")
        assert "was put in force by two people, pia and quinn" in html
        assert "The guideline was a draft." in html


class TestAReleasesPage:
    def test_it_shows_what_was_new_and_leads_on(self, pia: Client, shipped: KnowledgeRelease) -> None:
        second = releases.find("second")
        page = shown(pia, f"/admin/regimens/knowledgerelease/{second.pk}/change/")
        assert "FOLFIRI is considered." in page
        assert "From release shipped to release second" in page
        assert f"/admin/releases/compare/?before={shipped.pk}&amp;after={second.pk}" in page
        former = shown(pia, f"/admin/regimens/knowledgerelease/{shipped.pk}/change/")
        assert f"{PAGE}?ask={shipped.pk}" in former

    def test_two_are_compared_either_way(self, shipped: KnowledgeRelease) -> None:
        curator, second = signed_in("carl", "Curator"), releases.find("second")
        there = shown(curator, f"/admin/releases/compare/?before={shipped.pk}&after={second.pk}")
        back = shown(curator, f"/admin/releases/compare/?before={second.pk}&after={shipped.pk}")
        assert "Takes back:" not in there and "Takes back:" in back
        for html in (there, back):
            assert "1 entry differs" in html and "of 30 reference patients" in html
        same = shown(curator, f"/admin/releases/compare/?before={second.pk}&after={second.pk}")
        assert "No entry differs." in same
        odd = shown(curator, "/admin/releases/compare/?before=x&after=")
        assert "Select a valid choice" in odd and "This field is required" in odd
        effect = shown(curator, f"/admin/releases/effect/?before={shipped.pk}&after={second.pk}")
        assert "of 30 reference patients" in effect
        assert curator.get("/admin/releases/effect/?before=x").status_code == 404

    def test_it_is_exported_by_post_and_that_is_an_event(
        self, pia: Client, shipped: KnowledgeRelease, tmp_path: Path
    ) -> None:
        address = f"/admin/releases/{shipped.pk}/export/"
        assert pia.get(address).status_code == 405
        response = pia.post(address)
        assert "attachment" in response.headers["Content-Disposition"]
        file = tmp_path / "release.json"
        file.write_bytes(response.content)
        assert releases.read_export(file).release.sha256 == shipped.sha256
        event = Event.objects.get(action="export")
        assert (str(event.by), event.subject, event.details["sha256"]) == ("pia", "shipped", shipped.sha256)
        assert pia.post("/admin/releases/999999/export/").status_code == 404

    def test_export_is_for_who_may_see_releases(self, shipped: KnowledgeRelease) -> None:
        assert signed_in("someone", "Clinician").post(f"/admin/releases/{shipped.pk}/export/").status_code == 403
        assert not Event.objects.filter(action="export").exists()


class TestCommands:
    def test_one_asks_and_another_confirms(self, shipped: KnowledgeRelease) -> None:
        somebody("pia", "Publisher")
        somebody("quinn", "Publisher")
        out = StringIO()
        call_command("reinstate_release", "shipped", by="pia", reason="A draft.", stdout=out)
        assert "confirm_release 'shipped'" in out.getvalue()
        with pytest.raises(CommandError, match="Somebody other"):
            call_command("confirm_release", "shipped", by="pia")
        assert now_in_force() == "second"
        call_command("confirm_release", "shipped", by="quinn", stdout=out)
        assert now_in_force() == "shipped"

    @pytest.mark.parametrize(
        ("command", "options", "said"),
        [
            ("reinstate_release", {"by": None, "reason": "x"}, "--by USERNAME"),
            ("reinstate_release", {"by": "carl", "reason": "x"}, "no permission"),
            ("reinstate_release", {"by": "pia", "reason": " "}, "Say why"),
            ("confirm_release", {"by": "pia"}, "nobody asks"),
            ("confirm_release", {"by": None}, "--by USERNAME"),
        ],
    )
    def test_what_is_refused_is_said(
        self, shipped: KnowledgeRelease, command: str, options: dict[str, Any], said: str
    ) -> None:
        somebody("pia", "Publisher")
        somebody("carl", "Curator")
        with pytest.raises(CommandError, match=said):
            call_command(command, "shipped", **options)
        with pytest.raises(CommandError, match="no release of that name"):
            call_command(command, "nothing", **options | {"by": "pia"})
        assert now_in_force() == "second"

"""The admin's site: in the reader's language, with tools for those who may use them."""

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils.translation import gettext

from necapp.urls import urlpatterns as project
from staff.site import CurationSite

site = CurationSite(name="admin")


@site.tool("scales/", name="scales", title="Weigh", permission="regimens.review_change", waiting=lambda user: 7)
def scales(request):
    return HttpResponse("weighed")


@site.tool("cellar/<int:shelf>/", name="cellar")
def cellar(request, shelf):
    return HttpResponse(f"shelf {shelf}")


@site.tool("words/", name="words")
def words(request):
    return HttpResponse(gettext("Search"))


urlpatterns = [
    path("admin/", site.urls),
    *(pattern for pattern in project if getattr(pattern, "app_name", None) != "admin"),
]


@pytest.fixture
def member(db):
    def of(role):
        user = User.objects.create_user(role.lower(), is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return of


@pytest.mark.parametrize("address", ["/admin/", "/admin/regimens/regimen/", "/admin/regimens/regimen/add/"])
def test_a_page_speaks_the_readers_language(member, address):
    response = member("Curator").get(address, headers={"accept-language": "de"})
    assert response.headers["Content-Language"] == "de"
    assert 'lang="de"' in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_so_does_a_tool(member):
    assert member("Curator").get("/admin/words/", headers={"accept-language": "de"}).content.decode() == "Suche"


@override_settings(ROOT_URLCONF=__name__)
def test_a_tool_is_for_who_has_its_permission(member):
    curator, publisher = member("Curator"), member("Publisher")
    assert curator.get("/admin/scales/").content == b"weighed"
    assert publisher.get("/admin/scales/").status_code == 403
    assert Client().get("/admin/scales/").status_code == 302
    assert publisher.get("/admin/cellar/3/").content == b"shelf 3"


@override_settings(ROOT_URLCONF=__name__)
def test_the_start_page_links_tools_and_says_how_much_waits(member):
    shown = member("Curator").get("/admin/").content.decode()
    assert 'href="/admin/scales/"' in shown and "(7)" in shown
    assert "scales" not in member("Publisher").get("/admin/").content.decode()
    assert "cellar" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "edits"), [("Curator", True), ("Publisher", False), ("Administrator", True)])
def test_home_lists_what_one_edits_and_folds_what_one_looks_at(role, edits):
    client = Client()
    person = User.objects.create_user("somebody", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    response = client.get("/admin/")
    page, _, folded = response.content.decode().partition('<details id="content-looked-at">')
    assert ('class="changelink"' in page) is edits
    assert 'class="viewlink"' not in page
    assert 'class="viewlink"' in folded
    assert 'class="changelink"' not in folded
    assert "permission to view or edit" not in page

"""Statements of interests: declared by each person for themselves, renewed every year, seen by administrators."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curation.models import InterestStatement
from tests.factories.accounts import signed_in
from tests.factories.curation import declared, somebody
from tests.pages import shown

pytestmark = pytest.mark.django_db

PAGE = "/admin/interests/"


@pytest.fixture
def cleo(db: None) -> User:
    return somebody("cleo", declares="")


@pytest.fixture
def as_cleo(cleo: User) -> Client:
    return signed_in(cleo)


def test_companies_are_named(cleo: User, as_cleo: Client) -> None:
    assert as_cleo.post(PAGE, {"companies": "Acme: lectures\nOther Ltd: shares"}).url == PAGE
    statement = InterestStatement.objects.get(person=cleo)
    assert statement.companies.splitlines() == ["Acme: lectures", "Other Ltd: shares"]
    said = shown(as_cleo.get(PAGE))
    assert "Declared. It holds until" in said and "365 days left" in said and "Acme: lectures" in said


def test_none_is_said_by_a_tick(cleo: User, as_cleo: Client) -> None:
    as_cleo.post(PAGE, {"companies": "", "none": "on"})
    assert InterestStatement.objects.get(person=cleo).companies == "none"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Name the companies, or set the tick below."),
        ({"companies": "  "}, "Name the companies, or set the tick below."),
        ({"companies": "None."}, "set the tick below."),
        ({"companies": "Acme", "none": "on"}, "take out either the tick or the names."),
    ],
)
def test_what_says_nothing_or_both_declares_nothing(
    cleo: User, as_cleo: Client, given: dict[str, str], said: str
) -> None:
    response = as_cleo.post(PAGE, given)
    assert response.status_code == 422 and said in shown(response)
    assert given.get("companies", "") in response.content.decode()
    assert not InterestStatement.objects.filter(person=cleo).exists()


def test_it_is_ones_own_whoever_is_named(cleo: User, as_cleo: Client, ada: User) -> None:
    as_cleo.post(PAGE, {"none": "on", "person": str(ada.pk), "by": "ada", "declared_on": "2030-01-01"})
    assert InterestStatement.objects.filter(person=cleo).count() == 1
    assert InterestStatement.objects.filter(person=ada).count() == 1  # the one of the fixture


def test_renewed_ones_are_kept(cleo: User, as_cleo: Client) -> None:
    declared(cleo, 300, "Old Ltd")
    as_cleo.post(PAGE, {"companies": "New Ltd"})
    said = shown(as_cleo.get(PAGE))
    assert said.index("New Ltd") < said.rindex("Old Ltd")
    assert InterestStatement.objects.filter(person=cleo).count() == 2


@pytest.mark.parametrize(
    ("days_ago", "said"),
    [
        (0, ""),
        (335, ""),
        (336, "Your statement of interests lapses in 29 days."),
        (364, "Your statement of interests lapses tomorrow."),
        (365, "Your statement of interests lapses today."),
        (366, "You have no current statement of interests."),
    ],
)
def test_one_is_reminded_from_thirty_days_on(cleo: User, as_cleo: Client, days_ago: int, said: str) -> None:
    declared(cleo, days_ago)
    for page in (PAGE, "/admin/"):
        text = as_cleo.get(page).content.decode()
        assert (said in text) if said else ("statement of interests lapses" not in text)


def test_who_reviews_nothing_is_not_reminded_elsewhere() -> None:
    pat = signed_in(somebody("pat", "Publisher", declares=""))
    assert "no current statement" not in pat.get("/admin/").content.decode()


def test_administrators_see_everybodys(cleo: User, as_cleo: Client, ada: User) -> None:
    dan, eve = somebody("dan", declares=""), somebody("eve", declares="")
    declared(dan, 400, "Lapsed Ltd")
    declared(eve, 350, "Soon Ltd")
    root = signed_in(somebody("root", "Administrator"))
    said = shown(root.get(PAGE))
    for row in ("ada current", "cleo never declared", "dan lapsed", "eve lapses within 30 days"):
        assert row in said
    assert "Lapsed Ltd" in said and "Soon Ltd" in said
    assert "Everybody’s newest statement" not in shown(as_cleo.get(PAGE))


def test_a_bounded_number_of_queries(ada: User) -> None:
    root = signed_in(somebody("root", "Administrator"))
    counts = []
    for more in ("a", "b"):
        for number in range(5):
            somebody(f"{more}{number}")
        with CaptureQueriesContext(connection) as queries:
            root.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_list_says_which_hold(ada: User, cleo: User) -> None:
    declared(cleo, 400)
    page = signed_in(ada).get("/admin/regimens/intereststatement/").content.decode()
    assert 'alt="True"' in page and 'alt="False"' in page

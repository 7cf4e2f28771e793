"""`/guidelines/`: by society and year, for whom, how old, and narrowed to a situation."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client

from regimens import releases
from regimens.pages.library.guidelines import OTHERS, all_statements, society_groups
from tests.pages import html, text

pytestmark = pytest.mark.django_db


def listed(response: HttpResponse) -> list[str]:
    keys = releases.current().guidelines
    return [found for found in re.findall(r'<tr id="([a-z0-9-]+)"', html(response)) if found in keys]


def test_the_newest_of_a_society_comes_first_and_what_is_no_guideline_last() -> None:
    groups = society_groups(all_statements(releases.current()).values(), date(2026, 11, 29))
    for group in groups:
        years = [dated.statement.year or 0 for dated in group.statements]
        assert years == sorted(years, reverse=True), group.title
    assert [group.is_others for group in groups] == [False] * (len(groups) - 1) + [True]
    enets = next(group for group in groups if group.title == "ENETS")
    assert {dated.statement.society for dated in enets.statements} == {"ENETS"}


def test_a_text_that_a_newer_one_follows_says_so() -> None:
    rows = all_statements(releases.current())
    assert rows["enets-2016-first-line"].newer == (2023, "enets-2023-first-line")
    assert rows["enets-2023-first-line"].newer is None
    assert rows["nice-ta1091-2025-tarlatamab"].newer is None  # of another drug
    assert all(row.newer is None for row in rows.values() if row.society == OTHERS)


def test_the_age_is_that_of_the_day() -> None:
    rows = all_statements(releases.current())

    def age(today: date) -> tuple[str, str]:
        dated = society_groups([rows["enets-2023-first-line"]], today)[0].statements[0]
        return dated.age.sign, dated.age.age

    assert age(date(2024, 6, 1)) == ("", "")
    assert age(date(2033, 6, 1)) == ("clock", "10 years old")


@pytest.mark.parametrize(
    ("filters", "there", "not_there"),
    [
        ({"histology": "net-g3"}, "prrt-review-2024-net-g3", "enets-2023-second-line"),
        ({"histology": "net-g3"}, "nanets-2023-net-g3-versus-nec", "seom-2019-sclc-sensitive-relapse"),
        ({"topic": "first-line"}, "enets-2023-first-line", "enets-2023-second-line"),
        ({"site": "pancreas"}, "enets-2023-second-line", "ijgc-2019-cervix-recurrence"),
        ({"site": "gep"}, "norway-2020-poor-platinum-response", "nice-ta1091-2025-tarlatamab"),
        ({"biomarker": "dpyd"}, "ema-2020-dpd-testing", "dpwg-2022-ugt1a1-irinotecan"),
        ({"society": "ENETS"}, "enets-2016-ki67-55", "norway-2020-rechallenge"),
        ({"society": OTHERS}, "review-2023-limited", "enets-2023-second-line"),
        ({"q": "tarlatamab Scottish"}, "smc2816-2025-tarlatamab", "nccn-2025-tarlatamab-sclc"),
    ],
)
def test_it_is_narrowed(client: Client, filters: dict[str, str], there: str, not_there: str) -> None:
    found = listed(client.get("/guidelines/", filters))
    assert there in found
    assert not_there not in found


def test_what_names_no_histology_is_left_by_any(client: Client) -> None:
    assert "nice-ta914-2023-pembrolizumab-msi" in listed(client.get("/guidelines/", {"histology": "nec"}))


def test_nothing_left_says_what_to_let_go_of(client: Client) -> None:
    response = client.get("/guidelines/", {"society": "WHO", "biomarker": "dll3"})
    page = text(response)
    assert "No statement matches these filters." in page
    assert "without Biomarker: DLL3" in page
    assert 'href="?society=WHO"' in html(response)
    assert listed(client.get("/guidelines/", {"society": "WHO"}))


def test_every_statement_of_a_society_is_under_it(client: Client) -> None:
    page = html(client.get("/guidelines/"))
    assert sorted(listed(client.get("/guidelines/"))) == sorted(releases.current().guidelines)
    assert page.count('scope="rowgroup"') == len({row.society for row in all_statements(releases.current()).values()})

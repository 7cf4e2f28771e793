"""The surveillance desk by its keys, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories.running.people import sign_in, somebody
from tests.factories.running.process import run

TITLES = ("A register of patients after {}", "{} in gastric carcinoma", "Radiotherapy with or without {}: a trial")


@pytest.fixture
def records(app: str, environment: dict[str, str], page: Page, request: pytest.FixtureRequest) -> Locator:
    """Three finds on the desk of a curator, each of a drug that the test names; the first of them has the focus."""
    titles = [title.format(request.param) for title in TITLES]
    run(environment, f"from tests.factories.surveillance import found; found(*{titles})")
    sign_in(page, app, somebody(environment, f"reads-of-{request.param}"))
    page.goto(f"{app}admin/desk/")
    found = page.locator(".found", has_text=request.param)
    expect(found).to_have_count(len(TITLES))
    found.first.focus()
    return found


@pytest.mark.parametrize("records", ["onelimab"], indirect=True)
def test_keys_lead_through_the_records_and_tick_them(page: Page, records: Locator) -> None:
    page.keyboard.press("j")
    expect(records.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(records.nth(1).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("k")
    expect(records.nth(0)).to_be_focused()
    expect(records.nth(0).get_by_role("checkbox")).not_to_be_checked()
    page.keyboard.press("e")
    expect(records.nth(0).locator("details[data-key=e]")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(records.nth(0).locator("details[data-key=e]")).not_to_have_attribute("open", "")
    expect(records.nth(0)).to_be_focused()


@pytest.mark.parametrize("records", ["twoparib"], indirect=True)
def test_a_decision_by_keys_leads_to_the_next_record(page: Page, records: Locator) -> None:
    """And none is made of a letter that somebody types."""
    search = page.get_by_role("searchbox").first
    search.fill("")
    search.press_sequentially("ix")
    expect(page).to_have_url(page.url)
    records.first.focus()
    below = records.nth(1).get_attribute("id")
    page.keyboard.press("l")
    page.keyboard.press("Enter")
    expect(records).to_have_count(len(TITLES) - 1)
    expect(page.locator(f"#{below}")).to_be_focused()

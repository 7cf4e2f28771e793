"""What comes after a decision in a real browser: accessible at every width, and whole without JavaScript."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.databases import ROOT

HEADINGS = {
    "figures": "What was decided",
    "changed": "Changed since the decision",
    "replay": "then and now",
    "follow-up": "Follow-up of",
}


@pytest.fixture(scope="session")
def there(app: str, environment: dict[str, str]) -> dict[str, Any]:
    """The session of a member, the board, and an item."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.factories.running.afterwards"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    return json.loads(made.stdout)


@pytest.fixture
def addresses(app: str, there: dict[str, Any]) -> dict[str, str]:
    board, item = f"{app}boards/{there['board']}/", f"{app}agenda/{there['item']}/"
    pages = {"figures": f"{board}figures/", "changed": f"{board}changed/"}
    return pages | {"replay": f"{item}replay/", "follow-up": f"{item}follow-up/"}


def sign_in(page: Page, app: str, there: dict[str, Any]) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": there["session"], "url": app}])


@pytest.mark.parametrize("name", HEADINGS)
def test_it_is_accessible_and_never_scrolls_sideways(
    app: str, there: dict[str, Any], addresses: dict[str, str], page: Page, accessible: Any, name: str
) -> None:
    sign_in(page, app, there)
    page.goto(addresses[name])
    expect(page.get_by_role("heading", level=1)).to_contain_text(HEADINGS[name])
    page.evaluate("for (const details of document.querySelectorAll('main details')) details.open = true")
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    accessible(page)


def test_the_curves_are_drawn(app: str, there: dict[str, Any], addresses: dict[str, str], page: Page) -> None:
    sign_in(page, app, there)
    page.goto(addresses["figures"])
    curves = page.locator(".survival-curve")
    expect(curves).to_have_count(2)
    for curve in curves.all():
        steps = curve.locator(".step")
        assert steps.count() > 3
        assert steps.first.evaluate("element => getComputedStyle(element).stroke") == "rgb(10, 102, 112)"
    expect(page.get_by_role("row", name="FOLFIRI").first).to_be_visible()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def test_without_javascript(app: str, there: dict[str, Any], addresses: dict[str, str], plain: Page) -> None:
    sign_in(plain, app, there)
    plain.goto(addresses["follow-up"])
    plain.get_by_label("Best response").select_option("Stable disease")
    plain.get_by_label("Given since").fill("2099-01")
    plain.get_by_role("button", name="Record the follow-up").click()
    expect(plain.get_by_role("alert")).to_contain_text("Given since: January 2099, and it may be from")
    plain.goto(addresses["follow-up"])
    plain.get_by_label("Best response").select_option("Stable disease")
    plain.get_by_role("button", name="Record the follow-up").click()
    expect(plain.get_by_text("The follow-up is recorded.")).to_be_visible()
    plain.goto(addresses["figures"])
    with plain.expect_download() as download:
        plain.get_by_role("button", name="Decisions as CSV").click()
    assert download.value.suggested_filename == f"decisions-{there['board']}.csv"
    plain.goto(addresses["replay"])
    plain.get_by_label("Compare with a release since").select_option(index=1)
    plain.get_by_role("button", name="Show").click()
    expect(plain.get_by_text("Nothing: every option stands where it stood.")).to_be_visible()

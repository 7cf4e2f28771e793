"""Signing in with the hospital's identity, by a real OpenID Connect server on another site: in, covered, and out."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.factories.running.people import Person, be_idle

OFFER = "Sign in with the hospital's account"
# The style of the provider's own pages, which is nowhere on this machine.
ELSEWHERE = re.compile(r"^https://")


def test_from_the_sign_in_to_the_sign_out(
    hospital_app: str, page: Page, accessible: Any, environment: dict[str, str]
) -> None:
    page.context.route(ELSEWHERE, lambda route: route.fulfill(body="", content_type="text/css"))
    page.goto(f"{hospital_app}account/sign-in/?next=/evidence/")
    expect(page.get_by_label("Password")).to_have_count(0)
    accessible(page)
    page.get_by_role("link", name=OFFER).click()
    page.get_by_role("button", name="0f1e").click()
    expect(page).to_have_url(f"{hospital_app}evidence/")
    expect(page.get_by_role("link", name="ada.oidc")).to_be_visible()
    page.goto(f"{hospital_app}admin/")  # the provider answers for the second factor
    expect(page.get_by_role("heading", name="Daily work")).to_be_visible()

    page.clock.install()
    page.goto(f"{hospital_app}fill/")
    page.get_by_role("textbox").first.press_sequentially("Ki-67 80 %")
    be_idle(environment, Person(0, "ada.oidc", "", [], ""), minutes=21)
    page.clock.run_for("20:05")
    ended = page.get_by_role("dialog", name="Signed out")
    expect(ended).to_be_visible()
    with page.context.expect_page() as opened:
        ended.get_by_role("link", name=OFFER).click()
    other = opened.value
    other.get_by_role("button", name="0f1e").first.click()
    expect(other.get_by_role("heading", name="You are signed in")).to_be_visible()
    accessible(other)
    other.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # on return to the tab
    expect(ended).to_be_hidden()
    expect(page.get_by_role("textbox").first).to_have_value("Ki-67 80 %")

    page.get_by_role("banner").get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button").first.click()  # that of the provider
    expect(page).to_have_url(f"{hospital_app}account/signed-out/")
    page.goto(f"{hospital_app}account/")
    expect(page.get_by_role("link", name=OFFER)).to_be_visible()


def test_somebody_without_a_role(hospital_app: str, browser: Browser, accessible: Any) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{hospital_app}account/oidc/")
    page.get_by_role("button", name="2d3c").click()
    expect(page.get_by_role("alert")).to_have_text("None of your groups at the hospital has a role in necapp.")
    accessible(page)
    assert "code=" not in page.content()
    page.context.close()

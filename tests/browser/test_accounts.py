"""Signing in with an app, the warning before a session ends, and what was typed when it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories.accounts import code_for
from tests.factories.running.people import Person, be_idle, sign_in, somebody

from .journeys import ask, choose, understood

NUMBERS = count()
WIDTHS = (1440, 390, 320)


@pytest.fixture
def ada(environment: dict[str, str]) -> Person:
    return somebody(environment, f"ada-{next(NUMBERS)}", "Administrator")


@pytest.fixture
def elsewhere(page: Page) -> Page:
    """Another tab of the same browser."""
    return page.context.new_page()


@pytest.fixture
def clockwork(page: Page) -> Page:
    """A page whose clock the test turns on."""
    page.clock.install()
    return page


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context
    context.close()


def enter(page: Page, person: Person, code: str) -> None:
    page.get_by_label("User name").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    page.get_by_label("Code").fill(code)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def look(page: Page, accessible: Any) -> None:
    """At every width, where nothing may reach beyond the window, and with axe at the last, the narrowest."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_load_state()  # after a click it may be on its way, without a document
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
    accessible(page)


def open_patient(page: Page, app: str, person: Person) -> None:
    sign_in(page, app, person)
    page.goto(app)
    page.get_by_role("textbox", name="Ki-67").fill("80")
    choose(page, "region", "UK")
    ask(page)
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    # What is printed is asked for a second later: a sign of life that is not to come while the clock is turned on.
    expect(page.locator("#print-only > *").first).to_be_attached()


def test_from_an_invitation_to_signing_in_with_a_code(
    app: str, page: Page, browser: Browser, ada: Person, environment: dict[str, str], accessible: Any
) -> None:
    sign_in(page, app, ada)
    page.goto(f"{app}admin/invite/")
    page.get_by_label("Username").fill(f"bea-{ada.number}")
    page.get_by_label("Curator").check()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Another administrator has to confirm this")).to_be_visible()

    page = browser.new_context(locale="en-GB").new_page()  # of another administrator
    sign_in(page, app, somebody(environment, f"ann-{ada.number}", "Administrator"))
    page.goto(f"{app}admin/to-be-confirmed/")
    page.get_by_role("listitem").filter(has_text=f"bea-{ada.number}").get_by_role("button", name="Confirm").click()
    link = page.get_by_label("Link").input_value()
    page.context.close()

    page = browser.new_context(locale="en-GB").new_page()  # her own
    page.goto(link)
    look(page, accessible)
    words = "a heron on every other stone"
    page.locator("#id_new_password1").fill(words)
    page.locator("#id_new_password2").fill(words)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_url(f"{app}account/second-factor/")
    look(page, accessible)
    secret = page.locator(".secret").inner_text()
    page.locator("#id_token").fill(code_for(secret))
    page.get_by_role("button", name="Put the app in force").click()
    look(page, accessible)
    assert page.locator(".recovery-codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name=f"bea-{ada.number}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    look(page, accessible)
    page.get_by_role("button", name="Sign out", exact=True).click()
    look(page, accessible)

    page.goto(f"{app}account/")
    look(page, accessible)
    bea = Person(0, f"bea-{ada.number}", secret, [], "", words)
    enter(page, bea, "000000")
    expect(page.get_by_text("do not belong together")).to_be_visible()
    look(page, accessible)
    page.wait_for_timeout(1100)  # django-otp lets a second pass after a wrong code
    enter(page, bea, code_for(secret, steps=1))
    expect(page).to_have_url(f"{app}account/")
    page.context.close()


def test_a_warning_comes_before_the_end_and_staying_loses_nothing(
    app: str, clockwork: Page, ada: Person, environment: dict[str, str], accessible: Any
) -> None:
    open_patient(clockwork, app, ada)
    warning = clockwork.get_by_role("dialog", name="Are you still there?")
    clockwork.clock.run_for("17:00")
    expect(warning).to_be_hidden()
    be_idle(environment, ada, minutes=18.5)
    clockwork.clock.run_for("01:30")
    expect(warning).to_be_visible()
    # A minute and a half, less what this test took on a busy machine.
    expect(warning).to_contain_text(re.compile(r"signed out in (1:[0-3]|0:[3-5])\d minutes"))
    look(clockwork, accessible)
    with clockwork.expect_response("**/account/session/"):  # which the closed dialog does not wait for
        warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    expect(clockwork.locator("#id_ki67")).to_have_value("80")
    be_idle(environment, ada, minutes=15)  # which would have been too long without it
    choose(clockwork, "ecog", "1")
    expect(understood(clockwork)).to_contain_text("ECOG 1")


def test_work_in_another_tab_puts_the_warning_off(
    app: str, clockwork: Page, ada: Person, environment: dict[str, str]
) -> None:
    open_patient(clockwork, app, ada)
    clockwork.clock.run_for("18:30")  # by this tab's reckoning; the server knows better
    expect(clockwork.get_by_role("dialog")).to_have_count(0)


def test_typing_is_something_done(app: str, clockwork: Page, ada: Person, environment: dict[str, str]) -> None:
    sign_in(clockwork, app, ada)
    clockwork.goto(f"{app}admin/invite/")
    be_idle(environment, ada, minutes=15)
    clockwork.clock.run_for("02:00")
    with clockwork.expect_response("**/account/session/"):
        clockwork.get_by_label("First name").press_sequentially("Bea")
    be_idle(environment, ada, minutes=15)
    clockwork.reload()
    expect(clockwork).to_have_url(f"{app}admin/invite/")


def test_after_the_end_what_was_typed_is_out_of_sight_until_its_person_is_back(
    app: str, clockwork: Page, ada: Person, environment: dict[str, str], accessible: Any
) -> None:
    page = clockwork
    open_patient(page, app, ada)
    be_idle(environment, ada, minutes=21)
    page.clock.run_for("20:05")
    ended = page.get_by_role("dialog", name="Signed out")
    expect(ended).to_be_visible()
    expect(page).to_have_title("Signed out · necapp")
    expect(page.locator("main")).to_be_hidden()
    expect(page.locator("#id_ki67")).to_be_hidden()
    look(page, accessible)
    page.keyboard.press("Escape")
    expect(ended).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    stored = page.evaluate("Object.fromEntries(Object.entries(sessionStorage))")
    assert stored in ({}, {"htmx-current-path-for-history": "/"})
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0

    ended.get_by_label("Password").fill(ada.password)
    ended.get_by_label("Code").fill(ada.codes[0])
    ended.get_by_role("button", name="Sign in").click()
    expect(ended).to_be_hidden()
    expect(page.locator("#id_ki67")).to_have_value("80")
    expect(page.locator("[type='password']")).to_have_count(0)
    choose(page, "ecog", "1")  # by the token of the new session
    expect(understood(page)).to_contain_text("ECOG 1")


def test_a_wrong_code_after_the_end_is_said_and_loses_nothing(
    app: str, browser: Browser, ada: Person, environment: dict[str, str]
) -> None:
    page = browser.new_context(locale="en-GB").new_page()  # whose console tells of the answer 403, as it should
    page.clock.install()
    open_patient(page, app, ada)
    be_idle(environment, ada, minutes=21)
    page.clock.run_for("20:05")
    ended = page.get_by_role("dialog", name="Signed out")
    ended.get_by_label("Password").fill("something else")
    ended.get_by_role("button", name="Sign in").click()
    expect(ended.get_by_role("alert")).to_contain_text("do not belong together")
    ended.get_by_label("Password").fill(ada.password)
    ended.get_by_label("Code").fill(ada.codes[0])
    ended.get_by_role("button", name="Sign in").click()
    expect(page.locator("#id_ki67")).to_have_value("80")
    page.context.close()


def test_nobody_coming_back_what_was_typed_is_dropped(
    app: str, clockwork: Page, ada: Person, environment: dict[str, str]
) -> None:
    open_patient(clockwork, app, ada)
    be_idle(environment, ada, minutes=21)
    clockwork.clock.run_for("20:05")
    expect(clockwork.get_by_role("dialog", name="Signed out")).to_be_visible()
    clockwork.clock.run_for("30:05")
    expect(clockwork).to_have_url(f"{app}account/sign-in/")


def test_it_is_dropped_at_once_when_asked(app: str, clockwork: Page, ada: Person, environment: dict[str, str]) -> None:
    open_patient(clockwork, app, ada)
    be_idle(environment, ada, minutes=21)
    clockwork.clock.run_for("20:05")
    clockwork.get_by_role("button", name="Discard it").click()
    expect(clockwork).to_have_url(f"{app}account/sign-in/")
    clockwork.go_back()
    for field in clockwork.locator("#id_ki67").all():  # of an empty page
        expect(field).to_have_value("")
    expect(clockwork.locator("body")).not_to_contain_text("Ki-67 80")


def test_a_page_into_which_nothing_was_typed_leads_to_the_sign_in(
    app: str, clockwork: Page, ada: Person, environment: dict[str, str]
) -> None:
    sign_in(clockwork, app, ada)
    clockwork.goto(f"{app}account/")
    be_idle(environment, ada, minutes=21)
    clockwork.clock.run_for("20:05")
    expect(clockwork).to_have_url(f"{app}account/sign-in/?next=%2Faccount%2F")


def test_another_person_never_sees_it(
    app: str, clockwork: Page, ada: Person, elsewhere: Page, environment: dict[str, str]
) -> None:
    bea = somebody(environment, f"bea-{next(NUMBERS)}")
    open_patient(clockwork, app, ada)
    be_idle(environment, ada, minutes=21)
    clockwork.clock.run_for("20:05")
    expect(clockwork.get_by_role("dialog", name="Signed out")).to_be_visible()
    elsewhere.goto(f"{app}account/sign-in/")
    enter(elsewhere, bea, bea.codes[0])
    expect(elsewhere.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    clockwork.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # on return to the tab
    expect(clockwork.locator("#id_ki67")).to_have_value("")
    expect(clockwork.get_by_role("link", name=bea.username)).to_be_visible()


def test_signing_out_in_another_tab_covers_what_was_typed(app: str, page: Page, ada: Person, elsewhere: Page) -> None:
    open_patient(page, app, ada)
    elsewhere.goto(app)
    elsewhere.get_by_role("button", name="Sign out", exact=True).click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Signed out")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("dialog", name="Signed out")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()


def test_a_script_that_finds_nobody_signed_in_covers_the_page(app: str, page: Page, ada: Person) -> None:
    """What the server answers to htmx: HX-Trigger."""
    open_patient(page, app, ada)
    page.evaluate("htmx.trigger(document.body, 'signed-out')")
    expect(page.get_by_role("dialog", name="Signed out")).to_be_visible()


def test_without_scripts_a_form_is_carried_through_the_sign_in(
    app: str, without_scripts: BrowserContext, ada: Person, environment: dict[str, str]
) -> None:
    page = without_scripts.new_page()
    sign_in(page, app, ada)
    page.goto(f"{app}admin/invite/")
    page.get_by_label("Username").fill(f"cy-{ada.number}")
    page.get_by_label("Last name").fill('Lund "née" <Å>')
    page.get_by_label("Publisher").check()
    be_idle(environment, ada, minutes=21)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_contain_text("kept on this page alone")
    enter(page, ada, "000000")
    expect(page.get_by_text("do not belong together")).to_be_visible()
    enter(page, ada, ada.codes[0])
    page.get_by_role("button", name="Send what I entered").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Select user to change")
    expect(page.locator("tr", has_text=f"cy-{ada.number}")).to_contain_text('Lund "née" <Å>')


def test_a_patient_goes_along_with_a_sign_in(app: str, page: Page, ada: Person) -> None:
    page.goto(app)
    page.get_by_role("textbox", name="Ki-67").fill("80")
    choose(page, "region", "UK")
    page.get_by_role("button", name="Sign in").click()
    enter(page, ada, ada.codes[0])
    page.get_by_role("button", name="Send what I entered").click()
    expect(page.locator("#id_ki67")).to_have_value("80")
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    assert "80" not in page.url.rpartition(":")[2].partition("/")[2]

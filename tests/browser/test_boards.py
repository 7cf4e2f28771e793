"""Boards in a real browser: a patient becomes a case, the meeting's screen fits, keys turn it, votes stay blind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.databases import ROOT

from .journeys import choose, first, ranked, understood
from .languages import choose_language

SCREEN = {"width": 1920, "height": 1080}
SignIn = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def boards(app: str, environment: dict[str, str]) -> dict[str, Any]:
    """Sessions by user name, and items of agendas by label."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.factories.running.boards"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    return json.loads(made.stdout)


@pytest.fixture
def sign_in(app: str, boards: dict[str, Any]) -> SignIn:
    def sign(page: Page, username: str) -> None:
        cookie = {"name": "sessionid", "value": boards["sessions"][username], "url": app}
        page.context.add_cookies([cookie])  # type: ignore[list-item]

    return sign


@pytest.fixture
def item(app: str, boards: dict[str, Any]) -> Callable[[str], str]:
    return lambda label: f"{app}agenda/{boards['items'][label]}/"


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("label", ["Colon 7", "Pancreas 12", "Liver 1"])
@pytest.mark.parametrize("language", ["en-GB", "de-DE", "fr-FR", "es-ES"])
def test_a_case_fits_the_screen(
    browser: Browser, sign_in: SignIn, item: Callable[[str], str], label: str, language: str
) -> None:
    """Patient, options with figures, for and against, cautions, tests, questions and decision, without scrolling."""
    context = browser.new_context(viewport=SCREEN, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, "ada")
    page.goto(item(label))
    expect(page.locator(".screen-table thead th")).to_have_count(3 if label == "Colon 7" else 4)
    foot = (".screen-foot > section:nth-child(1)", ".screen-foot > section:nth-child(2)", ".screen-decision")
    for part in (".screen-patient", ".screen-table", *foot):
        place = page.locator(part).bounding_box()
        assert place is not None
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= SCREEN["height"], part
    sizes = page.evaluate(
        "[...document.querySelectorAll('.screen-table td p, .screen-table li, .screen-foot li')]"
        ".map((element) => parseFloat(getComputedStyle(element).fontSize))"
    )
    assert min(sizes) >= 16
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]
    context.close()


def test_the_arrow_keys_turn_the_screen(page: Page, sign_in: SignIn, item: Callable[[str], str]) -> None:
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    sign_in(page, "ada")
    page.goto(item("Colon 7"))
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Colon 7")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pancreas 12")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Colon 9")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pancreas 12")


def test_a_patient_becomes_a_case_and_goes_on_in_a_version(page: Page, app: str, sign_in: SignIn) -> None:
    sign_in(page, "ada")
    ranked(page, app)
    page.locator("#patient-line").get_by_role("button", name="Save as a case").click()
    page.get_by_label("Label").fill("Anna Schmidt")
    page.get_by_label("Notes for the board").fill("New scan.")
    page.get_by_role("button", name="Save the case").click()
    expect(page.get_by_role("alert")).to_contain_text("looks like a person’s name")
    expect(page.get_by_label("Notes for the board")).to_have_value("New scan.")
    choose_language(page, "Deutsch")
    expect(page.locator("#id_label")).to_have_value("Anna Schmidt")
    choose_language(page, "English")
    page.get_by_label("Label").fill("Colon 33")
    page.get_by_label("Board", exact=True).select_option("NEC board")
    page.get_by_role("button", name="Save the case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Colon 33")
    assert "?" not in page.url
    page.get_by_role("link", name="New version").click()
    expect(first(page)).to_have_text("FOLFIRI")
    choose(page, "ecog", "3")
    expect(understood(page)).to_contain_text("ECOG 3")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.locator(".understood")).to_contain_text("ECOG 3")
    assert asked == []


def test_a_double_click_at_once_after_typing_saves_one_version(page: Page, app: str, sign_in: SignIn) -> None:
    """The live ranking that is still to be asked for does not take the way of the button."""
    sign_in(page, "ada")
    page.goto(f"{app}cases/")
    page.get_by_role("link", name="Colon 21").click()
    page.get_by_role("link", name="New version").click()
    expect(page.locator("#answer article").first).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    choose(page, "ecog", "0")
    page.get_by_role("button", name="Save as version 2").dblclick()
    expect(page.get_by_text("The new version is saved.")).to_be_visible()
    # On a slow machine, the ranking of before the click may have been asked for.
    assert len([url for url in sent if url.endswith("/new-version/")]) == 1
    expect(page.locator("tbody th a", has_text="3")).to_have_count(0)


def test_a_decision_fits_a_narrow_page(
    page: Page, sign_in: SignIn, item: Callable[[str], str], accessible: Any
) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    sign_in(page, "chair")
    page.goto(f"{item('Colon 9')}decide/")
    page.get_by_label("Do", exact=True).first.select_option("Best supportive care alone")
    page.get_by_label("Rationale").fill("Frail.")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_role("button", name="FOLFIRI", exact=True).click()
    expect(page.get_by_label("Do", exact=True).nth(1)).to_have_value("ranked:folfiri")
    expect(page.get_by_label("Rationale")).to_have_value("Frail.")
    page.get_by_label("When", exact=True).nth(1).fill("if fitter")
    for name in ("chair", "ada"):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("button", name="Sign this version")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_page_with_what_was_typed_does_not_go_unasked(
    page: Page, sign_in: SignIn, item: Callable[[str], str]
) -> None:
    sign_in(page, "ada")
    page.goto(f"{item('Pancreas 12')}prepare/")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Question to the board").fill("Surgery of the primary?")
    choose_language(page, "Deutsch")
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Question to the board")).to_have_value("Surgery of the primary?")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".question")).to_contain_text("Surgery of the primary?")
    assert len(asked) == 1


def test_a_vote_appears_when_it_is_closed(
    browser: Browser, page: Page, sign_in: SignIn, item: Callable[[str], str]
) -> None:
    sign_in(page, "ada")
    page.goto(item("Liver 2"))
    expect(page.locator(".turnout")).to_have_text("0 of 3 members have voted")
    others = browser.new_context(locale="en-GB")
    for username in ("ben", "chair"):
        other = others.new_page()
        sign_in(other, username)
        other.goto(item("Liver 2") + "vote/")
        other.get_by_label("A clinical trial").check()
        expect(other.get_by_label("Option", exact=True)).to_be_hidden()
        other.get_by_label("Trial number").fill("NCT02820857")
        other.get_by_role("button", name="Record my choice").click()
        expect(other.get_by_text("You have voted.")).to_be_visible()
    expect(page.locator(".turnout")).to_have_text("2 of 3 members have voted")
    expect(page.locator(".screen-table")).to_have_count(0)
    other.get_by_text("Close the vote …").click()
    other.get_by_role("button", name="Close the vote and show the ranking").click()
    expect(page.locator(".screen-table")).to_be_visible()
    expect(page.locator(".tally")).to_contain_text("2 Trial NCT02820857")
    others.close()


def test_everything_works_without_javascript(plain: Page, sign_in: SignIn, item: Callable[[str], str]) -> None:
    sign_in(plain, "chair")
    plain.goto(item("Colon 20"))
    plain.get_by_role("link", name="NEC board, ").click()
    plain.get_by_role("row", name="Colon 20").get_by_role("button", name="Down").click()
    expect(plain.locator(".agenda tbody th a").first).to_have_text("Colon 21")
    plain.get_by_role("button", name="Fix the agenda").click()
    plain.get_by_role("link", name="Show on the screen").click()
    plain.get_by_role("link", name="Next").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Colon 20")
    plain.get_by_role("link", name="Record the decision").click()
    plain.get_by_label("Rationale").fill("Best evidence.")
    plain.get_by_role("button", name="FOLFIRI", exact=True).click()
    expect(plain.get_by_label("Do", exact=True).first).to_have_value("ranked:folfiri")
    expect(plain.get_by_label("Rationale")).to_have_value("Best evidence.")
    for name in ("chair", "ada"):
        plain.get_by_label(name, exact=True).check()
    plain.get_by_role("button", name="Record the decision").click()
    plain.get_by_role("button", name="Sign this version").click()
    expect(plain.get_by_text("You have signed.")).to_be_visible()


def test_it_is_accessible_and_never_scrolls_sideways(
    page: Page, app: str, sign_in: SignIn, item: Callable[[str], str], accessible: Any
) -> None:
    sign_in(page, "chair")
    pages = ["boards/", "boards/1/", "boards/1/settings/", "boards/1/meetings/new/", "meetings/1/", "meetings/2/"]
    pages += ["cases/", "cases/1/", "cases/1/erase/", "cases/1/versions/1/", "cases/2/new-version/"]
    addresses = [f"{app}{each}" for each in pages]
    addresses += [item("Pancreas 12"), item("Liver 1"), f"{item('Pancreas 12')}decide/", f"{item('Liver 1')}vote/"]
    addresses += [f"{item('Pancreas 12')}prepare/"]
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if "new-version" not in address:
            page.evaluate("for (const details of document.querySelectorAll('main details')) details.open = true")
        for width in (1440, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        accessible(page)

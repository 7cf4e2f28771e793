"""The form filled from a record: read, confirmed field by field and ranked, by keyboard and without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.fhir import ICD10, PATIENT, as_bytes, condition, dose, ki67, observation, quantity

from .journeys import first, is_in_view, tab_to, understood

DAYS = ("2025-01-06", "2025-01-27")
# What is taken, what the record contradicts, a bound, two values of which one is older, and treatment of two lines.
RECORD = as_bytes(
    PATIENT,
    condition("site", ICD10, "C18.7"),
    condition("lung", ICD10, "J84.1"),
    ki67("new", 80, "2026-01-12"),
    ki67("old", 60, "2025-02-03"),
    observation("clearance", "33914-3", valueQuantity=quantity(90, "mL/min") | {"comparator": ">"}),
    *(dose(f"{drug}-{day}", drug, day) for drug in ("L01XA01", "L01CB01") for day in DAYS),
    *(dose(f"later-{day}", "L01CE01", day) for day in ("2025-08-04", "2025-09-01")),
).decode()
WIDTHS = (1440, 390, 320)


def read(page: Page, app: str) -> None:
    page.goto(f"{app}fill/")
    page.get_by_label("Or paste it here").fill(RECORD)
    page.get_by_role("button", name="Read the record").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm what was read")


def test_a_record_becomes_a_ranking(app: str, page: Page) -> None:
    read(page, app)
    page.get_by_role("textbox", name="Ki-67").fill("75")
    page.get_by_label("Take: Interstitial lung disease").uncheck()
    page.get_by_role("button", name="Take these values").click()
    error = page.get_by_role("link", name="Choose a region")
    error.click()
    expect(page.locator("#id_region_EU")).to_be_focused()
    page.locator("label[for='id_region_UK']").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(understood(page)).to_contain_text("Ki-67 75 %")
    expect(understood(page)).to_contain_text("Colorectal")
    expect(understood(page)).not_to_contain_text("Interstitial lung disease")
    expect(first(page)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"^{re.escape(app)}(#.*)?$"))
    page.reload()
    expect(understood(page)).to_contain_text("Ki-67 75 %")


def test_a_record_is_read_by_keyboard_and_without_a_script(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{app}fill/")
    tab_to(page, "#record-text")
    page.keyboard.insert_text(RECORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm what was read")
    tab_to(page, "#take-ki67")
    page.keyboard.press("Space")
    expect(page.get_by_label("Take: Ki-67")).not_to_be_checked()
    page.keyboard.press("Space")
    tab_to(page, "main button[type='submit']")
    page.keyboard.press("Enter")
    expect(page.locator("#id_ki67")).to_have_value("80")
    page.locator("label[for='id_region_UK']").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    assert is_in_view(page.locator("#first-heading"))
    context.close()


def test_what_cannot_be_read_is_said_and_asked_for_again(app: str, browser: Browser, accessible: Any) -> None:
    page = browser.new_page(locale="en-GB")  # whose console tells of the answer 400, as it should
    page.goto(f"{app}fill/")
    page.get_by_label("Or paste it here").fill("{")
    page.get_by_role("button", name="Read the record").click()
    expect(page.get_by_role("alert")).to_contain_text("line 1, column 2: no JSON")
    accessible(page)
    page.close()


@pytest.mark.parametrize("language", ["en-GB", "de-DE", "fr-FR", "es-ES"])
def test_it_is_accessible_and_never_scrolls_sideways(
    app: str, browser: Browser, accessible: Any, language: str
) -> None:
    """The page of the codes is looked at with a few of them: there are hundreds, of the same markup."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    for path in ("fill/", "interop/?q=ki-67", "fill/#table"):
        page.goto(app + path.removesuffix("#table"))
        if path.endswith("#table"):
            page.locator("#record-text").fill(RECORD)
            page.locator("main button[type='submit']").click()
            page.evaluate("for (const details of document.querySelectorAll('main details')) details.open = true")
            expect(page.locator(".record-question").first).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        accessible(page)
    context.close()

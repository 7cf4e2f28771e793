"""The language, chosen in a real browser: nothing that was entered is lost, with scripts and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

PAGES = [
    "options/folfiri/",
    "drugs/nivolumab/",
    "method/validation/",
    "evidence/walter-2023-bevanec/",
    "biomarkers/msi-mmr/",
    "method/",
    "trials/",
]


def fill_and_switch(page: Page, app: str) -> None:
    page.goto(app)
    page.locator("#id_primary_site").select_option("pancreas")
    page.locator("#id_ki67").fill("61")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#id_primary_site")).to_have_value("pancreas")
    expect(page.locator("#id_ki67")).to_have_value("61")
    expect(page.locator(".understood")).to_contain_text("61")
    assert page.url == app


def test_the_patient_page_keeps_what_was_entered(app: str, page: Page) -> None:
    fill_and_switch(page, app)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    expect(page.locator("#id_ki67")).to_have_value("61")


def test_the_patient_page_keeps_what_was_entered_without_scripts(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        fill_and_switch(context.new_page(), app)
    finally:
        context.close()


def test_enter_ranks_and_leaves_the_language(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(app)
        page.locator("#id_ki67").fill("61")
        page.locator("#id_ki67").press("Enter")
        expect(page.locator(".understood")).to_contain_text("61")
        expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    finally:
        context.close()


def test_a_page_of_the_library_keeps_its_filters_and_its_language(app: str, page: Page) -> None:
    page.goto(f"{app}evidence/?histology=nec")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Evidenz")
    assert page.url == f"{app}evidence/?histology=nec"
    page.get_by_role("link", name="Leitlinien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leitlinienaussagen")


def test_the_german_form_fits_every_width(app: str, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    try:
        page = context.new_page()
        for width in (1440, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(app)
            expect(page.get_by_text("Verträglichkeit")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("#patient-form").evaluate("form => form.scrollWidth <= form.clientWidth")
    finally:
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_german_is_accessible_and_fits_every_width(app: str, browser: Browser, accessible: Any, path: str) -> None:
    context = browser.new_context(locale="de-DE")
    try:
        page = context.new_page()
        for width in (1440, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(app + path)
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        context.close()

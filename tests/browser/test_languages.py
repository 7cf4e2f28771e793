"""The language, chosen in a real browser: nothing that was entered is lost, with scripts and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .journeys import field, first, ranked, row, understood
from .languages import choose_language

PAGES = [
    "options/folfiri/",
    "drugs/nivolumab/",
    "method/validation/",
    "evidence/walter-2023-bevanec/",
    "biomarkers/msi-mmr/",
    "method/",
    "trials/",
]
WIDTHS = (1440, 1024, 390, 320)
TYPICAL = {
    "primary_site": "colorectal",
    "histology": "small-cell",
    "ki67": "80",
    "first_line_platinum": "etoposide-platinum",
    "platinum_best_response": "PR",
    "platinum_free_interval_months": "2",
}


def fill_and_switch(page: Page, app: str) -> None:
    page.goto(app)
    page.locator("#id_primary_site").select_option("pancreas")
    page.locator("#id_ki67").fill("61.5")
    page.locator("label[for='id_region_EU']").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(understood(page)).to_contain_text("61.5")
    choose_language(page, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#id_primary_site")).to_have_value("pancreas")
    expect(page.locator("#id_ki67")).to_have_value("61,5")
    expect(understood(page)).to_contain_text("61,5")
    expect(first(page)).to_be_visible()
    expect(page).to_have_url(app)


def test_the_patient_page_keeps_what_was_entered(app: str, page: Page) -> None:
    fill_and_switch(page, app)
    choose_language(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    expect(page.locator("#id_ki67")).to_have_value("61.5")
    expect(understood(page)).to_contain_text("61.5")


def test_what_was_opened_stays_open_in_the_other_language(app: str, page: Page) -> None:
    ranked(page, app)
    row(page, "FOLFIRI").locator("summary").first.click()
    row(page, "FOLFOX").locator("summary").first.click()
    expect(page.locator("article.option .terms")).to_have_count(2)
    row(page, "FOLFOX").locator("summary").first.click()
    choose_language(page, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(row(page, "FOLFIRI").locator(".terms")).to_be_visible()
    expect(page.locator("article.option details[open]")).to_have_count(1)


def test_the_form_keeps_what_was_entered_before_anything_is_ranked(app: str, page: Page) -> None:
    page.goto(app)
    page.locator("#id_primary_site").select_option("pancreas")
    page.locator("#id_ki67").fill("61")
    choose_language(page, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#id_primary_site")).to_have_value("pancreas")
    expect(page.locator("#id_ki67")).to_have_value("61")


def test_the_patient_page_keeps_what_was_entered_without_scripts(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        fill_and_switch(context.new_page(), app)
    finally:
        context.close()


def test_the_menu_fits_a_telephone_and_is_worked_from_the_keyboard(app: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}about/")
    menu = page.locator(".languages")
    menu.locator("summary").press("Enter")
    for name in ("Deutsch", "Français", "Español"):
        place = menu.get_by_role("button", name=name).bounding_box()
        assert place is not None and place["x"] >= 0 and place["x"] + place["width"] <= 390
    menu.get_by_role("button", name="Français").press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(menu.locator("summary")).to_contain_text("Français")


def test_enter_ranks_and_leaves_the_language(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        page = context.new_page()
        page.goto(app)
        page.locator("label[for='id_region_EU']").click()
        page.locator("#id_ki67").fill("61")
        page.locator("#id_ki67").press("Enter")
        expect(understood(page)).to_contain_text("61")
        expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    finally:
        context.close()


def test_a_page_of_the_library_keeps_its_filters_and_its_language(app: str, page: Page) -> None:
    page.goto(f"{app}evidence/?histology=nec")
    choose_language(page, "Deutsch")
    expect(page.get_by_role("heading", level=1)).to_have_text("Evidenz")
    expect(page).to_have_url(f"{app}evidence/?histology=nec")
    page.get_by_role("link", name="Leitlinien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leitlinienaussagen")


@pytest.mark.parametrize("locale", ["de-DE", "fr-FR", "es-ES"])
def test_form_and_answer_are_accessible_and_fit_every_width(
    app: str, browser: Browser, accessible: Any, locale: str
) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 390, "height": 900})
    page = context.new_page()

    def fits() -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.locator("#patient-form").evaluate("form => form.scrollWidth <= form.clientWidth"), width

    try:
        page.goto(app)
        fits()
        accessible(page)
        for name, value in TYPICAL.items():
            page.locator(f"#id_{name}").evaluate("(field, value) => { field.value = value; }", value)
        for button in ("ecog_1", "region_EU"):
            page.locator(f"label[for='id_{button}']").click()
        page.locator("#patient-form button.btn-primary").click()
        expect(first(page)).to_have_text("FOLFIRI")
        fits()
        page.locator("#patient-form details").evaluate_all("folds => folds.forEach((fold) => { fold.open = true; })")
        page.locator("#id_platinum_free_interval_months").fill("9")
        expect(page.locator(".put-back")).to_be_visible()
        fits()
        accessible(page)
        field(page, "primary_site").select_option("lung")
        expect(page.locator(".out-of-scope .leads a").first).to_be_visible()
        fits()
        accessible(page)
    finally:
        context.close()


@pytest.mark.parametrize("locale", ["de-DE", "fr-FR", "es-ES"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_fits_every_width(
    app: str, browser: Browser, accessible: Any, path: str, locale: str
) -> None:
    context = browser.new_context(locale=locale)
    try:
        page = context.new_page()
        for width in (320, 390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(app + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        accessible(page)
    finally:
        context.close()

"""Entering a patient: how many interactions and how long it takes, by keyboard, by finger and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

MOST_INTERACTIONS = 12
MOST_KEYS = 80
A_KEY = 60  # milliseconds, some 200 keys a minute

# The eight facts: the element that has the focus when each is answered, and what is typed.
TYPICAL = (
    ("id_primary_site", "Colon"),
    ("id_histology", "Large"),
    ("id_ki67", "75 %"),
    ("id_first_line_platinum", "Etoposide with cis"),
    ("id_platinum_best_response", "Partial"),
    ("id_platinum_free_interval_months", "3"),
    ("id_ecog_", "1"),
    ("id_region_EU", "E"),
)


class Keyboard:
    """Somebody with a keyboard alone: an interaction is a field that is answered or a button that is pressed."""

    def __init__(self, page: Page):
        self.page = page
        self.interactions = 0
        self.keys = 0

    def answer(self, element: str, typed: str) -> None:
        self.go_to(element)
        self.page.keyboard.type(typed, delay=A_KEY)
        self.keys += len(typed)
        self.interactions += 1

    def press(self, element: str) -> None:
        self.go_to(element)
        self.page.keyboard.press("Enter")
        self.keys += 1
        self.interactions += 1

    def go_to(self, element: str) -> None:
        for _ in range(25):
            if self.page.locator(f"{element}:focus").count():
                return
            self.page.keyboard.press("Tab", delay=A_KEY)
            self.keys += 1
        raise AssertionError(f"{element} is not reached by the Tab key")


@pytest.fixture
def empty(app: str, page: Page) -> Page:
    page.goto(app)
    return page


@pytest.fixture
def telephone(app: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = context.new_page()
    page.goto(app)
    yield page
    context.close()


def test_a_typical_patient_by_keyboard(empty: Page) -> None:
    hands = Keyboard(empty)
    for element, typed in TYPICAL:
        hands.answer(f"#{element}", typed)
    hands.press("#patient-form button[type=submit]")
    expect(empty.locator("#summary-tumour")).to_have_text(
        "Colon or rectum, large cell, Ki-67 75 %. Not known: differentiation."
    )
    said = empty.locator("#summary-treatment")
    expect(said).to_contain_text(
        "Etoposide with cisplatin or carboplatin, partial response to platinum, progressed after 3"
    )
    expect(empty.locator("#summary-place")).to_contain_text("European Union")
    expect(empty.locator("#summary-patient")).to_contain_text("ECOG 1")
    expect(empty.locator("#answer article").first).to_be_visible()
    assert hands.interactions <= MOST_INTERACTIONS
    assert hands.keys <= MOST_KEYS


def test_earlier_treatment_by_keyboard_and_by_a_brand(empty: Page) -> None:
    hands = Keyboard(empty)
    hands.press("#folded-more > summary")
    hands.press("#id_received")
    hands.answer("#received-search", "Lynparza")
    expect(empty.locator("#received-list tr[data-words]:visible")).to_have_count(1)
    empty.keyboard.press("Enter")
    expect(empty.locator("#id_received")).to_have_text("Olaparib")
    assert hands.interactions + len(TYPICAL) + 1 <= MOST_INTERACTIONS


def test_a_region_is_asked_for_and_what_was_entered_stays(app: str, empty: Page) -> None:
    empty.locator("#id_primary_site").select_option("pancreas")
    empty.locator("#id_ki67").fill("0.8")
    empty.get_by_role("button", name="Rank the options").click()
    error = empty.get_by_role("link", name="Choose a region")
    expect(error).to_be_visible()
    expect(empty.locator("#id_primary_site")).to_have_value("pancreas")
    expect(empty.locator("#id_ki67_note")).to_contain_text("looks like a fraction")
    error.click()
    expect(empty.locator("#id_region_EU")).to_be_focused()
    empty.keyboard.type("j")
    expect(empty.locator("#id_region_JP")).to_be_checked()
    empty.get_by_role("button", name="Rank the options").click()
    expect(empty.locator("#answer article").first).to_be_visible()
    expect(empty.locator("#section-tumour")).to_have_attribute("open", "")  # the fraction is still to be looked at
    empty.goto("about:blank")
    empty.goto(app)
    expect(empty.locator("#id_region_JP")).to_be_checked()  # and nothing else is remembered
    expect(empty.locator("#id_primary_site")).to_have_value("")


def test_a_section_renews_what_it_says_and_opens_where_something_is_wrong(empty: Page) -> None:
    empty.get_by_role("button", name="Colon, large cell").click()
    markers = empty.locator("#section-markers")
    expect(empty.locator("#summary-markers")).to_contain_text("None known")
    markers.locator("summary").first.click()
    empty.locator("#id_msi").select_option("high")
    expect(empty.locator("#summary-markers")).to_contain_text("MSI-high or dMMR", use_inner_text=False)
    empty.locator("#section-tumour > summary").click()
    empty.locator("#id_ki67").fill("750")
    empty.locator("#section-tumour > summary").click()
    expect(empty.locator("#id_ki67_error")).to_contain_text("a percentage from 0 to 100")
    expect(empty.locator("#section-tumour")).to_have_attribute("open", "")


def test_the_list_of_treatments_can_be_done_without(app: str, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.route("**/treatments/**", lambda route: route.abort())
    page.goto(app)
    page.locator("#folded-more > summary").click()
    page.locator("#id_received").click()
    expect(page.get_by_text("The list could not be fetched")).to_be_visible()
    page.get_by_label("Other treatment received, by name").fill("capox")
    page.locator("#id_region_UK + label").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(page.locator("#summary-treatment")).to_contain_text("XELOX (CAPOX)", use_inner_text=False)
    context.close()


def test_everything_is_entered_without_a_script(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(app)
    page.locator("#id_primary_site").select_option("colorectal")
    page.locator("#id_first_line_platinum").select_option("etoposide-platinum")
    page.locator("#folded-more > summary").click()
    page.locator("#id_received").click()
    expect(page.locator("#received-search")).to_be_hidden()
    page.get_by_label("Other treatment received, by name").fill("XELOX; folfoxx")
    page.get_by_label("Progressed on, by name").fill("CPT-11")
    page.locator("#id_region_UK + label").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(page.locator("#id_received_typed_error")).to_contain_text("Did you mean FOLFOX?")
    expect(page.locator("#id_received_typed")).to_have_value("folfoxx")
    expect(page.locator("#id_region_UK")).to_be_checked()
    page.locator("#id_received_typed").fill("FOLFOX")
    page.get_by_role("button", name="Rank the options").click()
    said = page.locator("#summary-treatment")
    expect(said).to_contain_text(
        "Other treatment: FOLFOX, XELOX (CAPOX), Irinotecan (progressed)".replace("Other", "other")
    )
    expect(page.locator("#section-treatment")).not_to_have_attribute("open", "")
    page.locator("#section-treatment > summary").click()
    expect(page.get_by_label("XELOX (CAPOX): received")).to_be_checked()
    context.close()


def test_a_finger_meets_every_control_and_nothing_is_zoomed_into(telephone: Page) -> None:
    telephone.locator("#folded-more > summary").tap()
    small = telephone.evaluate(
        """() => [...document.querySelectorAll(
          "#patient-form :is(select, input:not([type=hidden], [type=checkbox], .btn-check), .btn)"
        )].filter((element) => element.checkVisibility()).map((element) => [
          element.id || element.htmlFor || element.textContent,
          element.getBoundingClientRect().height,
          parseFloat(getComputedStyle(element).fontSize),
        ]).filter(([, height, letters]) => height < 48 || letters < 16)"""
    )
    assert small == []
    assert telephone.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("language", ["en-GB", "de"])
def test_it_is_accessible_and_never_scrolls_sideways(
    app: str, browser: Browser, accessible: Any, language: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale=language)
    page = context.new_page()

    def check() -> None:
        for width in (1440, 1024, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        accessible(page)

    page.goto(app)
    accessible(page)  # as wide as it is; then as narrow as it may be
    page.locator("#folded-more > summary").click()
    page.locator("#id_received").click()
    page.locator("#id_conditions").click()
    page.locator("#div_id_dll3 .definition > summary").click()
    page.locator("#div_id_bilirubin_uln .conversion > summary").click()
    expect(page.locator("#received-list tr[data-words]").first).to_be_visible()
    check()
    page.locator("#patient-form button[type=submit]").click()
    expect(page.locator(".error-summary").first).to_be_visible()
    page.wait_for_load_state()
    check()
    context.close()


def test_forced_colours_show_what_is_chosen_and_what_can_be_opened(empty: Page) -> None:
    empty.emulate_media(forced_colors="active")
    empty.locator("#id_region_EU + label").click()

    def ground(element: str) -> str:
        return str(empty.locator(element).evaluate("element => getComputedStyle(element).backgroundColor"))

    assert ground("#id_region_EU + label") != ground("#id_region_UK + label")
    empty.get_by_role("button", name="Colon, large cell").click()
    change = empty.locator("#section-tumour .section-change")
    assert "underline" in change.evaluate("element => getComputedStyle(element).textDecorationLine")


def test_the_list_forgives_small_errors_and_ticks_no_guess(empty: Page) -> None:
    hands = Keyboard(empty)
    hands.press("#folded-more > summary")
    hands.press("#id_received")
    search, rows = empty.locator("#received-search"), empty.locator("#received-list tr[data-words]:visible")
    for typed, name, is_guess in (
        ("CPT-11", "Irinotecan", False),
        ("nal-IRI", "Liposomal irinotecan", False),
        ("Opdivo", "Nivolumab", False),
        ("folfri", "FOLFIRI", True),
        ("opdvio", "Nivolumab", True),
        ("nivo/ipi", "Nivolumab with ipilimumab", False),
        ("nal-iri-5fu", "Liposomal irinotecan with fluorouracil", False),
        ("cisplatine", "Topotecan and cisplatin", True),
        ("mFOLFOX6", "FOLFOX", True),
        ("pemrolizumap", "Pembrolizumab", True),
    ):
        search.fill(typed)
        expect(rows.filter(has_text=name).first).to_be_visible()
        assert empty.locator("#received-guess").is_visible() == is_guess, typed
    empty.keyboard.press("Enter")
    expect(empty.locator("#id_received")).not_to_contain_text("Pembrolizumab")
    for typed in ("zebranib", "xyz", "folfri zebranib"):
        search.fill(typed)
        expect(empty.locator("#received-nothing")).to_be_visible()
        expect(rows).to_have_count(0)

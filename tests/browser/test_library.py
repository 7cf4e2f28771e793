"""The library in a real browser: accessible at every width, and never wider than the screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .journeys import LIBRARY, ranked, row, understood


@pytest.mark.parametrize("path", LIBRARY)
def test_it_is_accessible_and_never_scrolls_sideways(app: str, page: Page, accessible: Any, path: str) -> None:
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(app + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible(page)


def test_a_statement_on_the_patient_page_leads_to_its_publication(app: str, page: Page) -> None:
    ranked(page, app)
    option = row(page, "FOLFIRI")
    option.locator("summary").first.click()
    with page.expect_popup() as opened:
        option.get_by_role("rowheader").get_by_role("link", name="Walter T, Lancet Oncol, 2023").click()
    publication = opened.value
    expect(publication.get_by_role("heading", level=1)).to_contain_text("Bevacizumab plus FOLFIRI")
    publication.get_by_role("link", name="FOLFIRI", exact=True).click()
    expect(publication.get_by_role("heading", level=1)).to_have_text("FOLFIRI")
    expect(understood(page)).to_be_visible()  # the patient is still there


def test_evidence_is_searched_and_the_search_can_be_shared(app: str, page: Page) -> None:
    page.goto(f"{app}evidence/")
    page.get_by_label("Search").fill("bevanec")
    page.get_by_label("Search").press("Enter")
    expect(page.get_by_role("link", name="Walter T, Lancet Oncol, 2023")).to_be_visible()
    expect(page).to_have_url(re.compile("q=bevanec"))
    page.goto(page.url)
    expect(page.get_by_label("Search")).to_have_value("bevanec")


def test_a_drug_is_found_by_its_brand_and_leads_to_its_regimens(app: str, page: Page) -> None:
    page.goto(f"{app}drugs/")
    page.get_by_label("Search").fill("onivyde")
    page.get_by_label("Search").press("Enter")
    page.get_by_role("link", name="Liposomal irinotecan", exact=True).click()
    expect(page.get_by_role("heading", name="What it rules out")).to_be_visible()
    page.get_by_role("link", name="Liposomal irinotecan with fluorouracil").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Liposomal irinotecan with fluorouracil")
    page.get_by_role("link", name="fluorouracil", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fluorouracil")


def test_a_point_of_a_plot_leads_to_its_cohort_by_keyboard(app: str, page: Page) -> None:
    page.goto(f"{app}method/validation/")
    page.get_by_role("link", name="Walter T, Lancet Oncol, 2023, FOLFIRI: observed 8.9").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bevacizumab plus FOLFIRI")
    assert page.url.endswith("/evidence/walter-2023-bevanec/#cohort-0")
    expect(page.locator("tr:target")).to_contain_text("FOLFIRI")


def test_a_plot_keeps_the_size_of_its_text_on_a_telephone(app: str, page: Page) -> None:
    sizes = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{app}method/validation/")
        plot = page.locator("svg.predictions-plot[role='group']").first
        box = plot.bounding_box()
        assert box is not None and box["width"] > width / 4 and box["x"] + box["width"] <= width
        sizes.append(plot.locator("text.tick").first.evaluate("text => text.getBoundingClientRect().height"))
    assert sizes[0] == sizes[1]
    assert sizes[0] >= 11  # pixels

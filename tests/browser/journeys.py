"""Steps that several journeys begin with, and the pages without a patient."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

LIBRARY = [
    "options/",
    "options/folfiri/",
    "drugs/?q=inhibitors",
    "drugs/cisplatin/",
    "evidence/?histology=nec",
    "evidence/walter-2023-bevanec/",
    "biomarkers/",
    "biomarkers/msi-mmr/",
    "guidelines/",
    "trials/?status=recruiting",
    "method/",
    "method/validation/",
    "about/",
]


def ranked(page: Page, app: str) -> None:
    """Open the page `/`, enter that patient, and wait for the ranking."""
    page.goto(app)
    fill(page)
    expect(page.locator(".understood")).to_contain_text("platinum-resistant")
    expect(page.locator(".understood")).to_contain_text("ECOG 1")
    expect(first(page)).to_have_text("FOLFIRI")


def fill(page: Page) -> None:
    """A colorectal small-cell carcinoma, platinum-resistant."""
    page.get_by_label("Primary site").select_option("colorectal")
    page.get_by_label("Histology").select_option("small-cell")
    page.get_by_label("Ki-67").fill("80")
    page.get_by_label("First-line platinum").select_option("etoposide-platinum")
    page.get_by_label("Best response to it").select_option("PR")
    page.get_by_label("Platinum-free interval").fill("2")
    page.get_by_label("Lines received").fill("1")
    page.get_by_label("ECOG").fill("1")
    page.get_by_label("Region").select_option("US")


def first(page: Page) -> Locator:
    """The heading of the first option."""
    return page.locator("article.option h4").first

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
    "search/?q=keytruda",
]


def ranked(page: Page, app: str) -> None:
    """Open the page `/`, enter that patient, and have the options ranked."""
    page.goto(app)
    fill(page)
    ask(page)
    expect(understood(page)).to_contain_text("platinum-resistant")
    expect(understood(page)).to_contain_text("ECOG 1")
    expect(first(page)).to_have_text("FOLFIRI")


def fill(page: Page) -> None:
    """A colorectal small-cell carcinoma, platinum-resistant: the eight facts that are asked first."""
    page.get_by_label("Primary site").select_option("colorectal")
    page.get_by_label("Histology").select_option("small-cell")
    page.get_by_role("textbox", name="Ki-67").fill("80")
    page.get_by_label("First-line platinum").select_option("etoposide-platinum")
    page.get_by_label("Best response to it").select_option("PR")
    page.get_by_role("textbox", name="Platinum-free interval").fill("2")
    choose(page, "ecog", "1")
    choose(page, "region", "US")


def ask(page: Page) -> None:
    page.get_by_role("button", name="Rank the options").click()


def field(page: Page, name: str) -> Locator:
    """A field of the form, in whose section it is opened."""
    found = page.locator(f"#id_{name}")
    found.evaluate(
        "field => { for (let fold = field.closest('details'); fold; fold = fold.parentElement.closest('details')) "
        "fold.open = true; }"
    )
    return found


def choose(page: Page, name: str, value: str) -> None:
    """Press one of a row of buttons."""
    field(page, f"{name}_{value}")
    page.locator(f"label[for='id_{name}_{value}']").click()


def chosen(page: Page, name: str) -> str:
    """Which of a row of buttons is pressed."""
    return page.locator(f"#patient-form input[name='{name}']:checked").input_value()


def understood(page: Page) -> Locator:
    """Whose answer it is."""
    return page.locator("#patient-line .understood")


def card(page: Page) -> Locator:
    return page.locator("#answer-first")


def strip(page: Page) -> Locator:
    """What a change moved."""
    return page.locator("#changed p")


def first(page: Page) -> Locator:
    """The heading of the first option."""
    return page.locator("article.option h4").first


def row(page: Page, name: str) -> Locator:
    """The line of an option."""
    return page.get_by_role("article", name=name, exact=True)


def is_in_view(place: Locator) -> bool:
    """Whether all of it is in the window, between what is stuck to its edges."""
    return bool(
        place.evaluate(
            """(element) => {
              const box = element.getBoundingClientRect();
              const line = document.getElementById("patient-line").getBoundingClientRect();
              return box.height > 0 && box.top >= Math.max(0, line.bottom) - 1 && box.bottom <= innerHeight + 1;
            }"""
        )
    )


def tab_to(page: Page, selector: str) -> None:
    """Go on by the Tab key until what the selector names has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"no {selector} is reached by the keyboard")

"""The curators' forms in a real browser: figures checked while typed, criteria as rows, rows added and moved."""

from __future__ import annotations

import re
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.factories.running.people import sign_in, somebody

NUMBERS = count()
LARGEST = "lu-2020-toripalimab"
IS_UNDER_THE_BAR = """() => {
  const [field, bar] = [document.activeElement, document.getElementById("propose")];
  if (!document.getElementById("entry-form").contains(field) || bar.contains(field)) {
    return false;
  }
  const [place, over] = [field.getBoundingClientRect(), bar.getBoundingClientRect()];
  return place.bottom > over.top + 1 && place.top < over.bottom;
}"""


@pytest.fixture
def curator(app: str, environment: dict[str, str], page: Page) -> Page:
    """A page on which a curator is signed in."""
    sign_in(page, app, somebody(environment, f"curator-{next(NUMBERS)}"))
    return page


def open_form(page: Page, app: str, model: str, key: str) -> None:
    page.goto(f"{app}admin/regimens/{model}/?q={key}")
    page.get_by_role("link", name=key, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Propose a change")


def test_figures_are_checked_while_they_are_typed(app: str, curator: Page) -> None:
    open_form(curator, app, "publication", LARGEST)
    cohort = curator.locator("#row-results-1")
    cohort.locator("summary").first.click()
    cohort.get_by_label("ORR, %", exact=True).fill("118")
    expect(cohort.get_by_text("A percentage from 0 to 100")).to_be_visible()
    expect(curator.locator("#live")).to_have_text("1 to correct")
    cohort.get_by_label("ORR, %", exact=True).fill("48")
    expect(curator.locator("#live")).to_have_text("No rule of the evidence base is broken.")
    expect(cohort.get_by_text("A percentage from 0 to 100")).to_have_count(0)


def test_drugs_are_added_by_synonym_and_an_unknown_one_is_named(app: str, curator: Page) -> None:
    open_form(curator, app, "regimen", "FOLFIRI")
    drugs, box = curator.get_by_label("Drugs", exact=True), curator.get_by_label("Add to Drugs", exact=True)
    box.fill("Paraplatine")
    box.press("Enter")
    expect(drugs).to_have_value("irinotecan\nfluorouracil\nfolinic-acid\nParaplatine")
    expect(curator.get_by_text("The nearest is carboplatin.")).to_be_visible()
    drugs.fill("CPT-11\ncisplatin | Paraplatin")
    expect(curator.locator("#live")).to_have_text("No rule of the evidence base is broken.")
    expect(curator.locator("datalist#drugs option[value=irinotecan]")).to_have_text(re.compile("CPT-11"))


def test_a_criterion_names_drugs(app: str, curator: Page) -> None:
    open_form(curator, app, "licence", "pembrolizumab-us-msi")
    criterion = curator.locator(".criterion").first
    criterion.get_by_label("Feature").nth(1).select_option("progressed_on_drugs")
    criterion.get_by_label("Value").nth(1).select_option("irinotecan")
    reads = criterion.locator(".criterion-reads")
    expect(reads).to_contain_text("drugs on which the disease progressed include Irinotecan")


def test_the_keyboard_comes_to_no_field_that_the_bar_hides(app: str, curator: Page) -> None:
    open_form(curator, app, "publication", LARGEST)
    hidden = []
    for _ in range(150):
        curator.keyboard.press("Tab")
        if curator.evaluate(IS_UNDER_THE_BAR):
            hidden.append(curator.evaluate("document.activeElement.name || document.activeElement.innerText"))
    assert hidden == []


def test_a_criterion_is_put_together_from_rows(app: str, curator: Page) -> None:
    open_form(curator, app, "indication", "captem-lower-ki67")
    criterion = curator.locator(".criterion").first
    reads = criterion.locator(".criterion-reads")
    expect(reads).to_contain_text("Ki-67 below 55 %")
    criterion.get_by_role("button", name="And …").click()
    criterion.get_by_label("Feature").nth(1).select_option(label="primary site")
    criterion.get_by_label("Value").nth(1).select_option("pancreas")
    expect(reads).to_contain_text("Ki-67 below 55 % and primary site pancreas")
    criterion.get_by_label("How these join").select_option("any")
    expect(reads).to_contain_text("Ki-67 below 55 % or primary site pancreas")
    expect(reads).to_contain_text(re.compile(r"Of 30 reference patients it holds for \d+"))
    criterion.get_by_role("button", name="Edit as text").click()
    area = criterion.get_by_label("For patients with")
    expect(area).to_have_value("any of:\n  Ki-67 below 55\n  primary site is pancreas")
    area.fill("Ki-67 below 5555")
    expect(reads).to_contain_text("allowed: 0 to 100 %")
    area.fill("MSI / MMR is high")
    criterion.get_by_role("button", name="Edit as rows").click()
    expect(criterion.get_by_label("Feature")).to_have_value("msi")


def test_rows_are_added_moved_and_left_out_in_place(app: str, curator: Page) -> None:
    open_form(curator, app, "publication", LARGEST)
    part = curator.locator("#part-findings")
    part.get_by_role("button", name="Add a finding").click()
    row = part.locator(".row").last
    row.get_by_label("Finding").fill("A new one.")
    row.get_by_role("button", name="Move up").click()
    part.locator(".row").first.get_by_label("Leave out").check()
    curator.get_by_role("button", name="Check").click()
    changes = curator.locator("#changes")
    expect(changes).to_contain_text("A new one.")
    expect(curator.get_by_text("No rule of the evidence base is broken. Nothing was proposed yet.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("model", "key"), [("publication", LARGEST), ("indication", "captem-lower-ki67")])
def test_forms_are_accessible_and_hold_in_the_window(app: str, curator: Page, width: int, model: str, key: str) -> None:
    open_form(curator, app, model, key)
    curator.set_viewport_size({"width": width, "height": 900})
    for row in curator.locator("details").all():
        row.evaluate("element => { element.open = true; }")
    assert curator.evaluate("document.documentElement.scrollWidth") <= width
    # Preloading style sheets, axe would write styles into the page, which the policy forbids.
    results = Axe().run(curator, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()

"""Options ticked and compared, and trials checked against the patient, in a real browser."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .journeys import choose, chosen, field, fill, ranked

THREE = ["FOLFIRI", "FOLFOX", "Temozolomide"]


def box(page: Page, name: str) -> Any:
    return page.get_by_role("article", name=name, exact=True).get_by_role("checkbox")


def tick(page: Page, *names: str) -> None:
    for name in names:
        box(page, name).check()


def columns(page: Page) -> list[str]:
    return page.locator(".compare-table thead th a").all_text_contents()


def compare(page: Page) -> None:
    page.get_by_role("button", name="Compare the ticked options").click()
    expect(page.get_by_role("heading", name="Options side by side")).to_be_visible()


def test_ticked_options_are_compared_and_the_way_back_keeps_everything(app: str, page: Page) -> None:
    ranked(page, app)
    expect(page.locator("#compare-bar")).to_be_hidden()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    tick(page, *THREE)
    expect(page.locator("#compare-count")).to_have_text("3 options ticked")
    page.wait_for_timeout(400)  # longer than the form waits before it ranks
    assert set(sent) <= {f"{app}print/"}  # a tick says nothing of the patient; what is printed comes by itself
    expect(page.locator("#answer")).not_to_have_class(re.compile("is-redone"))

    choose(page, "ecog", "0")
    expect(page.locator(".understood")).to_contain_text("ECOG 0")
    expect(page.locator("#compare-count")).to_have_text("3 options ticked")
    for name in THREE:
        expect(box(page, name)).to_be_checked()

    compare(page)
    expect(page).to_have_url(f"{app}compare/")
    assert columns(page) == THREE
    page.get_by_role("button", name="Drop FOLFOX").click()
    expect(page.locator(".compare-table thead th")).to_have_count(2)
    page.get_by_label("Add an option").select_option("Docetaxel")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".compare-table thead th")).to_have_count(3)
    assert "Docetaxel" in columns(page)

    page.get_by_role("button", name="Back to the ranking").click()
    expect(page.locator("#id_ki67")).to_have_value("80")
    assert chosen(page, "ecog") == "0"
    expect(box(page, "FOLFOX")).not_to_be_checked()
    expect(box(page, "Docetaxel")).to_be_checked()
    page.locator("#compare-bar").get_by_role("button", name="Clear").click()
    expect(page.locator("#compare-bar")).to_be_hidden()
    expect(page.locator("article input[name='compare']:checked")).to_have_count(0)


def test_a_tick_made_while_a_ranking_is_on_its_way_is_kept(app: str, page: Page) -> None:
    ranked(page, app)

    def late(route: Route) -> None:
        time.sleep(0.6)
        route.continue_()

    page.route(app, late)
    with page.expect_response(app):
        choose(page, "ecog", "2")
        page.wait_for_timeout(250)
        tick(page, "FOLFIRI")
    expect(page.locator(".understood")).to_contain_text("ECOG 2")
    expect(box(page, "FOLFIRI")).to_be_checked()
    expect(page.locator("#compare-count")).to_have_text("1 option ticked")


def test_ticks_outlast_a_wrong_entry_and_a_lost_connection(app: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    ranked(page, app)
    tick(page, "FOLFIRI", "FOLFOX")
    field(page, "ki67").fill("180")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    page.context.set_offline(True)
    field(page, "ki67").fill("8")
    expect(page.get_by_role("alert")).to_contain_text("did not reach the server")
    page.context.set_offline(False)
    field(page, "ki67").fill("81")
    expect(page.locator(".understood")).to_contain_text("Ki-67 81 %")
    expect(box(page, "FOLFIRI")).to_be_checked()
    expect(box(page, "FOLFOX")).to_be_checked()
    page.close()


def test_what_cannot_be_compared_is_said(app: str, page: Page) -> None:
    ranked(page, app)
    tick(page, "FOLFIRI")
    page.get_by_role("button", name="Compare the ticked options").click()
    expect(page.get_by_role("alert")).to_contain_text("1 option is ticked: FOLFIRI. Tick 2 to 4 options.")
    tick(page, "FOLFOX")
    compare(page)
    assert columns(page) == ["FOLFIRI", "FOLFOX"]


def test_comparing_works_without_javascript(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(app)
    fill(page)
    page.get_by_role("button", name="Rank the options").click()
    expect(page.get_by_role("button", name="Compare the ticked options")).to_be_visible()
    tick(page, "FOLFIRI", "FOLFOX")
    compare(page)
    assert columns(page) == ["FOLFIRI", "FOLFOX"]
    page.get_by_role("button", name="Back to the ranking").click()
    expect(box(page, "FOLFOX")).to_be_checked()
    expect(page.locator("#id_ki67")).to_have_value("80")
    context.close()


@pytest.mark.parametrize("names", [THREE[:2], [*THREE, "Docetaxel"]])
def test_two_options_are_printed_on_one_page_and_four_on_two(app: str, page: Page, names: list[str]) -> None:
    ranked(page, app)
    tick(page, *names)
    compare(page)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= len(names) / 2


# How far it is to the side, once it stands: a scroll comes with the next frames.
SCROLLED = """async (element) => {
  for (let frame = 0; frame < 120 && element.scrollLeft <= 60; frame++) await new Promise(requestAnimationFrame);
  return element.scrollLeft;
}"""


def fits_every_width(page: Page, accessible: Any) -> None:
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    accessible(page)


def test_it_is_accessible_and_never_scrolls_sideways(app: str, page: Page, accessible: Any) -> None:
    ranked(page, app)
    tick(page, "FOLFIRI")
    page.get_by_role("button", name="Compare the ticked options").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits_every_width(page, accessible)
    tick(page, "FOLFOX")
    compare(page)
    accessible(page)
    for name in ("Temozolomide", "Docetaxel"):
        page.get_by_label("Add an option").select_option(name)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".compare-table thead th a", has_text=name)).to_have_count(1)
    for summary in page.locator(".cell-further > summary").all():
        summary.click()
    fits_every_width(page, accessible)


def test_the_names_of_the_rows_stay_in_view_on_a_telephone(app: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ranked(page, app)
    tick(page, *THREE)
    compare(page)
    table = page.get_by_role("group", name="Options side by side")
    heading = page.get_by_role("rowheader", name="Response rate")
    left = heading.bounding_box()["x"]  # type: ignore[index]
    table.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    scrolled = page.locator(".compare-scroll")
    assert scrolled.evaluate(SCROLLED) > 60
    assert heading.bounding_box()["x"] == pytest.approx(left, abs=1)  # type: ignore[index]


def test_trials_are_compared_with_the_patient_and_narrowed(app: str, page: Page, accessible: Any) -> None:
    ranked(page, app)
    page.get_by_role("button", name=re.compile("checked against this patient")).click()
    expect(page.locator(".understood")).to_contain_text("Colorectal small-cell NEC, Ki-67 80 %")
    expect(page).to_have_url(f"{app}trials/")
    everything = page.locator(".fit").count()
    fits_every_width(page, accessible)
    page.get_by_label("This patient", exact=True).select_option("fits")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".fit-true").first).to_be_visible()
    expect(page.locator(".fit-false")).to_have_count(0)
    assert 0 < page.locator(".fit").count() < everything
    expect(page.locator(".understood")).to_contain_text("Colorectal small-cell NEC, Ki-67 80 %")
    expect(page).to_have_url(f"{app}trials/")
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator(".fit")).to_have_count(everything)
    page.get_by_role("button", name="Back to the ranking").click()
    expect(page.locator("#id_ki67")).to_have_value("80")

"""The journeys that matter on the page `/`, in a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.running.people import sign_in, somebody

from .journeys import fill, first

SCREENSHOT = Path(__file__).parents[2] / "docs" / "patient.png"

WIDTHS = [(1440, 1000), (390, 844), (320, 640)]


def test_the_ranking_follows_the_form_as_it_is_filled_in(app: str, page: Page) -> None:
    page.goto(app)
    expect(page.locator(".understood")).to_contain_text("NEC, primary site not entered")
    fill(page)
    expect(page.locator(".understood")).to_contain_text("platinum-resistant")
    expect(first(page)).to_have_text("FOLFIRI")
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"\d+ options ranked, first FOLFIRI\."))
    assert page.url == app

    page.get_by_label("MSI / MMR").select_option("high")
    expect(first(page)).to_have_text("Dostarlimab")


def test_an_option_opens_to_its_evidence(app: str, page: Page) -> None:
    page.goto(app)
    fill(page)
    expect(first(page)).to_have_text("FOLFIRI")
    option = page.get_by_role("article", name="FOLFIRI", exact=True)
    details = option.get_by_text("Cohorts used", exact=True)
    expect(details).to_be_hidden()
    option.locator("summary").first.click()
    expect(details).to_be_visible()
    source = option.get_by_role("link", name="NCT02820857")
    expect(source).to_have_attribute("href", "https://clinicaltrials.gov/study/NCT02820857")


def test_what_was_opened_stays_open_when_the_ranking_changes(app: str, page: Page) -> None:
    page.goto(app)
    option = page.get_by_role("article", name="FOLFIRI", exact=True)
    option.locator("summary").first.click()
    page.get_by_label("Ki-67").fill("80")
    expect(page.locator(".understood")).to_contain_text("Ki-67 80 %")
    expect(option.get_by_text("Cohorts used", exact=True)).to_be_visible()


def test_the_ranking_is_taken_away_as_text_and_as_a_bundle(app: str, page: Page) -> None:
    page.goto(app)
    fill(page)
    expect(first(page)).to_have_text("FOLFIRI")
    page.get_by_text("Copy, print or save").click()
    expect(page.get_by_label("Summary as plain text")).to_have_value(re.compile("1. FOLFIRI: Response rate 22 %"))
    page.get_by_role("button", name="Copy the summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Bundle to verify later").click()
    assert download.value.suggested_filename == "ranking-bundle.json"
    assert '"ki67": 80' in Path(download.value.path()).read_text(encoding="utf-8")
    assert page.url == app


def test_a_missing_test_is_tried_and_cleared(app: str, page: Page) -> None:
    page.goto(app)
    fill(page)
    page.get_by_role("button", name="Try MSI / MMR MSI-high or dMMR").click()
    expect(page.locator(".supposed")).to_contain_text("MSI / MMR MSI-high or dMMR: supposed")
    expect(first(page)).to_have_text("Dostarlimab")
    page.get_by_label("ECOG").fill("2")
    expect(page.locator(".understood")).to_contain_text("ECOG 2")
    expect(page.locator(".supposed")).to_be_visible()
    page.get_by_role("button", name="Clear what is supposed").click()
    expect(page.locator(".supposed")).to_have_count(0)
    expect(page.get_by_label("MSI / MMR")).to_have_value("")
    expect(page.get_by_label("Ki-67")).to_have_value("80")


def test_what_is_entered_by_hand_is_no_longer_hypothetical(app: str, page: Page) -> None:
    page.goto(app)
    fill(page)
    page.get_by_role("button", name="Try MSI / MMR MSI-high or dMMR").click()
    expect(page.locator(".supposed")).to_be_visible()
    page.get_by_label("MSI / MMR").select_option("stable")
    expect(page.locator(".supposed")).to_have_count(0)


def test_a_ranking_that_could_not_be_renewed_is_taken_away(app: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(app)
    fill(page)
    expect(page.locator(".understood")).to_contain_text("platinum-resistant")
    page.context.clear_cookies()
    page.get_by_label("Primary site").select_option("bladder")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    expect(page.locator("article.option")).to_have_count(0)
    expect(page.get_by_label("Ki-67")).to_have_value("80")
    page.close()


def test_without_a_connection_no_ranking_is_left_standing(app: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(app)
    page.context.set_offline(True)
    page.get_by_label("Ki-67").fill("80")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    page.context.set_offline(False)
    page.get_by_label("Ki-67").fill("70")
    expect(page.locator(".understood")).to_contain_text("Ki-67 70 %")
    page.close()


def test_the_form_keeps_focus_and_place_while_the_ranking_changes(app: str, page: Page) -> None:
    page.goto(app)
    page.get_by_label("Ki-67").press_sequentially("80", delay=20)
    expect(page.locator(".understood")).to_contain_text("Ki-67 80 %")
    expect(page.get_by_label("Ki-67")).to_be_focused()
    assert page.evaluate("window.scrollY") == 0


def test_keyboard_alone(app: str, page: Page) -> None:
    page.goto(app)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Primary site")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Ki-67")).to_be_focused()
    page.keyboard.type("80")
    expect(page.locator(".understood")).to_contain_text("Colorectal NEC, Ki-67 80 %")

    toggle = page.locator("article.option summary").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if toggle.evaluate("element => element === document.activeElement"):
            break
    expect(toggle).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cohorts used", exact=True).first).to_be_visible()


def test_regimens_are_searched_and_ticked(app: str, page: Page) -> None:
    page.goto(app)
    page.locator("#id_received").click()
    search = page.get_by_label("Search regimens and drugs")
    search.fill("irinotecan fluor")
    expect(page.get_by_label("FOLFIRI: received", exact=True)).to_be_visible()
    expect(page.get_by_label("Temozolomide: received", exact=True).first).to_be_hidden()
    page.get_by_label("FOLFIRI: the disease progressed", exact=False).first.check()
    expect(page.get_by_label("FOLFIRI: received", exact=True)).to_be_checked()
    expect(page.locator("#id_received")).to_have_text("FOLFIRI (progressed)")
    expect(page.locator(".understood-more")).to_contain_text("FOLFIRI (progressed)")


@pytest.mark.parametrize(
    ("searched", "regimen", "drug"),
    [
        ("CPT-11", "FOLFIRI", "Irinotecan"),
        ("cpt 11", "FOLFIRI", "Irinotecan"),
        ("nal-IRI", "Liposomal irinotecan with fluorouracil", "Liposomal irinotecan"),
        ("Onivyde", "NALIRIFOX", "Liposomal irinotecan"),
        ("5-FU", "FOLFOX", "Fluorouracil"),
        ("Opdivo", "Nivolumab with ipilimumab", "Nivolumab"),
        ("CAPOX", "XELOX (CAPOX)", None),
        ("Teysuno", None, "Tegafur, gimeracil and oteracil"),
        ("Lynparza", None, "Olaparib"),
    ],
)
def test_a_treatment_is_found_by_every_name(
    app: str, page: Page, searched: str, regimen: str | None, drug: str | None
) -> None:
    page.goto(app)
    page.locator("#id_received").click()
    page.get_by_label("Search regimens and drugs").fill(searched)
    regimens, drugs = page.locator("#received-list tbody").all()
    for group, name in ((regimens, regimen), (drugs, drug)):
        if name:
            expect(group.locator("tr:visible th[scope='row']").get_by_text(name, exact=True)).to_be_visible()
            assert group.locator("tr[data-words]:visible").count() < 40
        else:
            expect(group).to_be_hidden()


def test_a_name_that_nothing_bears_is_said_to_be_unknown(app: str, page: Page) -> None:
    page.goto(app)
    page.locator("#id_received").click()
    page.get_by_label("Search regimens and drugs").fill("aspirin")
    expect(page.get_by_text("This release knows no regimen and no drug by that name.")).to_be_visible()
    page.get_by_label("Search regimens and drugs").fill("olaparib")
    expect(page.get_by_text("This release knows no regimen and no drug by that name.")).to_be_hidden()
    page.get_by_label("Olaparib: the disease progressed").check()
    expect(page.get_by_label("Olaparib: received", exact=True)).to_be_checked()
    expect(page.locator(".understood-more")).to_contain_text("Drugs received outside of these: Olaparib (progressed)")


def test_what_follows_is_said_beside_the_field_and_not_asked_again(app: str, page: Page) -> None:
    page.goto(app)
    page.get_by_label("Best response to it").select_option("PD")
    said = page.locator("#id_platinum_free_interval_months_note")
    expect(said).to_have_text("0 months (follows from progression on platinum)")
    expect(page.get_by_label("Platinum-free interval")).to_have_value("")
    expect(page.locator(".understood-more")).to_contain_text("Platinum-free interval 0 months (follows from")
    page.get_by_label("Platinum-free interval").fill("2")
    expect(said).to_have_text("")

    page.get_by_text("9 further markers").click()
    page.get_by_label("KRAS G12C").select_option("positive")
    expect(page.locator("#id_ras_mutation_note")).to_have_text("yes (follows from KRAS G12C positive)")
    expect(page.locator("#id_ras_mutation")).to_be_hidden()
    expect(page.get_by_text("9 further markers")).to_contain_text("1 entered")
    page.get_by_label("KRAS G12C").select_option("")
    expect(page.locator("#id_ras_mutation")).to_be_visible()


def test_a_question_that_does_not_arise_is_not_asked(app: str, page: Page) -> None:
    page.goto(app)
    expect(page.locator("#id_gynaecological_site")).to_be_hidden()
    page.get_by_label("Primary site").select_option("gynaecological")
    page.get_by_label("Gynaecological site").select_option("cervix")
    expect(page.locator(".understood")).to_contain_text("Cervical NEC")
    page.get_by_label("Primary site").select_option("pancreas")
    said = "Gynaecological site “Cervix” contradicts primary site “Pancreas”."
    expect(page.locator("#id_primary_site_error")).to_have_text(said)
    expect(page.locator("#id_gynaecological_site_error")).to_have_text(said)
    expect(page.get_by_label("Gynaecological site")).to_be_visible()
    page.get_by_label("Gynaecological site").select_option("")
    expect(page.locator("#id_gynaecological_site")).to_be_hidden()

    page.get_by_label("First-line platinum").select_option("not-given")
    expect(page.get_by_label("Best response to it")).to_be_hidden()
    expect(page.get_by_label("Platinum-free interval")).to_be_hidden()


def test_another_unit_is_doubted_and_the_own_one_is_read(app: str, page: Page) -> None:
    page.goto(app)
    page.get_by_label("Ki-67").fill("0.8")
    warning = page.locator("#id_ki67_note")
    expect(warning).to_have_text("The number looks like a fraction; percent is asked for.")
    page.get_by_label("Ki-67").fill("80 %")
    expect(page.locator(".understood")).to_contain_text("Ki-67 80 %")
    expect(warning).to_have_text("")
    page.get_by_label("Ki-67").fill(".8")
    expect(page.locator(".understood")).to_contain_text("Ki-67 0.8 %")


def test_no_field_is_zoomed_into_on_a_telephone(app: str, browser: Browser) -> None:
    """A telephone zooms into a field of less than 16 px, and stays there."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(app)
    page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
    sizes = page.evaluate(
        """[...document.querySelectorAll("input, select, textarea")]
            .filter((field) => !["checkbox", "radio", "hidden"].includes(field.type))
            .map((field) => [field.id, parseFloat(getComputedStyle(field).fontSize)])"""
    )
    assert len(sizes) > 35
    assert [size for size in sizes if size[1] < 16] == []
    context.close()


def test_a_wrong_entry_is_told_at_once_and_mended(app: str, page: Page) -> None:
    page.goto(app)
    field = page.get_by_label("Ki-67")
    field.fill("180")
    said = page.locator("#id_ki67_error")
    expect(said).to_have_text("Ki-67 is a percentage from 0 to 100. 180 is not.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    field.fill("80")
    expect(said).to_have_text("")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".understood")).to_contain_text("Ki-67 80 %")


def test_everything_works_without_javascript(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(app)
    fill(page)
    page.locator("summary[data-count-of='conditions']").click()
    page.get_by_label("Organ transplant").check()
    page.locator("#id_received").click()
    page.get_by_label("Olaparib: received", exact=True).check()
    page.get_by_text("Organ function, 12 values").click()
    page.get_by_label("Creatinine clearance").fill("1.1 mL/min")
    page.locator("label", has_text="Survival").click()
    page.get_by_role("button", name="Rank the options").click()
    expect(page.locator(".understood")).to_contain_text("platinum-resistant")
    expect(first(page)).to_have_text("FOLFIRI")
    expect(page.get_by_label("Ki-67")).to_have_value("80")
    expect(page.get_by_label("Organ transplant")).to_be_checked()
    expect(page.get_by_label("Olaparib: received", exact=True)).to_be_checked()
    expect(page.locator("#id_creatinine_clearance_note")).to_contain_text("looks like a serum creatinine")
    expect(page.get_by_label("Creatinine clearance")).to_have_value("1.1")
    expect(page.get_by_label("Survival", exact=True)).to_be_checked()
    page.locator("article.option summary").first.click()
    expect(page.get_by_text("Cohorts used", exact=True).first).to_be_visible()

    page.get_by_label("Ki-67").fill("180")
    page.get_by_role("button", name="Rank the options").click()
    expect(page.get_by_role("alert")).to_contain_text("Ki-67 is a percentage from 0 to 100. 180 is not.")
    expect(page.get_by_label("Ki-67")).to_have_value("180")
    assert page.url == app
    context.close()


def test_out_of_scope_is_said(app: str, page: Page) -> None:
    page.goto(app)
    page.get_by_label("Primary site").select_option("lung")
    expect(page.get_by_role("heading", name="Out of scope: no options are ranked")).to_be_visible()
    expect(page.locator("article.option")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_it_is_accessible_and_never_scrolls_sideways(
    app: str, page: Page, accessible: Any, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(app)
    accessible(page)
    fill(page)
    expect(first(page)).to_have_text("FOLFIRI")
    for summary in page.locator("#answer summary").all()[:3] + page.locator("#patient-form summary").all():
        summary.click()
    page.locator("details.folded-band > summary").first.click()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Ki-67").fill("180")
    expect(page.get_by_role("alert")).to_be_visible()
    accessible(page)


def test_a_page_for_an_unknown_address_is_accessible(app: str, browser: Browser, accessible: Any) -> None:
    page = browser.new_page()
    page.goto(f"{app}nothing/")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    accessible(page)
    page.close()


def test_the_admin_keeps_to_the_policy(app: str, page: Page, environment: dict[str, str]) -> None:
    sign_in(page, app, somebody(environment, "keeper"))
    page.goto(f"{app}admin/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_static_files_are_kept_for_ever_and_compressed(app: str, page: Page) -> None:
    seen: dict[str, dict[str, str]] = {}
    page.on("response", lambda response: seen.update({response.url: response.all_headers()}))
    page.goto(app)
    page.wait_for_load_state("networkidle")
    static = {url: headers for url, headers in seen.items() if "/static/" in url}
    assert len(static) >= 4
    for url, headers in static.items():
        assert "max-age=315360000" in headers["cache-control"], url
        if url.endswith((".css", ".js")):
            assert headers["content-encoding"] in ("br", "gzip"), url
    assert {url for url in seen if not url.startswith(app)} == set()


def test_the_readme_shows_the_page(app: str, page: Page, tmp_path: Path) -> None:
    """Takes the screenshot of the README; written into docs/ when NECAPP_SCREENSHOT is set."""
    page.goto(app)
    fill(page)
    expect(first(page)).to_have_text("FOLFIRI")
    page.evaluate("document.activeElement.blur()")
    path = SCREENSHOT if os.environ.get("NECAPP_SCREENSHOT") else tmp_path / "patient.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000
    assert SCREENSHOT.exists()

"""The journeys that matter on the page `/`, in a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.running.people import sign_in, somebody

from .journeys import ask, card, choose, field, fill, first, is_in_view, ranked, row, strip, tab_to, understood

SCREENSHOT = Path(__file__).parents[2] / "docs" / "patient.png"

SCREENS = [(1440, 900), (1024, 768), (390, 844)]


def test_nothing_is_ranked_for_a_region_that_nobody_chose(app: str, page: Page) -> None:
    page.goto(app)
    expect(page.locator("article.option")).to_have_count(0)
    page.get_by_label("Primary site").select_option("colorectal")
    page.get_by_role("textbox", name="Ki-67").fill("80")
    ask(page)
    expect(page.get_by_role("alert")).to_contain_text("Choose a region")
    expect(page.locator("article.option")).to_have_count(0)
    expect(page.locator("#id_ki67")).to_have_value("80")
    choose(page, "region", "US")
    ask(page)
    expect(understood(page)).to_contain_text("Colorectal NEC, Ki-67 80 %")
    expect(first(page)).to_have_text("FOLFIRI")


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_first_screen_answers(app: str, page: Page, width: int, height: int) -> None:
    """After “Rank the options”, without scrolling: the first, because, unless, which test first, what is close."""
    page.set_viewport_size({"width": width, "height": height})
    ranked(page, app)
    expect(card(page)).to_be_focused()
    expect(card(page).get_by_role("heading")).to_contain_text("FOLFIRI")
    titles = card(page).locator("dt").all_text_contents()
    for title in ("Because", "Unless", "Test first", "Close behind"):
        assert title in titles
    assert is_in_view(card(page).get_by_role("heading"))
    for line in card(page).locator(".card-lines > div").all():
        assert is_in_view(line), line.text_content()
    if width == 1440:
        for beside in ("#tests", "#trials"):
            assert is_in_view(page.locator(beside).get_by_role("heading").first), beside


@pytest.mark.parametrize("number", range(3))
def test_the_first_screen_answers_for_each_example(app: str, page: Page, number: int) -> None:
    page.goto(app)
    page.locator(".examples button").nth(number).click()
    expect(card(page)).to_be_visible()
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        card(page).evaluate("card => card.scrollIntoView({ block: 'start' })")
        assert is_in_view(card(page).get_by_role("heading")), width
        for line in card(page).locator(".card-lines > div").all():
            assert is_in_view(line), (width, line.text_content())


def test_a_live_change_keeps_the_answer_the_focus_and_the_place(app: str, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    ranked(page, app)
    interval = field(page, "platinum_free_interval_months")
    scrolled, top = page.evaluate("scrollY"), card(page).bounding_box()["y"]  # type: ignore[index]
    interval.fill("9")
    expect(strip(page)).to_contain_text("You changed Platinum-free interval, 2 months to 9 months.")
    expect(strip(page)).to_contain_text("Platinum-etoposide again after a treatment break: “Not suitable” to 1st.")
    expect(interval).to_be_focused()
    assert page.evaluate("scrollY") == scrolled
    assert card(page).bounding_box()["y"] == pytest.approx(top, abs=1)  # type: ignore[index]
    for line in card(page).locator(".card-lines > div").all():
        assert is_in_view(line), line.text_content()
    expect(row(page, "FOLFIRI").locator(".moved")).to_have_text("was 1st")


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_where_the_form_stands_below_what_a_change_moved_is_told_beside_it(
    app: str, page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    ranked(page, app)
    interval = field(page, "platinum_free_interval_months")
    interval.evaluate("field => scrollBy(0, field.getBoundingClientRect().top - innerHeight / 4)")
    interval.click()
    place = interval.bounding_box()
    interval.fill("9")
    expect(strip(page)).to_contain_text("Platinum-etoposide again after a treatment break: “Not suitable” to 1st.")
    assert is_in_view(page.locator(".changed-said"))
    expect(interval).to_be_focused()
    assert interval.bounding_box() == pytest.approx(place, abs=1)
    page.get_by_role("link", name="See the answer").click()
    expect(card(page)).to_be_focused()
    assert is_in_view(card(page).get_by_role("heading"))
    for line in card(page).locator(".card-lines > div").all():
        assert is_in_view(line), line.text_content()


def test_the_ranking_follows_the_form(app: str, page: Page) -> None:
    ranked(page, app)
    expect(page.locator("#announcement")).to_have_text(re.compile(r"\d+ options ranked, first FOLFIRI\."))
    field(page, "msi").select_option("high")
    expect(first(page)).to_have_text("Dostarlimab")
    expect(page.locator("#announcement")).to_have_text(re.compile("first Dostarlimab"))
    expect(card(page).get_by_role("heading")).to_contain_text("Dostarlimab")
    expect(page).to_have_url(re.compile(rf"^{re.escape(app)}(#.*)?$"))


def test_a_change_is_put_back_with_its_fields(app: str, page: Page) -> None:
    ranked(page, app)
    field(page, "conditions")
    page.get_by_label("Bowel obstruction").check()
    expect(strip(page)).to_contain_text("Conditions that matter: Bowel obstruction added.")
    expect(strip(page)).to_contain_text("Must not be given, for FOLFIRI")
    expect(row(page, "FOLFIRI")).to_have_count(0)
    page.get_by_role("button", name="Put back").click()
    expect(first(page)).to_have_text("FOLFIRI")
    expect(page.get_by_label("Bowel obstruction")).not_to_be_checked()
    expect(page.get_by_role("button", name="Put back")).to_have_count(0)
    expect(page.locator("#changed")).to_be_focused()
    expect(page.locator("#id_ki67")).to_have_value("80")


def test_what_is_tried_is_put_back_by_the_server(app: str, page: Page) -> None:
    """The field of a test that was only supposed is known again to be unknown."""
    ranked(page, app)
    page.get_by_role("button", name="Try MSI / MMR MSI-high or dMMR").first.click()
    expect(page.locator(".supposed")).to_contain_text("MSI / MMR MSI-high or dMMR: supposed")
    expect(strip(page)).to_contain_text("MSI / MMR, not known to MSI-high or dMMR (only supposed)")
    page.get_by_role("button", name="Put back").click()
    expect(page.locator(".supposed")).to_have_count(0)
    expect(first(page)).to_have_text("FOLFIRI")
    expect(page.locator("#id_msi")).to_have_value("")


def test_an_option_opens_to_its_evidence(app: str, page: Page) -> None:
    ranked(page, app)
    option = row(page, "FOLFIRI")
    details = option.get_by_text("Cohorts used", exact=True)
    expect(details).to_have_count(0)
    option.locator("summary").first.click()
    expect(details).to_be_visible()
    source = option.get_by_role("link", name="NCT02820857")
    expect(source).to_have_attribute("href", "https://clinicaltrials.gov/study/NCT02820857")


def test_what_was_opened_stays_open_when_the_ranking_changes(app: str, page: Page) -> None:
    ranked(page, app)
    option = row(page, "FOLFIRI")
    option.locator("summary").first.click()
    expect(option.get_by_text("Cohorts used", exact=True)).to_be_visible()
    field(page, "ki67").fill("70")
    expect(understood(page)).to_contain_text("Ki-67 70 %")
    expect(option.get_by_text("Cohorts used", exact=True)).to_be_visible()


def test_what_would_come_after_the_first_options_is_shown(app: str, page: Page) -> None:
    ranked(page, app)
    after = page.locator("#fold-after")
    after.locator("summary").click()
    expect(after).to_contain_text("If the disease progressed on FOLFIRI within 3 months")
    expect(after).to_contain_text("Hypothetical")
    expect(after).to_contain_text("FOLFIRI was received, and the disease progressed on it or within 3 months of it.")
    expect(after.get_by_role("table")).to_have_count(2)


def test_the_ranking_is_taken_away_as_text_and_as_a_bundle(app: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ranked(page, app)
    copy = page.locator("#patient-line [data-copies-from]")
    copy.click()
    expect(copy).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "FOLFIRI" in text and "Colorectal small-cell NEC" in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Bundle to verify later").click()
    assert download.value.suggested_filename == "ranking-bundle.json"
    assert '"ki67": 80' in Path(download.value.path()).read_text(encoding="utf-8")
    expect(page).to_have_url(re.compile(rf"^{re.escape(app)}(#.*)?$"))


def test_a_missing_test_is_tried_and_cleared(app: str, page: Page) -> None:
    ranked(page, app)
    page.get_by_role("button", name="Try MSI / MMR MSI-high or dMMR").first.click()
    expect(page.locator(".supposed")).to_contain_text("MSI / MMR MSI-high or dMMR: supposed")
    expect(first(page)).to_have_text("Dostarlimab")
    choose(page, "ecog", "2")
    expect(understood(page)).to_contain_text("ECOG 2")
    expect(page.locator(".supposed")).to_be_visible()
    page.get_by_role("button", name="Clear what is supposed").click()
    expect(page.locator(".supposed")).to_have_count(0)
    expect(page.locator("#id_msi")).to_have_value("")
    expect(page.locator("#id_ki67")).to_have_value("80")


def test_what_is_entered_by_hand_is_no_longer_hypothetical(app: str, page: Page) -> None:
    ranked(page, app)
    page.get_by_role("button", name="Try MSI / MMR MSI-high or dMMR").first.click()
    expect(page.locator(".supposed")).to_be_visible()
    field(page, "msi").select_option("stable")
    expect(page.locator(".supposed")).to_have_count(0)


def test_a_ranking_that_could_not_be_renewed_is_taken_away(app: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    ranked(page, app)
    page.context.clear_cookies()
    field(page, "primary_site").select_option("bladder")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    expect(page.locator("article.option")).to_have_count(0)
    expect(page.locator("#id_ki67")).to_have_value("80")
    page.close()


def test_without_a_connection_no_ranking_is_left_standing(app: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    ranked(page, app)
    page.context.set_offline(True)
    field(page, "ki67").fill("60")
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    expect(page.locator("article.option")).to_have_count(0)
    page.context.set_offline(False)
    field(page, "ki67").fill("70")
    expect(understood(page)).to_contain_text("Ki-67 70 %")
    expect(strip(page)).to_contain_text("Ki-67, 80 % to 70 %")  # the last that was ranked
    page.close()


def test_what_could_not_be_fetched_is_said_where_it_was_asked_for(app: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    ranked(page, app)
    page.context.set_offline(True)
    row(page, "FOLFIRI").locator("summary").first.click()
    expect(row(page, "FOLFIRI").get_by_role("alert")).to_contain_text("could not be fetched")
    expect(first(page)).to_have_text("FOLFIRI")
    page.close()


def test_keyboard_alone(app: str, page: Page) -> None:
    page.goto(app)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Primary site")).to_be_focused()
    page.keyboard.type("col")
    page.keyboard.press("Tab")
    page.keyboard.type("sm")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Ki-67")).to_be_focused()
    page.keyboard.type("80")
    tab_to(page, "#patient-form input[name='region']")
    page.keyboard.press("u")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    expect(card(page)).to_be_focused()
    expect(understood(page)).to_contain_text("Colorectal small-cell NEC, Ki-67 80 %")
    expect(understood(page)).to_contain_text("Region: United States")

    tab_to(page, "article.option summary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cohorts used", exact=True).first).to_be_visible()

    for option in ("FOLFIRI", "FOLFOX"):
        row(page, option).get_by_role("checkbox").focus()
        page.keyboard.press("Space")
    tab_to(page, "#compare-bar button[type='submit']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Options side by side")
    tab_to(page, "#back-form button[type='submit']")
    page.keyboard.press("Enter")
    expect(understood(page)).to_contain_text("Colorectal small-cell NEC, Ki-67 80 %")

    tab_to(page, "#section-tumour > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#id_ki67")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("60")
    expect(strip(page)).to_contain_text("You changed Ki-67, 80 % to 60 %.")
    tab_to(page, ".put-back")
    page.keyboard.press("Enter")
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    expect(page.locator("#changed")).to_be_focused()

    page.locator(".languages > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#id_ki67")).to_have_value("80")


def open_treatments(page: Page) -> None:
    field(page, "received")
    expect(page.locator("#received-list tr[data-words]").nth(20)).to_be_attached()


def test_treatments_are_searched_and_ticked(app: str, page: Page) -> None:
    ranked(page, app)
    open_treatments(page)
    search = page.get_by_label("Search regimens and drugs")
    search.fill("irinotecan fluor")
    expect(page.get_by_label("FOLFIRI: received", exact=True)).to_be_visible()
    expect(page.get_by_label("Temozolomide: received", exact=True).first).to_be_hidden()
    page.get_by_label("FOLFIRI: the disease progressed", exact=False).first.check()
    expect(page.get_by_label("FOLFIRI: received", exact=True)).to_be_checked()
    expect(page.locator("#id_received")).to_have_text("FOLFIRI (progressed)")
    expect(understood(page)).to_contain_text("FOLFIRI (progressed)")


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
    open_treatments(page)
    page.get_by_label("Search regimens and drugs").fill(searched)
    regimens, drugs = page.locator("#received-list tbody").all()
    for group, name in ((regimens, regimen), (drugs, drug)):
        if name:
            expect(group.locator("tr:visible th[scope='row']").get_by_text(name, exact=True)).to_be_visible()
            assert group.locator("tr[data-words]:visible").count() < 40
        else:
            expect(group).to_be_hidden()


def test_a_name_that_nothing_bears_is_said_to_be_unknown(app: str, page: Page) -> None:
    ranked(page, app)
    open_treatments(page)
    page.get_by_label("Search regimens and drugs").fill("aspirin")
    expect(page.get_by_text("This release knows no regimen and no drug by that name.")).to_be_visible()
    page.get_by_label("Search regimens and drugs").fill("olaparib")
    expect(page.get_by_text("This release knows no regimen and no drug by that name.")).to_be_hidden()
    page.get_by_label("Olaparib: the disease progressed").check()
    expect(page.get_by_label("Olaparib: received", exact=True)).to_be_checked()
    expect(understood(page)).to_contain_text("Drugs received outside of these: Olaparib (progressed)")


def test_what_follows_is_said_beside_the_field_and_not_asked_again(app: str, page: Page) -> None:
    ranked(page, app)
    field(page, "platinum_free_interval_months").fill("")
    field(page, "platinum_best_response").select_option("PD")
    said = page.locator("#id_platinum_free_interval_months_note")
    expect(said).to_have_text("0 months (follows from progression on platinum)")
    expect(page.locator("#id_platinum_free_interval_months")).to_have_value("")
    expect(understood(page)).to_contain_text("Platinum-free interval 0 months (follows from")
    field(page, "platinum_free_interval_months").fill("2")
    expect(said).to_have_text("")

    field(page, "kras_g12c").select_option("positive")
    expect(page.locator("#id_ras_mutation_note")).to_have_text("yes (follows from KRAS G12C positive)")
    expect(page.locator("#id_ras_mutation")).to_be_hidden()
    field(page, "kras_g12c").select_option("")
    expect(page.locator("#id_ras_mutation")).to_be_visible()


def test_a_question_that_does_not_arise_is_not_asked(app: str, page: Page) -> None:
    ranked(page, app)
    site = field(page, "primary_site")
    expect(page.locator("#id_gynaecological_site")).to_be_hidden()
    site.select_option("gynaecological")
    page.locator("#id_gynaecological_site").select_option("cervix")
    expect(understood(page)).to_contain_text("Cervical small-cell NEC")
    site.select_option("pancreas")
    said = "Gynaecological site “Cervix” contradicts primary site “Pancreas”."
    expect(page.locator("#id_primary_site_error")).to_have_text(said)
    expect(page.locator("#id_gynaecological_site_error")).to_have_text(said)
    expect(page.locator("#id_gynaecological_site")).to_be_visible()
    page.locator("#id_gynaecological_site").select_option("")
    expect(page.locator("#id_gynaecological_site")).to_be_hidden()

    field(page, "platinum_best_response").select_option("")
    field(page, "platinum_free_interval_months").fill("")
    field(page, "first_line_platinum").select_option("not-given")
    expect(page.locator("#id_platinum_best_response")).to_be_hidden()
    expect(page.locator("#id_platinum_free_interval_months")).to_be_hidden()


def test_another_unit_is_doubted_and_the_own_one_is_read(app: str, page: Page) -> None:
    ranked(page, app)
    ki67 = field(page, "ki67")
    ki67.fill("0.8")
    warning = page.locator("#id_ki67_note")
    expect(warning).to_have_text("The number looks like a fraction; percent is asked for.")
    ki67.fill("80 %")
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    expect(warning).to_have_text("")
    ki67.fill(".8")
    expect(understood(page)).to_contain_text("Ki-67 0.8 %")


def test_no_field_is_zoomed_into_on_a_telephone(app: str, browser: Browser) -> None:
    """A telephone zooms into a field of less than 16 px, and stays there."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = context.new_page()
    for is_ranked in (False, True):
        page.goto(app)
        if is_ranked:
            fill(page)
            ask(page)
            expect(first(page)).to_have_text("FOLFIRI")
        page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
        sizes = page.evaluate(
            """[...document.querySelectorAll("input, select, textarea")]
                .filter((field) => !["checkbox", "radio", "hidden"].includes(field.type))
                .map((field) => [field.id, parseFloat(getComputedStyle(field).fontSize)])"""
        )
        assert len(sizes) > 30
        assert [size for size in sizes if size[1] < 16] == []
    context.close()


def test_a_wrong_entry_is_told_at_once_and_mended(app: str, page: Page) -> None:
    ranked(page, app)
    ki67 = field(page, "ki67")
    ki67.fill("180")
    said = page.locator("#id_ki67_error")
    expect(said).to_have_text("Ki-67 is a percentage from 0 to 100. 180 is not.")
    expect(ki67).to_have_attribute("aria-invalid", "true")
    expect(ki67).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Not ranked")
    ki67.fill("70")
    expect(said).to_have_text("")
    expect(ki67).not_to_have_attribute("aria-invalid", "true")
    expect(understood(page)).to_contain_text("Ki-67 70 %")
    expect(strip(page)).to_contain_text("Ki-67, 80 % to 70 %")


def test_everything_works_without_javascript(app: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(app)
    page.get_by_label("Primary site").select_option("colorectal")
    page.get_by_label("Histology").select_option("small-cell")
    page.get_by_role("textbox", name="Ki-67").fill("80")
    page.get_by_label("First-line platinum").select_option("etoposide-platinum")
    page.get_by_label("Best response to it").select_option("PR")
    page.get_by_role("textbox", name="Platinum-free interval").fill("2")
    page.locator("label[for='id_ecog_1']").click()
    page.locator("label[for='id_region_US']").click()
    page.get_by_text("Add other treatment, markers and conditions").click()
    page.locator("summary[data-count-of='conditions']").click()
    page.get_by_label("Organ transplant").check()
    ask(page)
    expect(understood(page)).to_contain_text("platinum-resistant")
    expect(first(page)).to_have_text("FOLFIRI")
    # View and focus go to the card by the address alone.
    expect(page).to_have_url(f"{app}#answer-first")
    assert is_in_view(card(page).get_by_role("heading"))
    # All is in the page: evidence, what comes after, the text.
    row(page, "FOLFIRI").locator("summary").first.click()
    expect(row(page, "FOLFIRI").get_by_text("Cohorts used", exact=True)).to_be_visible()
    page.locator("#fold-after > summary").click()
    expect(page.locator("#fold-after")).to_contain_text("If the disease progressed on FOLFIRI within 3 months")
    expect(page.locator("#summary-text")).to_have_value(re.compile("FOLFIRI"))

    page.locator("#section-treatment > summary").click()
    page.locator("#id_platinum_free_interval_months").fill("9")
    ask(page)
    expect(strip(page)).to_contain_text("You changed Platinum-free interval, 2 months to 9 months.")
    expect(first(page)).to_have_text("Platinum-etoposide again after a treatment break")
    page.get_by_role("button", name="Put back").click()
    expect(first(page)).to_have_text("FOLFIRI")
    expect(page.locator("#id_platinum_free_interval_months")).to_have_value("2")
    expect(page.locator("[name='conditions'][value='transplant']")).to_be_checked()

    page.locator("#section-tumour > summary").click()
    page.locator("#id_ki67").fill("180")
    ask(page)
    expect(page.get_by_role("alert")).to_contain_text("Ki-67 is a percentage from 0 to 100. 180 is not.")
    expect(page.locator("#id_ki67")).to_have_value("180")
    context.close()


def test_out_of_scope_is_said_and_leads_on(app: str, page: Page, accessible: Any) -> None:
    ranked(page, app)
    field(page, "primary_site").select_option("lung")
    said = page.get_by_role("heading", name="Out of scope: no options are ranked")
    expect(said).to_be_visible()
    expect(page.locator("article.option")).to_have_count(0)
    expect(strip(page)).to_contain_text("Nothing is ranked any more: out of scope.")
    expect(page.get_by_role("link", name="Studies of small-cell lung cancer")).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    expect(first(page)).to_have_text("FOLFIRI")

    page.set_viewport_size({"width": 390, "height": 844})
    field(page, "histology").select_option("")
    field(page, "differentiation").select_option("well")
    ask(page)
    expect(said).to_be_visible()
    expect(page.locator("#answer-first")).to_be_focused()
    assert is_in_view(said)
    accessible(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Studies with NET G3").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Evidence")
    assert opened.value.url == f"{app}evidence/?histology=net-g3"


@pytest.mark.parametrize("seen", [1440, 320])
def test_it_is_accessible_and_never_scrolls_sideways(app: str, page: Page, accessible: Any, seen: int) -> None:
    """With axe in the widest window and the narrowest."""

    def check() -> None:
        for width in (1440, 1024, 390, 320, seen):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        accessible(page)

    ranked(page, app)
    check()
    row(page, "FOLFIRI").locator("summary").first.click()
    expect(row(page, "FOLFIRI").get_by_text("Cohorts used", exact=True)).to_be_visible()
    for fold in ("after", "waiting", "unsuitable"):
        page.locator(f"#fold-{fold} > summary").click()
        expect(page.locator(f"#fold-{fold} .fold-body")).not_to_be_empty()
    for summary in page.locator("#patient-form summary:visible").all():
        summary.click()
    field(page, "platinum_free_interval_months").fill("9")
    expect(strip(page)).to_contain_text("You changed")
    check()
    field(page, "ki67").fill("180")
    expect(page.get_by_role("alert")).to_be_visible()
    check()


@pytest.mark.parametrize("change", [{}, {"msi": "high"}])
def test_a_ranking_is_printed_on_two_pages(app: str, page: Page, accessible: Any, change: dict[str, str]) -> None:
    ranked(page, app)
    for name, value in change.items():
        field(page, name).select_option(value)
        expect(strip(page)).to_contain_text("You changed")
    expect(page.locator("#print-only .printed-cautions")).to_be_attached()
    printed = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 2
    page.emulate_media(media="print")
    for part in ("#answer-first", "#tests", "#trials", ".printed-cautions", "#not-known", ".site-footer"):
        expect(page.locator(part)).to_be_visible()
    for part in (".published", ".model", ".safety", ".licence"):
        expect(page.locator(f"article.option {part}").first).to_be_visible()
    for part in ("#patient-form", "#take-away", "#compare-bar", "#changed", ".languages"):
        expect(page.locator(part)).to_be_hidden()
    if not change:
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
    assert len(seen) <= 6


def test_the_readme_shows_the_page(app: str, page: Page, tmp_path: Path) -> None:
    """Takes the screenshot of the README; written into docs/ when NECAPP_SCREENSHOT is set."""
    page.set_viewport_size({"width": 1440, "height": 1000})
    ranked(page, app)
    page.evaluate("document.activeElement.blur()")
    path = SCREENSHOT if os.environ.get("NECAPP_SCREENSHOT") else tmp_path / "patient.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000
    assert SCREENSHOT.exists()

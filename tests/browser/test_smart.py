"""From a record in the hospital's system to a ranked page: SMART App Launch in a real browser, across two sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories.fhir import ICD10, concept, condition, dose, ki67, observation, status
from tests.factories.hospital import Hospital

from .journeys import ask, choose, chosen, field, fill, first, ranked, understood

EP = [dose(f"{drug}-{day}", drug, day) for drug in ("L01XA01", "L01CB01") for day in ("2025-01-06", "2025-01-27")]
RECORD = [
    condition("c", ICD10, "C18.7"),
    ki67("k", 72.5),
    observation("e", "89247-1", valueInteger=1),
    observation("h", "59847-4", valueCodeableConcept=concept("http://snomed.info/sct", "74364000")),
    status("s", "2025-04-01", "271299001"),
    *EP,
]


@pytest.fixture
def record(hospital: Hospital, app: str) -> Iterator[Hospital]:
    hospital.app, hospital.resources = app, RECORD
    yield hospital
    hospital.resources = []


def test_from_a_record_to_a_ranking(record: Hospital, app: str, page: Page, accessible: Any) -> None:
    page.goto(app)
    fill(page)  # the region is remembered once it was used
    ask(page)
    expect(first(page)).to_be_visible()

    page.goto(f"{record.origin}/record")
    page.get_by_role("link", name="necapp").click()
    expect(page.get_by_role("heading", name="Confirm what was read")).to_be_visible()
    expect(page.get_by_text("Read once from Main EHR")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Take: Ki-67")).to_be_checked()
    expect(page.get_by_role("textbox", name="Ki-67")).to_have_value("72.5")
    accessible(page)
    assert record.revoked == record.tokens

    page.get_by_role("button", name="Take these values").click()
    expect(field(page, "ki67")).to_have_value("72.5")
    expect(field(page, "primary_site")).to_have_value("colorectal")
    assert chosen(page, "ecog") == "1"
    assert chosen(page, "region") == "US"
    expect(page).to_have_url(app)  # as the page of a patient, which a reload finds again
    expect(understood(page)).to_contain_text("72.5")
    expect(first(page)).to_be_visible()


def test_without_a_record_open(record: Hospital, app: str, page: Page, accessible: Any) -> None:
    """From the page that takes a record; a code is of no use a second time."""
    page.goto(f"{app}fill/")
    page.get_by_role("link", name="Read it from a hospital's server").click()
    accessible(page)
    page.get_by_role("link", name="Main EHR").click()
    expect(page.get_by_role("textbox", name="Ki-67")).to_have_value("72.5")
    assert page.url.startswith(f"{app}smart/callback?code=")
    assert all(name not in page.content() for name in (page.url.partition("code=")[2].partition("&")[0], "state="))


def test_what_is_open_in_another_tab_goes_on(record: Hospital, app: str, page: Page) -> None:
    """A start from another site brings none of the strict cookies along, and spoils none of them."""
    ranked(page, app)
    other = page.context.new_page()
    other.goto(f"{record.origin}/record")
    other.get_by_role("link", name="necapp").click()
    expect(other.get_by_role("heading", name="Confirm what was read")).to_be_visible()
    other.close()
    choose(page, "ecog", "2")
    expect(understood(page)).to_contain_text("ECOG 2")

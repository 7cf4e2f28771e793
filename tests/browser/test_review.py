"""The queue of a reviewer in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.factories.running.people import propose, sign_in, somebody

REASON = "ClinicalTrials.gov, looked up on 2026-11-02: countries: nothing → France, South Korea; status: Recruiting"


def test_what_an_import_gives_as_its_reason_can_be_read(app: str, environment: dict[str, str], page: Page) -> None:
    propose(environment, "proposing", reason=REASON)
    sign_in(page, app, somebody(environment, "reviewing"))
    for width in (1440, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{app}admin/waiting/")
        place = page.get_by_role("cell", name="ClinicalTrials.gov, looked up").bounding_box()
        assert place is not None and place["width"] > 300

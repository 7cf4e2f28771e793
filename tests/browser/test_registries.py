"""The report of a registry as an administrator sees it: drawn under the strict policy, at every width, accessible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from registries.synthetic import make
from tests.factories.registries import exported, knowledge_of, ranked
from tests.factories.running.people import sign_in, somebody

WIDTHS = (1440, 1024, 390)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    make(300, tmp_path / "in", knowledge_of(exported()))
    ranked(tmp_path / "in", tmp_path / "out", key="id")
    return tmp_path / "out" / "manifest.json"


def test_a_manifest_becomes_a_report(
    page: Page, app: str, environment: dict[str, str], accessible: Any, manifest: Path
) -> None:
    sign_in(page, app, somebody(environment, "registrar", "Administrator"))
    page.goto(f"{app}registries/")
    accessible(page)
    page.get_by_label("File manifest.json").set_input_files(manifest)
    page.get_by_role("button", name="Show the report").click()
    expect(page.get_by_role("heading", name="Which missing test would change most")).to_be_visible()
    drawn = page.locator(".registry-plot img")
    assert drawn.count() == 3
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert drawn.first.evaluate("image => image.complete && image.naturalWidth > 0")
    accessible(page)

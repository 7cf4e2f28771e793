"""The language menu in the header, as a person uses it."""

from __future__ import annotations

from playwright.sync_api import Page


def choose_language(page: Page, name: str) -> None:
    """Open the menu and press the button with the language's own name."""
    page.locator(".languages > summary").click()
    page.get_by_role("button", name=name).click()

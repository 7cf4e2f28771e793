"""How the pages feel: zoomed, in forced colours, while an answer is on its way, and the second time."""

from __future__ import annotations

import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .journeys import LIBRARY, fill, first

# CSS pixels and device pixels in each: 1440 at 200 %, and the narrowest that WCAG 2.2 asks for.
ZOOMED = {"200 %": (720, 2), "320 px": (320, 1)}

# Elements that reach beyond the window, or whose words do not fit into a box that hides what does not.
CUT_OFF = """() => {
  const scrolls = (element) => element.closest(".table-scroll, .picker-body, textarea");
  const hidden = (element) => element.closest(".visually-hidden, .skip-link, [hidden]");
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (!box.width || hidden(element) || element.closest("svg svg")) continue;
    if ((box.right > innerWidth + 1 || box.left < -1) && !scrolls(element)) found.push("outside: " + element.outerHTML);
    const hides = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    if (hides && element.scrollWidth > element.clientWidth + 1) found.push("cut off: " + element.outerHTML);
  }
  return found.map((text) => text.slice(0, 160));
}"""


def test_connections_that_say_nothing_keep_nobody_waiting(app: str) -> None:
    """Browsers open some ahead of need."""
    place = urlsplit(app)
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(socket.create_connection((place.hostname, place.port)))
        began = time.monotonic()
        urllib.request.urlopen(f"{app}method/", timeout=20).close()  # noqa: S310 - our own address
    assert time.monotonic() - began < 4


@pytest.fixture(params=ZOOMED.values(), ids=ZOOMED)
def zoomed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, factor = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, device_scale_factor=factor, locale="en-GB", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def assert_all_is_seen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("path", ["", *LIBRARY])
def test_nothing_is_cut_off_when_zoomed(app: str, zoomed: Page, path: str) -> None:
    zoomed.goto(app + path)
    assert_all_is_seen(zoomed)


def test_a_ranking_can_be_read_when_zoomed(app: str, zoomed: Page) -> None:
    zoomed.goto(app)
    fill(zoomed)
    expect(first(zoomed)).to_have_text("FOLFIRI")
    zoomed.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
    assert_all_is_seen(zoomed)
    zoomed.get_by_label("Ki-67").fill("180")
    expect(zoomed.get_by_role("alert")).to_be_visible()
    assert_all_is_seen(zoomed)


def style(page: Page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_every_state_visible(app: str, page: Page, scheme: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    page.goto(app)
    page.get_by_label("Region").select_option("US")
    page.wait_for_load_state("networkidle")  # the live answer has taken the place of what stood there
    ground = style(page, "body", "backgroundColor")
    for mark, drawn in ((".interval", "stroke"), (".benchmark", "stroke"), (".axis", "stroke"), (".median", "stroke")):
        assert style(page, f".interval-mark {mark}", drawn) not in (ground, "none"), mark
    assert style(page, ".interval-mark .interval", "strokeOpacity") == "1"
    assert style(page, ".share-bar .best", "fill") != style(page, ".share-bar .whole", "fill")

    assert style(page, "#id_primary_site", "borderTopStyle") == "dashed"
    assert style(page, "#id_region", "borderTopStyle") == "solid"
    page.locator("article.option summary").first.click()
    assert style(page, ".truth-unknown", "borderTopStyle") == "dashed"
    assert style(page, ".truth-false, .truth-true", "borderTopStyle") == "solid"

    chosen, other = "#id_preference_balanced + label", "#id_preference_survival + label"
    assert style(page, chosen, "backgroundColor") != style(page, other, "backgroundColor")
    assert style(page, "#id_others_absent", "appearance") == "auto"

    for label in ("ECOG", "Region", "All others absent"):
        page.get_by_label(label).first.focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", label
        assert page.evaluate("getComputedStyle(document.activeElement).outlineColor") != ground


def hold(page: Page) -> list[Route]:
    """Answers to what is posted wait until they are let go."""
    held: list[Route] = []
    page.route("**/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    return held


# Milliseconds from the request until the hint starts to show.
WAIT_FOR_HINT = """new Promise((resolve) => {
  let sent;
  document.body.addEventListener("htmx:beforeRequest", () => { sent = performance.now(); });
  setTimeout(() => resolve(-1), 10000);
  document.getElementById("working").addEventListener("transitionstart", () => resolve(performance.now() - sent));
})"""


def test_a_hint_shows_only_when_an_answer_takes_long_and_nothing_moves(app: str, page: Page) -> None:
    page.goto(app)
    hint, held = page.locator("#working"), hold(page)
    expect(hint).to_have_css("opacity", "0")
    places = "[...document.querySelectorAll('#patient-form *, #answer')].map((e) => e.getBoundingClientRect().top)"
    page.evaluate(f"() => {{ window.shown = {WAIT_FOR_HINT}; }}")
    page.get_by_label("ECOG").fill("1")
    before = page.evaluate(places)
    assert page.evaluate("window.shown") >= 290
    expect(hint).to_have_css("opacity", "1")
    assert page.evaluate(places) == before
    held.pop().continue_()
    expect(page.locator(".understood")).to_contain_text("ECOG 1")
    expect(hint).to_have_css("opacity", "0")


def test_the_hint_waits_for_readers_who_want_no_motion_too(app: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(app)
    held = hold(page)
    page.evaluate(f"() => {{ window.shown = {WAIT_FOR_HINT}; }}")
    page.get_by_label("ECOG").fill("1")
    assert page.evaluate("window.shown") >= 290
    held.pop().continue_()


def test_who_types_keeps_the_place_when_the_answer_comes(app: str, page: Page) -> None:
    page.goto(app)
    page.mouse.wheel(0, 150)
    page.get_by_label("Ki-67").click()
    held = hold(page)
    page.keyboard.type("8")
    expect(page.locator("#answer")).to_have_class(re.compile("is-stale"))
    page.wait_for_timeout(400)
    scrolled = page.evaluate("scrollY")
    held.pop().continue_()
    expect(page.locator(".understood")).to_contain_text("Ki-67 8 %")
    expect(page.get_by_label("Ki-67")).to_be_focused()
    page.unroute_all()
    page.keyboard.type("0")  # the caret is where it was
    expect(page.get_by_label("Ki-67")).to_have_value("80")
    expect(page.locator(".understood")).to_contain_text("Ki-67 80 %")
    assert page.evaluate("scrollY") == scrolled
    expect(page.locator("#announcement")).to_have_text(re.compile(r"\d+ options ranked, first .+\."))


def headers(address: str, encoding: str) -> Message:
    request = urllib.request.Request(address, headers={"Accept-Encoding": encoding})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        return response.headers


def test_what_a_page_links_is_sent_compressed_and_kept_for_ever(app: str) -> None:
    page = urllib.request.urlopen(app, timeout=10).read().decode()  # noqa: S310
    linked = re.findall(r'<(?:link|script)\b[^>]*?\b(?:href|src)="/([^"]+\.(?:css|js))"', page)
    assert len(linked) >= 4
    for path in linked:
        for encoding in ("br", "gzip"):
            sent = headers(app + path, encoding)
            assert sent["Cache-Control"] == "max-age=315360000, public, immutable", path
            assert sent["Content-Encoding"] == encoding, path
            assert "Accept-Encoding" in sent["Vary"]
    assert headers(app, "gzip")["Content-Encoding"] == "gzip"
    assert "no-store" in headers(app, "gzip")["Cache-Control"]


def test_no_script_stands_in_the_way_of_the_page(app: str) -> None:
    page = urllib.request.urlopen(app, timeout=10).read().decode()  # noqa: S310
    scripts = re.findall(r"<script\b[^>]*>", page)
    assert scripts
    assert all("defer" in script or 'type="module"' in script for script in scripts)

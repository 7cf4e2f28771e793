"""How the pages feel: zoomed, in forced colours, while an answer is on its way, and the second time."""

from __future__ import annotations

import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .journeys import LIBRARY, card, choose, field, ranked, row, strip, understood

# CSS pixels and device pixels in each: 1440 at 200 %, and the narrowest that WCAG 2.2 asks for.
ZOOMED = {"200 %": (720, 2), "320 px": (320, 1)}

# Elements that reach beyond the window, or whose words do not fit into a box that hides what does not.
CUT_OFF = """() => {
  const scrolls = (element) => element.closest(".table-scroll, .picker-body, .all-tests .fold-body, textarea");
  const hidden = (element) => element.closest(".visually-hidden, .skip-link, [hidden]") ||
    getComputedStyle(element).clipPath === "inset(50%)";
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
    assert time.monotonic() - began < 15  # a worker that waited for them would take twenty


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
    ranked(zoomed, app)
    for summary in zoomed.locator("#answer summary:visible").all():
        summary.click()
    zoomed.wait_for_load_state("networkidle")
    assert_all_is_seen(zoomed)
    field(zoomed, "platinum_free_interval_months").fill("9")
    expect(zoomed.locator(".put-back")).to_be_visible()
    assert_all_is_seen(zoomed)
    field(zoomed, "ki67").fill("180")
    expect(zoomed.get_by_role("alert")).to_be_visible()
    assert_all_is_seen(zoomed)


def style(page: Page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_every_state_visible(app: str, page: Page, scheme: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    ranked(page, app)
    ground = style(page, "body", "backgroundColor")
    for mark in (".model", ".published", ".benchmark"):
        assert style(page, f".beside {mark}", "stroke") not in (ground, "none"), mark
    # A hollow mark was published, a filled one is the model's.
    assert style(page, ".beside circle.published", "fill") != style(page, ".beside circle.model", "fill")
    row(page, "FOLFIRI").locator("summary").first.click()
    expect(row(page, "FOLFIRI").locator(".terms")).to_be_visible()
    assert style(page, ".terms-bar .whole", "stroke") not in (ground, "none")

    assert field(page, "msi").evaluate("field => getComputedStyle(field).borderTopStyle") == "dashed"
    assert style(page, "#id_primary_site", "borderTopStyle") == "solid"
    chosen, other = "#id_ecog_1 + label", "#id_ecog_2 + label"
    field(page, "ecog_1")
    assert style(page, chosen, "backgroundColor") != style(page, other, "backgroundColor")
    assert style(page, "#id_others_absent", "appearance") == "auto"

    field(page, "platinum_free_interval_months").fill("9")
    expect(page.locator(".put-back")).to_be_visible()
    assert style(page, ".changed-said", "borderTopStyle") == "solid"
    for name in ("platinum_free_interval_months", "msi", "others_absent"):
        field(page, name).focus()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", name
        assert page.evaluate("getComputedStyle(document.activeElement).outlineColor") != ground
    field(page, "ecog_1").focus()
    page.keyboard.press("ArrowRight")
    assert style(page, other, "outlineStyle") == "solid"


def hold(page: Page) -> list[Route]:
    """Answers to what is entered wait until they are let go; what is printed is asked for at another address."""
    held: list[Route] = []

    def answer(route: Route) -> None:
        request = route.request
        is_entered = request.method == "POST" and urlsplit(request.url).path == "/"
        held.append(route) if is_entered else route.continue_()

    page.route("**/*", answer)
    return held


# Milliseconds from the entry until the answer is struck from view.
WAIT_FOR_STRIKE = """new Promise((resolve) => {
  const answer = document.getElementById("answer");
  let entered;
  document.addEventListener("input", () => { entered ??= performance.now(); }, { capture: true });
  setTimeout(() => resolve(-1), 10000);
  new MutationObserver(() => {
    if (answer.classList.contains("is-redone")) resolve(performance.now() - entered);
  }).observe(answer, { attributes: true });
})"""
PLACES = """[...document.querySelectorAll("#patient-form *, #answer-first, #options")]
  .map((element) => element.getBoundingClientRect().top)"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_an_answer_that_no_longer_belongs_is_struck_from_view_and_nothing_moves(
    app: str, page: Page, motion: Literal["reduce", "no-preference"]
) -> None:
    page.emulate_media(reduced_motion=motion)
    ranked(page, app)
    field(page, "ecog_1")
    held = hold(page)
    before = page.evaluate(PLACES)
    page.evaluate(f"() => {{ window.struck = {WAIT_FOR_STRIKE}; }}")
    choose(page, "ecog", "3")
    assert page.evaluate("window.struck") > 0  # while the server has not answered yet
    expect(strip(page)).to_have_text("You changed ECOG, 1 to 3. Ranking…")
    expect(strip(page)).to_be_visible()
    expect(card(page)).to_be_hidden()
    expect(row(page, "FOLFIRI")).to_have_count(0)  # for who reads by ear as well
    expect(understood(page)).to_be_hidden()
    assert page.evaluate(PLACES) == before
    held.pop().continue_()
    expect(strip(page)).to_contain_text("Best supportive care: now before every other.")
    expect(card(page)).to_be_visible()
    expect(understood(page)).to_contain_text("ECOG 3")


def test_who_types_keeps_the_place_when_the_answer_comes(app: str, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    ranked(page, app)
    page.mouse.wheel(0, 150)
    ki67 = field(page, "ki67")
    ki67.fill("")
    expect(understood(page)).not_to_contain_text("Ki-67")
    ki67.click()
    held = hold(page)
    page.keyboard.type("8")
    expect(page.locator("#answer")).to_have_class(re.compile("is-redone"))
    place = ki67.bounding_box()
    held.pop().continue_()
    expect(understood(page)).to_contain_text("Ki-67 8 %")
    expect(ki67).to_be_focused()
    page.unroute_all()
    page.keyboard.type("0")  # the caret is where it was
    expect(ki67).to_have_value("80")
    expect(understood(page)).to_contain_text("Ki-67 80 %")
    expect(ki67).to_be_focused()
    assert ki67.bounding_box() == pytest.approx(place, abs=1)
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

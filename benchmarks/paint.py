"""What a browser makes of the page `/`: what it fetches the first time, and when the largest content is painted.

In Chromium, with an empty cache and a processor four times slower, at the size of a laptop's window: the page before
anything is entered, and the answer of a worked patient sent from it.
"""

from __future__ import annotations

import shutil
import statistics

from playwright.sync_api import Browser, Page, Request, sync_playwright

from .browsers import FLAGS
from .patients import cases, entered
from .server import HOST
from .timing import say

SLOWER = 4
TIMES = 7
WINDOW = {"width": 1440, "height": 900}
LARGEST_LOAD, MOST_REQUESTS, SLOWEST_PAINT = 110, 6, 1.0  # KiB, requests, seconds

# Milliseconds from the start of the navigation; of what was painted so far, the last is the largest.
PAINTED = """new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
})"""
# Sends fields from the page as its own form does.
SEND = """(fields) => {
  const token = document.querySelector("[name='csrfmiddlewaretoken']").value;
  const form = Object.assign(document.createElement("form"), { method: "post", action: "/" });
  for (const [name, value] of [["csrfmiddlewaretoken", token], ...fields]) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}"""


def measure_paint(port: int) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        say("first load and largest contentful paint", "not measured", "no Chromium on the PATH")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        seen = [_seen(browser, f"http://{HOST}:{port}/") for _ in range(TIMES)]
        browser.close()
    requests, sent, *_painted = seen[0]
    say("first load in Chromium, headers included", f"{sent / 1024:.1f} KiB", f"aim: {LARGEST_LOAD} KiB")
    say("requests of it", str(requests), f"aim: {MOST_REQUESTS}")
    for what, place in (("before anything is entered", 2), ("of an answer, whole page", 3)):
        painted = [each[place] for each in seen]
        told = f"of {min(painted):.2f} to {max(painted):.2f} s, aim: {SLOWEST_PAINT} s"
        say(f"largest contentful paint {what}", f"{statistics.median(painted):.2f} s", told)


def _seen(browser: Browser, address: str) -> tuple[int, int, float, float]:
    """Requests and bytes of the first load, and the seconds until the largest content of both pages was painted."""
    context = browser.new_context(viewport=WINDOW, locale="en-GB")
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(address, wait_until="networkidle")
    sizes = [request.sizes() for request in finished]
    sent = sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
    first = _painted(page)
    page.evaluate(SEND, _pairs())
    page.wait_for_selector("#options")
    page.wait_for_load_state("networkidle")
    answer = _painted(page)
    context.close()
    return len(sizes), sent, first, answer


def _painted(page: Page) -> float:
    return float(page.evaluate(PAINTED)) / 1000


def _pairs() -> list[tuple[str, str]]:
    fields = entered(cases()[0]).items()
    return [(name, one) for name, value in fields for one in (value if isinstance(value, list) else [value])]

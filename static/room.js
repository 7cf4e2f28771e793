// The meeting room and its screen: the timer goes on by the server's seconds, the part that is live asks only for what
// changed, and a case fits the window or says what is cut. Without it, the page stays as it was when it was loaded.

// ---- the timer

const started = performance.now();
for (const timer of document.querySelectorAll(".timer [data-seconds]")) {
  const { seconds, limit } = timer.dataset;
  setInterval(() => {
    const now = Math.floor(Number(seconds) + (performance.now() - started) / 1000);
    timer.textContent = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
    timer.closest(".timer").classList.toggle("timer-over", now > Number(limit));
  }, 1000);
}

// ---- the part that is live

let mark = "";
document.body.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.id === "live" && mark) detail.headers["If-None-Match"] = mark;
});
document.body.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (target.id !== "live") return;
  // Somebody is about to press something in it, or reads on in what they opened.
  const isBusy = target.contains(document.activeElement) || target.querySelector("details[open]");
  if (detail.xhr.status === 304 || isBusy) detail.shouldSwap = false;
  else mark = detail.xhr.getResponseHeader("ETag") ?? "";
});
document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "live") fit();
});

// ---- the screen

const SMALLEST = 8 / 9; // of the size that the page begins with
const STEPS = 6;
const MOST_LINES = 7; // of a text that is cut

// All that matters within the window: type becomes smaller, to a point; then reasons are cut, and the screen says so.
function fit() {
  const screen = document.querySelector(".screen");
  if (!screen || !matchMedia("(min-width: 75.01rem)").matches) return;
  const said = screen.querySelector(".cut-word");
  said.hidden = true;
  screen.classList.add("screen-whole");
  screen.style.removeProperty("font-size");
  const size = parseFloat(getComputedStyle(screen).fontSize);
  for (let step = 1; step <= STEPS && !fits(screen); step += 1) {
    screen.style.setProperty("font-size", `${size * (1 - ((1 - SMALLEST) * step) / STEPS)}px`);
  }
  if (fits(screen)) return;
  screen.classList.remove("screen-whole");
  for (let lines = MOST_LINES; lines > 0; lines -= 1) {
    screen.style.setProperty("--lines", lines);
    if (fits(screen)) break;
  }
  said.hidden = ![...screen.querySelectorAll(".clamped, .one-line")].some(
    (text) => text.scrollHeight > text.clientHeight + 1 || text.scrollWidth > text.clientWidth + 1,
  );
}

function fits(screen) {
  const last = screen.querySelector(".screen-foot") ?? screen.querySelector(".ballot-box");
  return !last || last.getBoundingClientRect().bottom + scrollY <= innerHeight;
}

fit();
addEventListener("resize", fit);
document.fonts?.ready.then(fit);

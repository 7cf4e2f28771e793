// What the patient form adds when scripts run: searchable lists, summaries of what is ticked, errors told to assistive
// technology, and that nothing entered is lost. Everything works without it; htmx does the live ranking.

// ---- what was entered outlasts Back, Forward and reload: it stands in the history of this tab, for the same person alone

const NOT_KEPT = ["csrfmiddlewaretoken", "everything"];
const person = document.getElementById("session-ended")?.dataset.person ?? "";

// A page without entries, come to by Back or by reloading, is answered again, as what it was.
async function restore() {
  const { state } = history;
  if (!state?.entries) return;
  if (state.person !== person) return history.replaceState(null, ""); // of somebody who has signed out
  const content = document.getElementById("content");
  if (!state.isRanked || !content.querySelector("#patient-form[data-empty]")) return;
  content.classList.add("is-restoring");
  try {
    const token = content.querySelector("[name='csrfmiddlewaretoken']").value;
    const body = new URLSearchParams([["csrfmiddlewaretoken", token], ...state.entries]);
    const response = await fetch(location.pathname, { method: "POST", body });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answered = document.adoptNode(page.getElementById("content"));
    for (const absent of answered.querySelectorAll("noscript")) absent.remove(); // parsed as for who has no script
    content.replaceWith(answered);
    htmx.process(answered);
    reopen(state.opened);
    scrollTo(0, state.top);
    const session = document.getElementById("session-ended");
    if (session) session.dataset.holdsEntries = "";
  } catch {
    content.classList.remove("is-restoring");
    const alert = document.getElementById("not-ranked").content.cloneNode(true);
    alert.querySelector("[role='alert']").append(again());
    content.prepend(alert);
  }
}

function again() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-primary btn-sm" });
  button.textContent = document.getElementById("again").content.textContent;
  button.addEventListener("click", () => location.reload());
  return button;
}

// What another address answered (a record that was taken, a comparison that was refused) goes on under the form's own,
// which a reload finds again.
function keep() {
  const own = new URL(form.action).pathname;
  const entries = [...new FormData(form)].filter(([name, value]) => value && !NOT_KEPT.includes(name));
  const isRanked = !form.hasAttribute("data-empty");
  history.replaceState({ person, entries, isRanked, opened: opened(), top: scrollY }, "", own === location.pathname ? undefined : own);
}

function opened() {
  return [...document.querySelectorAll("#content details[open][id]")].map((details) => details.id);
}

function reopen(ids) {
  for (const id of ids) document.getElementById(id)?.setAttribute("open", "");
}

await restore();

const form = document.getElementById("patient-form");

function ticked(names) {
  return names.flatMap((name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)]);
}

// The closed list says what is ticked in it, that there is none when that is what was said, else that it is unknown.
function summarise() {
  for (const summary of form.querySelectorAll("summary[data-count-of]")) {
    const labels = [...new Set(ticked(summary.dataset.countOf.split(" ")).map((box) => nameOf(box, summary)))];
    const none = form.elements[summary.dataset.none].checked;
    summary.textContent = labels.join(", ") || (none ? summary.dataset.wordNone : summary.dataset.wordUnknown);
    summary.classList.toggle("is-unknown", !labels.length && !none);
  }
  for (const count of form.querySelectorAll(".fold-count")) {
    const controls = [...count.closest("details").querySelectorAll("input:not([type='radio']), select")];
    const entered = controls.filter((control) => control.type === "checkbox" ? control.checked : control.value.trim()).length;
    count.textContent = entered ? count.dataset.wordMany.replace("#", entered) : count.dataset.wordNone;
  }
}

function nameOf(box, summary) {
  const row = box.closest("tr");
  if (!row) return box.labels[0].textContent.trim();
  const name = row.querySelector("th").textContent.trim();
  return row.querySelector("input[name^='progressed']").checked ? summary.dataset.wordProgressed.replace("#", name) : name;
}

// As the server writes the words of a row (regimens/wording/names.py): "CPT-11" is searched as "cpt11", "nivo/ipi" as two.
function plain(text) {
  const apart = text.normalize("NFKD").toLowerCase().replace(/[/+&,;]/g, " ");
  return apart.replace(/[^\p{L}\p{N}\s]/gu, "").replace(/\s+/g, " ").trim();
}

// The regimen of a schedule, as names.py: "mFOLFOX6" and "FOLFOX4" are FOLFOX.
function regimenOf(name) {
  return name.replace(/^m?(folf\p{L}+)\d*$/u, "$1");
}

// One or two letters begin a word, more stand anywhere: "S-1", "taxel".
function holds(words, word) {
  return word.length < 3 ? ` ${words}`.includes(` ${word}`) : words.includes(word);
}

// How many letters were left out, added, changed or swapped (optimal string alignment); beyond `most` it is not said.
function errors(typed, name, most) {
  if (Math.abs(typed.length - name.length) > most) return most + 1;
  const rows = [[...Array(name.length + 1).keys()]];
  for (let i = 1; i <= typed.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= name.length; j += 1) {
      const isOther = typed[i - 1] !== name[j - 1];
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + isOther);
      const isSwapped = i > 1 && j > 1 && typed[i - 1] === name[j - 2] && typed[i - 2] === name[j - 1];
      if (isSwapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[typed.length][name.length];
}

function digits(name) {
  return name.replace(/\D/g, "");
}

// As regimens/wording/names.py: so many errors in names of so many letters, none in a number, of two none at its beginning.
function nearly(words, typed) {
  return words.split(" ").some((name) => {
    const shorter = Math.min(typed.length, name.length);
    const most = shorter >= 10 ? 2 : Number(shorter >= 5);
    if (!most || digits(typed) !== digits(name)) return false;
    const found = errors(typed, name, most);
    return found <= most && (found < 2 || typed[0] === name[0]);
  });
}

function show(search, fits) {
  let found = 0;
  for (const group of document.getElementById(search.dataset.filters).tBodies) {
    let here = 0;
    for (const row of group.querySelectorAll("tr[data-words]")) {
      row.hidden = !fits(row.dataset.words);
      here += !row.hidden;
    }
    group.hidden = !here;
    found += here;
  }
  return found;
}

// What has the words in its names; where nothing has, what has names that are written nearly so, which is said.
function filter(search) {
  const words = plain(search.value).split(" ").filter(Boolean);
  const joined = words.join("");
  const parts = plain(search.value.replaceAll("-", " ")).split(" ");
  const all = (known, wanted) => wanted.every((word) => holds(known, word));
  let found = show(search, (known) => all(known, words) || holds(known, joined) || all(known, parts));
  const isGuess = !found && words.length > 0;
  if (isGuess) {
    const isNear = (known, word) => holds(known, regimenOf(word)) || nearly(known, word);
    found = show(search, (known) => words.every((word) => isNear(known, word)) || nearly(known, joined));
  }
  search.toggleAttribute("data-guessed", isGuess && found > 0);
  const guess = document.getElementById(search.dataset.saysGuess);
  guess.textContent = guess.dataset.said.replace("%s", () => search.value.trim());
  guess.hidden = !isGuess || !found;
  document.getElementById(search.dataset.saysNothing).hidden = found > 0;
}

// The list of treatments is the same for every patient, and fetched when it is opened; what is ticked is in the page.
async function fetchTreatments(list) {
  const { treatments } = list.dataset;
  if (!treatments) return;
  delete list.dataset.treatments;
  try {
    const response = await fetch(treatments);
    if (!response.ok) throw new Error(response.statusText);
    const table = list.querySelector("table");
    for (const [kind, slug, name, words] of await response.json()) addTreatment(table.tBodies[kind], slug, name, words);
  } catch {
    list.dataset.treatments = treatments;
    document.getElementById("received-not-fetched").hidden = false;
    document.getElementById("typed-names").classList.add("is-needed");
    return;
  }
  document.getElementById("received-not-fetched").hidden = true;
  const search = list.querySelector("input[data-filters]");
  if (search.value) filter(search);
}

function addTreatment(group, slug, name, words) {
  if (group.querySelector(`input[value="${slug}"]`)) return;
  const row = document.getElementById("treatment-row").content.querySelector("tr").cloneNode(true);
  row.dataset.words = words;
  row.querySelector("th").textContent = name;
  row.querySelectorAll("input").forEach((box, column) => {
    box.name = column ? group.dataset.progressed : group.dataset.received;
    box.value = slug;
    box.setAttribute("aria-label", box.getAttribute("aria-label").replace("#", name));
  });
  group.append(row);
}

// Enter in the search ticks what was found, where that is one treatment, or one alone has what was typed in its name.
// Which of several is meant is not guessed, nor what was meant by a name that is mistyped: the first of them is gone to,
// to be ticked or passed over.
function pick(search) {
  const rows = [...document.getElementById(search.dataset.filters).querySelectorAll("tr[data-words]")];
  const found = rows.filter((row) => !row.hidden);
  const typed = plain(search.value);
  const name = (row) => plain(row.querySelector("th").textContent);
  const fitting = [found, found.filter((row) => name(row) === typed), found.filter((row) => ` ${name(row)} `.includes(` ${typed} `))];
  const box = fitting.find((rows) => rows.length === 1)?.[0].querySelector("input");
  if (!box || !typed || search.hasAttribute("data-guessed")) {
    found[0]?.querySelector("input").focus();
    return;
  }
  if (!box.checked) box.click();
  search.value = "";
  filter(search);
}

// A digit or a letter presses the button of a row that begins with it: ECOG and then 1.
function press(event) {
  if (event.target.type !== "radio" || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = [...event.target.closest(".btn-group").querySelectorAll("input")];
  const key = event.key.toLowerCase();
  const meant = row.filter((box) => box.labels[0].textContent.trim().toLowerCase().startsWith(key));
  const next = meant[(meant.indexOf(event.target) + 1) % meant.length];
  if (!next || key === " ") return;
  event.preventDefault();
  next.focus();
  next.click();
}

// A treatment on which the disease progressed was received.
function complete(box) {
  const row = box.closest("tr[data-words]");
  if (!row) return;
  const [received, progressed] = row.querySelectorAll("input");
  if (box === progressed && box.checked) received.checked = true;
  if (box === received && !box.checked) progressed.checked = false;
}

function tellErrors() {
  for (const place of form.querySelectorAll(".field-error")) {
    const control = document.getElementById(place.id.replace(/_error$/, ""));
    if (control) control.toggleAttribute("aria-invalid", place.childElementCount > 0);
    if (control?.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
  }
  // What is wrong, or to be checked, is never behind a closed summary.
  for (const said of form.querySelectorAll("details .field-error > span, details .field-note > .is-warning")) {
    for (let fold = said.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }
}

// What only works with scripts is shown only with them.
function enhance() {
  for (const element of document.querySelectorAll("[data-enhanced]")) element.hidden = false;
}

async function copy(button, field) {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.closest("details").open = true;
    field.select(); // without HTTPS there is no clipboard: the text is selected, ready to be copied
    return;
  }
  button.textContent = document.getElementById("copied").content.textContent;
}

// The text is fetched when it is copied. Where the clipboard is not to be had, it is shown, ready to be copied.
async function copyFetched(button) {
  const field = document.getElementById("summary-text");
  try {
    const response = await fetch(button.dataset.copiesFrom, { method: "POST", body: new FormData(form) });
    if (!response.headers.get("Content-Type").startsWith("text/plain")) throw new Error("no text");
    field.value = await response.text();
  } catch {
    field.value = document.getElementById("not-ranked").content.textContent.trim().replace(/\s+/g, " ");
  }
  await copy(button, field);
}

// ---- options ticked for comparison

// Those on the page, and those that a page without rows keeps for later.
function tickBoxes() {
  return [...document.querySelectorAll('#answer input[name="compare"]')];
}

function isTicked(box) {
  return box.checked || box.type === "hidden";
}

function tickedOptions() {
  return new Set(tickBoxes().filter(isTicked).map((box) => box.value));
}

function countTicks() {
  const place = document.getElementById("compare-count");
  if (!place) return;
  const count = document.querySelectorAll("#answer article input[name='compare']:checked").length;
  const { none, one, many } = place.dataset;
  const words = [none, one][count] || many.replace("#", count);
  if (place.textContent !== words) place.textContent = words;
}

// A tick made while a ranking was on its way is not in it.
function keepTicks(ticks) {
  for (const box of tickBoxes()) {
    if (box.type === "checkbox") box.checked = ticks.has(box.value);
    else if (!ticks.has(box.value)) box.remove();
  }
  countTicks();
}

// A button that sends the form to another page, or has the whole page in another language, is the browser's business. A
// ranking that was still to be asked for is not: htmx would send it where that button sends the form.
let isSent = false;
document.addEventListener("submit", (event) => {
  if (!event.submitter?.hasAttribute("formaction")) return;
  event.stopPropagation();
  isSent = true;
}, { capture: true });
form.addEventListener("input", () => { isSent = false; });
form.addEventListener("htmx:beforeRequest", (event) => {
  if (isSent) event.preventDefault();
});

enhance();

// What is sent from beside the ranking is what the form holds now, though the ranking may still be on its way.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.closest("#answer")) return;
  const own = ["csrfmiddlewaretoken", "try"];
  const left = new Set([...own, ...(target.dataset.drops || "").split(" ")]);
  for (const name of new Set(formData.keys())) {
    if (!own.includes(name)) formData.delete(name);
  }
  for (const [name, value] of new FormData(form)) {
    if (value && !left.has(name)) formData.append(name, value);
  }
});

for (const search of form.querySelectorAll("input[data-filters]")) {
  search.addEventListener("input", (event) => {
    event.stopPropagation();
    filter(search);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    pick(search);
  });
}
for (const list of form.querySelectorAll("details[data-treatments]")) {
  list.addEventListener("toggle", () => { if (list.open) fetchTreatments(list); });
  if (list.open) fetchTreatments(list);
}
form.addEventListener("keydown", press);
form.addEventListener("input", (event) => {
  complete(event.target);
  document.getElementById(`supposed-${event.target.name}`)?.remove(); // what is entered by hand is known
  summarise();
}, { capture: true });
// ---- the answer follows: focus and view go to it when it was asked for, and stay where they are while it is live

// What was opened stays open when the ranking changes.
let openBefore = [], ticks = new Set(), isAsked = false, isPutBack = false, held = null, heldAt = 0;
document.body.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (target.id !== "answer") return;
  openBefore = opened();
  ticks = tickedOptions();
  isAsked = detail.requestConfig.triggeringEvent?.type === "submit";
  hold();
  if (isAsked) held = null;
});
document.body.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "answer") return;
  isCurrent();
  keepTicks(ticks);
  stay();
});

// The field in which somebody writes stays where it is, however long what stands above it has become.
function hold() {
  held = form.contains(document.activeElement) ? document.activeElement : null;
  heldAt = held?.getBoundingClientRect().top;
}

function stay() {
  if (held) scrollBy({ top: held.getBoundingClientRect().top - heldAt, behavior: "instant" });
}

// Once for the answer, not for each of the many parts that come with it.
document.body.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (target !== detail.target) return;
  enhance();
  if (target.id !== "answer") return keep();
  reopen(openBefore);
  tellErrors();
  stay();
  if (isAsked) goTo(document.getElementById("answer-first"));
  else if (isPutBack) goTo(document.getElementById("changed"), true);
  isAsked = isPutBack = false;
  keep();
});

function goTo(place, stays = false) {
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  if (!stays) place.scrollIntoView({ block: "start" });
}

// An answer that no longer belongs to what is entered is struck from view, before it can be read as if it did. Its place
// is kept, and says what was changed.
const STRUCK_AFTER = 250;
let striking = 0, ranked = new Map();

function shown(control) {
  if (control.type === "checkbox") return null;
  if (control.type === "radio") return form.querySelector(`input[name="${control.name}"]:checked`)?.labels[0].textContent.trim();
  const text = control.options ? control.selectedOptions[0]?.text : control.value;
  return control.value ? text.trim() : null;
}

function called(control) {
  const label = control.type === "radio" ? control.closest("fieldset")?.querySelector("legend") : control.labels?.[0];
  return (label?.firstChild?.textContent ?? control.getAttribute("aria-label") ?? "").trim();
}

function remember() {
  ranked = new Map([...form.elements].filter(({ name }) => name).map((control) => [control.name, shown(control)]));
}

function strike(control) {
  const words = document.querySelector("#changed [data-redone]");
  document.getElementById("answer")?.classList.add("is-redone");
  if (!words) return;
  hold();
  const { redone, redoneOne, notKnown } = words.dataset;
  const [before, after] = [ranked.get(control.name), control.name && shown(control)];
  const message = before || after ? redoneOne : redone;
  words.classList.remove("nothing-changed");
  const parts = { field: called(control), before: before ?? notKnown, after: after ?? notKnown };
  words.textContent = message.replace(/#(\w+)/g, (_, name) => parts[name]);
  stay();
}

function isCurrent() {
  clearTimeout(striking);
  striking = 0;
  document.getElementById("answer")?.classList.remove("is-redone");
  remember();
}

form.addEventListener("input", ({ target }) => {
  keep();
  striking ||= setTimeout(() => strike(target), STRUCK_AFTER);
});

// A ranking that could not be renewed is taken away; what it was sent with stays for the next. What was opened says that
// it did not come.
function fail({ detail }) {
  if (detail.target && detail.target.id !== "answer") {
    return detail.target.replaceChildren(document.getElementById("not-fetched").content.cloneNode(true));
  }
  const alert = document.getElementById("not-ranked").content.cloneNode(true);
  const sent = document.querySelectorAll("#answer input[name='before'], #answer input[name='earlier']");
  const kept = [...tickedOptions()].map((slug) => {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name: "compare", value: slug });
    input.setAttribute("form", form.id);
    return input;
  });
  document.getElementById("answer").replaceChildren(alert, ...kept, ...sent);
  isCurrent();
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
  document.body.addEventListener(name, fail);
}
// What was entered before a change is put back field by field; where a field of it is not in the page, by the server.
document.addEventListener("submit", (event) => {
  if (!event.submitter?.hasAttribute("data-puts-back") || !putBack()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  isPutBack = true;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}, { capture: true });

function putBack() {
  const sent = [...document.querySelectorAll("#answer input[name='earlier']")].map(({ value }) => value.split(/=(.*)/s));
  return !form.querySelector("[name='supposed']") && fill(sent.filter(([name]) => name !== "joint"));
}

// Enters these values and nothing else; false, and nothing done, where a field of them is not in the page.
function fill(entries) {
  const isEntered = ({ type }) => !["hidden", "submit"].includes(type);
  const controls = [...form.elements].filter((control) => control.name && form.contains(control) && isEntered(control));
  const idle = new Set([...form.elements].filter((control) => !isEntered(control)).map(({ name }) => name).concat("compare"));
  const isTick = ({ type }) => ["checkbox", "radio"].includes(type);
  const holds = (control, value) => isTick(control) || !control.options
    ? !isTick(control) || control.value === value
    : [...control.options].some((option) => option.value === value);
  const named = (name) => controls.filter((control) => control.name === name);
  const values = entries.filter(([name]) => !idle.has(name));
  if (!values.every(([name, value]) => named(name).some((control) => holds(control, value)))) return false;
  for (const control of controls) {
    const entered = values.filter(([name]) => name === control.name).map(([, value]) => value);
    if (!isTick(control)) control.value = entered[0] ?? "";
    else if (control.type === "checkbox" || entered.length) control.checked = entered.includes(control.value);
  }
  return true;
}

// What is closed again need not come with the next answer.
function openings() {
  return [...document.querySelectorAll("#answer input[name='opened']")].map((input) => [input, input.closest("details")]);
}

document.addEventListener("toggle", () => {
  for (const [input, details] of openings()) input.disabled = !details.open;
  keep();
}, { capture: true });
addEventListener("beforeunload", keep);
document.body.addEventListener("change", (event) => {
  if (event.target.name === "compare") countTicks();
});
document.body.addEventListener("click", (event) => {
  if (event.target.matches("[data-copies-from]")) copyFetched(event.target);
  if (event.target.matches("[data-prints]")) window.print();
  if (event.target.matches("[data-unticks]")) {
    keepTicks(new Set());
    document.querySelector("#answer article input[name='compare']")?.focus();
  }
});
if (history.state?.entries && !history.state.isRanked && form.hasAttribute("data-empty")) fill(history.state.entries);
for (const [, details] of openings()) details.open = true;
summarise();
tellErrors();
remember();
keep();

// What the patient form adds when scripts run: searchable lists, summaries of what is ticked, errors told to assistive
// technology. Everything works without it; htmx does the live ranking.

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
    const controls = [...count.closest("details").querySelectorAll("input, select")];
    const entered = controls.filter((control) => control.value.trim()).length;
    count.textContent = entered ? count.dataset.wordMany.replace("#", entered) : count.dataset.wordNone;
  }
}

function nameOf(box, summary) {
  const row = box.closest("tr");
  if (!row) return box.labels[0].textContent.trim();
  const name = row.querySelector("th").textContent.trim();
  return row.querySelector("input[name^='progressed']").checked ? summary.dataset.wordProgressed.replace("#", name) : name;
}

// As the server writes the words of a row (regimens/pages/received.py): "CPT-11" is searched as "cpt11".
function plain(text) {
  return text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, "").trim();
}

// One or two letters begin a word, more stand anywhere: "S-1", "taxel".
function holds(words, word) {
  return word.length < 3 ? ` ${words}`.includes(` ${word}`) : words.includes(word);
}

function filter(search) {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of document.getElementById(search.dataset.filters).tBodies) {
    let here = 0;
    for (const row of group.querySelectorAll("tr[data-words]")) {
      const known = row.dataset.words;
      row.hidden = !words.every((word) => holds(known, word)) && !holds(known, words.join(""));
      here += !row.hidden;
    }
    group.hidden = !here;
    found += here;
  }
  document.getElementById(search.dataset.saysNothing).hidden = found > 0;
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
    said.closest("details").open = true;
  }
}

// What only works with scripts is shown only with them.
function enhance() {
  for (const element of document.querySelectorAll("[data-enhanced]")) element.hidden = false;
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select(); // without HTTPS there is no clipboard: the text is selected, ready to be copied
    return;
  }
  button.textContent = document.getElementById("copied").content.textContent;
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
    if (event.key === "Enter") event.preventDefault();
  });
}
form.addEventListener("input", (event) => {
  complete(event.target);
  document.getElementById(`supposed-${event.target.name}`)?.remove(); // what is entered by hand is known
  summarise();
}, { capture: true });
// What was opened stays open when the ranking changes.
let opened = [], ticks = new Set();
document.body.addEventListener("htmx:beforeSwap", () => {
  opened = [...document.querySelectorAll("#answer details[open][id]")].map((details) => details.id);
  ticks = tickedOptions();
});
document.body.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  tellErrors();
  enhance();
});
// A ranking that no longer belongs to what is entered is never left standing as if it did.
function fail() {
  const alert = document.getElementById("not-ranked").content.cloneNode(true);
  const kept = [...tickedOptions()].map((slug) => {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name: "compare", value: slug });
    input.setAttribute("form", form.id);
    return input;
  });
  document.getElementById("answer").replaceChildren(alert, ...kept);
  stale(false);
}

function stale(isStale) {
  document.getElementById("answer").classList.toggle("is-stale", isStale);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
  document.body.addEventListener(name, fail);
}
form.addEventListener("input", () => stale(true));
document.body.addEventListener("htmx:afterSwap", () => {
  stale(false);
  keepTicks(ticks);
});
document.body.addEventListener("change", (event) => {
  if (event.target.name === "compare") countTicks();
});
document.body.addEventListener("click", (event) => {
  if (event.target.matches("[data-copies]")) copy(event.target);
  if (event.target.matches("[data-prints]")) window.print();
  if (event.target.matches("[data-unticks]")) {
    keepTicks(new Set());
    document.querySelector("#answer article input[name='compare']")?.focus();
  }
});
summarise();
tellErrors();

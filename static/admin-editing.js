// The curators' forms with a script: rows are added and moved in place, and figures are checked while they are typed.
// Without it the same is done by the form's buttons.

const WAIT = 700;

// How long a draft is kept in this browser, in days.
const KEPT = 30;

const form = document.getElementById("entry-form");

// What is said to the reader, in the language of the page; `{}` is where something is put in.
const say = JSON.parse(document.getElementById("editing-words").textContent);
const draftName = `necapp-draft:${window.location.pathname}${window.location.search}`;
const live = document.getElementById("live");
let timer = 0;
let asked = 0;
let isDirty = form.hasAttribute("data-bound");

for (const part of form.querySelectorAll(".part")) {
  for (const row of part.querySelectorAll(".rows > .row")) {
    addTools(row);
  }
  part.querySelector("[name=_add]").addEventListener("click", (event) => {
    event.preventDefault();
    addRow(part);
  });
}
for (const area of form.querySelectorAll("[data-adds]")) {
  addAdder(area);
}
offerDraft();
form.addEventListener("input", checkSoon);
form.addEventListener("change", checkSoon);
form.addEventListener("submit", () => {
  isDirty = false;
  forget();
});
window.addEventListener("beforeunload", (event) => {
  if (isDirty) {
    event.preventDefault();
  }
});
const wrong = form.querySelector(".field.errors input, .field.errors select, .field.errors textarea");
if (wrong) {
  wrong.focus();
}

function addRow(part) {
  const name = part.dataset.part;
  const total = part.querySelector(`[name="${name}-TOTAL_FORMS"]`);
  const holder = document.createElement("div");
  const empty = part.querySelector("template").content.cloneNode(true);
  holder.append(empty);
  holder.innerHTML = holder.innerHTML.replaceAll("__prefix__", total.value);
  const row = holder.querySelector(".row");
  part.querySelector(".rows").append(row);
  total.value = Number(total.value) + 1;
  addTools(row);
  row.dispatchEvent(new CustomEvent("row-added", { bubbles: true }));
  number(part);
  row.open = true;
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

/** A box that suggests what a list of lines may hold, and adds what is chosen as a line. */
function addAdder(area) {
  const box = document.createElement("input");
  const label = form.querySelector(`label[for="${area.id}"]`);
  box.setAttribute("list", area.dataset.adds);
  box.setAttribute("aria-label", say.addTo.replace("{}", () => label.textContent.trim()));
  box.placeholder = say.search;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say.add;
  const add = () => {
    if (box.value.trim()) {
      area.value = `${area.value.trimEnd()}\n${box.value.trim()}`.trimStart();
      area.rows = Math.max(area.rows, area.value.split("\n").length + 1);
      box.value = "";
      checkSoon();
    }
    box.focus();
  };
  button.addEventListener("click", add);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      add();
    }
  });
  const adder = document.createElement("div");
  adder.className = "adder";
  adder.append(box, button);
  area.after(adder);
}

function addTools(row) {
  const tools = row.querySelector(".row-tools");
  const order = tools.querySelector("input[name$=-ORDER]");
  const out = tools.querySelector("input[name$=-DELETE]");
  order.parentElement.hidden = true;
  const buttons = [[say.up, moveUp], [say.down, moveDown]].map(([words, move]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => {
      move(row);
      number(row.closest(".part"));
      button.focus();
      checkSoon();
    });
    return button;
  });
  tools.prepend(...buttons);
  out.addEventListener("change", () => row.classList.toggle("left-out", out.checked));
  row.classList.toggle("left-out", out.checked);
}

function moveUp(row) {
  row.previousElementSibling?.before(row);
}

function moveDown(row) {
  row.nextElementSibling?.after(row);
}

function number(part) {
  const rows = part.querySelectorAll(".rows > .row");
  rows.forEach((row, place) => {
    row.querySelector(".row-number").textContent = place + 1;
    row.querySelector("input[name$=-ORDER]").value = place + 1;
  });
  part.querySelector(".part-count").textContent = `(${rows.length})`;
}

/** What was typed, as the form would send it; no token. */
function typed() {
  return [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
}

/** The draft that this browser keeps, or null. A browser that keeps nothing, or is full, keeps no draft. */
function kept() {
  try {
    const draft = JSON.parse(window.localStorage.getItem(draftName));
    return draft && Date.now() - draft.at < KEPT * 24 * 3600 * 1000 ? draft : null;
  } catch {
    return null;
  }
}

function keep() {
  isDirty = true;
  try {
    window.localStorage.setItem(draftName, JSON.stringify({ at: Date.now(), fields: typed() }));
  } catch {
    // The form still warns before it is left.
  }
}

function forget() {
  try {
    window.localStorage.removeItem(draftName);
  } catch {
    // There is nothing to forget.
  }
}

/** Show that there is a draft, to be taken up or discarded. Taking it up sends it, and the form comes back with it. */
function offerDraft() {
  const draft = kept();
  if (!draft || form.hasAttribute("data-bound")) {
    return;
  }
  const bar = document.createElement("p");
  bar.className = "draft-kept";
  bar.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = say.kept.replace("{}", new Date(draft.at).toLocaleString(document.documentElement.lang));
  const takeUp = document.createElement("button");
  takeUp.type = "button";
  takeUp.className = "button";
  takeUp.textContent = say.takeUp;
  takeUp.addEventListener("click", () => {
    const sent = document.createElement("form");
    sent.method = "post";
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const [name, value] of [...draft.fields, ["csrfmiddlewaretoken", token], ["_restore", "1"]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      sent.append(field);
    }
    sent.hidden = true;
    document.body.append(sent);
    sent.submit();
  });
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "button";
  discard.textContent = say.discard;
  discard.addEventListener("click", () => {
    forget();
    bar.remove();
  });
  bar.append(words, " ", takeUp, " ", discard);
  form.before(bar);
}

function checkSoon() {
  keep();
  window.clearTimeout(timer);
  timer = window.setTimeout(check, WAIT);
}

async function check() {
  const turn = ++asked;
  const data = new URLSearchParams(new FormData(form));
  data.set("_live", "1");
  live.classList.remove("wrong");
  live.textContent = say.checking;
  try {
    const response = await fetch(window.location.href, { method: "POST", body: data, credentials: "same-origin" });
    if (turn !== asked) {
      return;
    }
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    show(await response.json());
  } catch {
    live.textContent = say.unchecked;
  }
}

function show({ problems, top, warnings }) {
  for (const list of form.querySelectorAll(".warninglist")) {
    list.remove();
  }
  for (const [id, messages] of Object.entries(warnings ?? {})) {
    const list = document.createElement("ul");
    list.className = "warninglist";
    list.append(...messages.map(item));
    document.getElementById(id)?.closest(".field")?.append(list);
  }
  for (const list of form.querySelectorAll(".errorlist")) {
    if (list.id !== "top-problems" && !list.closest(".why")) {
      list.closest(".field")?.classList.remove("errors");
      list.remove();
    }
  }
  for (const mark of form.querySelectorAll(".row-wrong")) {
    mark.remove();
  }
  for (const box of form.querySelectorAll(".field:not(.why *) [aria-invalid]")) {
    box.removeAttribute("aria-invalid");
  }
  document.querySelector(".errornote")?.remove();
  document.querySelector("p.checked")?.remove();
  document.getElementById("changes")?.remove();
  let count = top.length;
  for (const [id, messages] of Object.entries(problems)) {
    count += messages.length;
    place(id, messages);
  }
  const list = document.getElementById("top-problems");
  list.replaceChildren(...top.map(item));
  live.classList.toggle("wrong", count > 0);
  live.textContent = count === 0 ? say.sound : say.count.replace("{}", count);
}

function place(id, messages) {
  const list = document.createElement("ul");
  list.className = "errorlist";
  list.append(...messages.map(item));
  const target = document.getElementById(id);
  if (!target) {
    document.getElementById("top-problems").append(...list.children);
    return;
  }
  if (target.matches(".row")) {
    target.querySelector("summary, .row-number").after(list);
  } else if (target.matches(".part")) {
    target.querySelector(".part-help").after(list);
  } else {
    const field = target.closest(".field");
    field.classList.add("errors");
    const help = field.querySelector(":scope > .help");
    field.insertBefore(list, help);
    list.id = `${id}_error`;
    target.setAttribute("aria-invalid", "true");
    const group = field.closest("details.group");
    if (group) {
      group.open = true;
    }
  }
  const row = target.closest("details.row");
  if (row && !row.querySelector(".row-wrong")) {
    const mark = document.createElement("span");
    mark.className = "row-wrong";
    mark.textContent = say.correct;
    row.querySelector("summary").append(mark);
  }
}

function item(message) {
  const element = document.createElement("li");
  element.textContent = message;
  return element;
}

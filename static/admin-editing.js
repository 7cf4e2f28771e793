// The curators' forms with a script: rows are added and moved in place, and figures are checked while they are typed.
// Without it the same is done by the form's buttons.

const WAIT = 700;

const form = document.getElementById("entry-form");
const live = document.getElementById("live");
let timer = 0;
let asked = 0;

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
form.addEventListener("input", checkSoon);
form.addEventListener("change", checkSoon);
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
  box.setAttribute("aria-label", `Add to ${label.textContent.trim()}`);
  box.placeholder = "Type to search";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Add";
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
  const buttons = [["Move up", moveUp], ["Move down", moveDown]].map(([words, move]) => {
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

function checkSoon() {
  window.clearTimeout(timer);
  timer = window.setTimeout(check, WAIT);
}

async function check() {
  const turn = ++asked;
  const data = new URLSearchParams(new FormData(form));
  data.set("_live", "1");
  live.classList.remove("wrong");
  live.textContent = "Checking…";
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
    live.textContent = "It could not be checked now; it will be when you propose.";
  }
}

function show({ problems, top }) {
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
  live.textContent = count === 0 ? "No rule of the evidence base is broken." : `${count} to correct`;
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
    mark.textContent = "to correct";
    row.querySelector("summary").append(mark);
  }
}

function item(message) {
  const element = document.createElement("li");
  element.textContent = message;
  return element;
}

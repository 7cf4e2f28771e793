// The surveillance desk: keys of the record that has the focus, and a tick for all of a page. All of it goes without.

const form = document.getElementById("found-form");
const records = [...(form?.querySelectorAll(".found") ?? [])];

// A letter does something within a record alone, and never while a person types.
function onKey(event) {
  const record = event.target.closest?.(".found");
  const isTyped = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (!record || isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
  const place = records.indexOf(record);
  const goTo = (other) => (other ?? record).focus();
  const folded = record.querySelector(`details[data-key="${CSS.escape(event.key)}"]`);
  if (event.key === "j") goTo(records[place + 1]);
  else if (event.key === "k") goTo(records[place - 1]);
  else if (event.key === "x") record.querySelector("input[type=checkbox]")?.click();
  else if (event.key === "i") record.querySelector("button[name=include]")?.click();
  else if (event.key === "Escape") closeAll(record);
  else if (folded) {
    closeAll(record);
    folded.open = true;
    folded.querySelector("button").focus();
  } else return;
  event.preventDefault();
}

function closeAll(record) {
  for (const folded of record.querySelectorAll(".decide details[open]")) folded.open = false;
  record.focus();
}

if (records.length) {
  form.addEventListener("keydown", onKey);
  const all = form.querySelector(".all");
  const ticks = [...form.querySelectorAll("input[name=chosen]")];
  for (const hidden of form.querySelectorAll(".keys, .all")) hidden.hidden = false;
  all?.querySelector("input").addEventListener("change", ({ target }) => {
    for (const tick of ticks) tick.checked = target.checked;
  });
  // Where a decision led back to the record below it, that has the focus, and the next decision is one key away.
  document.getElementById(location.hash.slice(1))?.closest(".found")?.focus();
}

// What the patient form adds when scripts run: searchable lists, summaries of what is ticked, errors told to assistive
// technology. Everything works without it; htmx does the live ranking.

const form = document.getElementById("patient-form");

function ticked(names) {
  return names.flatMap((name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)]);
}

// The closed list says what is ticked in it, "none" when that is what was said, else "unknown".
function summarise() {
  for (const summary of form.querySelectorAll("summary[data-count-of]")) {
    const boxes = ticked(summary.dataset.countOf.split(" "));
    const values = [...new Set(boxes.map((box) => box.value))];
    const none = form.elements[summary.dataset.none].checked;
    const labels = values.map((value) => nameOf(boxes.find((box) => box.value === value)));
    summary.textContent = labels.join(", ") || (none ? "none" : "unknown");
    summary.classList.toggle("is-unknown", !labels.length && !none);
  }
}

function nameOf(box) {
  const row = box.closest("tr");
  return (row ? row.querySelector("th") : box.labels[0]).textContent.trim();
}

function filter(search) {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of document.getElementById(search.dataset.filters).rows) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
  }
}

// A regimen on which the disease progressed was received.
function complete(box) {
  const other = box.closest("tr")?.querySelector(`input[name="${box.name === "progressed" ? "received" : "progressed"}"]`);
  if (other && box.name === "progressed" && box.checked) other.checked = true;
  if (other && box.name === "received" && !box.checked) other.checked = false;
}

function tellErrors() {
  for (const place of form.querySelectorAll(".field-error")) {
    const control = document.getElementById(place.id.replace(/_error$/, ""));
    if (control) control.toggleAttribute("aria-invalid", place.childElementCount > 0);
    if (control?.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
  }
}

for (const element of form.querySelectorAll("[data-enhanced]")) element.hidden = false;
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
  summarise();
}, { capture: true });
document.body.addEventListener("htmx:afterSettle", tellErrors);
summarise();
tellErrors();

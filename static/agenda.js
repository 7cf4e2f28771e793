// The agenda is put in order by dragging a row; its buttons do the same, and all there is without this.

const rows = [...document.querySelectorAll("tr[data-item]")];
let dragged = null;

for (const row of rows) {
  row.draggable = true;
  row.addEventListener("dragstart", (event) => {
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.dataset.item);
    row.classList.add("dragged");
  });
  row.addEventListener("dragend", () => {
    dragged = null;
    row.classList.remove("dragged");
    rows.forEach((each) => each.classList.remove("drop-here"));
  });
  row.addEventListener("dragover", (event) => {
    if (!dragged || dragged === row) return;
    event.preventDefault();
    row.classList.add("drop-here");
  });
  row.addEventListener("dragleave", () => row.classList.remove("drop-here"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged && dragged !== row) send(dragged, row.dataset.position);
  });
}

// The form of its buttons, with the place in which it was dropped.
function send(row, position) {
  const form = row.querySelector("form[action$='/move/']");
  const place = document.createElement("input");
  Object.assign(place, { type: "hidden", name: "position", value: position });
  form.append(place);
  form.submit();
}

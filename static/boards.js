// The meeting's screen: the arrow keys follow the links to the next and the previous case.

const TARGETS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "prev", PageUp: "prev" };

document.addEventListener("keydown", (event) => {
  const rel = TARGETS[event.key];
  if (!rel || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const place = event.target;
  if (place.matches("input, select, textarea, [contenteditable]")) return;
  // A table that is wider than its place is scrolled by the same keys.
  if (place.scrollWidth > place.clientWidth + 1 && place !== document.body) return;
  document.querySelector(`.screen a[rel="${rel}"]`)?.click();
});

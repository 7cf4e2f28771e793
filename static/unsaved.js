// A form of boards that was filled in and not sent: the browser asks before its page goes. A double click sends it once.

const FORMS = "main form.board-form, main #patient-form";
const DOUBLE_CLICK = 1000; // milliseconds
let sentAt = -Infinity;
let isFilledIn = document.querySelector("main .error-summary") !== null; // it came back with what was entered

document.addEventListener("input", ({ target }) => {
  if (target.closest(FORMS)) isFilledIn = true;
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(FORMS)) return;
  isFilledIn = false;
  if (event.timeStamp - sentAt < DOUBLE_CLICK) event.preventDefault();
  else sentAt = event.timeStamp;
}, { capture: true });
window.addEventListener("beforeunload", (event) => {
  // At the end of a session the page goes unasked.
  if (isFilledIn && !document.body.classList.contains("session-covered")) event.preventDefault();
});

// A form of boards that was filled in and not sent: the browser asks before its page goes.

const FORMS = "main form.board-form, main #patient-form";
let isFilledIn = document.querySelector("main .error-summary") !== null; // it came back with what was entered

document.addEventListener("input", ({ target }) => {
  if (target.closest(FORMS)) isFilledIn = true;
});
document.addEventListener("submit", ({ target }) => {
  if (target.matches(FORMS)) isFilledIn = false;
}, { capture: true });
window.addEventListener("beforeunload", (event) => {
  // At the end of a session the page goes unasked.
  if (isFilledIn && !document.body.classList.contains("session-covered")) event.preventDefault();
});

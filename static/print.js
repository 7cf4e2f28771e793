// The print button of a page that has nothing else to script.

for (const button of document.querySelectorAll("[data-prints]")) {
  button.addEventListener("click", () => window.print());
}
for (const element of document.querySelectorAll("[data-enhanced]")) element.hidden = false;

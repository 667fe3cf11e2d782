// « Copier »: the buttons stay hidden where scripts do not run or the browser lends no clipboard; the text can be selected.
// What is said afterwards stands on each button, in the language of the page.
"use strict";

if (navigator.clipboard) {
  const status = document.querySelector("[data-copied]");

  for (const button of document.querySelectorAll("[data-copies]")) {
    const copy = async () => {
      status.textContent = ""; // else the same words a second time would not be told
      try {
        await navigator.clipboard.writeText(button.dataset.copies);
        status.textContent = button.dataset.said;
      } catch {
        status.textContent = button.dataset.refused;
      }
    };

    button.hidden = false;
    button.addEventListener("click", copy);
  }
}

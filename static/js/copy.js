// « Copier »: the buttons stay hidden where scripts do not run or the browser lends no clipboard; the text can be selected.
"use strict";

if (navigator.clipboard) {
  const status = document.querySelector("[data-copied]");

  for (const button of document.querySelectorAll("[data-copies]")) {
    const name = button.dataset.name;

    const copy = async () => {
      status.textContent = ""; // else the same words a second time would not be told
      try {
        await navigator.clipboard.writeText(button.dataset.copies);
        status.textContent = `${name} copié.`;
      } catch {
        status.textContent = `Votre navigateur a refusé la copie : sélectionnez le numéro (${name}).`;
      }
    };

    button.hidden = false;
    button.addEventListener("click", copy);
  }
}

// « Afficher le code »: the button stays hidden where scripts do not run.
"use strict";

for (const button of document.querySelectorAll("[data-reveals]")) {
  const input = document.getElementById(button.dataset.reveals);

  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.querySelector("[data-verb]").textContent = shown ? button.dataset.hides : button.dataset.shows;
  };

  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Hidden again before sending, so that the browser keeps the code as a password and not as text.
  input.form.addEventListener("submit", () => show(false));
  window.addEventListener("pagehide", () => show(false));
}

// « Proposer un code » without leaving the page, so that what is already typed stays in its fields. Where scripts do
// not run, or when the answer is not the expected one (the session has ended), the form is sent in the ordinary way.
"use strict";

const form = document.querySelector("[data-proposes-code]");
const region = document.getElementById("proposed-code");
const button = document.querySelector("[form=propose]");

async function propose() {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "error" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const proposed = page.getElementById("proposed-code");
  if (!answer.ok || !proposed) {
    throw new Error("no proposal");
  }
  // A live region: a screen reader says what is put in it.
  region.replaceChildren(...proposed.childNodes);
  button.textContent = button.dataset.again;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  propose().catch(() => form.submit());
});

// The code is not left on the screen for who comes next with « back ».
window.addEventListener("pagehide", () => region.replaceChildren());

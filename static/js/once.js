// Forms: a double click must not send one twice, so its submit buttons sleep while it is on its way.
"use strict";

const LONGEST_WAIT_MS = 10000;

function setButtons(form, disabled) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.disabled = disabled;
  }
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) {
    return; // another script sends it, and the page stays
  }
  const form = event.target;
  // After this turn, so that the browser has gathered the fields first.
  setTimeout(() => setButtons(form, true));
  setTimeout(() => setButtons(form, false), LONGEST_WAIT_MS);
});

// Coming back with the browser's « back » shows the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    setButtons(form, false);
  }
});

// A page that answered a form is left in the history as one that was asked for: « back » and « reload » show it, or
// its fresh form, instead of the browser's own question whether to send everything again.
history.replaceState(history.state, "", location.href);

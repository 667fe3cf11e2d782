// « Le saisir à l’écran »: buttons beside the field, for whom a keyboard is hard to use; the field stays the first way.
// In their usual order, so that hand, eye and screen reader find each digit where they expect it.
"use strict";

const CODE_LENGTH = 6;

for (const template of document.querySelectorAll("template[data-keypad]")) {
  const input = document.getElementById(template.dataset.keypad);
  const keypad = template.content.firstElementChild;
  const status = keypad.querySelector("[role=status]");

  const type = (code) => {
    input.value = code;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    // How many, never which: somebody may listen.
    const words = code.length > 1 ? status.dataset.several : status.dataset.one;
    status.textContent = words.replace("{}", code.length);
  };

  keypad.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.digit && input.value.length < CODE_LENGTH) {
      type(input.value + button.dataset.digit);
    } else if (button && "erases" in button.dataset) {
      type(input.value.slice(0, -1));
    }
  });
  template.replaceWith(keypad);
}

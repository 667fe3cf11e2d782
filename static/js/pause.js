// The end of a pause, counted down beside the time that the page says: without scripts that time stands alone.
"use strict";

const pause = document.querySelector("[data-pause]");
const countdown = pause.querySelector("[data-countdown]");
// A moment of the clock on the wall: a phone that slept in a pocket looks at it when it wakes.
const end = Date.now() + Number(pause.dataset.pause) * 1000;

function inWords(left) {
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  if (hours) {
    return `${hours}\u00a0h ${minutes}\u00a0min`;
  }
  return minutes ? `${minutes}\u00a0min ${left % 60}\u00a0s` : `${left}\u00a0s`;
}

function tick() {
  const left = Math.ceil((end - Date.now()) / 1000);
  if (left > 0) {
    countdown.textContent = countdown.dataset.left.replace("{}", inWords(left));
    return;
  }
  clearInterval(ticking);
  document.removeEventListener("visibilitychange", tick);
  countdown.hidden = true;
  for (const part of pause.querySelectorAll("[data-until-then]")) {
    part.hidden = true;
  }
  pause.classList.replace("notice--warning", "notice--success");
  // A live region: a screen reader says what is put in it.
  pause.querySelector("[data-over]").append(pause.querySelector("template").content);
}

const ticking = setInterval(tick, 1000);
countdown.hidden = false;
pause.querySelector("[data-estimate]")?.setAttribute("hidden", ""); // which would not count down
document.addEventListener("visibilitychange", tick);
tick();

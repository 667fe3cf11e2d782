// The end of a session: said a minute before, put off by one key, and no private page left on the screen after it.
// The server ends the session by its own clock; this only tells of it. Loaded for logged-in clients alone.
"use strict";

const WARNING_S = 60;
const SPOKEN_S = [30, 10];
const LONGEST_ANSWER_MS = 10000;

const warning = document.getElementById("session");
const stayForm = warning.querySelector("form[data-can-stay]");
const understoodButton = warning.querySelector("button[data-is-last]");
const countdown = warning.querySelector("[data-countdown]");
const spoken = warning.querySelector("[data-spoken]");
const trouble = warning.querySelector("[data-trouble]");
const footerSentence = document.querySelector("[data-session-sentence]");
const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;

// Moments of the clock on the wall, not a countdown: a phone that slept in a pocket looks at it when it wakes.
let life = null;
let lastLeft = WARNING_S;
let understood = false;

function learn(told) {
  life = told;
  understood = false;
  footerSentence.textContent = told.sentence;
  trouble.hidden = true;
  tick();
}

function tell(secondsLeft, secondsAtMost, sentence) {
  const now = Date.now(); // read once: an end that is the last one must be the same moment
  const told = { end: now + secondsLeft * 1000, lastEnd: now + secondsAtMost * 1000, sentence };
  learn(told);
  otherTabs?.postMessage(told);
}

function leave() {
  document.documentElement.hidden = true; // at once, whatever the network does
  location.replace(warning.dataset.endUrl);
}

function tick() {
  const left = Math.ceil((life.end - Date.now()) / 1000);
  if (left <= 0) {
    leave();
  } else if (left > WARNING_S) {
    warning.close();
  } else {
    warn(left, life.end >= life.lastEnd);
  }
}

function warn(left, isLast) {
  const inWords = left === 1 ? warning.dataset.second : warning.dataset.seconds.replace("{}", left);
  countdown.textContent = inWords;
  if (warning.open && SPOKEN_S.some((moment) => left <= moment && moment < lastLeft)) {
    spoken.textContent = warning.dataset.left.replace("{}", inWords); // not each second: nobody could listen to anything else
  }
  lastLeft = left;
  if (warning.open || understood) {
    return;
  }
  for (const part of warning.querySelectorAll("[data-can-stay]")) {
    part.hidden = isLast;
  }
  for (const part of warning.querySelectorAll("[data-is-last]")) {
    part.hidden = !isLast;
  }
  spoken.textContent = "";
  warning.showModal();
  (isLast ? understoodButton : stayForm.querySelector("button")).focus();
}

async function stay() {
  trouble.hidden = true;
  const answer = await fetch(stayForm.action, {
    method: "POST",
    body: new FormData(stayForm),
    redirect: "manual", // to the login: the session is over
    signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
  });
  if (answer.status === 403 || answer.type === "opaqueredirect") {
    leave();
    return;
  }
  if (!answer.ok) {
    throw new Error(`answered ${answer.status}`);
  }
  const times = await answer.json();
  tell(times.seconds_left, times.seconds_at_most, times.sentence);
}

function tryToStay() {
  stay().catch(() => {
    trouble.textContent = warning.querySelector("[data-trouble-words]").content.textContent;
    trouble.hidden = false;
  });
}

function close() {
  understood = true;
  warning.close();
}

stayForm.addEventListener("submit", (event) => {
  event.preventDefault();
  tryToStay();
});
understoodButton.addEventListener("click", close);
warning.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (stayForm.hidden) {
    close();
  } else {
    tryToStay();
  }
});

otherTabs?.addEventListener("message", ({ data }) => (data.over ? leave() : learn(data)));

// A page that the browser kept for « back » is asked anew: only the server knows whether the session still lives.
window.addEventListener("pagehide", () => {
  document.documentElement.hidden = true;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
document.addEventListener("visibilitychange", tick);
setInterval(tick, 1000);

tell(Number(warning.dataset.secondsLeft), Number(warning.dataset.secondsAtMost), footerSentence.textContent);

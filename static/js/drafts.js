// Keeps a half-filled form of the desk at the server while somebody types, so that the end of his session loses nothing.
// Nothing is kept in the browser: several people may sit down at one machine.
"use strict";

const PAUSE_MS = 1500;
const { keepUrl } = document.currentScript.dataset;
const form = document.querySelector("#content form[method='post']");

let timer = null;
let changed = false;
let sending = null;

function keep() {
  clearTimeout(timer);
  if (!changed) {
    return;
  }
  changed = false;
  sending = new AbortController();
  const body = new FormData(form);
  body.append("draft-page", location.pathname);
  fetch(keepUrl, { method: "POST", body, keepalive: true, redirect: "error", signal: sending.signal }).catch(() => {
    changed = true; // tried again with the next key, or when the page is left
  });
}

form?.addEventListener("input", () => {
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE_MS);
});
form?.addEventListener("submit", () => {
  clearTimeout(timer);
  changed = false;
  sending?.abort();
});
document.addEventListener("visibilitychange", keep);
window.addEventListener("pagehide", keep);

// Shown when nobody is logged in any more: the other tabs leave their private pages too.
"use strict";

if ("BroadcastChannel" in window) {
  new BroadcastChannel("session").postMessage({ over: true });
}

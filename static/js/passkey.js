// Passkeys: the form is sent once the browser has put what its authenticator answers into the hidden field.
// Without scripts, or without WebAuthn, the page says so and which other moyens serve.
"use strict";

const box = document.querySelector("[data-passkey]");
const form = box.closest("form");
const field = box.querySelector("input[type=hidden]"); // called assertion, alone or after a prefix
const said = box.querySelector("[data-passkey-said]");
const waits = box.querySelector("[data-passkey-waits]");
const refused = document.querySelector("[data-error-summary]"); // what was wrong the last time
const isCreating = box.dataset.passkey === "create";
// The browser tells neither who cancelled nor whether the time was over: only the clock does.
const NEARLY_MS = 1000;
const REASONS = {
  InvalidStateError: "already",
  NotSupportedError: "none",
  ConstraintError: "none",
  SecurityError: "elsewhere",
};
let isAsking = false;

function bytesOf(text) {
  const signs = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(signs, (sign) => sign.charCodeAt(0));
}

function textOf(buffer) {
  const signs = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withBytes(credentials) {
  return (credentials ?? []).map((credential) => ({ ...credential, id: bytesOf(credential.id) }));
}

// For browsers of before 2025, which do not read the JSON themselves.
function parsed(options) {
  const own = { ...options, challenge: bytesOf(options.challenge) };
  if (isCreating) {
    own.user = { ...options.user, id: bytesOf(options.user.id) };
    own.excludeCredentials = withBytes(options.excludeCredentials);
  } else {
    own.allowCredentials = withBytes(options.allowCredentials);
  }
  return own;
}

function readOptions() {
  const options = JSON.parse(box.dataset.options);
  const reader = isCreating ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  return PublicKeyCredential[reader] ? PublicKeyCredential[reader](options) : parsed(options);
}

function written(credential) {
  const { response } = credential;
  const parts = isCreating
    ? { attestationObject: textOf(response.attestationObject), transports: response.getTransports?.() ?? [] }
    : {
        authenticatorData: textOf(response.authenticatorData),
        signature: textOf(response.signature),
        ...(response.userHandle ? { userHandle: textOf(response.userHandle) } : {}),
      };
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: textOf(response.clientDataJSON), ...parts },
  });
}

function say(why) {
  said.textContent = box.querySelector(`template[data-why="${why}"]`).content.textContent.trim();
  said.hidden = false;
}

function reasonOf(error, began, timeout) {
  if (error.name === "NotAllowedError") {
    return Date.now() - began > timeout - NEARLY_MS ? "late" : "cancelled";
  }
  return REASONS[error.name] ?? "failed";
}

async function ask(submitter) {
  const began = Date.now();
  const publicKey = readOptions();
  said.hidden = true;
  if (refused) {
    refused.hidden = true;
  }
  waits.hidden = false;
  isAsking = true;
  try {
    const credential = await (isCreating
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey }));
    field.value = written(credential);
    form.requestSubmit(submitter);
  } catch (error) {
    say(reasonOf(error, began, publicKey.timeout));
  } finally {
    waits.hidden = true;
    isAsking = false;
  }
}

function isFilled() {
  return [...form.querySelectorAll("input[required]")].every((input) => input.value.trim());
}

form.addEventListener("submit", (event) => {
  // What is missing beside it the server says, before anybody looks for his key.
  if (field.value || !isFilled() || event.submitter?.hasAttribute("data-passkey-skips")) {
    return;
  }
  event.preventDefault();
  if (!window.PublicKeyCredential) {
    say("none");
  } else if (!isAsking) {
    ask(event.submitter);
  }
});

// Coming back with the browser's « back »: what was shown serves once.
window.addEventListener("pageshow", () => {
  field.value = "";
});

box.querySelector("[data-passkey-off]").hidden = true;

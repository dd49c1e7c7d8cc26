// Budget fields that save themselves. Without scripts, a form with a button does the same.
//
// A field sends its own value and the one it was read at, 600 ms after typing stops and when it is
// left; htmx carries it and redraws the card's figures, never the field. What cannot be saved stays
// in the field, which says why; what could not be sent is sent again.

const PAUSE = 600;
const RETRY_AFTER = [2000, 5000, 15000, 30000];

/**
 * What is going on with a field: a timer, the text on its way, the text that was refused, the text
 * that was saved (it may be written differently from what is stored), whether somebody else was
 * faster and a choice is waiting, whether Escape was pressed meanwhile, how often sending failed.
 */
const states = new WeakMap();
const CALM = { timer: 0, sent: null, refused: null, saved: null, isStale: false, isLeft: false, failures: 0 };

function stateOf(field) {
  if (!states.has(field)) states.set(field, { ...CALM });
  return states.get(field);
}

function fieldOf(target) {
  return target instanceof HTMLInputElement && target.matches("[data-autosave]") ? target : null;
}

const fields = () => document.querySelectorAll("input[data-autosave]");
const stored = (field) => document.getElementById(`${field.id}-seen`).value;
const isUnsaved = (field) => ![stored(field), stateOf(field).saved].includes(field.value.trim());

/** Say in the polite live region beside a field what becomes of it, unless it says so already. */
function say(field, words, kind = "") {
  if (document.getElementById(`${field.id}-status`).lastElementChild?.textContent === words) return;
  const name = document.createElement("span");
  name.className = "visually-hidden";
  name.textContent = `${field.dataset.label}: `;
  const text = document.createElement("span");
  text.className = kind;
  text.textContent = words;
  document.getElementById(`${field.id}-status`).replaceChildren(...(words ? [name, text] : []));
}

function markRefused(field, isRefused) {
  if (isRefused) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function saveSoon(field, delay = PAUSE) {
  const state = stateOf(field);
  clearTimeout(state.timer);
  state.timer = setTimeout(save, delay, field);
}

function save(field) {
  const state = stateOf(field);
  clearTimeout(state.timer);
  state.timer = 0;
  if (!field.isConnected || state.sent !== null || field.value === state.refused) return;
  if (state.isStale) return; // which of the two values it is to be is a choice, not a save
  if (isUnsaved(field)) {
    htmx.trigger(field, "autosave");
  } else if (field.hasAttribute("aria-invalid") || state.failures) {
    restore(field);
  }
}

/** Put back what is stored, as if nothing had been typed. */
function restore(field) {
  const state = stateOf(field);
  clearTimeout(state.timer);
  Object.assign(state, { ...CALM, sent: state.sent });
  field.value = stored(field);
  markRefused(field, false);
  say(field, "");
}

function refuse(field, text, why) {
  stateOf(field).refused = text;
  markRefused(field, true);
  say(field, `Not saved: ${why}`, "is-error");
}

function failed(field, why) {
  const state = stateOf(field);
  const delay = RETRY_AFTER[Math.min(state.failures, RETRY_AFTER.length - 1)];
  state.failures += 1;
  say(field, `Not saved: ${why} Trying again.`, "is-error");
  saveSoon(field, delay);
}

document.addEventListener("input", ({ target }) => {
  const field = fieldOf(target);
  if (field) saveSoon(field);
});

document.addEventListener("focusout", ({ target }) => {
  const field = fieldOf(target);
  if (!field) return;
  save(field);
  if (field.value.trim() === stateOf(field).saved) field.value = stored(field);
});

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event.target);
  if (!field || event.isComposing) return;
  if (event.key === "Enter") {
    event.preventDefault();
    save(field);
  } else if (event.key === "Escape") {
    event.preventDefault();
    restore(field);
    stateOf(field).isLeft = stateOf(field).sent !== null;
  }
});

// --- What becomes of a request ---

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  const field = fieldOf(target);
  if (!field) return;
  const state = stateOf(field);
  state.sent = field.value;
  if (!state.failures) say(field, "Saving…");
});

// Signed out meanwhile: going to the sign-in page would lose what was typed.
const isSentAway = (request) => Boolean(request.getResponseHeader("HX-Redirect"));

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (fieldOf(event.target) && isSentAway(event.detail.xhr)) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const field = fieldOf(target);
  if (!field) return;
  const state = stateOf(field);
  const { sent } = state;
  const { status } = detail.xhr;
  state.sent = null;
  if (status === 200 && isSentAway(detail.xhr)) {
    refuse(field, sent, "you are signed out. Sign in in another tab, then reload this page.");
  } else if (status === 200) {
    Object.assign(state, { ...CALM, saved: sent.trim() });
    markRefused(field, false);
    if (field.value !== sent) saveSoon(field);
    else if (document.activeElement !== field) field.value = stored(field);
  } else if (status === 409 && state.isLeft) {
    restore(field);
  } else if (status === 409) {
    Object.assign(state, { ...CALM, isStale: true });
    markRefused(field, true);
  } else if (status === 422) {
    Object.assign(state, { ...CALM, refused: sent });
    markRefused(field, true);
    if (field.value !== sent) saveSoon(field);
  } else if (status === 404) {
    refuse(field, sent, "this card was taken away. Copy what you typed and reload the page.");
  } else if (status === 403) {
    refuse(field, sent, "this page is too old. Copy what you typed and reload it.");
  } else {
    failed(field, status ? "the server had a problem." : "there is no connection.");
  }
});

window.addEventListener("online", () => {
  for (const field of fields()) if (stateOf(field).failures) save(field);
});

// --- Somebody else was faster ---

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-keep], [data-take]");
  if (!button) return;
  event.preventDefault();
  const field = document.getElementById(button.dataset.keep ?? button.dataset.take);
  if (button.dataset.take) {
    restore(field);
  } else {
    Object.assign(stateOf(field), { refused: null, isStale: false });
    save(field);
  }
  field.focus();
});

// --- Leaving the page ---

/** Send what is unsaved in a way that outlives the page. */
function sendLast(field) {
  const body = new URLSearchParams({
    csrfmiddlewaretoken: field.form.elements.csrfmiddlewaretoken.value,
    [field.name]: field.value,
    [`${field.name}_seen`]: stored(field),
    leaving: "yes", // what is not saved is then said on the next page
  });
  fetch(field.form.action, { method: "POST", body, keepalive: true, redirect: "manual" });
}

window.addEventListener("beforeunload", (event) => {
  for (const field of fields()) {
    if (!isUnsaved(field)) continue;
    // What was refused, or cannot be sent, would be lost: the browser asks.
    if (field.hasAttribute("aria-invalid") || stateOf(field).failures) event.preventDefault();
  }
});

window.addEventListener("pagehide", () => {
  for (const field of fields()) {
    if (isUnsaved(field) && !field.hasAttribute("aria-invalid")) sendLast(field);
  }
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") fields().forEach(save);
});

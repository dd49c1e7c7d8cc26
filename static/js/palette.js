// Finding by keyboard: Ctrl+K (⌘K on a Mac) opens a dialog over any page. htmx asks for the options
// 150 ms after typing stops and drops an answer that is out of date; the focus stays in the field
// and the arrows choose. Without scripts the link that opens it leads to a page that does the same.
//
// It runs once, in the head, while htmx may bring the page with the dialog anew: nothing is kept of
// its elements, and only the document is listened to.

const dialog = () => document.getElementById("palette");
const field = () => document.getElementById("palette-words");
const found = () => document.getElementById("palette-found");
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The words that the options are for, and whether Enter was pressed before those were there. */
let answered = null;
let isHasty = false;

const options = () => [...found().querySelectorAll("[role=option]")];
const chosen = () => found().querySelector("[aria-selected=true]");

function open() {
  if (!dialog().open) dialog().showModal();
  field().select();
  htmx.trigger(field(), "palette");
}

/** Mark an option as the one that Enter opens; none is left when there are none. */
function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  field().setAttribute("aria-expanded", String(Boolean(option)));
  if (!option) {
    field().removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-activedescendant", option.id);
}

/** Forget what was found: whoever comes back must not choose from an old answer. */
function clear() {
  found().replaceChildren();
  answered = null;
  isHasty = false;
  choose(null);
}

function shut() {
  dialog().close();
  clear();
}

function step(by) {
  const all = options();
  choose(all.at((all.indexOf(chosen()) + by) % all.length));
}

/** Tell a screen reader what the others see. */
function say(words) {
  document.getElementById("palette-said").textContent = words;
}

/** Open the chosen option; one for words that were just typed is asked for at once. */
function enter() {
  isHasty = answered !== field().value;
  if (isHasty) htmx.trigger(field(), "palette");
  else chosen()?.click();
}

document.addEventListener("keydown", (event) => {
  const isOurs = event.key.toLowerCase() === "k" && (isMac ? event.metaKey : event.ctrlKey);
  if (!isOurs || event.altKey || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (dialog().open) shut();
  else open();
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target === dialog() || target?.closest("[data-palette-close]")) shut();
  if (!target?.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open();
});

document.addEventListener("keydown", (event) => {
  if (event.target !== field() || event.isComposing) return;
  const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: enter }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// --- What becomes of a question ---

document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
  if (target !== found()) return;
  answered = detail.requestConfig.parameters.get("q");
  const all = options();
  choose(all[0]);
  const count = all.length === 1 ? "1 result" : `${all.length} results`;
  say(all.length ? count : found().textContent.trim());
  if (isHasty) enter();
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ target }) => {
    if (target !== field()) return;
    const words = document.createElement("p");
    words.className = "palette-none";
    words.textContent = "That could not be looked up. Try again in a moment.";
    found().replaceChildren(words);
    isHasty = false;
    choose(null);
    say(words.textContent);
  });
}

// Somebody who comes back to this page finds it as it was before the palette.
window.addEventListener("pagehide", shut);
document.addEventListener("htmx:beforeHistorySave", shut);
// Escape closes it without asking anybody, and a close does not bubble.
document.addEventListener("close", ({ target }) => target === dialog() && clear(), true);

/** Say on the links that lead here which keys do the same. */
function tell() {
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-keyshortcuts", isMac ? "Meta+K" : "Control+K");
    const keys = link.querySelector("kbd");
    keys.textContent = isMac ? "⌘ K" : "Ctrl K";
    keys.hidden = false;
  }
}

tell();
document.addEventListener("htmx:load", tell);

// Comforts of the form for a purchase: names to choose from, tags as chips, what one piece costs.
// Without scripts every field is typed into as it is, and the server reads the same.

const form = document.getElementById("purchase");
const base = form.dataset.base;

// --- Names to choose from: a list asks the server for what goes on from what was typed ---

/** Fill a <datalist> for a field, once typing pauses; an answer that comes too late is dropped. */
function suggest(field, list) {
  let timer = 0;
  let asked = field.value;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });

  async function ask() {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    const address = `${list.dataset.suggest}?q=${encodeURIComponent(text)}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || text !== asked) return;
    const { names } = await answer.json();
    list.replaceChildren(...names.map((name) => new Option("", name)));
  }
}

// --- Tags: the text between commas is a chip each ---

/** Chips in place of a text field, which stays in the form and carries them. */
class Chips {
  constructor(field) {
    this.field = field;
    this.box = document.createElement("div");
    this.box.className = "chip-box";
    this.entry = field.cloneNode();
    this.entry.removeAttribute("name");
    this.entry.removeAttribute("data-chips");
    this.entry.setAttribute("list", field.dataset.chips);
    this.entry.value = "";
    this.said = document.createElement("span");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    field.removeAttribute("id");
    field.type = "hidden";
    this.box.append(this.entry, this.said);
    field.after(this.box);
    this.names = [];
    this.add(field.value);
    this.entry.addEventListener("keydown", (event) => this.pressed(event));
    this.entry.addEventListener("input", (event) => this.typed(event));
    this.entry.addEventListener("blur", () => this.add(this.entry.value));
    this.box.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.remove(button.value);
      if (button || target === this.box) this.entry.focus();
    });
  }

  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && this.entry.value.trim()) {
      event.preventDefault();
      this.add(this.entry.value);
    } else if (event.key === "Backspace" && !this.entry.value && this.names.length) {
      this.remove(this.names.at(-1));
    }
  }

  /** A comma ends a tag, and so does choosing one from the list. */
  typed(event) {
    const isChosen = !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
    if (isChosen || this.entry.value.includes(",")) this.add(this.entry.value);
  }

  add(text) {
    for (const name of text.split(",").map((part) => part.trim().replace(/\s+/g, " "))) {
      const isThere = this.names.some((one) => one.toLowerCase() === name.toLowerCase());
      if (!name || isThere) continue;
      this.names.push(name);
      this.entry.before(chipOf(name));
    }
    this.entry.value = "";
    this.field.value = this.names.join(", ");
  }

  remove(name) {
    const place = this.names.indexOf(name);
    this.names.splice(place, 1);
    this.box.querySelectorAll(".chip")[place].remove();
    this.field.value = this.names.join(", ");
    this.said.textContent = `${name} is removed.`;
  }
}

function chipOf(name) {
  const chip = document.createElement("span");
  chip.className = "chip";
  const button = document.createElement("button");
  button.type = "button";
  button.value = name;
  button.setAttribute("aria-label", `Remove ${name}`);
  button.textContent = "×";
  chip.append(name, button);
  return chip;
}

// --- Money: whole numbers of the least unit, never a float ---

/** Return how many decimals people use in a currency, or null for what is none. */
function placesOf(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
      .maximumFractionDigits;
  } catch {
    return null;
  }
}

/** Read a plain number above zero as a whole number of 10 ** -scale; null for anything else. */
function read(text, scale) {
  const parts = /^(\d+(?:,\d{3})*)?(?:\.(\d*))?$/.exec(text.trim());
  const fraction = (parts?.[2] ?? "").replace(/0+$/, "");
  if (!parts || fraction.length > scale || !/\d/.test(text)) return null;
  const number = BigInt((parts[1] ?? "0").replaceAll(",", "") + fraction.padEnd(scale, "0"));
  return number > 0n ? number : null;
}

function write(units, places) {
  const digits = units.toString().padStart(places + 1, "0");
  return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
}

/** Divide, rounding half up, or half to even as the server does with rates. */
function divide(number, by, { halfToEven = false } = {}) {
  const whole = number / by;
  const twice = 2n * (number % by);
  const isUp = twice > by || (twice === by && (!halfToEven || whole % 2n === 1n));
  return isUp ? whole + 1n : whole;
}

/** Show what one piece costs, and what the price is in the base currency. */
function reckon() {
  const currency = form.elements.currency.value.trim().toUpperCase();
  const rateField = form.elements.exchange_rate;
  const row = form.querySelector("[data-rate]");
  const isForeign = currency !== base && currency !== "";
  row.hidden = !isForeign;
  rateField.disabled = !isForeign;
  const places = placesOf(currency);
  const price = places === null ? null : read(form.elements.price.value, places);
  const pieces = read(form.elements.quantity.value, 0);
  const rate = read(rateField.value, 10);
  form.querySelector("[data-each]").textContent =
    price && pieces > 1n ? `${write(divide(price, pieces), places)} ${currency} each` : "";
  form.querySelector("[data-converted]").textContent =
    price && rate && isForeign ? `That is ${converted(price, rate, places)} ${base}.` : "";
}

function converted(price, rate, places) {
  const ours = placesOf(base);
  const units = divide(price * rate * 10n ** BigInt(ours), 10n ** BigInt(places + 10), {
    halfToEven: true,
  });
  return write(units, ours);
}

for (const field of form.querySelectorAll("[data-chips]")) new Chips(field);
for (const list of document.querySelectorAll("datalist[data-suggest]")) {
  for (const field of form.querySelectorAll(`[list="${list.id}"]`)) suggest(field, list);
}
for (const name of ["price", "currency", "quantity", "exchange_rate"]) {
  form.elements[name].addEventListener("input", reckon);
}
reckon();

// What is alike is told of beside the button, which says then what it does.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "alike") return;
  const button = form.querySelector("[data-anyway]");
  button.textContent = target.querySelector(".notice") ? button.dataset.anyway : button.dataset.save;
});

// Comforts of an import: a file that is dropped, how far things are, what a button would record.
// Without scripts each step is a button.

/** Say something in a live region that stays where it is. */
function say(region, words) {
  if (region && region.textContent !== words) region.textContent = words;
}

// --- Choosing a file ---

const WORDS = {
  0: "The file was not sent: there is no connection. Try again when it is back.",
  403: "The file was not sent: this page is out of date. Reload it.",
  413: "The file was not sent: it is larger than 100 MB.",
  other: "The file was not taken: the server had a problem. Try again.",
};

const upload = () => document.getElementById("upload");

/** Say at the field why a file is not sent, or take the words away. */
function refuse(form, words) {
  const input = form.elements.file;
  document.getElementById("id_file_error")?.remove();
  input.toggleAttribute("aria-invalid", Boolean(words));
  if (!words) return;
  input.setAttribute("aria-invalid", "true");
  const room = document.createElement("div");
  room.id = "id_file_error";
  const line = document.createElement("p");
  line.className = "field-error";
  line.setAttribute("role", "alert");
  line.textContent = words;
  room.append(line);
  input.after(room);
}

const isTooLarge = (form) => form.elements.file.files[0]?.size > Number(form.dataset.most);

document.addEventListener("change", ({ target }) => {
  const form = target.closest("#upload");
  if (form) refuse(form, isTooLarge(form) ? "This file is larger than 100 MB." : "");
});

const holdsFiles = (event) => upload() && event.dataTransfer?.types.includes("Files");

// Anywhere on the page: elsewhere the browser would open the file.
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    upload().querySelector("[data-drop]").classList.add("is-over");
  });
}

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) upload()?.querySelector("[data-drop]").classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  const form = upload();
  form.querySelector("[data-drop]").classList.remove("is-over");
  const [file] = event.dataTransfer.files;
  if (!file) return;
  const one = new DataTransfer();
  one.items.add(file);
  form.elements.file.files = one.files;
  form.elements.file.dispatchEvent(new Event("change", { bubbles: true }));
  say(form.querySelector("[data-said]"), `${file.name} is chosen.`);
  form.querySelector("button").focus();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (form.id !== "upload") return;
  if (isTooLarge(form)) {
    event.preventDefault();
    form.elements.file.focus();
    return;
  }
  if (!form.elements.file.files.length) return;
  form.querySelector("[data-sending]").hidden = false;
  say(form.querySelector("[data-said]"), "Sending the file.");
});

document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  if (target.id !== "upload" || !detail.lengthComputable) return;
  target.querySelector("[data-sending] progress").value = detail.loaded / detail.total;
});

// Told here, and before anybody else says it in other words.
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(
    name,
    (event) => {
      const form = event.target;
      if (form.id !== "upload") return;
      event.stopPropagation();
      form.querySelector("[data-sending]").hidden = true;
      refuse(form, WORDS[event.detail.xhr?.status ?? 0] ?? WORDS.other);
    },
    { capture: true },
  );
}

document.addEventListener("htmx:afterSwap", () => {
  upload()?.querySelector("[aria-invalid='true']")?.focus();
});

// --- The sample: told in one sentence, and a suggestion that was changed is none any more ---

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!["sample", "choices"].includes(target.id)) return;
  const sample = document.getElementById("sample");
  say(document.getElementById("sample-said"), sample?.dataset.words ?? "");
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-suggested]")) return;
  target.removeAttribute("data-suggested");
  target.removeAttribute("aria-describedby");
  target.closest(".field").querySelector(".help")?.remove();
});

// Buttons that do what the script does: Enter in a field must not press them.
const withoutScripts = () => {
  for (const element of document.querySelectorAll("#choices .without-scripts")) element.remove();
};
withoutScripts();
document.addEventListener("htmx:load", withoutScripts);

// Enter in the name of a preset saves the preset.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.id !== "id_name") return;
  event.preventDefault();
  document.querySelector("#keep-preset button").click();
});

// --- What would be recorded: the headline, the sum and the button say the same ---

function tellDoubles(tick) {
  const button = tick.form.querySelector("[data-record]");
  button.dataset.usual ??= button.textContent;
  button.textContent = tick.checked ? tick.dataset.more : button.dataset.usual;
  document.querySelector("[data-without-doubles]").hidden = tick.checked;
  document.querySelector("[data-with-doubles]").hidden = !tick.checked;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-more]")) tellDoubles(target);
});

// A browser keeps a tick when it comes back to a page.
window.addEventListener("pageshow", () => {
  const tick = document.querySelector("[data-more]");
  if (tick) tellDoubles(tick);
});

// --- Progress: the page asks for the next part as soon as one is done ---

const RETRY_AFTER = [2000, 5000, 15000, 30000];
const working = document.getElementById("working");
let failures = 0;
let told = 0;

if (working) {
  const stopped = working.querySelector("[data-stopped]");

  working.addEventListener("htmx:afterSwap", () => {
    failures = 0;
    stopped.hidden = true;
    const progress = document.getElementById("progress");
    const percent = Number(progress?.dataset.percent ?? 0);
    // A voice says every tenth, not every part.
    if (Math.floor(percent / 10) !== told) {
      told = Math.floor(percent / 10);
      say(working.querySelector("[data-said]"), `${percent} percent`);
    }
  });

  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    working.addEventListener(name, (event) => {
      event.stopPropagation(); // it is told here, and tried again
      const delay = RETRY_AFTER[Math.min(failures, RETRY_AFTER.length - 1)];
      failures += 1;
      stopped.querySelector("p").textContent = event.detail.xhr?.status
        ? "The server had a problem. What is done so far is kept, and it is tried again in a moment."
        : "There is no connection. What is done so far is kept, and it goes on when the connection is back.";
      stopped.hidden = false;
      working.querySelector("[data-plain]").classList.add("is-needed");
      setTimeout(again, delay);
    });
  }

  window.addEventListener("online", again);
}

function again() {
  const progress = document.getElementById("progress");
  if (progress) htmx.trigger(progress, "again");
}

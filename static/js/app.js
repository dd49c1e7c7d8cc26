// Small comforts. Every page works without them.

// A <details id="…"> that was open before a swap is open after it.
const openDetails = new Set();

document.addEventListener("htmx:beforeSwap", () => {
  openDetails.clear();
  for (const details of document.querySelectorAll("details[id][open]")) {
    openDetails.add(details.id);
  }
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of openDetails) {
    const details = document.getElementById(id);
    if (details instanceof HTMLDetailsElement) details.open = true;
  }
});

// A changed <select> sends the form it filters with. Days win over a window, so choosing a window
// takes them away.
document.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLSelectElement && target.form?.matches("form[data-autosubmit]")) {
    if (target.name === "window") {
      for (const day of target.form.querySelectorAll("input[type=date]")) day.value = "";
    }
    target.form.requestSubmit();
  }
});

// What takes a while is sent once, and says that it is under way. Whoever comes back with the
// browser's own button finds the form as it was.
document.addEventListener("submit", ({ target }) => {
  if (!(target instanceof HTMLFormElement) || !target.matches("[data-once]")) return;
  // After the form is sent: a button that is disabled before is not sent along.
  setTimeout(() => {
    for (const button of target.querySelectorAll("button")) button.disabled = true;
    target.setAttribute("aria-busy", "true");
  });
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once][aria-busy]")) {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

// A tap that could not be carried out says so; fields that save themselves have words of their own.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ target, detail }) => {
    if (target.closest("[data-autosave]") || detail.requestConfig?.verb === "get") return;
    const status = detail.xhr?.status;
    const words = {
      0: "That was not saved: there is no connection. Try again when it is back.",
      404: "That was not saved: it is not there any more. Reload the page.",
    }[status ?? 0];
    const notice = document.createElement("div");
    notice.className = "notice notice-error";
    const text = document.createElement("p");
    text.textContent = words ?? "That was not saved: the server had a problem. Try again.";
    notice.append(text);
    document.getElementById("messages").replaceChildren(notice);
    notice.scrollIntoView({ block: "nearest" });
  });
}

// A form that came back refused: the first field that says why has the focus.
document.querySelector("main [aria-invalid='true']:not([type='hidden'], [autofocus], [data-autosave])")?.focus();

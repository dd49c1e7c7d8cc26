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

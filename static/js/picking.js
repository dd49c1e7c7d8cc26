// Choosing rows of a list: all of a page at once, and how many are chosen. Without this the boxes
// and the buttons below them do the same.

const picks = (form) => [...form.querySelectorAll("input[name=pick]")];

const show = (form) => {
  const all = form.querySelector("[data-pick-all]");
  const boxes = picks(form);
  const chosen = boxes.filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
  form.querySelector("[data-picked]").textContent = chosen ? `${chosen} chosen` : "";
};

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form.picking");
  if (!form) return;
  if (target.matches("[data-pick-all]")) {
    for (const box of picks(form)) box.checked = target.checked;
  }
  show(form);
});

// A browser that comes back to the page brings the ticks back by itself.
window.addEventListener("pageshow", () => document.querySelectorAll("form.picking").forEach(show));
document.addEventListener("htmx:load", () => document.querySelectorAll("form.picking").forEach(show));

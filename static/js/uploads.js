// Files that upload as soon as they are chosen or dropped. Without scripts, the form sends them.
//
// Each file is sent alone, one after another, with its progress; the answer is its row, or why it
// was not taken. On the form of a purchase a row carries the key of its file, and saving the form
// waits for what is still on its way.

const MOST_BYTES = 10 * 1024 * 1024;
const WORDS = {
  0: "There is no connection.",
  403: "The page is out of date. Reload it.",
  404: "The purchase is not there any more.",
  413: "This file is larger than 10 MB.",
};

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["x-csrftoken"];

/** One place where files are chosen: what waits to be sent, and the form that waits for it. */
class Uploads {
  queue = [];
  isSending = false;
  submitter = undefined;

  constructor(root) {
    this.root = root;
    this.address = root.dataset.uploads;
    this.input = root.querySelector("input[type=file]");
    this.kind = root.querySelector("select[name=file_kind]");
    this.list = root.querySelector("ul.papers");
    this.status = root.querySelector("[data-uploads-status]");
    root.querySelector("[data-uploads-plain]")?.remove();
    root.classList.add("has-scripts");
    for (const row of this.list.children) this.ready(row);
    this.input.addEventListener("change", () => this.take());
    root.addEventListener("click", (event) => this.clicked(event));
    this.input.form.addEventListener("submit", (event) => this.submitted(event));
    this.watchDrops();
  }

  watchDrops() {
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    // Anywhere on the page: elsewhere the browser would open the file and leave what is typed.
    for (const name of ["dragenter", "dragover"]) {
      document.addEventListener(name, (event) => {
        if (!holdsFiles(event) || !this.root.isConnected) return;
        event.preventDefault();
        this.root.closest("details")?.setAttribute("open", "");
        this.root.classList.add("is-over");
      });
    }
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) this.root.classList.remove("is-over");
    });
    document.addEventListener("drop", (event) => {
      if (!holdsFiles(event) || !this.root.isConnected) return;
      event.preventDefault();
      this.root.classList.remove("is-over");
      this.add(event.dataTransfer.files);
    });
  }

  take() {
    this.add(this.input.files);
    this.input.value = ""; // the form must not send them again
  }

  add(files) {
    this.input.removeAttribute("aria-invalid");
    document.getElementById(`${this.input.id}_error`)?.remove();
    for (const file of files) {
      const sending = { file, kind: this.kind.value, row: waitingRow(file) };
      this.list.append(sending.row);
      this.offer(sending);
    }
    this.sendNext();
  }

  /** Put a file in the queue, unless it is clear already that it is not taken. */
  offer(sending) {
    if (sending.file.size === 0) this.refuse(sending, "This file is empty.");
    else if (sending.file.size > MOST_BYTES) this.refuse(sending, WORDS[413]);
    else this.queue.push(sending);
  }

  sendNext() {
    if (this.isSending) return;
    const sending = this.queue.shift();
    if (sending) this.send(sending);
    else if (this.submitter !== undefined) this.goOn();
  }

  send(sending) {
    const request = new XMLHttpRequest();
    const progress = sending.row.querySelector("progress");
    const body = new FormData();
    body.append("uploads", sending.file);
    body.append("file_kind", sending.kind);
    this.isSending = true;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      this.isSending = false;
      this.answered(sending, request);
      this.sendNext();
    });
    request.open("POST", this.address);
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  }

  answered(sending, request) {
    const elsewhere = request.getResponseHeader("HX-Redirect");
    if (elsewhere) {
      window.location.assign(elsewhere); // nobody is signed in any more
    } else if (request.status === 200) {
      const template = document.createElement("template");
      template.innerHTML = request.responseText;
      const row = template.content.querySelector("li");
      this.ready(row);
      sending.row.replaceWith(row);
      this.status.textContent = `${sending.file.name} is added.`;
    } else if (request.status === 422) {
      this.refuse(sending, request.responseText);
    } else {
      this.fail(sending, WORDS[request.status] ?? "The server had a problem.");
    }
  }

  /** Say why a file is not taken. */
  refuse({ row, file }, why) {
    this.submitter = undefined;
    row.classList.add("is-refused");
    row.querySelector("progress").remove();
    row.querySelector(".paper-status").textContent = `Not added: ${why}`;
    row.querySelector("[data-dismiss]").hidden = false;
    this.status.textContent = `${file.name} was not added: ${why}`;
  }

  /** Say what went wrong on the way, and offer to send it again. */
  fail(sending, why) {
    this.refuse(sending, why);
    const again = document.createElement("button");
    again.type = "button";
    again.className = "secondary small";
    again.textContent = "Try again";
    again.addEventListener("click", () => {
      const row = waitingRow(sending.file);
      sending.row.replaceWith(row);
      sending.row = row;
      this.queue.push(sending);
      this.sendNext();
    });
    sending.row.querySelector(".paper-actions").prepend(again);
  }

  /** Let a row that waits for the form be removed by a button, not by a box. */
  ready(row) {
    const keep = row.querySelector(".paper-keep");
    const button = row.querySelector("[data-remove]");
    if (!keep || !button) return;
    keep.hidden = keep.querySelector("input").checked;
    button.hidden = !keep.hidden;
  }

  clicked({ target }) {
    const button = target.closest("[data-remove], [data-dismiss]");
    if (!button) return;
    const row = button.closest("li");
    if (button.dataset.remove) discard(button.dataset.remove);
    row.remove();
    this.status.textContent = `${row.querySelector(".paper-name").textContent} is removed.`;
    this.input.focus();
  }

  submitted(event) {
    if (!this.isSending && !this.queue.length) return;
    event.preventDefault();
    this.submitter = event.submitter ?? null;
    this.status.textContent = "The form is saved when the files are there.";
  }

  goOn() {
    const button = this.submitter;
    this.submitter = undefined;
    this.input.form.requestSubmit(button);
  }
}

/** Delete a file that waits for nothing, even when the page is left; a day later it goes anyway. */
function discard(address) {
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  fetch(address, { method: "POST", headers, keepalive: true }).catch(() => {});
}

/** Return the row of a file that is on its way. */
function waitingRow(file) {
  const template = document.createElement("template");
  template.innerHTML = `
    <li class="paper">
      <span class="paper-face"></span>
      <div class="paper-words">
        <bdi class="paper-name"></bdi>
        <progress max="1" value="0"></progress>
        <p class="paper-status small"></p>
      </div>
      <div class="paper-actions">
        <button class="quiet small" type="button" data-dismiss hidden>Dismiss</button>
      </div>
    </li>`;
  const row = template.content.querySelector("li");
  row.querySelector(".paper-name").textContent = file.name;
  row.querySelector("progress").setAttribute("aria-label", `Sending ${file.name}`);
  return row;
}

for (const root of document.querySelectorAll("[data-uploads]")) new Uploads(root);

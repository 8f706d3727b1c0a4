/* Forms with a file: show the progress of the upload, and keep the form when the connection breaks.
   Without this script the browser submits the form, and the response is the same page. */

// Rounded up, as megabytes() of jobboard/text/numbers.py: a size beyond the limit must not read like the limit.
const megabytes = (bytes) => (Math.ceil(bytes / 1e5) / 10).toLocaleString("fr-FR", { maximumFractionDigits: 1 });

function tooLarge(form) {
  for (const input of form.querySelectorAll("input[type=file][data-max-bytes]")) {
    const maxBytes = Number(input.dataset.maxBytes);
    const file = [...input.files].find(({ size }) => size > maxBytes);
    input.setCustomValidity(file ? `Ce fichier pèse ${megabytes(file.size)}\u00a0Mo\u00a0: ${megabytes(maxBytes)}\u00a0Mo au plus.` : "");
    if (file) return input;
  }
  return null;
}

// Updates the live region at every tenth only: screen readers announce each change.
function progressReporter(form) {
  const box = form.querySelector("[data-sending]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-sending-text]");
  text.setAttribute("role", "status");
  let announced = -1;
  return {
    update(fraction) {
      box.hidden = false;
      bar.hidden = false;
      bar.value = Math.round(fraction * 100);
      const tenth = Math.floor(fraction * 10) * 10;
      if (tenth === announced) return;
      announced = tenth;
      text.textContent = tenth === 100 ? "Envoyé. Un instant…" : `Envoi\u00a0: ${tenth}\u00a0%`;
    },
    fail(reason, when = "") {
      box.hidden = false;
      bar.hidden = true;
      text.textContent = `${reason} Rien n’est perdu sur cette page\u00a0: envoyez à nouveau${when}.`;
      announced = -1;
    },
  };
}

// Returns whether the response may replace the page. For server errors the form stays, since the script leaves no
// history entry to go back to.
const isFormResponse = (status, main) =>
  main && (status < 400 || status === 404 || status === 410 || main.querySelector("form[data-upload], form[data-resubmit]"));

// Replaces the main element and the title with those of the response.
function replacePage(page) {
  const main = page.querySelector("main");
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  scrollTo(0, 0);
  setup(document);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  if (!main.querySelector(".summary-errors")) main.focus();
}

function send(form) {
  const progress = progressReporter(form);
  const button = form.querySelector("[type=submit]");
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
    if (lengthComputable) progress.update(loaded / total);
  });
  request.addEventListener("load", () => {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (!isFormResponse(request.status, main)) {
      button.removeAttribute("aria-disabled");
      const heading = main?.querySelector("h1")?.textContent.trim() ?? "Le site n’a pas pu recevoir l’envoi";
      return progress.fail(`${heading}.`, " dans quelques minutes");
    }
    // A redirect was followed to a page with another URL. Its messages are shown once, so a page with messages is not
    // requested again.
    if (new URL(request.responseURL).pathname === new URL(form.action).pathname) return replacePage(page);
    if (!main.querySelector(":scope > .messages")) return location.assign(request.responseURL);
    history.pushState(null, "", request.responseURL);
    addEventListener("popstate", () => location.reload());
    replacePage(page);
  });
  for (const event of ["error", "abort", "timeout"]) {
    request.addEventListener(event, () => {
      button.removeAttribute("aria-disabled");
      progress.fail("La connexion a été coupée avant la fin.");
    });
  }
  request.open("POST", form.action);
  request.send(new FormData(form));
  button.setAttribute("aria-disabled", "true");
  progress.update(0);
}

const known = new WeakSet();

function setup(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) {
    if (known.has(form)) continue;
    known.add(form);
    form.addEventListener("change", () => tooLarge(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.querySelector("[type=submit]").getAttribute("aria-disabled") === "true") return;
      const input = tooLarge(form);
      if (input) input.reportValidity();
      else send(form);
    });
  }
}

setup(document);

/* A form with a file: says how far it has got, and loses nothing when the connection breaks.
   Without this script the same form is sent by the browser itself, and answered by the same page. */

const megabytes = (bytes) => (bytes / 1e6).toLocaleString("fr-FR", { maximumFractionDigits: 1 });

function tooLarge(form) {
  for (const input of form.querySelectorAll("input[type=file][data-max-bytes]")) {
    const most = Number(input.dataset.maxBytes);
    const file = [...input.files].find(({ size }) => size > most);
    input.setCustomValidity(file ? `Ce fichier pèse ${megabytes(file.size)}\u00a0Mo\u00a0: ${megabytes(most)}\u00a0Mo au plus.` : "");
    if (file) return input;
  }
  return null;
}

// What is put in this element is read aloud; every tenth, so that it is not read all the time.
function teller(form) {
  const box = form.querySelector("[data-sending]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-sending-text]");
  text.setAttribute("role", "status");
  let said = -1;
  return {
    at(part) {
      box.hidden = false;
      bar.hidden = false;
      bar.value = Math.round(part * 100);
      const tenth = Math.floor(part * 10) * 10;
      if (tenth === said) return;
      said = tenth;
      text.textContent = tenth === 100 ? "Envoyé. Un instant…" : `Envoi\u00a0: ${tenth}\u00a0%`;
    },
    failed() {
      box.hidden = false;
      bar.hidden = true;
      text.textContent = "La connexion a été coupée avant la fin. Rien n’est perdu sur cette page\u00a0: envoyer à nouveau.";
    },
  };
}

// The page that answers the form takes the place of this one, as it would have without a script.
function replace(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.assign(url);
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  scrollTo(0, 0);
  setup(document);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: main } }));
  if (!main.querySelector(".summary-errors")) main.focus();
}

function send(form) {
  const tell = teller(form);
  const button = form.querySelector("[type=submit]");
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
    if (lengthComputable) tell.at(loaded / total);
  });
  request.addEventListener("load", () => {
    // A redirect has been followed: the answer is another page, with an address of its own.
    if (new URL(request.responseURL).pathname !== new URL(form.action).pathname) location.assign(request.responseURL);
    else replace(request.responseText, request.responseURL);
  });
  for (const event of ["error", "abort", "timeout"]) {
    request.addEventListener(event, () => {
      button.removeAttribute("aria-disabled");
      tell.failed();
    });
  }
  request.open("POST", form.action);
  request.send(new FormData(form));
  button.setAttribute("aria-disabled", "true");
  tell.at(0);
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

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
    failed(why, when = "") {
      box.hidden = false;
      bar.hidden = true;
      text.textContent = `${why} Rien n’est perdu sur cette page\u00a0: envoyer à nouveau${when}.`;
      said = -1;
    },
  };
}

// Whether a page answers the form. Where the site could not take it there is no page to go back from, as a browser
// has without a script, so the form has to stay.
const answers = (status, main) =>
  main && (status < 400 || status === 404 || status === 410 || main.querySelector("form[data-upload]"));

// The page that answers the form takes the place of this one, as it would have without a script.
function replace(page) {
  const main = page.querySelector("main");
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
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (!answers(request.status, main)) {
      button.removeAttribute("aria-disabled");
      const heading = main?.querySelector("h1")?.textContent.trim() ?? "Le site n’a pas pu recevoir l’envoi";
      return tell.failed(`${heading}.`, " dans quelques minutes");
    }
    // A redirect has been followed: the answer is another page, with an address of its own. What it has to say is said
    // once, so that page is not asked for again.
    if (new URL(request.responseURL).pathname === new URL(form.action).pathname) return replace(page);
    if (!main.querySelector(":scope > .messages")) return location.assign(request.responseURL);
    history.pushState(null, "", request.responseURL);
    addEventListener("popstate", () => location.reload());
    replace(page);
  });
  for (const event of ["error", "abort", "timeout"]) {
    request.addEventListener(event, () => {
      button.removeAttribute("aria-disabled");
      tell.failed("La connexion a été coupée avant la fin.");
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

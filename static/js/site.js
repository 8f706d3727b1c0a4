/* Suggestions, contents list, sharing, printing, error summary.
   Progressive enhancement: pages work without it. It is set up again for content that htmx swaps in. */

const each = (root, selector, use) => {
  if (root.matches?.(selector)) use(root);
  root.querySelectorAll(selector).forEach(use);
};

// One live region for all announcements: regions added together with their text are often not read.
const live = document.createElement("div");
live.className = "visually-hidden";
live.setAttribute("role", "status");
const announce = (text) => {
  if (!live.isConnected) document.body.append(live);
  live.textContent = text;
};

// -- combobox (WAI-ARIA pattern, list autocomplete with manual selection) --
// data-combobox: the URL of the suggestions; data-least: the minimum length of the text, two by default; data-several:
// the field holds a list, of which the item after the last comma is completed.
// The response is {results: [{value, label, detail, group, field, url}]}, of which only value is required: `field` is
// the form field that takes the value instead of this one, `url` a page to open instead.
// The group is in the accessible name of each option and its heading is hidden: screen readers that follow
// aria-activedescendant rarely announce groups, and lose count of the options in them.

const DELAY = 150; // ms without a key before the request
const BETWEEN_WORDS = /([\s'’()/-]+)/;
const boxes = new WeakSet();
let serial = 0;

const createElement = (tag, attributes, ...content) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
};

const foldText = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe").toLowerCase();

// Returns the label with the typed prefixes of its words in bold.
const highlightPrefixes = (label, text) => {
  const typed = foldText(text).split(BETWEEN_WORDS).filter((word) => /[^\s'’()/-]/.test(word));
  return label.split(BETWEEN_WORDS).flatMap((word) => {
    const length = Math.max(0, ...typed.filter((start) => foldText(word).startsWith(start)).map((start) => start.length));
    let end = 0;
    while (foldText(word.slice(0, end)).length < length) end++;
    return end ? [createElement("b", {}, word.slice(0, end)), word.slice(end)] : [word];
  });
};

// Opens the URL of a search, with the other fields of the form added.
const openSearch = (url, input) => {
  const target = new URL(url, location.href);
  const known = new Set([...target.searchParams.keys(), input.name]);
  for (const [name, value] of input.form ? new FormData(input.form) : []) {
    if (value && !known.has(name)) target.searchParams.append(name, value);
  }
  location.assign(target);
};

function combobox(input) {
  if (boxes.has(input)) return;
  boxes.add(input);
  const id = `suggestions-${++serial}`;
  const name = (field) => field.labels?.[0]?.textContent.trim() || "Suggestions";
  // tabindex: browsers stop at what scrolls and has nothing to focus; Tab leads to the next field.
  const list = createElement("ul", { id, class: "suggestions", role: "listbox", tabindex: "-1", "aria-label": name(input) });
  list.hidden = true;
  input.after(list);
  input.parentElement.classList.add("combobox");
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);

  const minLength = Number(input.dataset.least ?? 2);
  const start = () => ("several" in input.dataset ? input.value.lastIndexOf(",") + 1 : 0);
  const typed = () => input.value.slice(start()).trim();
  let timer, request, settled, results = [], options = [], active = -1;

  const deselect = () => {
    options[active]?.setAttribute("aria-selected", "false");
    active = -1;
    input.removeAttribute("aria-activedescendant");
  };

  const cancel = () => {
    clearTimeout(timer);
    request?.abort();
  };

  const close = () => {
    cancel();
    deselect();
    list.hidden = true;
    list.replaceChildren();
    results = options = [];
    input.setAttribute("aria-expanded", "false");
  };

  const move = (index) => {
    deselect();
    active = (index + options.length) % options.length;
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    if (!active) list.scrollTop = 0; // with the heading above it
    input.setAttribute("aria-activedescendant", options[active].id);
  };

  const choose = (index) => {
    const { value, field, url } = results[index];
    const other = input.form?.elements[field];
    close();
    if (url && !other) return openSearch(url, input);
    if (other) input.value = "";
    if (other) other.value = value;
    else input.value = start() ? `${input.value.slice(0, start())} ${value}` : value;
    announce(other ? `${name(other)}\u00a0: ${value}` : `Choisi\u00a0: ${value}`);
    (other ?? input).dispatchEvent(new Event("change", { bubbles: true }));
    settled = input.value;
  };

  const show = (suggestions, text) => {
    close();
    results = suggestions;
    options = suggestions.map(({ value, label = value, detail, group }, index) => {
      const spoken = [label, detail, group].filter(Boolean).join(", ");
      const option = createElement("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false", "aria-label": spoken }, createElement("span", {}, ...highlightPrefixes(label, text)));
      if (detail) option.append(" ", createElement("small", {}, detail));
      if (group && group !== suggestions[index - 1]?.group) list.append(createElement("li", { class: "group", role: "presentation", "aria-hidden": "true" }, group));
      list.append(option);
      return option;
    });
    list.hidden = !suggestions.length;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    announce(suggestions.length ? `${suggestions.length} suggestion${suggestions.length > 1 ? "s" : ""}` : "Aucune suggestion");
  };

  const fetchSuggestions = async () => {
    const text = typed();
    cancel();
    if (text.length < minLength) return close();
    const controller = (request = new AbortController());
    const url = new URL(input.dataset.combobox, location.href);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { signal: controller.signal, headers: { Accept: "application/json" } });
      const suggestions = response.ok ? ((await response.json()).results ?? []) : null;
      // Ignore an outdated response: the text has changed, the focus has moved or there is a newer request.
      if (controller.signal.aborted || typed() !== text || document.activeElement !== input) return;
      if (suggestions) show(suggestions, text);
      else close();
    } catch {
      if (!controller.signal.aborted) close();
    }
  };

  input.addEventListener("input", () => {
    cancel();
    deselect(); // Enter searches the typed text again
    if (typed().length < minLength) close();
    else timer = setTimeout(fetchSuggestions, DELAY);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const { key } = event;
    const chosen = active >= 0;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) fetchSuggestions();
      else if (event.altKey) close();
      else if (key === "ArrowDown") move(active + 1);
      else move(chosen ? active - 1 : -1);
    } else if (key === "Enter") {
      if (chosen) {
        event.preventDefault();
        choose(active);
      } else {
        close();
        settled = input.value; // the form is submitted: suppress the change event
      }
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (chosen && (key === "Home" || key === "End")) {
      event.preventDefault();
      move(key === "Home" ? 0 : -1);
    } else if (key === "ArrowLeft" || key === "ArrowRight") deselect();
  });
  input.addEventListener("blur", close);
  input.addEventListener("change", (event) => {
    // Handled already by the choice or the submission: browsers fire the event for the typed text once more.
    if (event.isTrusted && input.value === settled) event.stopImmediatePropagation();
    settled = undefined;
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const index = options.indexOf(event.target.closest("[role=option]"));
    if (index >= 0) choose(index);
  });
}

// -- table of contents: marks the current section --

const tocs = new WeakSet();

function trackSection(toc) {
  if (tocs.has(toc) || !("IntersectionObserver" in window)) return;
  tocs.add(toc);
  const links = new Map();
  for (const link of toc.querySelectorAll('a[href^="#"]')) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target) links.set(target.closest("section") ?? target, link);
  }
  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target);
    const sections = [...links.keys()];
    const root = document.documentElement;
    const end = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 4;
    const current = end ? sections.findLast((section) => section.getBoundingClientRect().top < innerHeight) : sections.find((section) => seen.has(section));
    if (!current) return;
    for (const [section, link] of links) {
      if (section === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-15% 0px -70% 0px" });
  for (const section of links.keys()) observer.observe(section);
}

// -- sharing and printing: the buttons are hidden without JavaScript --

async function share(button) {
  const url = document.querySelector("link[rel=canonical]")?.href || location.href;
  const title = document.title;
  if (navigator.share) {
    await navigator.share({ title, url }).catch(() => {});
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
  } catch {
    window.prompt("Lien à copier", url);
    return;
  }
  const label = button.querySelector("span") ?? button;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = "Lien copié";
  announce("Lien copié");
  setTimeout(() => (label.textContent = before), 2500);
}

// Checks all boxes of a form, or unchecks them if all are checked.
function tickAll(form) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const tick = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = tick;
  announce(tick ? "Tout est coché" : "Rien n’est coché");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-share], [data-print], [data-tick-all]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else if ("tickAll" in button.dataset) tickAll(button.form);
  else share(button);
});

// -- search fields: htmx replaces only the error messages, so that typing is not interrupted --

function markInvalid(messages) {
  const field = messages.closest(".field");
  const control = field?.querySelector("input, select");
  if (!control) return;
  const wrong = Boolean(messages.querySelector(".error"));
  field.classList.toggle("invalid", wrong);
  if (wrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

// -- filters: open on wide screens if CSS cannot open them; they and their groups stay as they are across htmx swaps --

const FOLDS = ".fold, .sheet, .group";
const wide = matchMedia("(width >= 60rem)");
const openById = new Map();
const restored = new WeakSet();

function restoreFold(details) {
  restored.add(details);
  if (openById.has(details.id)) {
    details.open = openById.get(details.id) || (details.matches(".group") && Boolean(details.querySelector(".error")));
  } else if (!details.matches(".group") && wide.matches && !CSS.supports("selector(::details-content)")) details.open = true;
}

// -- the sheet of the filters: what is behind it is inert, Escape closes it, its button leads to the results --

const isolated = new Set();
let lastFocused; // id of an element of the sheet, or of its group
let scrollTop = 0;

const findSheet = () => document.querySelector(".sheet");
const isModal = () => !wide.matches && Boolean(findSheet()?.open);
const scrolledPart = () => (wide.matches ? document.querySelector(".groups") : findSheet());

function isolateSheet() {
  for (const element of isolated) element.inert = false;
  isolated.clear();
  if (!isModal()) return;
  for (let element = findSheet(); element !== document.body; element = element.parentElement) {
    for (const sibling of element.parentElement.children) {
      if (sibling === element || sibling.matches("[role=status]")) continue;
      sibling.inert = true;
      isolated.add(sibling);
    }
  }
}

function closeSheet() {
  findSheet().open = false;
  isolateSheet();
}

// After htmx has replaced the form: the focus was in the sheet, or a link led to the results behind it.
function restoreSheet(sheet) {
  restoreFold(sheet);
  sheet.querySelectorAll(".group").forEach(restoreFold);
  isolateSheet();
  if (scrollTop) scrolledPart().scrollTop = scrollTop;
  if (!isModal() || sheet.contains(document.activeElement)) return;
  const last = lastFocused && document.getElementById(lastFocused);
  (last?.matches(".group") ? last.firstElementChild : (last ?? sheet.firstElementChild)).focus({ preventScroll: true });
}

// After a changed field: the count and the first offers are in sight.
function showResults(results) {
  isolateSheet();
  const margin = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  if (results.getBoundingClientRect().top < margin) results.scrollIntoView();
}

document.addEventListener("toggle", ({ target }) => {
  // The first event of an open element that htmx has added is not an action of the visitor.
  if (!target.id || !target.matches(FOLDS) || !restored.has(target)) return;
  openById.set(target.id, target.open);
  if (target.matches(".sheet")) isolateSheet();
}, true);

wide.addEventListener("change", isolateSheet);

document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".sheet")) lastFocused = target.id || target.closest(".group")?.id;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !isModal()) return;
  closeSheet();
  findSheet().firstElementChild.focus();
});

document.addEventListener("click", (event) => {
  // Without htmx the results are not those of the fields: the form is submitted.
  if (!window.htmx || !event.target.closest?.(".apply button")) return;
  event.preventDefault();
  if (isModal()) closeSheet();
  document.getElementById("resultats").scrollIntoView();
  document.getElementById("nombre").focus({ preventScroll: true });
});

document.addEventListener("htmx:beforeSwap", () => {
  scrollTop = scrolledPart()?.scrollTop ?? 0;
});
// Before htmx:load, which comes after the next frame: the sheet would flicker.
document.addEventListener("htmx:afterSwap", ({ target }) => each(target, ".sheet", restoreSheet));

// -- breadcrumb of an offer: back to the results from which it was opened, kept in this tab only --

function linkToResults(link) {
  try {
    const from = document.referrer && new URL(document.referrer);
    if (!from || from.origin !== location.origin) sessionStorage.removeItem("results");
    else if (from.pathname === link.pathname) sessionStorage.setItem("results", from.search);
    link.search = sessionStorage.getItem("results") ?? "";
  } catch {
    // Without storage the link leads to all offers.
  }
}

function setup(root) {
  each(root, "[data-combobox]", combobox);
  each(root, ".toc", trackSection);
  each(root, "[data-share], [data-print], [data-tick-all]", (button) => (button.hidden = false));
  each(root, "details.fold", restoreFold);
  each(root, ".sheet", restoreSheet);
  if (root.id === "resultats") showResults(root);
  each(root, "a[data-results]", linkToResults);
  each(root, "[id^=erreurs-]", markInvalid);
  each(root, ".summary-errors", (summary) => summary.focus());
}

document.body.append(live);
setup(document);
document.addEventListener("htmx:load", (event) => setup(event.detail.elt));

/* Suggestions, contents list, sharing, printing, error summary.
   Everything here only adds to pages that work without it, and is set up again on what htmx swaps in. */

const each = (root, selector, use) => {
  if (root.matches?.(selector)) use(root);
  root.querySelectorAll(selector).forEach(use);
};

// One live region for all announcements: regions added together with their text are often not read.
const live = document.createElement("div");
live.className = "visually-hidden";
live.setAttribute("role", "status");
const say = (text) => {
  if (!live.isConnected) document.body.append(live);
  live.textContent = text;
};

// -- combobox (WAI-ARIA pattern, list autocomplete with manual selection) --
// data-combobox: the address to ask; data-least: from how many characters on, two unless told; data-several: the field
// holds a list, of which what stands behind the last comma is asked about and replaced.
// It answers {results: [{value, label, detail, group, field, url}]}, value alone being required: `field` is the field of
// the form that takes the value instead of this one, `url` a page to open instead.
// The group is part of the name of each option, its heading is for the eye only: screen readers that follow
// aria-activedescendant rarely say what group an option is in, and lose count of the options in groups.

const DELAY = 150; // ms without a key before asking
const BETWEEN_WORDS = /([\s'’()/-]+)/;
const boxes = new WeakSet();
let serial = 0;

const make = (tag, attributes, ...content) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
};

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe").toLowerCase();

// The label in pieces, the beginnings of its words that were typed in bold.
const emphasise = (label, text) => {
  const typed = plain(text).split(BETWEEN_WORDS).filter((word) => /[^\s'’()/-]/.test(word));
  return label.split(BETWEEN_WORDS).flatMap((word) => {
    const length = Math.max(0, ...typed.filter((start) => plain(word).startsWith(start)).map((start) => start.length));
    let end = 0;
    while (plain(word.slice(0, end)).length < length) end++;
    return end ? [make("b", {}, word.slice(0, end)), word.slice(end)] : [word];
  });
};

// Opens a page that is a search, with whatever else the form asks for.
const visit = (url, input) => {
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
  const list = make("ul", { id, class: "suggestions", role: "listbox", "aria-label": name(input) });
  list.hidden = true;
  input.after(list);
  input.parentElement.classList.add("combobox");
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);

  const least = Number(input.dataset.least ?? 2);
  const start = () => ("several" in input.dataset ? input.value.lastIndexOf(",") + 1 : 0);
  const typed = () => input.value.slice(start()).trim();
  let timer, request, settled, results = [], options = [], active = -1;

  const leave = () => {
    options[active]?.setAttribute("aria-selected", "false");
    active = -1;
    input.removeAttribute("aria-activedescendant");
  };

  const quiet = () => {
    clearTimeout(timer);
    request?.abort();
  };

  const close = () => {
    quiet();
    leave();
    list.hidden = true;
    list.replaceChildren();
    results = options = [];
    input.setAttribute("aria-expanded", "false");
  };

  const move = (index) => {
    leave();
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
    if (url && !other) return visit(url, input);
    if (other) input.value = "";
    if (other) other.value = value;
    else input.value = start() ? `${input.value.slice(0, start())} ${value}` : value;
    say(other ? `${name(other)}\u00a0: ${value}` : `Choisi\u00a0: ${value}`);
    (other ?? input).dispatchEvent(new Event("change", { bubbles: true }));
    settled = input.value;
  };

  const show = (found, text) => {
    close();
    results = found;
    options = found.map(({ value, label = value, detail, group }, index) => {
      const spoken = [label, detail, group].filter(Boolean).join(", ");
      const option = make("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false", "aria-label": spoken }, make("span", {}, ...emphasise(label, text)));
      if (detail) option.append(" ", make("small", {}, detail));
      if (group && group !== found[index - 1]?.group) list.append(make("li", { class: "group", role: "presentation", "aria-hidden": "true" }, group));
      list.append(option);
      return option;
    });
    list.hidden = !found.length;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    say(found.length ? `${found.length} suggestion${found.length > 1 ? "s" : ""}` : "Aucune suggestion");
  };

  const ask = async () => {
    const text = typed();
    quiet();
    if (text.length < least) return close();
    const mine = (request = new AbortController());
    const url = new URL(input.dataset.combobox, location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { signal: mine.signal, headers: { Accept: "application/json" } });
      const found = answer.ok ? ((await answer.json()).results ?? []) : null;
      // Too late when the text has changed, the reader has left or a newer question is under way.
      if (mine.signal.aborted || typed() !== text || document.activeElement !== input) return;
      if (found) show(found, text);
      else close();
    } catch {
      if (!mine.signal.aborted) close();
    }
  };

  input.addEventListener("input", () => {
    quiet();
    leave(); // what is typed from here on is what Enter searches
    if (typed().length < least) close();
    else timer = setTimeout(ask, DELAY);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const { key } = event;
    const chosen = active >= 0;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else if (event.altKey) close();
      else if (key === "ArrowDown") move(active + 1);
      else move(chosen ? active - 1 : -1);
    } else if (key === "Enter") {
      if (chosen) {
        event.preventDefault();
        choose(active);
      } else {
        close();
        settled = input.value; // the form is sent: nobody needs to hear of the change too
      }
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (chosen && (key === "Home" || key === "End")) {
      event.preventDefault();
      move(key === "Home" ? 0 : -1);
    } else if (key === "ArrowLeft" || key === "ArrowRight") leave();
  });
  input.addEventListener("blur", close);
  input.addEventListener("change", (event) => {
    // Told already, by the choice or by sending: browsers tell of what was typed before it once more.
    if (event.isTrusted && input.value === settled) event.stopImmediatePropagation();
    settled = undefined;
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const index = options.indexOf(event.target.closest("[role=option]"));
    if (index >= 0) choose(index);
  });
}

// -- contents list: marks the section being read --

const tocs = new WeakSet();

function contents(toc) {
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

// -- sharing and printing: the buttons are hidden until they can work --

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
    window.prompt("Adresse à copier", url);
    return;
  }
  const label = button.querySelector("span") ?? button;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = "Lien copié";
  say("Lien copié");
  setTimeout(() => (label.textContent = before), 2500);
}

// Ticks every box of a form; none of them, where all were.
function tickAll(form) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const tick = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = tick;
  say(tick ? "Tout est coché" : "Rien n’est coché");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-share], [data-print], [data-tick-all]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else if ("tickAll" in button.dataset) tickAll(button.form);
  else share(button);
});

// -- fields of a search: after a change of it htmx brings only their messages, as they are being filled in --

function judge(messages) {
  const field = messages.closest(".field");
  const control = field?.querySelector("input, select");
  if (!control) return;
  const wrong = Boolean(messages.querySelector(".error"));
  field.classList.toggle("invalid", wrong);
  if (wrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

// -- folded filters: open on wide screens where CSS alone cannot do it; stay open over an htmx swap --

const wide = matchMedia("(width >= 60rem)");
const opened = new Set();

function fold(details) {
  if (opened.has(details.id) || (wide.matches && !CSS.supports("selector(::details-content)"))) details.open = true;
}

document.addEventListener("toggle", (event) => {
  const { id, open } = event.target;
  if (id && event.target.matches(".fold")) opened[open ? "add" : "delete"](id);
}, true);

function setup(root) {
  each(root, "[data-combobox]", combobox);
  each(root, ".toc", contents);
  each(root, "[data-share], [data-print], [data-tick-all]", (button) => (button.hidden = false));
  each(root, "details.fold", fold);
  each(root, "[id^=erreurs-]", judge);
  each(root, ".summary-errors", (summary) => summary.focus());
}

document.body.append(live);
setup(document);
document.addEventListener("htmx:load", (event) => setup(event.detail.elt));

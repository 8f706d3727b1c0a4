/* Buttons for Markdown above textarea[data-markdown]. Without this script the field is the same, without the buttons.

   The buttons write what jobboard/text/markdown.py renders. They edit the text with execCommand, which is deprecated but
   the only way that keeps the undo history of the browser. */

const STORED = "markdown.tools";
const BOLD_PLACEHOLDER = "texte en gras";
const LINK_PLACEHOLDER = "texte du lien";
const URL_PLACEHOLDER = "https://";

// -- lines: headings and items of lists, as jobboard/text/pasted.py reads them --

const MARKERS = {
  heading: /^#{1,6}(?:[ \t]+|$)/,
  bullet: /^(?:[•·‣◦●○▪▫■□⁃∙➢➤][ \t\u00a0]*|[–—*-][ \t\u00a0]+)/,
  number: /^(\d{1,9})\.[ \t\u00a0]+/,
};

function parseLine(line) {
  const indent = line.match(/^[ \t\u00a0]*/)[0];
  const content = line.slice(indent.length);
  for (const [kind, pattern] of Object.entries(MARKERS)) {
    const match = content.match(pattern);
    if (match) return { kind, indent, marker: match[0], text: content.slice(match[0].length), number: Number(match[1]) };
  }
  return { kind: content ? "text" : "blank", indent, marker: "", text: content };
}

const isItem = (line) => line.kind === "bullet" || line.kind === "number";
const width = (line) => line.indent.replaceAll("\t", "    ").length;
const source = ({ indent, marker, text }) => indent + marker + text;

// A number that does not count on is text, such as the year of “2024. Création”.
function parse(value) {
  const lines = value.split("\n").map(parseLine);
  const numbers = new Map();
  for (const [index, line] of lines.entries()) {
    if (line.kind !== "number") continue;
    for (const other of numbers.keys()) if (other > width(line)) numbers.delete(other);
    if (line.number === 1 || line.number === (numbers.get(width(line)) ?? 0) + 1) numbers.set(width(line), line.number);
    else lines[index] = { kind: "text", indent: line.indent, marker: "", text: line.marker + line.text };
  }
  return lines;
}

// Returns the number of the item before `index` in the list with this width, or 0. `freed` lines left the list just now.
function numberBefore(lines, index, itemWidth) {
  while (--index >= 0) {
    const line = lines[index];
    if (line.kind === "blank" || line.freed) continue;
    if (!isItem(line) || width(line) < itemWidth) return 0;
    if (width(line) === itemWidth) return line.kind === "number" ? line.number : 0;
  }
  return 0;
}

// Returns whether text after the line with this index would belong to an item: only an empty line ends a list.
function isInList(lines, index) {
  while (index >= 0 && lines[index].kind === "text") index--;
  return index >= 0 && isItem(lines[index]);
}

const setNumber = (line, number) => Object.assign(line, { kind: "number", number, marker: `${number}. ` });

// Returns the edit that makes the selected lines headings or items, or text if they all are.
function toggleLines(kind, { value, start, end }) {
  const countBreaks = (text) => text.split("\n").length - 1;
  const lines = parse(value);
  // A selection of whole lines ends at the start of the next one.
  const lastOffset = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const first = countBreaks(value.slice(0, start));
  const last = countBreaks(value.slice(0, lastOffset));
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const selected = lines.slice(first, last + 1);
  const filled = selected.filter((line) => line.kind !== "blank");
  const targets = filled.length ? filled : selected.slice(0, 1);
  const remove = filled.length > 0 && filled.every((line) => line.kind === kind);
  const original = lines.map(source);
  const wasItem = isItem(lines[last]);
  const listWidth = width(targets[0]);

  for (const [offset, line] of selected.entries()) {
    if (!targets.includes(line)) continue;
    if (remove) Object.assign(line, { kind: "text", indent: "", marker: "", freed: true });
    else if (kind === "heading") Object.assign(line, { kind, indent: "", marker: "## " });
    else if (kind === "bullet") Object.assign(line, { kind, marker: "- " });
    else setNumber(line, numberBefore(lines, first + offset, width(line)) + 1);
  }

  // The items after them count on; after an empty line, 1 starts another list.
  for (let index = last + 1; index < lines.length; index++) {
    const line = lines[index];
    if (line.kind === "blank") continue;
    if (!isItem(line) || width(line) < listWidth) break;
    if (width(line) > listWidth) continue;
    if (line.kind !== "number" || (line.number === 1 && lines[index - 1].kind === "blank")) break;
    setNumber(line, numberBefore(lines, index, listWidth) + 1);
  }

  let lastChanged = last;
  const written = lines.map(source);
  for (const [index, text] of written.entries()) if (index > last && text !== original[index]) lastChanged = index;
  const next = lines[last + 1];
  const ending = lines[last];
  const blankBefore = first > 0 && selected[0].kind === "text" && isInList(lines, first - 1);
  const blankAfter = next && ((isItem(ending) && next.kind === "text" && !wasItem)
    || (remove && ending.freed && next.kind === "number" && next.number !== 1));

  const block = written.slice(first, last + 1).join("\n");
  const rest = written.slice(last + 1, lastChanged + 1).map((line) => `\n${line}`).join("");
  const replaced = original.slice(first, lastChanged + 1).join("\n");
  const newStart = from + (blankBefore ? 1 : 0);
  const newEnd = newStart + block.length;
  const edit = {
    from,
    to: from + replaced.length,
    text: (blankBefore ? "\n" : "") + block + (blankAfter ? "\n" : "") + rest,
    start: newStart,
    end: newEnd,
  };
  if (start === end) {
    // The caret stays where it was in the text of its line.
    const lineEnd = from + original[first].length;
    const textStart = newEnd - lines[first].text.length;
    edit.start = edit.end = Math.max(newEnd - (lineEnd - start), textStart);
  }
  return edit;
}

// -- inside lines: bold, links --

// With spaces on both sides of the text, “**” are signs: 2 ** 3 ** 4.
const BOLD = /(?<!\\)\*\*(?!\s[^*\n]*\s\*\*)((?:[^*\n]|\*(?!\*)|\*(?=\*\*(?!\*)))+?)\*\*(?!\*)/g;
const LINK = /(?<!\\)\[((?:\\.|[^\]\n\\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)/g;
const WORD = /[\p{L}\p{N}'’_-]/u;

// Returns where a pattern matches in a line, with the limits of the text inside of the marks.
const findSpans = (line, pattern) => [...line.matchAll(pattern)].map(({ 0: source, 1: text, index }) => {
  const innerFrom = index + (pattern === BOLD ? 2 : 1);
  return { text, from: index, to: index + source.length, innerFrom, innerTo: innerFrom + text.length };
});

const overlaps = (span, from, to) => span.from < to && from < span.to;

// Returns the part of a line to mark: without spaces at its ends, and for a caret its word. It contains the spans of
// `spans` that it touches. It does not cross those of `others`: it contains them, or is in their text.
function findPart(line, from, to, spans, others) {
  if (from === to) {
    while (from > 0 && WORD.test(line[from - 1])) from--;
    while (to < line.length && WORD.test(line[to])) to++;
  }
  while (from < to && /\s/.test(line[from])) from++;
  while (to > from && /\s/.test(line[to - 1])) to--;
  const extend = (span) => ([from, to] = [Math.min(from, span.from), Math.max(to, span.to)]);
  for (const span of others) {
    if (overlaps(span, from, to) && !(span.innerFrom <= from && to <= span.innerTo)) extend(span);
  }
  for (const span of spans) if (overlaps(span, from, to)) extend(span);
  return { from, to, span: spans.find((span) => span.from === from && span.to === to) };
}

function boldEdit({ value, start, end }) {
  const isCaret = start === end;
  const parts = [];
  let offset = 0;
  for (const line of value.split("\n")) {
    const { text } = parseLine(line);
    const content = offset + line.length - text.length;
    const lineEnd = offset + line.length;
    offset = lineEnd + 1;
    const [from, to] = [Math.max(start, content), Math.max(Math.min(end, lineEnd), content)];
    if (start > lineEnd || (isCaret ? end < lineEnd - line.length : from >= to)) continue;
    const part = findPart(text, from - content, to - content, findSpans(text, BOLD), findSpans(text, LINK));
    const inner = text.slice(part.from, part.to).replaceAll(BOLD, "$1");
    if (isCaret || inner) parts.push({ from: content + part.from, to: content + part.to, inner, isBold: Boolean(part.span) });
  }
  if (!parts.length) return null;
  const remove = parts.every(({ isBold }) => isBold);
  const mark = remove ? "" : "**";
  // One edit for all lines: it is one step to undo.
  const { from } = parts[0];
  const { to } = parts.at(-1);
  let text = "";
  let position = from;
  for (const part of parts) {
    text += value.slice(position, part.from);
    if (!remove || part.inner !== BOLD_PLACEHOLDER) text += mark + (part.inner || BOLD_PLACEHOLDER) + mark;
    position = part.to;
  }
  const edit = { from, to, text, start: from + mark.length, end: from + text.length - mark.length };
  // The caret stays where it was in its word.
  if (isCaret && from < to) edit.start = edit.end = Math.min(Math.max(start + (remove ? -2 : 2), edit.start), edit.end);
  return edit;
}

const escapeText = (text) => text.replace(/[[\]]/g, "\\$&");
const unescapeText = (text) => text.replace(/\\([[\]])/g, "$1");
const encodeURL = (url) => url.replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"));

// A link is on one line: for a selection of several, on the first.
function linkEdit({ value, start, end }) {
  const lineStart = value.lastIndexOf("\n", start - 1) + 1;
  const line = value.slice(lineStart).split("\n", 1)[0];
  const content = line.length - parseLine(line).text.length;
  const limit = (offset) => Math.min(Math.max(offset - lineStart, content), line.length);
  const part = findPart(line, limit(start), limit(end), findSpans(line, LINK), findSpans(line, BOLD));
  const [from, to] = [lineStart + part.from, lineStart + part.to];
  if (part.span) {
    const text = part.span.text === LINK_PLACEHOLDER ? "" : unescapeText(part.span.text);
    return { from, to, text, start: from, end: from + text.length };
  }
  const selected = line.slice(part.from, part.to).replaceAll(LINK, (link, text) => unescapeText(text));
  const isURL = /^(?:https?:\/\/|www\.)\S+$/i.test(selected);
  const text = escapeText(isURL ? selected.replace(/^https?:\/\//i, "") : selected) || LINK_PLACEHOLDER;
  const url = isURL ? encodeURL(selected.replace(/^www\./i, "https://$&")) : URL_PLACEHOLDER;
  const textStart = from + 1;
  const urlStart = textStart + text.length + 2;
  // Select what is typed next: the URL, or the text if the URL is there or there is no text yet.
  const [newStart, length] = selected && !isURL ? [urlStart, url.length] : [textStart, text.length];
  return { from, to, text: `[${text}](${url})`, start: newStart, end: newStart + length };
}

// -- the text field --

function replace(field, edit) {
  const { value, maxLength } = field;
  // insertText would cut the text at the maximum length.
  const length = value.length - (edit.to - edit.from) + edit.text.length;
  if (maxLength >= 0 && length > maxLength && length > value.length) return;
  if (edit.text !== value.slice(edit.from, edit.to)) {
    field.setSelectionRange(edit.from, edit.to);
    const done = edit.text ? document.execCommand("insertText", false, edit.text) : document.execCommand("delete");
    if (!done) {
      field.setRangeText(edit.text, edit.from, edit.to, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
    }
  }
  field.setSelectionRange(edit.start, edit.end);
}

const TOOLS = [
  { name: "Gras", className: "bold", key: "b", edit: boldEdit },
  { name: "Sous-titre", edit: (selection) => toggleLines("heading", selection) },
  { name: "Liste", edit: (selection) => toggleLines("bullet", selection) },
  { name: "Liste numérotée", edit: (selection) => toggleLines("number", selection) },
  { name: "Lien", key: "k", edit: linkEdit },
];
// On a Mac, Ctrl+B and Ctrl+K move the caret and delete text.
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

// -- the toolbar --

// The choice to hide the buttons is stored in this browser; the storage may be blocked.
function isHidden() {
  try {
    return localStorage.getItem(STORED) === "hidden";
  } catch {
    return false;
  }
}

function store(hidden) {
  try {
    localStorage.setItem(STORED, hidden ? "hidden" : "shown");
  } catch {
    // It then holds for this page.
  }
}

const createButton = (text, className = "") => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.textContent = text;
  return button;
};

function createToolbar(field) {
  const toolbar = document.createElement("div");
  toolbar.className = "markdown-tools";
  toolbar.setAttribute("role", "toolbar");
  toolbar.setAttribute("aria-label", "Mise en forme du texte");
  toolbar.setAttribute("aria-controls", field.id);
  let wasFocused = document.activeElement === field;
  field.addEventListener("focus", () => (wasFocused = true), { once: true });

  const run = (tool) => {
    if (field.readOnly || field.disabled) return;
    // Without a caret yet, the text is continued.
    const caret = wasFocused ? null : field.value.length;
    field.focus({ preventScroll: true });
    const [start, end] = [caret ?? field.selectionStart, caret ?? field.selectionEnd];
    const edit = tool.edit({ value: field.value, start, end });
    if (edit) replace(field, edit);
  };

  const tools = TOOLS.map((tool) => {
    const button = createButton(tool.name, tool.className);
    if (tool.key) {
      // Screen readers read the title as a description: aria-keyshortcuts would repeat it.
      button.title = `${isMac ? "⌘" : "Ctrl+"}${tool.key.toUpperCase()}`;
    }
    button.addEventListener("click", () => run(tool));
    return button;
  });
  const toggle = createButton("", "toggle");
  const buttons = [...tools, toggle];

  const show = (hidden) => {
    for (const button of tools) button.hidden = hidden;
    toolbar.classList.toggle("closed", hidden);
    toggle.textContent = hidden ? "Afficher la mise en forme" : "Masquer";
    if (hidden) toggle.removeAttribute("aria-label");
    else toggle.setAttribute("aria-label", "Masquer la mise en forme");
    setStop(hidden ? toggle : tools[0]);
  };
  // One stop for the Tab key, and arrows between the buttons (ARIA toolbar): with a stop for each button, people who
  // fill in the form by keyboard would pass six of them.
  const setStop = (current) => {
    for (const button of buttons) button.tabIndex = button === current ? 0 : -1;
  };
  toggle.addEventListener("click", () => {
    const hidden = !tools[0].hidden;
    store(hidden);
    show(hidden);
    setStop(toggle);
  });
  toolbar.addEventListener("focusin", (event) => setStop(event.target));
  // The field keeps its focus and its selection.
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  toolbar.addEventListener("keydown", (event) => {
    const visible = buttons.filter((button) => !button.hidden);
    const index = visible.indexOf(event.target);
    const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    visible.at(target % visible.length).focus();
  });
  field.addEventListener("keydown", (event) => {
    const modifier = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!modifier || event.altKey || event.shiftKey || event.isComposing || tools[0].hidden) return;
    const tool = TOOLS.find(({ key }) => key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    run(tool);
  });

  toolbar.append(...buttons);
  field.before(toolbar);
  show(isHidden());
  // The page may come from the back/forward cache of the browser, after the choice was changed on another one.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && isHidden() !== tools[0].hidden) show(isHidden());
  });
}

const known = new WeakSet();

function setup(root) {
  const selector = "textarea[data-markdown]";
  for (const field of [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)]) {
    if (known.has(field)) continue;
    known.add(field);
    createToolbar(field);
  }
}

setup(document);
document.addEventListener("htmx:load", (event) => setup(event.detail.elt));

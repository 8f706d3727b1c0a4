// The moderation pages: keyboard shortcuts, reasons filled in from templates, a button that chooses all offers.
// They work without it. An element with the attribute data-key is what its key clicks.
(() => {
  const page = document.querySelector("[data-moderation]");
  const help = document.querySelector("[data-keys]");
  const keySwitch = document.querySelector("[data-keys-switch]");
  const cases = [...document.querySelectorAll("article.case")];
  const boxes = [...document.querySelectorAll("input[name=offer][type=checkbox]")];
  const STORED = "moderation.keys";

  for (const select of document.querySelectorAll("select[data-fills]")) {
    select.addEventListener("change", () => {
      const text = select.selectedOptions[0].dataset.text;
      const field = document.getElementById(select.dataset.fills);
      if (text) {
        field.value = text;
        field.focus();
      }
    });
  }

  const chosen = document.querySelector("[data-chosen]");
  const showChosen = () => {
    const count = boxes.filter((box) => box.checked).length;
    chosen.textContent = `${count} offre${count > 1 ? "s" : ""} choisie${count > 1 ? "s" : ""} sur ${boxes.length}`;
  };
  if (chosen) {
    for (const box of boxes) box.addEventListener("change", showChosen);
    document.querySelector("[data-choose-all]").addEventListener("click", (event) => {
      event.preventDefault();
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      showChosen();
    });
    // Browsers restore the boxes after the Back button.
    window.addEventListener("pageshow", showChosen);
  }

  if (!page || !help) return;

  // WCAG 2.1.4: shortcuts of one key can be switched off. The storage may be blocked.
  const stored = () => {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  };
  const showSwitch = () => {
    for (const target of page.querySelectorAll("[data-key]")) {
      if (keySwitch.checked) target.setAttribute("aria-keyshortcuts", target.dataset.key);
      else target.removeAttribute("aria-keyshortcuts");
    }
  };
  keySwitch.checked = stored() !== "off";
  keySwitch.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, keySwitch.checked ? "on" : "off");
    } catch {
      // It then holds for this page.
    }
    showSwitch();
  });
  help.hidden = false;
  showSwitch();

  const isQueue = page.dataset.moderation === "queue";
  const current = () => cases.findIndex((each) => each.contains(document.activeElement));
  const moves = {
    j: () => cases[Math.min(current() + 1, cases.length - 1)],
    k: () => cases[Math.max(current() - 1, 0)],
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("textarea, select, input:not([type=checkbox])");
    // A key that is held down must not accept one offer after the other.
    if (!keySwitch.checked || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isQueue && moves[event.key]) {
      event.preventDefault();
      moves[event.key]()?.focus();
      return;
    }
    const scope = isQueue ? cases[current()] : page;
    const target = /^[a-z]$/.test(event.key) && scope?.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("summary")) {
      target.parentElement.open = true;
      target.parentElement.querySelector("textarea").focus();
    } else {
      target.click();
    }
  });
})();

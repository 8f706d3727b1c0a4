// Keyboard shortcuts of the moderation queue, and reasons filled in from templates. The page works without it.
(() => {
  const cases = [...document.querySelectorAll("article.case")];

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

  const actions = {
    j: (index) => cases[Math.min(index + 1, cases.length - 1)]?.focus(),
    k: (index) => cases[Math.max(index - 1, 0)]?.focus(),
    x: (index) => cases[index]?.querySelector("input[type=checkbox]").click(),
    a: (index) => cases[index]?.querySelector("button.approve").click(),
    o: (index) => cases[index]?.querySelector("h2 a").click(),
    r: (index) => {
      const details = cases[index]?.querySelector(".decide details");
      if (details) {
        details.open = true;
        details.querySelector("textarea").focus();
      }
    },
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key](cases.findIndex((each) => each.contains(document.activeElement)));
  });
})();

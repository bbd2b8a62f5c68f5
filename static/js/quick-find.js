// Quick find: Ctrl K, ⌘K or "/" opens it anywhere in the back-office. Without it a page does the same.
document.addEventListener("DOMContentLoaded", () => {
  const finder = document.getElementById("finder");
  if (!finder) return;
  const field = finder.querySelector("input");
  const box = finder.querySelector("[role=listbox]");
  let asking;
  let asked = "";
  let current = -1;

  const options = () => [...box.querySelectorAll("a.found")];

  function open() {
    if (!finder.open) finder.showModal();
    field.select();
  }

  function mark(place) {
    const found = options();
    current = found.length ? (place + found.length) % found.length : -1;
    found.forEach((option, number) => option.setAttribute("aria-selected", String(number === current)));
    if (current < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", found[current].id);
    found[current].scrollIntoView({ block: "nearest" });
  }

  function show(html) {
    box.innerHTML = html;
    for (const option of options()) option.setAttribute("role", "option");
    for (const list of box.querySelectorAll("ul, li")) list.setAttribute("role", "presentation");
    field.setAttribute("aria-expanded", String(options().length > 0));
    mark(0);
  }

  async function ask() {
    const typed = field.value.trim();
    if (typed === asked) return;
    asked = typed;
    asking?.abort();
    if (!typed) return show("");
    asking = new AbortController();
    try {
      const answer = await fetch(finder.dataset.findPart + encodeURIComponent(typed), { signal: asking.signal });
      if (answer.ok && typed === asked) show(await answer.text());
    } catch {
      // Slow or no network: the form still searches.
    }
  }

  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(current + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && field.value.trim() === asked && current >= 0) {
      event.preventDefault();
      options()[current].click();
    }
  });
  finder.addEventListener("click", (event) => {
    if (event.target === finder || event.target.closest("[data-find-close]")) finder.close();
  });
  for (const door of document.querySelectorAll("[data-find-open]")) {
    door.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      open();
    });
  }
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
    if (isShortcut || (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault();
      // The search of a list waits for the same key.
      event.stopImmediatePropagation();
      open();
    }
  }, { capture: true });
});

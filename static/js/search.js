// Offers products while one types. Without it the form simply searches.
const form = document.querySelector("[data-search]");

if (form) {
  const field = form.querySelector("input");
  const box = form.querySelector("[data-suggestions]");
  let waiting;
  let asking;
  let asked = "";
  let current = -1;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  if (location.pathname === new URL(form.action).pathname) {
    field.value = new URLSearchParams(location.search).get("q") ?? "";
  }

  const options = () => [...box.querySelectorAll("[role=option]")];

  function show(html) {
    box.innerHTML = html;
    const list = box.querySelector("[role=listbox]");
    box.hidden = !list;
    field.setAttribute("aria-expanded", String(!box.hidden));
    if (list) {
      list.id = "search-suggestions";
      field.setAttribute("aria-controls", list.id);
    } else {
      field.removeAttribute("aria-controls");
    }
    mark(-1);
  }

  function mark(index) {
    current = index;
    options().forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === index));
      if (place === index) {
        field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
    if (index < 0) field.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const words = field.value.trim();
    if (words === asked) return;
    asked = words;
    asking?.abort();
    if (words.length < 2) return show("");
    asking = new AbortController();
    const address = `${form.dataset.search}?${new URLSearchParams({ q: words })}`;
    try {
      const answer = await fetch(address, { signal: asking.signal });
      if (answer.ok && document.activeElement === field) show(await answer.text());
    } catch {
      // Slow or no network: the form still searches.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 160);
  });

  field.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      show("");
    } else if (event.key === "ArrowDown" && count) {
      event.preventDefault();
      mark(current + 1 < count ? current + 1 : -1);
    } else if (event.key === "ArrowUp" && count) {
      event.preventDefault();
      mark(current < 0 ? count - 1 : current - 1);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      location.assign(options()[current].dataset.url);
    }
  });

  // Before the field loses focus, so that the list is still there to be clicked.
  box.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("click", (event) => {
    const option = event.target.closest("[data-url]");
    if (option) location.assign(option.dataset.url);
  });
  field.addEventListener("blur", () => {
    show("");
    asked = "";
  });
}

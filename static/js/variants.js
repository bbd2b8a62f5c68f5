// Chooses a variant in place: price, stock, SKU, picture and address change without a reload.
// Without it every choice is a plain link that shows the same.
const axes = document.querySelector("[data-variants]");

if (axes) {
  const variants = JSON.parse(document.getElementById("variants").textContent);
  const rows = [...axes.querySelectorAll("[data-axis]")];
  const choices = (row) => [...row.querySelectorAll("[data-option]")];
  const chosen = () =>
    rows.map((row) => row.querySelector("[aria-current]")?.dataset.option ?? "");
  const having = (options) =>
    variants.find((variant) => variant.options.every((option, at) => option === options[at]));
  const address = (variant) => `?variante=${encodeURIComponent(variant.sku)}`;
  const places = (name) => document.querySelectorAll(`[data-show="${name}"]`);
  const write = (name, words) => places(name).forEach((place) => (place.textContent = words));
  const toggle = (name, shown) => places(name).forEach((place) => (place.hidden = !shown));

  function drawChoice(choice, variant, isCurrent) {
    choice.classList.toggle("is-current", isCurrent);
    choice.classList.toggle("is-out", Boolean(variant && !variant.is_available));
    choice.classList.toggle("is-impossible", !variant);
    if (isCurrent) choice.setAttribute("aria-current", "true");
    else choice.removeAttribute("aria-current");
    if (variant) {
      choice.href = address(variant);
      choice.removeAttribute("role");
      choice.removeAttribute("aria-disabled");
    } else {
      choice.removeAttribute("href");
      choice.setAttribute("role", "link");
      choice.setAttribute("aria-disabled", "true");
    }
    const { soldOut, impossible } = axes.dataset;
    const note = variant ? (variant.is_available ? "" : soldOut) : impossible;
    choice.querySelector("[data-note]").textContent = note;
  }

  function draw(variant) {
    rows.forEach((row, at) => {
      choices(row).forEach((choice) => {
        const options = variant.options.with(at, choice.dataset.option);
        drawChoice(choice, having(options), choice.dataset.option === variant.options[at]);
      });
    });
    write("price", variant.price_label);
    write("sku", variant.sku);
    places("compare-at").forEach((place) => {
      place.hidden = !variant.compare_at_label;
      place.querySelector("[data-words]").textContent = variant.compare_at_label;
    });
    places("stock").forEach((place) => {
      place.textContent = variant.stock_label;
      place.className = `stock is-${variant.stock_kind}`;
    });
    document.querySelectorAll("[data-sku]").forEach((field) => (field.value = variant.sku));
    document.querySelectorAll("[data-for-sku]").forEach((part) => {
      part.hidden = part.dataset.forSku !== variant.sku;
    });
    for (const name of ["buy", "ask"]) {
      places(name).forEach((link) => (link.href = variant.whatsapp_url));
    }
    toggle("add", variant.is_available);
    toggle("buy", variant.is_available);
    toggle("bar", variant.is_available);
    toggle("ask", !variant.is_available);
    toggle("alert", !variant.is_available);
    document.dispatchEvent(new CustomEvent("variant:chosen", { detail: variant }));
  }

  axes.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-option]");
    if (!choice || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = Number(choice.closest("[data-axis]").dataset.axis);
    const variant = having(chosen().with(at, choice.dataset.option));
    if (!variant) return;
    event.preventDefault();
    draw(variant);
    history.replaceState(null, "", address(variant));
  });
}

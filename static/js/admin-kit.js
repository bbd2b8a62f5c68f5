// Keeps "what can be sold now" up to date while somebody says what lies in a kit.
const place = document.querySelector("[data-kit-figure]");

if (place) {
  const rule = document.querySelector("[name=kit_stock]");
  let asked = 0;

  // Rows that are there and stay; the last one is what a new row is copied from.
  const rows = () =>
    [...document.querySelectorAll("[name^='parts-'][name$='-part']")]
      .filter((field) => !field.name.includes("__prefix__") && field.value)
      .map((field) => ({
        part: field.value,
        quantity: document.querySelector(`[name="${field.name.replace(/part$/, "quantity")}"]`)?.value,
        isGone: document.querySelector(`[name="${field.name.replace(/part$/, "DELETE")}"]`)?.checked,
      }))
      .filter((row) => !row.isGone);

  async function show() {
    const mine = ++asked;
    const query = new URLSearchParams({ kit_stock: rule.value });
    rows().forEach((row) => {
      query.append("part", row.part);
      query.append("quantity", row.quantity || "1");
    });
    const answer = await fetch(`${place.dataset.kitFigure}?${query}`);
    if (answer.ok && mine === asked) place.textContent = await answer.text();
  }

  const look = (event) => {
    if (event.target === rule || event.target.name?.startsWith("parts-")) show().catch(() => {});
  };
  document.addEventListener("input", look);
  // The choice of a part is told by jQuery alone.
  globalThis.django?.jQuery(document).on("change", "select", look);
  globalThis.django?.jQuery(document).on("formset:removed", () => show().catch(() => {}));
}

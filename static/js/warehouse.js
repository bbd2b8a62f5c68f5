// The pages of the warehouse: choosing all rows at once, and a pick list that remembers its ticks.
const form = document.querySelector("[data-choose]");

if (form) {
  const all = form.querySelector("[data-choose-all]");
  const told = form.querySelector("[data-choose-count]");
  const boxes = [...form.querySelectorAll("input[name=chosen]")];
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    if (told) told.textContent = count ? `${count} ${told.dataset.words}` : "";
    if (all) {
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
  };
  if (all) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      tell();
    });
  }
  form.addEventListener("change", tell);
  tell();
}

const list = document.querySelector("[data-ticks]");

if (list) {
  const name = list.dataset.ticks;
  let ticked = new Set();
  try {
    ticked = new Set(JSON.parse(sessionStorage.getItem(name) || "[]"));
  } catch {
    // A window that keeps nothing: ticks last as long as the page.
  }
  for (const box of list.querySelectorAll("[data-tick]")) box.checked = ticked.has(box.dataset.tick);
  list.addEventListener("change", (event) => {
    const { tick } = event.target.dataset;
    if (!tick) return;
    if (event.target.checked) ticked.add(tick);
    else ticked.delete(tick);
    try {
      sessionStorage.setItem(name, JSON.stringify([...ticked]));
    } catch {
      // As above.
    }
  });
  const print = list.querySelector("[data-print]");
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

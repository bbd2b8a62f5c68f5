// Fills the hearts of what the visitor keeps, and keeps or lets go without leaving the page. The
// pages are the same for everyone: what is kept comes with the visitor's own part.
const hearts = () => document.querySelectorAll("[data-wish]");
let kept = new Set();

function draw() {
  hearts().forEach((form) => {
    form.querySelector("button").setAttribute("aria-pressed", String(kept.has(form.dataset.wish)));
  });
  document.querySelectorAll("[data-wish-mark]").forEach((mark) => (mark.hidden = !kept.size));
}

function read() {
  const known = document.querySelector("[data-wishes]")?.dataset.wishes;
  kept = new Set(known ? known.split(" ") : []);
  draw();
}

async function change(form) {
  const key = form.dataset.wish;
  const isKept = kept.has(key);
  // Shown at once, and taken back when the shop says otherwise.
  const set = (on) => (on ? kept.add(key) : kept.delete(key), draw());
  const wanted = isKept ? "remove" : "add";
  const data = new FormData(form);
  data.set("do", wanted);
  set(!isKept);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { "X-Fragment": "1" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { is_kept: now, words } = await answer.json();
    set(now);
    form.querySelector("button").title = words;
  } catch {
    // The page of favourites then says why, as it does without scripts.
    set(isKept);
    const field = document.createElement("input");
    form.append(Object.assign(field, { type: "hidden", name: "do", value: wanted }));
    form.submit();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-wish]");
  if (!form) return;
  event.preventDefault();
  change(form);
});
document.addEventListener("fragment:filled", read);
// New rows of a list that was changed in place.
document.addEventListener("htmx:afterSwap", draw);
read();

// Keeps an order's page up to date while something may still happen. It asks soon at first and
// ever less often, not at all while nobody looks, and stops when nothing will change any more.
// Without it the page has a link and, while a bank is asked, reloads itself.
const place = document.querySelector("[data-order]");

if (place) {
  const body = () => place.firstElementChild;
  const interval = () => Number(body().dataset.poll ?? 0);
  let wait = interval();
  let timer = 0;

  function plan() {
    clearTimeout(timer);
    if (interval() && !document.hidden) timer = setTimeout(look, wait);
  }

  // A file that somebody has just chosen, or a way to pay, is not taken from under their hands.
  const isBusy = () => {
    const inside = document.activeElement;
    const isTyping = place.contains(inside) && inside.matches("input, textarea, select, summary");
    return isTyping || [...place.querySelectorAll("input[type=file]")].some((one) => one.files.length);
  };

  async function look() {
    wait = Math.min(wait * 1.4, Number(body().dataset.pollMost));
    try {
      const asked = `${place.dataset.order}?stamp=${encodeURIComponent(body().dataset.stamp)}`;
      const answer = await fetch(asked, { headers: { "X-Fragment": "1" }, cache: "no-store" });
      if (answer.status === 200) draw(await answer.text());
      // The order is gone or the link no longer works: nothing more will come.
      else if (answer.status === 404) return;
    } catch {
      // Offline or the server restarts: the next round asks again.
    }
    plan();
  }

  function draw(html) {
    if (isBusy()) {
      wait = interval();
      return;
    }
    const before = body().querySelector("h1")?.textContent;
    place.innerHTML = html;
    wait = interval();
    const heading = body().querySelector("h1");
    if (heading && heading.textContent !== before) {
      document.dispatchEvent(new CustomEvent("order:changed"));
      // What was read is no longer true: those who cannot see the change hear it.
      if (document.activeElement === document.body) heading.focus({ preventScroll: true });
    }
  }

  document.addEventListener("visibilitychange", () => {
    wait = interval();
    if (document.hidden) clearTimeout(timer);
    else if (interval()) look();
  });
  // Back from the gateway by the browser's own button: the kept page is old.
  window.addEventListener("pageshow", (event) => event.persisted && interval() && look());
  plan();
}

// Changes the cart in place: each form is sent by itself and the cart is drawn anew, with the
// keyboard where it was. Without it every form leads back to the page.
const place = document.querySelector("[data-cart]");

if (place) {
  const status = document.querySelector("[data-cart-status]");
  let waiting;

  function draw(html, focused) {
    place.innerHTML = html;
    const count = place.querySelector("[data-count]")?.dataset.count ?? "0";
    document.dispatchEvent(new CustomEvent("cart:changed", { detail: { count } }));
    const words = place.querySelector("[data-cart-notice]")?.textContent.trim();
    const sum = place.querySelector(".is-total")?.textContent.trim();
    status.textContent = words || sum || "";
    const again = focused && document.getElementById(focused);
    if (again && !again.disabled) again.focus({ preventScroll: true });
    else if (focused) (place.querySelector("h2, a") ?? place).closest("h2, a")?.focus?.();
  }

  async function send(form, submitter) {
    const body = new FormData(form, submitter);
    const focused = document.activeElement?.id || submitter?.id;
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "X-Fragment": "1" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      draw(await answer.text(), focused);
    } catch {
      // Slow or no network: the plain form says so in the browser's own words.
      form.dataset.plain = "1";
      form.requestSubmit(submitter ?? undefined);
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  place.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-cart-form]");
    if (!form || form.dataset.plain) return;
    event.preventDefault();
    clearTimeout(waiting);
    // Enter in the number presses the form's first button, which changes nothing by itself.
    send(form, event.submitter?.name ? event.submitter : null);
  });

  // Shared or copied where the browser can; elsewhere the link opens the page with this cart.
  place.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-cart-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!navigator.share && !navigator.clipboard) return;
    event.preventDefault();
    try {
      if (navigator.share) return await navigator.share({ url: link.href });
      await navigator.clipboard.writeText(link.href);
      link.nextSibling.textContent = ` · ${link.dataset.copied}`;
      status.textContent = link.dataset.copied;
    } catch (error) {
      // Who closes the sheet wants nothing; who may not copy gets the page.
      if (error.name !== "AbortError") location.assign(link.href);
    }
  });

  // A typed number counts once the typing pauses or the field is left.
  place.addEventListener("input", (event) => {
    const field = event.target.closest("[data-stepper] input[type=number]");
    if (!field) return;
    clearTimeout(waiting);
    if (field.value === "" || field.value === field.defaultValue) return;
    waiting = setTimeout(() => field.isConnected && send(field.form, null), 700);
  });
}

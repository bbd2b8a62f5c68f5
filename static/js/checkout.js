// Draws deliveries, payments and the total anew when place or choices change, and hides the
// fields that a choice makes needless. Without it the form shows the same when it is sent.
const form = document.querySelector("[data-checkout]");

if (form) {
  const field = (name) => form.elements.namedItem(name);
  const value = (name) => {
    const found = field(name);
    if (found?.type === "checkbox") return found.checked ? "on" : "";
    return found?.value ?? "";
  };
  const ASKED = [
    ...["place", "municipality", "department", "address"],
    ...["delivery", "account", "plan", "keep"],
  ];
  let asking;
  let waiting;

  function hideNeedless() {
    const isSaved = !["", "new"].includes(value("address"));
    const isPickup = Boolean(form.querySelector("[data-pickup]:checked"));
    form.querySelectorAll("[data-new-address]").forEach((part) => {
      part.hidden = isSaved || (isPickup && "street" in part.dataset);
    });
  }

  function draw(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    const focused = document.activeElement?.id;
    answer.content.querySelectorAll("[data-part]").forEach((part) => {
      const place = form.querySelector(`[data-part="${part.dataset.part}"]`);
      // What did not change keeps its state, and is not read aloud again.
      if (place && place.innerHTML.trim() !== part.innerHTML.trim()) {
        place.replaceChildren(...part.childNodes);
      }
    });
    hideNeedless();
    if (focused && document.activeElement?.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  }

  async function refresh() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const button = form.querySelector("[data-place-order]");
    const asked = new URLSearchParams(ASKED.map((name) => [name, value(name)]));
    form.setAttribute("aria-busy", "true");
    // A total that is about to change is not to be paid.
    if (button) button.disabled = true;
    try {
      const answer = await fetch(`${form.dataset.checkout}?${asked}`, { signal });
      if (answer.status === 204) return location.reload();
      if (answer.ok) draw(await answer.text());
    } catch {
      // Slow or no network: sending the form shows the same.
    } finally {
      if (!signal.aborted) {
        form.removeAttribute("aria-busy");
        form.querySelectorAll("[data-place-order]").forEach((one) => (one.disabled = false));
      }
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.name !== "place") return;
    form.querySelector("[data-municipality]").value = "";
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 250);
  });

  form.addEventListener("change", (event) => {
    if (event.target.name === "department") {
      // Its municipalities take the place of what was typed.
      field("place").value = "";
      form.querySelector("[data-municipality]").value = "";
      refresh();
    }
    if (["delivery", "account", "address", "plan"].includes(event.target.name)) {
      // Another place may have other deliveries.
      if (event.target.name === "address") {
        form.querySelectorAll("[name=delivery]").forEach((one) => (one.checked = false));
      }
      hideNeedless();
      refresh();
    }
  });

  form.addEventListener("click", (event) => {
    const place = event.target.closest("[data-place]");
    if (!place) return;
    event.preventDefault();
    field("place").value = place.textContent;
    form.querySelector("[data-municipality]").value = place.dataset.place;
    field("place").focus();
    refresh();
  });

  // A second press while the first one is on its way would only wait.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.matches("[data-place-order]")) {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      event.submitter.setAttribute("aria-disabled", "true");
    }
  });
  addEventListener("pageshow", (event) => {
    delete form.dataset.sent;
    form.querySelector("[data-place-order]")?.removeAttribute("aria-disabled");
    // Back from the payment page: the cart has become an order.
    if (event.persisted) refresh();
  });

  hideNeedless();
  document.querySelector("[data-faults]")?.focus();
}

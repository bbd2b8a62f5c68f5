// Puts a product in the cart without leaving its page, and says so beside the button.
const forms = document.querySelectorAll("[data-add]");
const dialog = document.querySelector("[data-added]");

if (dialog) {
  const inside = dialog.querySelector("[data-added-words]");

  async function add(form) {
    const buttons = document.querySelectorAll(`[data-add] button, button[form="${form.id}"]`);
    buttons.forEach((button) => (button.disabled = true));
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Fragment": "1" },
      });
      if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
      inside.innerHTML = await answer.text();
      const count = inside.querySelector("[data-count]")?.dataset.count;
      if (count) document.dispatchEvent(new CustomEvent("cart:changed", { detail: { count } }));
      if (!dialog.open) dialog.showModal();
    } catch {
      // Slow or no network, or a browser that is asked to confirm: the plain form does it.
      form.dataset.plain = "1";
      buttons.forEach((button) => (button.disabled = false));
      form.requestSubmit();
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  forms.forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.plain) return;
      event.preventDefault();
      add(form);
    });
  });

  // A press outside the box, or on "go on", closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}

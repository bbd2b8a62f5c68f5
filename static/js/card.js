// Sends a card from the browser straight to the gateway, and only its token to the shop.
const form = document.querySelector("[data-card]");

if (form) {
  const typed = (id) => form.querySelector(`#card-${id}`).value.trim();
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("button[type=submit]");

  function tell(words) {
    problem.textContent = words;
    problem.hidden = !words;
    button.disabled = false;
  }

  form.addEventListener("submit", async (event) => {
    if (form.elements.token.value) return;
    event.preventDefault();
    tell("");
    if (!form.reportValidity()) return;
    const [month, year] = typed("until").split(/\D+/);
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.card, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${form.dataset.key}`,
          "Content-Type": "application/json",
        },
        body: JSON.stringify({
          number: typed("number").replace(/\D/g, ""),
          cvc: typed("code"),
          exp_month: (month ?? "").padStart(2, "0"),
          exp_year: (year ?? "").slice(-2),
          card_holder: typed("holder"),
        }),
      });
      const token = answer.ok ? (await answer.json()).data?.id : "";
      if (!token) return tell(form.dataset.unread);
      form.elements.token.value = token;
      form.submit();
    } catch {
      tell(form.dataset.silent);
    }
  });

  // Back from the order's page: a token serves once.
  addEventListener("pageshow", () => {
    form.elements.token.value = "";
    button.disabled = false;
  });
}

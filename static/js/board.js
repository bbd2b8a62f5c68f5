// The board: hears of changes by a socket (or asks every few seconds), and moves cards by drag,
// by button and by Alt and the right arrow. Without it every button sends its form.
const page = document.querySelector("[data-board]");

if (page) {
  const part = page.querySelector("[data-board-part]");
  const state = page.querySelector("[data-board-state]");
  const address = `${page.dataset.board}?part=1`;
  const ASK_EVERY = 5000;
  let asking = false;
  let askAgain = false;
  let dragged = null;
  let held = false;

  function show(html) {
    // A card that is held or dragged stays what it is; the answer was asked for before.
    if (held || dragged) {
      askAgain = true;
      return;
    }
    const focused = document.activeElement?.closest("[data-card]")?.id;
    const deed = document.activeElement?.value;
    part.innerHTML = html;
    const card = focused && document.getElementById(focused);
    if (!card) return;
    const button = deed && card.querySelector(`button[value="${CSS.escape(deed)}"]`);
    (button || (card.tabIndex === 0 ? card : card.querySelector("a"))).focus({ preventScroll: true });
  }

  async function look() {
    // One question at a time; news that come meanwhile are asked for once more.
    if (asking || held || dragged) {
      askAgain = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      if (answer.ok && !answer.redirected) show(await answer.text());
      else if (answer.status === 403 || answer.redirected) location.reload();
    } catch {
      // Away for a moment: the next look comes.
    }
    asking = false;
    lookIfAsked();
  }

  function lookIfAsked() {
    if (!askAgain || held || dragged) return;
    askAgain = false;
    look();
  }

  async function send(card, values) {
    const form = part.querySelector("form");
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? form?.csrfmiddlewaretoken.value;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, order: card, ...values });
    try {
      const answer = await fetch(address, { method: "POST", body });
      if (answer.headers.get("content-type")?.includes("json")) location.assign((await answer.json()).go);
      else if (answer.ok) show(await answer.text());
      else look();
    } catch {
      look();
    }
  }

  part.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    send(event.target.order.value, { deed: button.value });
  });
  part.addEventListener("keydown", (event) => {
    const card = event.target.closest("[data-card][draggable]");
    if (!card || !event.altKey || event.key !== "ArrowRight") return;
    event.preventDefault();
    const columns = [...part.querySelectorAll(".board-column")];
    const next = columns[columns.indexOf(card.closest(".board-column")) + 1];
    if (next?.dataset.accepts) send(card.dataset.card, { deed: "move", to: next.dataset.accepts });
  });
  part.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.card);
    dragged.classList.add("is-dragged");
  });
  part.addEventListener("dragover", (event) => {
    const column = event.target.closest("[data-accepts]");
    for (const one of part.querySelectorAll(".is-target")) if (one !== column) one.classList.remove("is-target");
    if (!dragged || !column) return;
    event.preventDefault();
    column.classList.add("is-target");
  });
  part.addEventListener("drop", (event) => {
    const column = event.target.closest("[data-accepts]");
    if (!dragged || !column) return;
    event.preventDefault();
    const card = dragged.dataset.card;
    const from = dragged.closest("[data-accepts]");
    dragged = null;
    if (from !== column) send(card, { deed: "move", to: column.dataset.accepts });
  });
  part.addEventListener("dragend", () => {
    part.querySelectorAll(".is-target, .is-dragged").forEach((one) => one.classList.remove("is-target", "is-dragged"));
    dragged = null;
    lookIfAsked();
  });
  part.addEventListener("pointerdown", (event) => {
    held = Boolean(event.target.closest("[data-card][draggable]"));
  });
  // A drag that begins cancels its pointer.
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => {
      held = false;
      lookIfAsked();
    });

  let tries = 0;
  let asks = null;

  function alone(isAlone) {
    state.textContent = isAlone ? state.dataset.alone : state.dataset.live;
    state.classList.toggle("is-live", !isAlone);
    if (isAlone && !asks) asks = setInterval(() => document.hidden || look(), ASK_EVERY);
    if (!isAlone && asks) {
      clearInterval(asks);
      asks = null;
    }
  }

  function listen() {
    const socket = new WebSocket(new URL(page.dataset.socket, location.href.replace(/^http/, "ws")));
    socket.addEventListener("open", () => {
      tries = 0;
      alone(false);
      // What happened while nobody listened.
      look();
    });
    socket.addEventListener("message", look);
    socket.addEventListener("close", () => {
      alone(true);
      look();
      setTimeout(listen, Math.min(30000, 1000 * 2 ** tries++));
    });
  }

  listen();
}

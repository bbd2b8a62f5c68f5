// Counting with a scanner: what it types is sent one after the other, and the field stays ready.
const form = document.querySelector("[data-scan]");

if (form) {
  const field = form.elements.namedItem("sku");
  const pieces = form.elements.namedItem("pieces");
  const waiting = [];
  let sending = false;

  // Who scans looks at the shelf and not at the screen.
  function warn() {
    try {
      navigator.vibrate?.(200);
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      tone.frequency.value = 220;
      tone.connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + 0.25);
      tone.onended = () => sound.close();
    } catch {
      // No sound here: the words say it.
    }
  }

  function show(html) {
    const part = document.querySelector("[data-scanned]");
    part.outerHTML = html;
    const { line, counted, refused } = document.querySelector("[data-scanned]").dataset;
    if (refused !== undefined) warn();
    // The list below shows the same product, unless somebody types in it.
    const number = line && document.querySelector(`[name="line-${line}"]`);
    const before = line && document.querySelector(`[name="was-${line}"]`);
    if (number && number.value === before.value) number.value = before.value = counted;
  }

  function lost(sku) {
    const told = document.createElement("p");
    told.className = "count-told is-refused";
    told.setAttribute("role", "alert");
    told.textContent = `${sku} · ${form.dataset.lost}`;
    document.querySelector("[data-scanned]").prepend(told);
    warn();
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const body = waiting.shift();
      try {
        const answer = await fetch(form.getAttribute("action"), {
          method: "POST",
          body,
          headers: { "X-Part": "1" },
        });
        // Signed out, or the right to count was taken away: the page says so.
        if (answer.redirected || answer.status === 403) return location.reload();
        if (!answer.ok) throw new Error(answer.status);
        show(await answer.text());
      } catch {
        // Never sent again by itself: it may have been counted.
        lost(body.get("sku"));
      }
    }
    sending = false;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    waiting.push(new URLSearchParams(new FormData(form)));
    field.value = "";
    pieces.value = "1";
    field.focus();
    send();
  });
}

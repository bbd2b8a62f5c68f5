// Pages where a scanner types: each scan sends its form, and only the part that changed comes back,
// with a sound that tells right from wrong. Without it every form is sent and the page comes anew.
const page = document.querySelector("[data-scan]");

if (page) {
  const address = new URL(page.dataset.scan, location.href);
  address.searchParams.set("part", "1");
  let audio = null;
  let sending = Promise.resolve();

  function sound(isRight) {
    try {
      audio ||= new AudioContext();
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.type = isRight ? "sine" : "square";
      tone.frequency.value = isRight ? 880 : 180;
      volume.gain.value = isRight ? 0.12 : 0.2;
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + (isRight ? 0.09 : 0.45));
    } catch {
      // A machine without sound: colour and words tell it.
    }
    if (!isRight) navigator.vibrate?.(300);
  }

  function show(html) {
    page.innerHTML = html;
    const told = page.querySelector("[data-scan-told]")?.dataset.scanTold;
    if (told) sound(told === "right");
    const next =
      page.querySelector("[data-scan-form] input[name=code]:enabled") ||
      page.querySelector("[data-scan-finish]:enabled") ||
      page.querySelector("[data-scan-print]") ||
      page.querySelector("[data-scan-next]");
    next?.focus();
  }

  async function send(body) {
    try {
      const answer = await fetch(address, { method: "POST", body });
      if (answer.ok && !answer.redirected) show(await answer.text());
      else location.reload();
    } catch {
      sound(false);
      const told = page.querySelector("[data-scan-told]");
      if (told) {
        told.className = "scan-told is-wrong";
        told.textContent = page.dataset.scanLost || "";
      }
    }
  }

  function queue(body) {
    // One after the other: a scanner is faster than an answer.
    sending = sending.then(() => send(body));
  }

  page.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-scan-form]");
    if (!form) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    if (form.code) {
      if (!form.code.value.trim()) return;
      form.code.value = "";
    }
    queue(body);
  });

  page.querySelector("input[name=code]")?.focus();

  // The camera of a phone, where the browser reads barcodes by itself.
  const eye = document.querySelector("[data-camera]");
  if (eye && "BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) watch(eye);

  function watch(eye) {
    const button = eye.querySelector("button");
    const picture = eye.querySelector("video");
    let stream = null;
    let last = "";
    let lastAt = 0;
    eye.hidden = false;
    button.addEventListener("click", async () => {
      if (stream) {
        stream.getTracks().forEach((track) => track.stop());
        stream = null;
        picture.hidden = true;
        return;
      }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      } catch {
        return;
      }
      picture.srcObject = stream;
      picture.hidden = false;
      await picture.play();
      look(new BarcodeDetector());
    });

    async function look(detector) {
      if (!stream) return;
      try {
        const [found] = await detector.detect(picture);
        const code = found?.rawValue.trim();
        // The same label stays before the camera for a while.
        if (code && (code !== last || performance.now() - lastAt > 3000)) {
          last = code;
          lastAt = performance.now();
          const form = page.querySelector("[data-scan-form]");
          const body = new FormData(form);
          body.set("code", code);
          queue(body);
        }
      } catch {
        // A frame that cannot be read: the next one comes.
      }
      setTimeout(() => look(detector), 200);
    }
  }
}

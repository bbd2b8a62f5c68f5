// Buttons over a long text that write its marks, and products that are found by their name.
// Everything they write can also be typed, so the form works without them.
(() => {
  const wrap = (area, mark) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const words = value.slice(start, end) || "…";
    area.setRangeText(mark + words + mark, start, end, "end");
    area.setSelectionRange(start + mark.length, start + mark.length + words.length);
  };

  const begin = (area, mark) => {
    const { value } = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const lines = value.slice(start, area.selectionEnd).split("\n");
    const written = lines.map((line) => mark + line.replace(/^(#{1,4} |[-*] |\d+\. |> )/, ""));
    area.setRangeText(written.join("\n"), start, area.selectionEnd, "end");
  };

  const link = (area) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const words = value.slice(start, end) || "…";
    area.setRangeText(`[${words}](https://)`, start, end, "end");
    const address = start + words.length + 3;
    area.setSelectionRange(address, address + "https://".length);
  };

  const alone = (area, mark) => {
    const before = area.value.slice(0, area.selectionStart).replace(/\s*$/, "");
    const after = area.value.slice(area.selectionEnd).replace(/^\s*/, "");
    area.value = `${before}${before ? "\n\n" : ""}${mark}\n\n${after}`;
    const place = area.value.length - after.length;
    area.setSelectionRange(place, place);
  };

  // --- Finding products -----------------------------------------------------------------------

  const named = (item) => [item.name, item.label].filter(Boolean).join(" · ");

  function finder(input, url, choose) {
    const list = document.createElement("ul");
    list.className = "found-list";
    list.hidden = true;
    input.after(list);
    let asked = 0;

    const close = () => {
      list.hidden = true;
      list.replaceChildren();
    };

    const show = (found) => {
      list.replaceChildren(
        ...found.map((item) => {
          const row = document.createElement("li");
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = `${named(item)} — ${item.price}`;
          button.addEventListener("click", () => {
            choose(item);
            close();
          });
          row.append(button);
          return row;
        }),
      );
      list.hidden = found.length === 0;
    };

    input.addEventListener("input", async () => {
      const mine = ++asked;
      await new Promise((resume) => setTimeout(resume, 200));
      if (mine !== asked) return;
      if (input.value.trim().length < 2) return close();
      const answer = await fetch(`${url}?q=${encodeURIComponent(input.value)}`);
      if (answer.ok && mine === asked) show((await answer.json()).found);
    });
    // Enter takes the first one instead of sending the form.
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "ArrowDown" && !list.hidden) {
        event.preventDefault();
        list.querySelector("button")?.focus();
      }
      if (event.key === "Enter") {
        event.preventDefault();
        list.querySelector("button")?.click();
      }
    });
    list.addEventListener("keydown", (event) => {
      const rows = [...list.querySelectorAll("button")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") close();
      if (!step) return;
      event.preventDefault();
      (rows[rows.indexOf(document.activeElement) + step] ?? input).focus();
    });
    document.addEventListener("click", (event) => {
      if (!list.contains(event.target) && event.target !== input) close();
    });
  }

  function dress(box) {
    const area = box.querySelector("textarea");
    const bar = box.querySelector(".editor-bar");
    bar.hidden = false;
    // Until somebody chooses a place, what is put in comes last.
    area.setSelectionRange(area.value.length, area.value.length);
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || button.closest(".found-list")) return;
      if (button.dataset.wrap) wrap(area, button.dataset.wrap);
      else if (button.dataset.start) begin(area, button.dataset.start);
      else if ("link" in button.dataset) link(area);
      area.focus();
    });
    const input = bar.querySelector("[data-find]");
    finder(input, box.dataset.findUrl, (item) => {
      alone(area, `[[product:${item.slug}${item.label ? `/${item.sku}` : ""}]]`);
      input.value = "";
      area.focus();
    });
  }

  function start() {
    const boxes = document.querySelectorAll("[data-editor-box]");
    boxes.forEach(dress);
    const url = boxes[0]?.dataset.findUrl;
    const skus = (root) => root.querySelectorAll('input[data-find="sku"]:not([data-found])');
    const listen = (root) =>
      skus(root).forEach((input) => {
        if (!url || input.name.includes("__prefix__")) return;
        input.dataset.found = "1";
        finder(input, url, (item) => {
          input.value = item.sku;
        });
      });
    listen(document);
    // Rows that are added to the list later.
    document.addEventListener("formset:added", (event) => listen(event.target));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

// The colours of the shop, drawn while they are chosen.
const readable = ["#fffdf8", "#1d2522", "#ffffff", "#000000"];

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const part = parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const onColour = (colour) => readable.find((text) => contrast(text, colour) >= 4.5);

function draw(box, fields) {
  const paper = box.querySelector("rect").getAttribute("fill");
  const colours = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!/^#[0-9a-f]{6}$/i.test(field.value)) return;
    colours[name] = field.value;
    colours[`on-${name}`] = onColour(field.value);
  }
  for (const shape of box.querySelectorAll("[data-fill]")) {
    shape.setAttribute("fill", colours[shape.dataset.fill]);
  }
  for (const sample of box.querySelectorAll("[data-sample]")) {
    const [one, least] = sample.dataset.sample === "text"
      ? [contrast(colours.brand, colours["on-brand"]), 4.5]
      : [contrast(colours[sample.dataset.sample], paper), 3];
    sample.querySelector("b").textContent = `${one.toFixed(1)} : 1`;
    sample.classList.toggle("is-weak", one < least);
    sample.querySelector(".colours-good").hidden = one < least;
    sample.querySelector(".colours-weak").hidden = one >= least;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-colours]");
  const fields = {
    brand: document.querySelector("#id_brand_colour"),
    accent: document.querySelector("#id_accent_colour"),
  };
  if (!box || !fields.brand || !fields.accent) return;
  for (const field of Object.values(fields)) {
    field.addEventListener("input", () => draw(box, fields));
  }
});

// A `details` with `data-menu` closes with Escape, or by a click or focus elsewhere.
const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  open().forEach((menu) => {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  });
});

document.addEventListener("click", (event) => {
  open().forEach((menu) => {
    // The darkened page around a drawer or sheet belongs to the menu, but is outside its parts.
    const inside = event.target.closest("summary, .menu-panel, .pick-panel, .visitor-panel");
    if (!inside || !menu.contains(inside)) menu.open = false;
  });
});

document.addEventListener("focusin", (event) => {
  open().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

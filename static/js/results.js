// After a filter refreshed the list in place, says the new count and keeps the keyboard there.
document.addEventListener("htmx:after:swap", () => {
  const label = document.querySelector("[data-results-label]");
  if (label && document.activeElement === document.body) label.focus({ preventScroll: true });
});

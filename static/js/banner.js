// Right behind a banner that can be closed: takes it away before it is painted when it was closed
// on this device, else lets its button close it for good.
(() => {
  const banner = document.currentScript.previousElementSibling;
  const place = "kaiu-closed-banners";
  const key = banner.dataset.banner;
  const closed = () => (localStorage.getItem(place) ?? "").split(" ").filter(Boolean);
  try {
    if (closed().includes(key)) return banner.remove();
  } catch {
    return; // A browser that remembers nothing shows it again, without a button that would lie.
  }
  const button = banner.querySelector("[data-close-banner]");
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem(place, [...closed(), key].slice(-30).join(" "));
    banner.remove();
    document.querySelector("main")?.focus();
  });
})();

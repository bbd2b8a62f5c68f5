// Thumbnails slide the gallery instead of jumping the page, and follow it when it is swiped.
const gallery = document.querySelector("[data-gallery]");

if (gallery) {
  const track = gallery.querySelector(".gallery-track");
  const thumbs = [...gallery.querySelectorAll("[data-picture]")];

  function mark(id) {
    thumbs.forEach((thumb) => {
      if (thumb.dataset.picture === id) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
  }

  function slide(id) {
    const item = document.getElementById(`foto-${id}`);
    if (!item) return;
    track.scrollTo({ left: item.offsetLeft - track.offsetLeft });
    mark(id);
  }

  thumbs.forEach((thumb) => {
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      slide(thumb.dataset.picture);
    });
  });

  const seen = new IntersectionObserver(
    (entries) => {
      const shown = entries.find((entry) => entry.isIntersecting);
      if (shown) mark(shown.target.id.replace("foto-", ""));
    },
    { root: track, threshold: 0.6 },
  );
  track.querySelectorAll(".gallery-item").forEach((item) => seen.observe(item));

  // The chosen variant has its own picture.
  document.addEventListener("variant:chosen", (event) => {
    if (event.detail.picture_id) slide(String(event.detail.picture_id));
  });
}

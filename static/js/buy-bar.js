// The bar below a product steps aside while the product's own button is on the screen.
const bar = document.querySelector("[data-buy-bar]");
const button = document.querySelector("[data-buy]");

if (bar && button) {
  new IntersectionObserver(([entry]) => {
    bar.classList.toggle("is-away", entry.isIntersecting);
  }).observe(button);
}

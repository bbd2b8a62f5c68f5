// Writes how many things are in the visitor's cart into the header, which is the same for all.
// The number comes from a cookie; only a signed-in browser without its own asks the server.
const cookie = (name) =>
  document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? null;

function write(count) {
  const number = Number.parseInt(count, 10) || 0;
  document.querySelectorAll("[data-cart-count]").forEach((place) => {
    place.hidden = number === 0;
    place.querySelector("[data-number]").textContent = number > 99 ? "99+" : String(number);
  });
}

async function show() {
  const known = cookie("kaiu_cart_count");
  const isSignedIn = cookie("kaiu_visitor") === "1";
  // "3" was counted for a stranger, "3a" for an account: who signed in or out since is told anew.
  const isOwn = known !== null && known.endsWith("a") === isSignedIn;
  if (isOwn || !isSignedIn) return write(isOwn ? known : 0);
  const answer = await fetch("/carrito/cuenta/");
  if (answer.ok) write((await answer.json()).count);
}

show().catch(() => {});
document.addEventListener("cart:changed", (event) => write(event.detail.count));
// A page that comes back from the browser's memory shows the number of then.
addEventListener("pageshow", (event) => {
  if (event.persisted) show().catch(() => {});
});

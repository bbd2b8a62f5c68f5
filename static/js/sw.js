// Keeps the shell and the public catalogue pages last seen. Nothing personal is ever kept: those
// addresses, and every answer that says so itself, pass by untouched.
// The server writes RELEASE before this script (shop/storefront/service_worker.py).
const { version: VERSION, assets: ASSETS } = self.RELEASE;
const SHELL = `shell-${VERSION}`;
const PAGES = `pages-${VERSION}`;
const PICTURES = `pictures-${VERSION}`;
const OFFLINE = "/sin-conexion/";
const MOST = { [SHELL]: 80, [PAGES]: 40, [PICTURES]: 150 };

// Only what is named here may be kept; a new kind of page is not kept until someone says so.
const PUBLIC = [
  /^\/$/,
  /^\/productos\//,
  /^\/categorias\//,
  /^\/paginas\//,
  /^\/buscar\/$/,
  /^\/ayuda\//,
];

async function installShell() {
  const cache = await caches.open(SHELL);
  const answer = await fetch(OFFLINE, { cache: "reload" });
  const html = await answer.clone().text();
  await cache.put(OFFLINE, answer);
  const named = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((match) => match[1]);
  const assets = new Set([...ASSETS, ...named]);
  await Promise.allSettled([...assets].map((asset) => cache.add(asset)));
}

async function forgetOldVersions() {
  const current = Object.keys(MOST);
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !current.includes(name)).map((n) => caches.delete(n)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(installShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldVersions().then(() => self.clients.claim()));
});

function mayKeep(answer) {
  const rule = answer.headers.get("Cache-Control") ?? "";
  return answer.ok && answer.type === "basic" && !answer.redirected && !/no-store|private/.test(rule);
}

async function keep(name, request, answer) {
  const cache = await caches.open(name);
  await cache.delete(request);
  await cache.put(request, answer);
  const keys = (await cache.keys()).filter((key) => new URL(key.url).pathname !== OFFLINE);
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST[name])).map((k) => cache.delete(k)));
}

// A page comes from the network, so that prices are true; the copy is for when there is none.
async function page(event) {
  try {
    const answer = await fetch(event.request);
    if (mayKeep(answer)) event.waitUntil(keep(PAGES, event.request, answer.clone()));
    return answer;
  } catch {
    const kept = await caches.open(PAGES).then((cache) => cache.match(event.request));
    return kept ?? caches.match(OFFLINE);
  }
}

// Files and pictures come from the copy at once, and the copy is renewed behind.
async function file(event, name) {
  const kept = await caches.open(name).then((cache) => cache.match(event.request));
  const asked = fetch(event.request).then((answer) => {
    if (mayKeep(answer)) event.waitUntil(keep(name, event.request, answer.clone()));
    return answer;
  });
  if (!kept) return asked;
  event.waitUntil(asked.catch(() => {}));
  return kept;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (/^\/(static\/|iconos\/|marca\.css$)/.test(address.pathname)) {
    event.respondWith(file(event, SHELL));
  } else if (address.pathname.startsWith("/media/")) event.respondWith(file(event, PICTURES));
  else if (request.mode === "navigate") {
    if (PUBLIC.some((path) => path.test(address.pathname))) event.respondWith(page(event));
    else event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  }
});

"""Buying over HTTP as a guest: from a product's page to the order's, and the pages on the way."""

import http.client
import re
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from orders import tokens
from orders.models import Cart, CartLine, PaymentAccount
from shop.models import Organization, Variant
from tests.bench import server

PRODUCTS = 500
FOLDER = Path(settings.LOCAL_DIR) / "bench"


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str
    cookies: dict[str, str]


class Shopper:
    """One guest with a phone: a connection that is kept, and cookies. Does what our pages do."""

    def __init__(self, port: int, host: str, send=None):
        self.host, self.cookies, self.requests = host, {}, 0
        self._send = send or self._over_http
        self._connection = None if send else http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method: str, path: str, fields=None, **headers) -> Answer:
        self.requests += 1
        answer = self._send(method, path, fields, headers)
        self.cookies.update(answer.cookies)
        if answer.status not in (200, 302):
            raise SystemExit(f"{method} {path} was answered with {answer.status}: {answer.body}")
        return answer

    def _over_http(self, method, path, fields, headers):
        headers = {"Host": self.host, "Accept-Encoding": "identity", **headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://{self.host}",
            }
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        cookies = dict(
            written.partition(";")[0].split("=", 1)
            for written in answer.headers.get_all("Set-Cookie", [])
        )
        return Answer(answer.status, text, answer.headers.get("Location", ""), cookies)

    def buy(self, slug: str, sku: str, number: int) -> str:
        """Buy one thing as a stranger, and give the page of the order."""
        self.cookies.clear()
        self.ask("GET", f"/productos/{slug}/")
        wish = {"variant": sku, "quantity": "1"}
        self.ask("POST", "/carrito/agregar/", wish, **{"X-Fragment": "1"})
        form = _fields(self.ask("GET", "/checkout/").body)
        place = {"place": "Bogotá, D.C."}
        form |= _fields(self.ask("GET", f"/checkout/entrega/?{urlencode(place)}").body)
        form |= place | {
            "name": "Ana Gómez",
            "email": f"ana-{number}@example.com",
            "phone": f"300{number % 10**7:07d}",
            "document_type": "CC",
            "document_number": "1020304050",
            "line": "Carrera 7 # 71-21",
            "terms": "on",
        }
        placed = self.ask("POST", "/checkout/", form)
        page = self.ask("GET", placed.location).body
        if "#" not in page or not placed.location.startswith("/pedidos/"):
            raise SystemExit(f"The order was not placed: {placed.location} {placed.body[:2000]}")
        return placed.location


_INPUT = re.compile(r"<input\b[^>]*>")


def _fields(page: str) -> dict[str, str]:
    """Give what the page's form would send without a change: hidden and chosen values."""
    found = {}
    for tag in _INPUT.findall(page):
        values = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_hidden = values.get("type") == "hidden"
        is_chosen = values.get("type") == "radio" and re.search(r"\schecked\b", tag)
        if "name" in values and (is_hidden or is_chosen):
            found[values["name"]] = values.get("value", "")
    return found


def prepare(organization: Organization) -> list[tuple[str, str]]:
    """Let the shop take bank transfers, and give things to buy as (product, variant)."""
    with scope(organization=organization):
        PaymentAccount.objects.filter(provider="practice").update(position=1)
        PaymentAccount.objects.get_or_create(
            organization=organization,
            provider="transfer",
            defaults={"name": "Transferencia", "settings": _BANK},
        )
        return list(Variant.objects.order_by("id").values_list("product__slug", "sku")[:PRODUCTS])


_BANK = {
    "bank": "Bancolombia",
    "account_number": "123-456789-00",
    "account_holder": "KAIU Natural Living",
    "holder": "KAIU Natural Living",
    "instructions": "Transfiere el valor exacto.",
}


def count(organization: Organization, host: str, things) -> tuple[int, int]:
    """Give the requests and the queries of one purchase, in this process."""
    client = Client(headers={"host": host})

    def send(method, path, fields, headers):
        headers = {"origin": f"http://{host}", **headers}
        if method == "POST":
            answer = client.post(path, fields, headers=headers)
        else:
            answer = client.get(path, headers=headers)
        return Answer(answer.status_code, answer.content.decode(), answer.get("Location", ""), {})

    shopper = Shopper(0, host, send)
    with CaptureQueriesContext(connection) as captured:
        shopper.buy(*things[0], time.time_ns())
    return shopper.requests, len(captured)


def rate(port: int, host: str, things, *, shoppers: int, each: int) -> float:
    """Give purchases a second of so many shoppers at once."""
    start = threading.Barrier(shoppers + 1)
    failures = []

    def shop(number):
        shopper = Shopper(port, host)
        start.wait()
        try:
            for turn in range(each):
                thing = things[(number * each + turn) % len(things)]
                shopper.buy(*thing, time.time_ns() // 1000 + number)
        except (SystemExit, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=shop, args=(number,)) for number in range(shoppers)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"A purchase failed: {failures[0]}")
    return shoppers * each / (time.perf_counter() - begun)


def median_rate(port: int, host: str, things, *, shoppers: int, each: int) -> float:
    """Give the median of three rounds, after one that is not counted."""
    rate(port, host, things, shoppers=shoppers, each=3)
    return statistics.median(
        rate(port, host, things, shoppers=shoppers, each=each) for _round in range(3)
    )


# --- The pages on the way -------------------------------------------------------------------------


def cookie(organization: Organization) -> str:
    """Give the cookie of a cart with three lines."""
    with scope(organization=organization):
        made = Cart.objects.create(organization=organization)
        for variant in Variant.objects.order_by("-id")[:3]:
            CartLine.objects.create(
                cart=made, variant=variant, quantity=1, seen_price=variant.price
            )
        return f"kaiu_cart={tokens.for_cart(organization, made.pk)}; kaiu_cart_count=3"


def write_bare(host: str, cookies: str, folder: Path) -> None:
    """Turn the cart and the checkout into templates of the same size with one row in them."""
    for name, path in (("cart", "/carrito/"), ("checkout", "/checkout/")):
        answer = Client(headers={"host": host, "cookie": cookies}).get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} was answered with {answer.status_code}.")
        words = re.sub(r"{[%{#]|[%}#]}", "", answer.content.decode())
        (folder / f"{name}.html").write_text(words + "{{ name }} {{ summary }}")


def measure(record: Callable, in_turn: Callable, organization: Organization, host: str) -> None:
    """Record whole purchases, and the pages on the way beside bare views of their size."""
    things = prepare(organization)
    # The first purchase of a process also reads what later ones remember.
    requests, queries = count(organization, host, things)
    record("requests of a guest's purchase", requests, "", at_most=8)
    record("queries of a guest's purchase", queries, "", at_most=60)
    with server.running("tests.bench.settings") as (address, _process):
        port = int(address.rpartition(":")[2])
        one = median_rate(port, host, things, shoppers=1, each=40)
        eight = median_rate(port, host, things, shoppers=8, each=20)
    record("purchases, one shopper", one, "/s", at_least=12)
    record("purchases, eight shoppers", eight, "/s", at_least=35)
    cookies = cookie(organization)
    write_bare(host, cookies, FOLDER)
    with (
        server.running("tests.bench.settings") as (ours, _process),
        server.running(*server.BARE) as (bare, _process),
    ):
        for name, path, least in (("cart", "/carrito/", 0.35), ("checkout", "/checkout/", 0.25)):
            pair = in_turn(
                (ours, [path], host, {"Cookie": cookies}),
                (bare, [f"/{organization.slug}/page/{name}/"], "localhost"),
                gzip=False,
            )
            record(f"{name} page, three lines", pair, "/s", at_least=least)
        add = {"Origin": f"http://{host}", "Content-Type": "application/x-www-form-urlencoded"}
        wish = urlencode({"variant": things[0][1], "quantity": "1"})
        pair = in_turn(
            (ours, ["/carrito/agregar/"], host, {**add, "X-Fragment": "1"}, wish),
            (bare, [f"/{organization.slug}/page/cart/"], "localhost"),
            gzip=False,
        )
        record("add to cart", pair, "/s", at_least=0.25)

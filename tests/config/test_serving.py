"""Real processes: one id finds the whole path, a stop loses nothing, each part stands alone."""

import signal
import threading
import time
from contextlib import suppress

import pytest
import requests

from tests.config.processes import eventually, fill_home, temporary_home
from tests.config.serving import ADDRESS, BUYER, GatedHandler, Shop
from tests.orders.payments import stub, wompi_stub

# What a supervisor waits before it kills (config/run.py).
LIMIT = 25
CLIENTS = 6
# Seconds until a busy machine has read what was sent to it.
_DOORWAY = 0.1


@pytest.fixture(scope="module")
def gate():
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture(scope="module")
def shop(gate, migrated_data):
    with temporary_home() as home:
        fill_home(home, migrated_data)
        handler = type("Handler", (GatedHandler,), {"gate": gate})
        with stub.running(wompi_stub.WompiStub(), handler) as wompi:
            shop = Shop(home, wompi)
            try:
                shop.start()
                yield shop
            finally:
                gate.set()
                shop.close()


def test_one_id_leads_from_a_notice_to_its_task_and_the_call(shop):
    cart = shop.fill_cart()
    placed = shop.order(cart).json()
    number, token = placed["order"]["number"], placed["token"]
    reference, amount = shop.attempt(number)

    answer = shop.notify(reference, amount)
    eventually(
        lambda: shop.rows(
            f"SELECT 1 FROM orders_order WHERE number = '{number}' AND payment = 'paid'"
        )
    )
    request_id = answer.headers["X-Request-ID"]
    wanted = {
        ("Request", "api:webhook"),
        ("Outside call", "wompi"),
        ("Task", "orders.webhook_tasks.handle"),
        ("Task", "orders.mail_tasks.send"),
    }
    path = eventually(lambda: path_of(shop, request_id) >= wanted and path_of(shop, request_id))
    assert {event for event, _what in path} == {"Request", "Task", "Outside call"}

    # What people do with their links, right and wrong.
    for path in (f"/pedidos/{token}/", f"/pedidos/{token}x/", f"/nada/{token}/?correo=1"):
        requests.get(f"{shop.address}{path}", timeout=30)
    requests.post(f"{shop.address}/pedidos/{token}/cancelar/", data=BUYER, timeout=30)
    requests.get(f"http://localhost:{shop.sockets_port}/pedidos/{token}/", timeout=30)
    written = "".join(log.read_text() for log in shop.home.rglob("*.log"))
    shown = [
        part
        for part in (*BUYER.values(), *ADDRESS.values(), "3157654321", token, cart, reference)
        if part in written and part != BUYER["document_type"]
    ]
    secrets = (*wompi_stub.SECRETS.values(), wompi_stub.PUBLIC_KEY, secret_of(shop))
    assert shown + [secret for secret in secrets if secret in written] == []


def path_of(shop: Shop, request_id: str) -> set[tuple[str, str]]:
    return {
        (line["event"], line.get("view") or line.get("task") or line.get("service"))
        for line in shop.lines()
        if line.get("request_id") == request_id
    }


def secret_of(shop: Shop) -> str:
    return (shop.home / "secrets" / "SECRET_KEY").read_text()


def test_the_clock_and_the_sockets_take_down_their_own_line_only(shop):
    assert unwell(shop) == set()

    shop.end("beat")
    eventually(lambda: unwell(shop) == {"beat"})
    shop.end("sockets")
    eventually(lambda: unwell(shop) == {"beat", "sockets"})

    # Whoever buys notices nothing.
    assert shop.parts()["ok"] is True


def unwell(shop: Shop) -> set[str]:
    return {name for name, part in shop.parts()["parts"].items() if not part["ok"]}


def test_a_stop_under_load_loses_nothing_and_ends_in_time(shop, gate):
    before = orders(shop)
    waiting = [shop.order(shop.fill_cart()).json()["order"]["number"] for _number in range(4)]
    attempts = [shop.attempt(number) for number in waiting]
    carts = [[shop.fill_cart() for _number in range(15)] for _client in range(CLIENTS)]
    gate.clear()
    heard = len(shop.wompi.heard)
    for reference, amount in attempts:
        assert shop.notify(reference, amount).status_code == 200
    # The worker is in the middle of its calls, and buyers in the middle of theirs.
    eventually(lambda: len(shop.wompi.heard) >= heard + len(attempts))
    placed, unanswered, under_way = [], [], threading.Event()
    clients = [
        threading.Thread(target=buy, args=(shop, own, placed, unanswered, under_way))
        for own in carts
    ]
    for client in clients:
        client.start()
    assert under_way.wait(30)

    started = time.monotonic()
    release = threading.Timer(1, gate.set)
    release.start()
    shop.end("web", "worker")
    took = time.monotonic() - started
    for client in clients:
        client.join()
    release.join()

    assert took < LIMIT
    assert 0 < len(placed) < sum(map(len, carts))
    # Who was heard was answered, and who was not has no order. Who came while the door was being
    # shut may have stood in it.
    assert [at for at in unanswered if at < started - _DOORWAY] == []
    assert orders(shop) - before == set(placed) | set(waiting)
    halves = shop.rows(
        "SELECT number FROM orders_order AS placed WHERE NOT EXISTS "
        "(SELECT 1 FROM orders_orderline WHERE order_id = placed.id) OR NOT EXISTS "
        "(SELECT 1 FROM orders_orderevent WHERE order_id = placed.id AND kind = 'placed')"
    )
    assert halves == []
    [(reserved, promised)] = shop.rows(
        "SELECT (SELECT sum(reserved) FROM shop_stocklevel), "
        "(SELECT sum(quantity) FROM shop_stockreservation WHERE status = 'active')"
    )
    assert reserved == promised

    shop.start("web", "worker")
    numbers = ", ".join(f"'{number}'" for number in waiting)
    paid = f"SELECT count(*) FROM orders_order WHERE number IN ({numbers}) AND payment = 'paid'"
    eventually(lambda: shop.rows(paid) == [(len(waiting),)])
    unsent = "SELECT count(*) FROM orders_orderevent WHERE mail = 'queued'"
    eventually(lambda: shop.rows(unsent) == [(0,)], seconds=90)


def orders(shop: Shop) -> set[str]:
    return {number for (number,) in shop.rows("SELECT number FROM orders_order")}


def buy(shop: Shop, carts: list[str], placed: list, unanswered: list, under_way) -> None:
    """Order until the shop no longer listens."""
    for cart in carts:
        begun = time.monotonic()
        try:
            answer = shop.order(cart)
        except requests.ConnectionError:
            # Refused, or ended before anything of an answer came.
            unanswered.append(begun)
            return
        assert answer.status_code == 201, answer.content
        placed.append(answer.json()["order"]["number"])
        under_way.set()


def test_what_rests_on_a_part_that_is_down_is_not_down_itself(shop):
    before = unwell(shop)
    shop.end("worker")
    eventually(lambda: unwell(shop) == before | {"workers"})

    for server, part, needs in (
        ("valkey", "broker", {"queue"}),
        ("postgres", "database", {"vector", "pg_trgm", "unaccent", "migrations", "keys"}),
    ):
        with frozen(shop.server(server)):
            found = eventually(lambda part=part: failed(shop, part) and shop.parts())
        assert found["ok"] is False
        unknown = {name for name, one in found["parts"].items() if one["ok"] is None}
        assert needs <= unknown
        wrong = {name for name, one in found["parts"].items() if one["ok"] is False}
        assert wrong <= {part, "workers", *before}


def failed(shop: Shop, part: str) -> bool:
    return shop.parts()["parts"].get(part, {}).get("ok") is False


class frozen:
    """Stops a server from answering while the block runs."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)

    def __exit__(self, *_error):
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)

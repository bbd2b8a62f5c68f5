"""Pictures by address: fetched once, in the background, and never from our own network."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from shop import imports
from shop.imports import fetching
from shop.models import ImportPicture, Picture, Product, Variant
from tests import make
from tests.config.listening import listening

from . import tables

GOOD = make.picture_file(200, 200).getvalue()


@contextmanager
def server(pages: dict):
    """Give the address of a server with these pages, and what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = pages[self.path]
            self.send_response(status)
            for name, value in {"Content-Length": len(body), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with listening(ThreadingHTTPServer, Handler) as address:
        yield address, asked


def brought(*addresses: str, name: str = "Vela"):
    row = {"Nombre": name, "SKU": name, "Precio": "1.000", "Fotos": " ".join(addresses)}
    return tables.brought(tables.own(row))


def test_pictures_come_in_their_order_and_each_address_is_asked_once(organization):
    with server({"/a": (200, {}, GOOD), "/b": (200, {}, GOOD)}) as (address, asked):
        one = brought(f"{address}/a", f"{address}/b")
        assert Picture.objects.count() == 0
        fetching.fetch(organization)
        again = brought(f"{address}/a", f"{address}/b")
        brought(f"{address}/a", name="Otra")
        fetching.fetch(organization)

    assert sorted(asked) == ["/a", "/b"]
    product = Product.objects.get(name="Vela")
    assert [row.position for row in product.pictures.all()] == [0, 1]
    assert product.cover["key"] == product.pictures.first().key
    assert Product.objects.get(name="Otra").pictures.count() == 1
    assert (tables.outcome(again), one.faults.count()) == ((0, 0, 1, 0), 0)


def test_a_variant_gets_the_picture_that_shows_it(organization):
    with server({"/a": (200, {}, GOOD)}) as (address, _asked):
        tables.brought(
            tables.table(
                ["Handle", "Title", "Option1 Name", "Variant Price", "Variant Image"],
                ["te", "Té", "Sabor", "9000.00", f"{address}/a"],
            )
        )
        fetching.fetch(organization)

    assert Variant.objects.get().picture == Picture.objects.get()


PRIVATE = "picture_private"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://127.0.0.1/x.jpg", PRIVATE),
        ("https://169.254.169.254/latest/meta-data", PRIVATE),
        ("http://10.0.0.8/x.jpg", PRIVATE),
        ("https://[::1]/x.jpg", PRIVATE),
        ("https://localhost/x.jpg", PRIVATE),
    ],
)
def test_nothing_is_fetched_from_our_own_network(organization, settings, address, reason):
    settings.HTTP_PRIVATE_HOSTS = []

    one = brought(address)
    fetching.fetch(organization)

    fault = one.faults.get()
    assert (one.status, fault.line, fault.column, fault.reason) == ("done", 2, "Fotos", reason)
    assert imports.words(fault)
    assert Picture.objects.count() == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((302, {"Location": "https://169.254.169.254/x"}, b""), PRIVATE),
        ((302, {"Location": "https://localhost:1/x"}, b""), PRIVATE),
        ((404, {}, b""), "picture_refused"),
        ((200, {}, b"<html>"), "picture_bad"),
        ((200, {}, b"x" * 11_000_000), "picture_bad"),
    ],
    ids=["redirected", "redirected to a name", "missing", "no picture", "too large"],
)
def test_what_cannot_be_had_is_told_and_the_product_stays(organization, answer, reason):
    with server({"/a": answer}) as (address, _asked):
        one = brought(f"{address}/a")
        fetching.fetch(organization)

    assert one.faults.get().reason == reason
    assert Product.objects.get().name == "Vela"
    assert ImportPicture.objects.get().status == "failed"


def test_a_server_that_is_down_is_asked_again_later_and_then_no_more(organization):
    with server({"/a": (503, {}, b"")}) as (address, asked):
        one = brought(f"{address}/a")
        for tries in range(1, 6):
            fetching.fetch(organization)
            assert len(asked) == min(tries, 4)
            ImportPicture.objects.filter(status="waiting").update(due_at=timezone.now())

    assert one.faults.get().reason == "picture_unreachable"


def test_an_undo_takes_its_pictures_back(organization):
    product = make.product("Vela", slug="vela")
    kept = Picture.objects.create(product=product, key="x", widths=[320], width=320, height=320)
    variant = product.variants.get()
    Variant.objects.update(sku="Vela")
    with server({"/a": (200, {}, GOOD)}) as (address, _asked):
        one = brought(f"{address}/a")
        fetching.fetch(organization)
    assert product.pictures.count() == 2
    one = tables.undone(one)

    assert list(product.pictures.all()) == [kept]
    assert ImportPicture.objects.count() == 0
    variant.refresh_from_db()
    assert variant.price == 2_490_000

"""Shipments and quotes through the API: what is sent, where it is, and what it would cost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from logistics import tracking
from logistics.carriers.base import News, Tracked
from logistics.models import Incident, Shipment
from logistics.models.shipments import State
from orders import confirmation, parcels
from shop.models import AuditEntry
from tests import make
from tests.logistics import fakes
from tests.orders.api import buying
from tests.shop import api

LIST = "/api/shipments/"


def ready_order(quantity: int = 3, **fields):
    return make.pay(make.placed_order(make.variant(in_stock=9), quantity=quantity, **fields))


def sent(order, **fields) -> Shipment:
    fields = {"account": None, "carrier_name": "Moto", **fields}
    return parcels.plan(order, now=timezone.now(), **fields)


def codes(client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["results"]]


def test_a_part_of_an_order_is_sent_once_however_often_it_is_asked_for(organization):
    order, client, key = ready_order(), api.client("warehouse"), buying.key()
    line, account, place = order.lines.get(), make.carrier_account(), make.origin()
    wish = {
        "order": str(order.pk),
        "account": str(account.pk),
        "service": "normal",
        "origin": str(place.pk),
        "lines": [{"line": str(line.pk), "quantity": 2}],
    }

    made = [client.post(LIST, wish, headers=key) for _time in range(2)]
    too_much = client.post(LIST, wish, headers=buying.key())
    without_key = client.post(LIST, wish)

    assert [one.status_code for one in made] == [201, 201], made[0].content
    assert made[1]["Idempotent-Replayed"] == "true"
    shipment = Shipment.objects.get()
    told = made[0].json()
    assert (told["id"], told["state"], told["code"]) == (
        str(shipment.pk),
        "pending",
        f"{order.number}-1",
    )
    assert told["orders"][0]["lines"][0] | {"line": ""} == {
        "line": "",
        "sku": line.sku,
        "name": line.name,
        "label": line.label,
        "quantity": 2,
    }
    assert len(told["parcels"]) == 1
    assert (too_much.status_code, too_much.json()["code"]) == (409, "cannot_send")
    assert without_key.status_code == 400
    entry = AuditEntry.objects.get(model="shipment", action="added")
    assert entry.source == "api"


def test_what_cannot_be_is_named_by_field(organization):
    order, client = ready_order(), api.client("manager")
    with scope(organization=make.organization()):
        foreign, account, place = ready_order(), make.carrier_account(), make.origin()
    line = {"line": str(order.lines.get().pk), "quantity": 1}

    def refused(**fields) -> list[str]:
        wish = {"order": str(order.pk), **fields}
        answer = client.post(LIST, wish, headers=buying.key())
        assert answer.status_code == 400, answer.content
        return sorted(answer.json()["fields"])

    assert refused(order=str(foreign.pk)) == ["order"]
    assert refused(account=str(account.pk), origin=str(place.pk)) == ["account", "origin"]
    assert refused(service="normal") == ["service"]
    assert refused(lines=[line, line]) == ["lines"]
    assert refused(lines=[]) == ["lines"]
    assert refused(lines=[line | {"quantity": 0}]) == ["lines.0.quantity"]
    assert refused(cost=1) == ["cost"]
    assert not Shipment.objects.exists()


def test_a_shipment_is_shown_with_its_way_and_what_holds_it_up(organization):
    shipment, now = sent(ready_order()), timezone.now()
    news = [
        News("REC", State.PICKED_UP, now + timedelta(hours=1), "Recibido", "Bogotá"),
        News("PISO", None, now + timedelta(hours=2), "EN PISO 3", "Cali"),
        News("NOV", State.INCIDENT, now + timedelta(hours=3), "Nadie en casa", "Cali"),
    ]
    tracking.take_in(shipment, Tracked(tuple(news)), now=now + timedelta(hours=4))

    client = api.client("viewer")
    told = client.get(f"{LIST}{shipment.pk}/").json()
    tag = client.get(f"{LIST}{shipment.pk}/")["ETag"]

    assert [one["state"] for one in told["events"]] == ["incident", "", "picked_up"]
    assert told["events"][1]["raw_state"] == "PISO"
    assert [one["description"] for one in told["incidents"]] == ["Nadie en casa"]
    assert "events" not in client.get(LIST).json()["results"][0]
    again = client.get(f"{LIST}{shipment.pk}/", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_the_warehouse_sees_that_cash_is_collected_and_not_how_much(organization):
    order = make.placed_order(make.variant(in_stock=9, price=1_234_500), provider="cash")
    confirmation.confirm_by_word(order, now=timezone.now())
    shipment = sent(order)
    Shipment.objects.filter(pk=shipment.pk).update(cost=777_700, quoted_cost=888_800)

    for_packing = [
        api.client("warehouse").get(address).content.decode()
        for address in (LIST, f"{LIST}{shipment.pk}/")
    ]
    for_office = api.client("manager").get(f"{LIST}{shipment.pk}/").json()

    for text in for_packing:
        assert '"collects_cash":true' in text
        for amount in ("1234500", str(order.total), "777700", "888800"):
            assert amount not in text
    assert (for_office["cash_to_collect"], for_office["cost"]) == (order.total, 777_700)


def test_a_shipment_is_taken_back_while_nobody_drives_it(organization):
    shipment, client = sent(ready_order()), api.client("warehouse")
    address = f"{LIST}{shipment.pk}/cancel/"

    gone = [client.post(address, {}) for _time in range(2)]
    late = make.shipment(state=State.IN_TRANSIT)
    refused = client.post(f"{LIST}{late.pk}/cancel/", {})
    old = client.post(address, {}, headers={"If-Match": 'W/"anything-else"'})

    assert [(one.status_code, one.json()["state"]) for one in gone] == [(200, "cancelled")] * 2
    assert (refused.status_code, refused.json()["code"]) == (409, "too_late")
    assert old.status_code == 412


def test_a_label_comes_as_a_pdf_once_there_is_one(organization):
    client = api.client("warehouse")
    ready, waiting = make.shipment(), make.shipment(state=State.CREATED)

    def label(shipment):
        headers = {"Accept": "application/pdf"}
        return client.get(f"{LIST}{shipment.pk}/label/", headers=headers)

    file, missing = label(ready), label(waiting)

    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    assert file.content.startswith(b"%PDF-")
    assert file["Cache-Control"] == "private, no-store"
    assert (missing.status_code, missing.json()["code"]) == (409, "label_missing")


def test_shipments_are_filtered(organization):
    client, order = api.client("owner"), ready_order()
    first = sent(order, quantities={order.lines.get().pk: 1})
    second = sent(order)
    account = make.carrier_account()
    third = make.shipment(state=State.IN_TRANSIT, account=account, tracking_number="568001")

    assert codes(client) == [third.code, second.code, first.code]
    assert codes(client, "?ordering=id&limit=1") == [first.code]
    assert codes(client, f"?order={order.pk}") == [second.code, first.code]
    assert codes(client, f"?order_number={order.number}") == [second.code, first.code]
    assert codes(client, "?tracking_number=568001") == [third.code]
    assert codes(client, f"?account={account.pk}") == [third.code]
    assert codes(client, f"?code={first.code}") == [first.code]
    assert codes(client, "?state=in_transit&state=delivered") == [third.code]
    assert codes(client, "?test=false") == [third.code]
    for wrong in ("?state=lost", "?order=x", "?carrier=x", "?ordering=cost", "?order_number=0"):
        assert client.get(LIST + wrong).status_code == 400, wrong


@pytest.mark.parametrize(("where", "queries"), [("list", 7), ("detail", 10)])
def test_it_asks_as_often_for_three(organization, django_assert_num_queries, where, queries):
    client, order = api.client("owner"), ready_order()
    line, found = order.lines.get(), []

    def add():
        found.append(sent(order, quantities={line.pk: 1}))
        number, now = len(found), timezone.now()
        news = News(f"{number}", State.INCIDENT, now, f"No {number}", "Cali")
        tracking.take_in(found[0], Tracked((news,)), now=now)
        Incident.objects.create(
            shipment=found[0],
            carrier_id=f"{number}",
            description="No",
            answer_by=now,
            happened_at=now,
        )

    def ask():
        return client.get(LIST if where == "list" else f"{LIST}{found[0].pk}/").json()

    add()
    ask()
    with django_assert_num_queries(queries):
        ask()
    add()
    add()
    with django_assert_num_queries(queries):
        told = ask()
    assert len(told["results"] if where == "list" else told["events"]) == 3


# --- Quotes ---------------------------------------------------------------------------------------


def quoted(client=None, **wish):
    client = client or api.client()
    return client.post("/api/quotes/", {"municipality": "11001", **wish})


def test_lines_and_a_cart_of_them_cost_the_same(organization, monkeypatch):
    make.national_rate(price=990_000)
    make.origin(is_default=True)
    make.carrier_account()
    carrier = fakes.register(monkeypatch, "practice", fakes.option(1_190_000))
    variant = make.variant(in_stock=9, price=2_000_000, weight_grams=700)
    token = buying.cart(None, variant, quantity=2)

    by_lines = quoted(lines=[{"sku": variant.sku, "quantity": 2}]).json()
    by_cart = quoted(cart=token).json()

    assert [one["cost"] for one in by_lines["deliveries"]] == [990_000, 1_190_000]
    assert by_lines == by_cart
    assert (by_lines["place"], by_lines["refusal"]) == ("Bogotá, D.C., Bogotá, D.C.", None)
    assert "carrier_cost" not in json.dumps(by_lines)
    assert len(carrier.wishes) == 1


def test_where_nothing_goes_it_is_said_why(organization):
    variant = make.variant(in_stock=9)

    told = quoted(lines=[{"sku": variant.sku}]).json()

    assert told["deliveries"] == []
    assert told["refusal"]["code"] == "not_delivered"
    assert "Bogotá" in told["refusal"]["message"]


def test_a_quote_is_refused_by_field(organization):
    variant, hidden = make.variant(in_stock=9), make.variant()
    hidden.product.is_active = False
    hidden.product.save()
    with scope(organization=make.organization()):
        foreign, cart = make.variant(sku="AJENO"), make.cart(make.variant())
    line = {"sku": variant.sku}

    def refused(**wish) -> list[str]:
        answer = quoted(**wish)
        assert answer.status_code == 400, answer.content
        return sorted(answer.json()["fields"])

    assert refused(lines=[{"sku": foreign.sku}]) == ["lines"]
    assert refused(lines=[{"sku": hidden.sku}]) == ["lines"]
    assert refused(lines=[line, line]) == ["lines"]
    assert refused(lines=[line], municipality="99999") == ["municipality"]
    assert refused() == []
    assert refused(lines=[line], cart="x" * 40) == []
    assert quoted(cart="x" * 40).status_code == 404
    assert quoted(cart=str(cart.pk)).status_code == 404


def test_quotes_have_a_limit_of_their_own(organization, settings):
    settings.API_RATES = {**settings.API_RATES, "quote": "2/h"}
    client, variant = api.client(), make.variant()

    answers = [quoted(client, lines=[{"sku": variant.sku}]).status_code for _time in range(3)]

    assert answers == [200, 200, 429]
    assert client.get("/api/products/").status_code == 200

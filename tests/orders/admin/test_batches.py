"""Many orders sent at once: as many results as orders, each failure named, and none sent twice."""

import threading

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from logistics.models import Pickup, Rate, Shipment
from orders import batches, parcels
from orders.models import Order, ShipmentBatch
from shop.models import Variant
from tests import make
from tests.orders.admin.pages import read


def firm(**fields) -> Order:
    """Give an order that may be sent, by the shop's own courier."""
    rate = Rate.objects.first() or make.national_rate()
    lines = [Variant.objects.first() or make.variant()]
    code = make.delivery_code(rate)
    fields = {"status": "confirmed", "paid": True, "delivery_code": code, **fields}
    return make.order(lines=lines, **fields)


def begun(orders, **fields) -> ShipmentBatch:
    person = make.member("warehouse")
    return batches.begin(make.here(), orders, now=timezone.now(), actor=person, **fields)


def states(batch: ShipmentBatch) -> list[str]:
    items = batch.items.select_related("shipment").order_by("order__number")
    return [batches.standing(item).state for item in items]


def test_fifty_orders_give_fifty_results_and_each_failure_its_name(organization, owner):
    buyer = make.customer()
    good = [firm(customer=buyer) for _number in range(47)]
    gone = firm(delivery_code="carrier-0")
    blocked = firm(concern=Order.Concern.MISMATCH)
    counter = firm(is_pickup=True)
    batch = begun([*good, gone, blocked, counter])

    finished = batches.carry_on(batch.pk, now=timezone.now())

    assert (finished, states(batch)) == (True, ["done"] * 47 + ["failed"] * 3)
    assert Shipment.objects.count() == 47
    page = read(owner, f"/admin/orders/shipmentbatch/{batch.pk}/change/")
    for words in ("Choose who carries it", "has to decide about order", "picks order", "50 of 50"):
        assert words in page
    assert "Print 47 labels" in page


def test_what_failed_is_tried_again_and_the_rest_is_left_alone(organization):
    good, blocked = firm(), firm(concern=Order.Concern.MISMATCH)
    batch = begun([good, blocked])
    batches.carry_on(batch.pk, now=timezone.now())
    before = Shipment.objects.get()
    Order.objects.filter(pk=blocked.pk).update(concern="")

    tried = batches.retry(batch, now=timezone.now(), actor=make.member("warehouse"))
    batches.carry_on(batch.pk, now=timezone.now())

    assert (tried, states(batch)) == (1, ["done", "done"])
    assert Shipment.objects.count() == 2
    assert Shipment.objects.filter(pk=before.pk, code=before.code).exists()


def test_what_a_person_sent_meanwhile_is_not_sent_again(organization):
    order = firm()
    batch = begun([order])
    theirs = parcels.plan_as_chosen(order, now=timezone.now())

    batches.carry_on(batch.pk, now=timezone.now())

    assert Shipment.objects.get() == theirs
    assert batch.items.get().shipment == theirs


def test_a_batch_waits_for_its_carriers_and_says_what_they_say(organization):
    batch = begun([firm(), firm()])
    batches.carry_on(batch.pk, now=timezone.now())
    asked, refused = (item.shipment for item in batch.items.order_by("order__number"))
    ShipmentBatch.objects.update(finished_at=None)
    Shipment.objects.filter(pk=asked.pk).update(state="pending", due_at=timezone.now())
    Shipment.objects.filter(pk=refused.pk).update(state="refused", error="Sin cobertura")

    assert not batches.carry_on(batch.pk, now=timezone.now())

    assert states(batch) == ["working", "failed"]
    items = batch.items.select_related("shipment").order_by("order__number")
    assert batches.standing(items[1]).why == "Sin cobertura"


def test_carriers_are_asked_to_come_once_when_the_labels_are_there(organization):
    account, _origin = make.carrier_account(), make.origin()
    batch = begun([firm(), firm()], account=account, wants_pickup=True)

    early = batches.carry_on(batch.pk, now=timezone.now())
    before = Pickup.objects.count()
    Shipment.objects.update(state="label_ready", due_at=None)
    ended = batches.carry_on(batch.pk, now=timezone.now())
    batches.carry_on(batch.pk, now=timezone.now())

    assert (early, before, ended) == (False, 0, True)
    assert set(Shipment.objects.values_list("pickup", flat=True)) == {Pickup.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_batches_send_each_order_once(open_shop):
    orders = [firm() for _number in range(4)]
    first, second = begun(orders), begun(orders)
    start = threading.Barrier(4)

    def work(batch):
        with scope(organization=open_shop):
            start.wait()
            batches.carry_on(batch.pk, now=timezone.now())
            connection.close()

    threads = [threading.Thread(target=work, args=(one,)) for one in (first, first, second, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Shipment.objects.count() == 4
    assert states(first) == states(second) == ["done"] * 4

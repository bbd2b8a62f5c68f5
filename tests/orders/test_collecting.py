"""Nobody pays twice: what was paid meanwhile is not collected at the door as well."""

import pytest
from django.utils import timezone

from logistics.models import Shipment
from logistics.models.shipments import State
from orders import cash, ledger, parcels, settlement
from orders.models import Order, OrderEvent, PaymentAccount
from tests import make


@pytest.fixture
def order(organization):
    """An order whose first payment got no answer, so that its buyer chose to pay at the door."""
    order = make.placed_order(make.variant(in_stock=9), quantity=2)
    make.attempt(order)
    order.account = make.payment_account(PaymentAccount.Provider.CASH)
    order.payment_method, order.due_first = "cash", 0
    order.status = Order.Status.CONFIRMED
    order.save()
    return order


def sent(order, **fields) -> Shipment:
    shipment = parcels.plan(order, account=None, carrier_name="Moto", now=timezone.now())
    Shipment.objects.filter(pk=shipment.pk).update(**fields)
    return shipment


def pay_online(order) -> Shipment:
    """Let the gateway say after all that the order was paid; give its shipment as it is then."""
    opened = order.attempts.select_related("account__organization", "order").get()
    settlement.settle(opened.account, make.report(opened), now=timezone.now())
    order.refresh_from_db()
    assert order.outstanding == 0
    return Shipment.objects.get()


def warned() -> bool:
    return OrderEvent.objects.filter(data__has_key="still_collects").exists()


def test_what_no_carrier_heard_of_collects_what_is_left(order):
    assert sent(order).cash_to_collect == order.total

    assert pay_online(order).cash_to_collect == 0
    assert not warned()


@pytest.mark.parametrize("state", [State.LABEL_READY, State.IN_TRANSIT])
def test_staff_are_told_of_what_a_carrier_collects_all_the_same(order, state):
    now = timezone.now()
    sent(order, state=state, account=make.carrier_account(), asked_at=now, carrier_id="9700001")

    shipment = pay_online(order)

    assert shipment.cash_to_collect == order.total
    assert shipment.error
    assert warned()


def test_cash_that_was_collected_is_no_reason_to_warn(order):
    sent(order, state=State.IN_TRANSIT, account=make.carrier_account(), asked_at=timezone.now())
    Order.objects.filter(pk=order.pk).update(status=Order.Status.SHIPPED)
    order.refresh_from_db()

    cash.record(order, amount=order.total, reference="56800000001", now=timezone.now(), actor=None)

    order.refresh_from_db()
    assert order.outstanding == 0
    ledger.recount(order, now=timezone.now())
    assert not warned()
    assert Shipment.objects.get().error == ""

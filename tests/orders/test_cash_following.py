"""Orders and carriers' statements agree on the cash, whoever was told first."""

import io

from django.utils import timezone

from logistics import cash as expected_cash
from logistics.models import CashLine
from orders import cash, cash_following, cash_tasks
from orders.models import GatewayTransaction, Order, OrderEvent, OrderShipment
from tests import make

NOW = timezone.now()


def sent(*orders, number="G1", **fields):
    """Give the shipment in which these orders were delivered, and their cash collected."""
    shipment = make.shipment(
        tracking_number=number,
        is_test=True,
        cash_to_collect=sum(order.total for order in orders),
        **{"state": "delivered", "delivered_at": NOW, **fields},
    )
    for order in orders:
        OrderShipment.objects.create(order=order, shipment=shipment, carrier="Coordinadora")
    return shipment


def order(*, status=Order.Status.DELIVERED, **fields):
    account = make.payment_account("cash")
    return make.order(account=account, status=status, lines=[make.variant(price=5_000_000)])


def statement(*rows, actor=None):
    content = io.BytesIO("\n".join(["Guía;Recaudo", *rows, ""]).encode())
    told, _new = expected_cash.take_in(
        make.here(),
        "pago.csv",
        content,
        account=None,
        now=NOW,
        actor=actor or make.member("owner"),
    )
    return told


def follow(*statements):
    for told in statements:
        cash_tasks.follow_statement(
            organization_id=str(told.organization_id), statement_id=str(told.pk)
        )


def paid(order) -> int:
    order.refresh_from_db()
    return order.paid


def test_an_order_is_paid_by_the_statement_once(organization, django_capture_on_commit_callbacks):
    bought = order()
    sent(bought)

    with django_capture_on_commit_callbacks(execute=True):
        told = statement("G1;50.000")
    for _time in range(2):
        CashLine.objects.update(follow_at=NOW)
        follow(told)

    assert (paid(bought), bought.payment) == (5_000_000, "paid")
    assert cash.owed(bought) == 0
    assert GatewayTransaction.objects.count() == 1


def test_what_staff_wrote_down_is_not_paid_a_second_time_by_the_statement(organization):
    bought, actor = order(), make.member("owner")
    sent(bought)
    cash.collect(bought, now=NOW, actor=actor, amount=2_000_000, reference="efectivo")
    assert not expected_cash.unpaid(organization).exists()

    told = statement("G1;50.000")
    follow(told)

    assert paid(bought) == 5_000_000
    assert sorted(GatewayTransaction.objects.values_list("amount", flat=True)) == [
        2_000_000,
        3_000_000,
    ]


def test_a_statement_of_just_what_staff_wrote_down_adds_nothing(organization):
    bought = order()
    sent(bought)
    cash.collect(bought, now=NOW, actor=make.member("owner"), amount=2_000_000, reference="R")

    follow(statement("G1;20.000"))

    assert paid(bought) == 2_000_000


def test_an_undone_statement_is_taken_back_and_may_come_again(organization):
    bought, actor = order(), make.member("owner")
    sent(bought)
    told = statement("G1;50.000", actor=actor)
    follow(told)

    expected_cash.undo(told, now=NOW, actor=actor)
    follow(told)
    assert (paid(bought), bought.payment, bought.concern) == (0, "unpaid", "")
    assert cash.owed(bought) == bought.total
    assert not OrderEvent.objects.filter(order=bought, kind="refunded").exists()

    follow(statement("G1;50.000", actor=actor))
    assert paid(bought) == bought.total


def test_two_orders_in_one_parcel_share_what_came(organization):
    first, second = order(), order()
    sent(first, second)

    follow(statement("G1;80.000"))

    assert (paid(first), paid(second)) == (5_000_000, 3_000_000)


def test_an_order_that_lags_behind_its_parcel_is_paid_later(organization):
    bought = order(status=Order.Status.READY_TO_SHIP)
    sent(bought)
    follow(statement("G1;50.000"))
    assert paid(bought) == 0
    line = CashLine.objects.get()
    assert line.follow_at > NOW

    Order.objects.filter(pk=bought.pk).update(status=Order.Status.DELIVERED)
    CashLine.objects.update(follow_at=NOW)
    cash_tasks.sweep()

    assert paid(bought) == 5_000_000
    line.refresh_from_db()
    assert line.follow_at is None


def test_cash_for_what_never_arrived_waits_for_a_person(organization):
    bought, actor = order(status=Order.Status.SHIPPED), make.member("owner")
    sent(bought, state="in_transit", delivered_at=None)
    follow(statement("G1;50.000", actor=actor))
    assert paid(bought) == 0

    line = CashLine.objects.get()
    expected_cash.settle(line, "Sí llegó", now=NOW, actor=actor)
    cash_following.follow(line.pk, now=NOW)

    assert paid(bought) == 5_000_000

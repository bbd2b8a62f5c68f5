"""Money goes back once, by the gateway or by hand, and never more than came."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from orders import cancellation, refunds, tasks
from orders.models import Order, Refund
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(organization, wompi, wompi_account):
    """An order that was paid by card at Wompi."""
    order = make.placed_order(make.variant(in_stock=5), quantity=2, provider="wompi")
    attempt = make.attempt(order)
    wompi.pay(attempt.reference, attempt.amount)
    ask(attempt)
    return Order.objects.get(pk=order.pk)


def ask(attempt):
    tasks.ask_attempt(
        organization_id=str(attempt.order.organization_id), attempt_id=str(attempt.pk)
    )


def request(order, amount=None, *, now=None):
    made = refunds.request(
        order,
        order.total if amount is None else amount,
        reason=Refund.Reason.OTHER,
        now=now or timezone.now(),
    )
    return made[0] if len(made) == 1 else made


def test_a_card_is_voided_and_the_order_says_so_only_then(paid, wompi):
    wompi.voids_wait = True
    refund = request(paid)

    refunds.carry_out(refund.pk, now=timezone.now())

    refund.refresh_from_db()
    assert (refund.method, refund.status) == (Refund.Method.VOID, Refund.Status.ASKED)
    assert Order.objects.get(pk=paid.pk).refunded == 0
    wompi.settle_voids()
    refunds.carry_out(refund.pk, now=refund.ask_at)
    refund.refresh_from_db()
    assert refund.status == Refund.Status.DONE
    order = Order.objects.get(pk=paid.pk)
    assert (order.refunded, order.payment) == (order.total, Order.Payment.REFUNDED)


@pytest.mark.parametrize("fault", ["error", "busy", "html", "cut"])
def test_an_answer_that_was_lost_is_looked_for_and_never_asked_twice(paid, wompi, fault):
    refund = request(paid)
    wompi.fault = fault
    refunds.carry_out(refund.pk, now=timezone.now())
    wompi.fault = ""

    refund.refresh_from_db()
    refunds.carry_out(refund.pk, now=refund.ask_at)

    refund.refresh_from_db()
    assert refund.status == Refund.Status.DONE
    voids = [path for method, path in wompi.heard if method == "POST" and path.endswith("/void")]
    assert len(voids) == 1


def test_a_gateway_that_refuses_leaves_the_transfer_to_a_person(paid, wompi):
    wompi.void_answer = {"data": {"status": "ERROR", "status_message": "Original no encontrado"}}
    refund = request(paid)

    for _look in range(14):
        refund.refresh_from_db()
        if refund.ask_at is None:
            break
        refunds.carry_out(refund.pk, now=refund.ask_at)

    refund.refresh_from_db()
    assert (refund.method, refund.status) == (Refund.Method.MANUAL, Refund.Status.REQUESTED)
    assert refund.error
    assert Order.objects.get(pk=paid.pk).refunded == 0


def test_a_part_is_given_back_by_hand_with_its_proof(paid):
    refund = request(paid, 100_000)
    assert refund.method == Refund.Method.MANUAL
    with pytest.raises(refunds.NotByHand):
        refunds.done_by_hand(refund, proof=" ", now=timezone.now(), actor=make.user())

    refunds.done_by_hand(refund, proof="ACH 445566", now=timezone.now(), actor=make.user())

    order = Order.objects.get(pk=paid.pk)
    assert (order.refunded, order.payment) == (100_000, Order.Payment.PARTLY_REFUNDED)
    assert order.status == Order.Status.CONFIRMED


@pytest.mark.parametrize("amount", [0, -1, 10**12])
def test_no_more_than_was_paid_can_be_given_back(paid, amount):
    with pytest.raises(refunds.TooMuch):
        request(paid, amount)

    assert not Refund.objects.exists()


def test_what_is_on_its_way_cannot_be_given_back_again(paid):
    request(paid, paid.total - 100)

    with pytest.raises(refunds.TooMuch):
        request(paid, 101)


def test_the_law_gives_fifteen_calendar_days(paid):
    asked_at = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)

    refund = request(paid, now=asked_at)

    # In Bogotá it was still the evening of 30 November.
    assert refund.due_on == date(2026, 12, 15)


def test_a_cancelled_order_gives_its_money_back(paid, wompi):
    cancellation.cancel(paid, Order.Cancelled.BY_SHOP, now=timezone.now())
    refund = Refund.objects.get()

    tasks.sweep()

    refund.refresh_from_db()
    order = Order.objects.get(pk=paid.pk)
    assert (refund.amount, refund.status) == (paid.total, Refund.Status.DONE)
    assert (order.status, order.payment) == (Order.Status.CANCELLED, Order.Payment.REFUNDED)


def test_an_order_is_cancelled_although_all_of_its_money_is_on_its_way_back(paid):
    refund = request(paid)

    cancellation.cancel(paid, Order.Cancelled.BY_SHOP, now=timezone.now())

    assert Order.objects.get(pk=paid.pk).status == Order.Status.CANCELLED
    assert Refund.objects.get() == refund


def test_a_refund_done_in_the_gateways_own_panel_is_counted_once(paid, wompi):
    refund = request(paid)
    refunds.carry_out(refund.pk, now=timezone.now() + timedelta(seconds=1))

    ask(paid.attempts.get())

    order = Order.objects.get(pk=paid.pk)
    assert (order.paid, order.refunded) == (order.total, order.total)


def test_a_no_to_a_repeated_wish_does_not_send_a_person_to_pay_again(paid, wompi):
    """The first wish was heard and is being carried out; only its answer was lost."""
    wompi.voids_wait = True
    refund = request(paid)
    refunds.carry_out(refund.pk, now=timezone.now())
    Refund.objects.update(status=Refund.Status.REQUESTED)

    refund.refresh_from_db()
    refunds.carry_out(refund.pk, now=refund.ask_at)

    refund.refresh_from_db()
    assert (refund.method, refund.status) == (Refund.Method.VOID, Refund.Status.ASKED)

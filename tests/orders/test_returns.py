"""Goods come back once, and with them the money that the law says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django_scopes import scope

from orders import returned, returns
from orders.models import Order, OrderEvent, Refund, ReturnRequest
from orders.models.orders import IllegalStep
from shop.models import StockLevel, StockMovement
from tests import make

# A Thursday; with Monday the 12th a holiday, the last day to withdraw is Friday the 16th.
DELIVERED_AT = datetime(2026, 10, 8, 15, tzinfo=UTC)
NOW = datetime(2026, 10, 13, 15, tzinfo=UTC)
TOO_LATE = datetime(2026, 10, 17, 5, tzinfo=UTC)


def delivered(*lines, **fields) -> Order:
    """Give a paid order that the buyer holds in hands."""
    fields = {"status": "delivered", "delivered_at": DELIVERED_AT, "paid": True, **fields}
    return make.order(lines=list(lines), **fields)


def asked(order: Order, *quantities: int, kind: str = "withdrawal", now=NOW, **fields):
    """Ask to return so many of each line, in their order."""
    wanted = dict(zip(keys(order), quantities, strict=False))
    return returns.request(order, kind=kind, quantities=wanted, now=now, **fields)


def inspected(order: Order, *quantities: int, lost: tuple[int, ...] = (), **fields):
    """Bring a return as far as its inspection: all good again, or so many of each line lost."""
    found = returns.receive(asked(order, *quantities, **fields), now=NOW)
    good = [count - gone for count, gone in zip(quantities, [*lost, *[0] * 9], strict=False)]
    return returns.inspect(
        found,
        restocked=dict(zip(keys(order), good, strict=False)),
        written_off=dict(zip(keys(order), lost, strict=False)),
        now=NOW,
    )


def keys(order: Order) -> list:
    return [line.pk for line in order.lines.all()]


def on_hand(variant) -> int:
    return StockLevel.objects.get(pk=variant.pk).on_hand


# --- Asking ---------------------------------------------------------------------------------------


def test_a_buyer_withdraws_and_the_two_deadlines_are_kept(organization):
    order = delivered((make.variant(), 2))

    made = asked(order, 2, reason="No era lo que esperaba", refund_to="Nequi 300 123 4567")

    made = ReturnRequest.objects.get(pk=made.pk)
    assert (made.number, made.status, made.requested_by) == (1, "requested", None)
    assert made.ask_until == date(2026, 10, 16)
    assert made.pay_until == date(2026, 10, 28)
    assert (made.reason, made.refund_to) == ("No era lo que esperaba", "Nequi 300 123 4567")
    assert [(row.line_id, row.quantity) for row in made.lines.all()] == [(keys(order)[0], 2)]
    event = OrderEvent.objects.get(kind="return_requested")
    assert (event.order_id, event.actor_label, event.is_public) == (order.pk, "buyer", True)
    assert event.data["return"] == "D-1"


def test_withdrawing_ends_with_its_last_day_unless_staff_let_it_pass(organization):
    order = delivered(make.variant())
    manager = make.member("manager")

    with pytest.raises(returns.TooLateToWithdraw):
        asked(order, 1, now=TOO_LATE)
    with pytest.raises(returns.TooLateToWithdraw):
        asked(order, 1, now=TOO_LATE, even_if_late=True)
    with pytest.raises(returns.TooLateToWithdraw):
        asked(order, 1, now=TOO_LATE, actor=manager)
    assert not ReturnRequest.objects.exists()

    made = asked(order, 1, now=TOO_LATE, actor=manager, even_if_late=True)

    assert made.requested_by == manager
    assert asked(order, 1, now=TOO_LATE, actor=manager, even_if_late=True).pk == made.pk


def test_the_last_moment_of_the_last_day_is_in_time(organization):
    assert asked(delivered(make.variant()), 1, now=TOO_LATE - timedelta(seconds=1)).pk


def test_before_delivery_the_time_has_not_begun_and_withdrawing_is_possible(organization):
    order = delivered(make.variant(), status="shipped", delivered_at=None)

    made = asked(order, 1, now=TOO_LATE + timedelta(days=90))

    assert made.ask_until is None
    assert made.pay_until == date(2027, 1, 30)


@pytest.mark.parametrize("status", ["pending", "confirmed", "ready_to_ship", "cancelled"])
def test_what_was_not_sent_is_not_returned(organization, status):
    with pytest.raises(returns.NotSent):
        asked(delivered(make.variant(), status=status), 1)


def test_a_warranty_knows_no_five_days(organization):
    made = asked(delivered(make.variant()), 1, kind="warranty", now=TOO_LATE)

    assert (made.ask_until, made.pay_until) == (None, None)


def test_what_cannot_be_withdrawn_is_refused_with_its_reason(organization):
    order = delivered(make.variant(), make.variant())
    personal = order.lines.last()
    personal.no_withdrawal_reason = "Es de uso personal"
    personal.save()

    with pytest.raises(returns.CannotBeReturned, match="Es de uso personal"):
        asked(order, 1, 1)

    assert [found.refusal for found in returned.returnable(order)] == ["", "Es de uso personal"]
    assert asked(order, 1, 1, kind="warranty").lines.count() == 2


@pytest.mark.parametrize("quantity", [3, -1, 10**9])
def test_no_more_comes_back_than_was_bought(organization, quantity):
    with pytest.raises(returns.TooMany):
        asked(delivered((make.variant(), 2)), quantity)


def test_nothing_and_foreign_lines_cannot_be_returned(organization):
    order, other = delivered(make.variant()), delivered(make.variant())

    for quantities in ({}, {keys(order)[0]: 0}, {keys(other)[0]: 1}):
        with pytest.raises(returns.CannotBeReturned):
            returns.request(order, kind="withdrawal", quantities=quantities, now=NOW)


def test_what_is_announced_already_counts_until_it_is_refused(organization):
    order = delivered((make.variant(), 3))
    first = asked(order, 2)

    with pytest.raises(returns.TooMany):
        asked(order, 2, kind="warranty")
    returns.reject(first, answer="Está usado", now=NOW)

    assert [found.left for found in returned.returnable(order)] == [3]
    assert asked(order, 3).number == 2


def test_the_same_wish_twice_is_one_wish(organization):
    order = delivered((make.variant(), 4))

    assert asked(order, 2).pk == asked(order, 2).pk
    assert ReturnRequest.objects.count() == 1
    assert OrderEvent.objects.filter(kind="return_requested").count() == 1


# --- The steps of the shop ------------------------------------------------------------------------


def test_every_step_is_taken_once_and_written_down(organization):
    manager = make.member("manager")
    order = delivered(make.variant())
    made = asked(order, 1)

    for _time in range(2):
        returns.accept(made, now=NOW, actor=manager)
    for _time in range(2):
        returns.receive(made, now=NOW, actor=manager)

    made.refresh_from_db()
    assert (made.status, made.received_at) == ("received", NOW)
    events = OrderEvent.objects.filter(kind="return_changed").order_by("id")
    assert [(event.data["before"], event.data["after"]) for event in events] == [
        ("requested", "accepted"),
        ("accepted", "received"),
    ]
    assert {event.actor for event in events} == {manager}
    with pytest.raises(IllegalStep):
        returns.reject(made, answer="No", now=NOW, actor=manager)


def test_a_refusal_needs_an_answer(organization):
    made = asked(delivered(make.variant()), 1)

    with pytest.raises(returns.ReturnRefused):
        returns.reject(made, answer="  ", now=NOW)
    returns.reject(made, answer=" Está abierto ", now=NOW)

    made.refresh_from_db()
    assert (made.status, made.answer) == ("rejected", "Está abierto")


def test_what_is_good_goes_back_on_the_shelf_and_what_is_lost_does_not(organization):
    lavender, honey = make.variant(in_stock=5), make.variant(in_stock=1)
    person = make.member("warehouse")
    order = delivered((lavender, 3), (honey, 1))
    made = returns.receive(asked(order, 3, 1), now=NOW)

    returns.inspect(
        made,
        restocked={keys(order)[0]: 2},
        written_off={keys(order)[0]: 1, keys(order)[1]: 1},
        now=NOW,
        actor=person,
    )

    assert (on_hand(lavender), on_hand(honey)) == (7, 1)
    movement = StockMovement.objects.get(reason="returned")
    assert (movement.variant, movement.quantity, movement.person) == (lavender, 2, person)
    assert movement.reference == f"{order.label} D-1"
    order.refresh_from_db()
    assert order.status == Order.Status.RETURNED


def test_an_order_is_returned_only_when_everything_came(organization):
    order = delivered((make.variant(), 2))

    inspected(order, 1)
    order.refresh_from_db()
    assert order.status == Order.Status.DELIVERED
    inspected(order, 1)

    order.refresh_from_db()
    assert order.status == Order.Status.RETURNED
    event = OrderEvent.objects.get(kind="returned")
    assert (event.before, event.after) == ("delivered", "returned")


def test_what_did_not_come_is_not_paid_and_may_still_come(organization):
    order = delivered((make.variant(price=1_000_000), 3))
    made = returns.receive(asked(order, 3), now=NOW)

    returns.inspect(made, restocked={keys(order)[0]: 1}, written_off={}, now=NOW)
    returns.close(made, now=NOW)

    assert Refund.objects.get().amount == 1_000_000
    assert [found.left for found in returned.returnable(order)] == [2]


def test_the_same_inspection_twice_counts_once_and_another_is_refused(organization):
    lavender = make.variant(in_stock=5)
    order = delivered((lavender, 2))
    made = returns.receive(asked(order, 2), now=NOW)
    (key,) = keys(order)

    for _time in range(2):
        returns.inspect(made, restocked={key: 2}, written_off={}, now=NOW)
    with pytest.raises(returns.AlreadyInspected):
        returns.inspect(made, restocked={key: 1}, written_off={key: 1}, now=NOW)

    assert on_hand(lavender) == 7


@pytest.mark.parametrize(("good", "lost"), [(2, 1), (-1, 1), (3, 0), (0, 0)])
def test_a_count_that_cannot_be_is_refused(organization, good, lost):
    order = delivered((make.variant(in_stock=5), 2))
    made = returns.receive(asked(order, 2), now=NOW)
    (key,) = keys(order)

    with pytest.raises(returns.ReturnRefused):
        returns.inspect(made, restocked={key: good}, written_off={key: lost}, now=NOW)

    assert ReturnRequest.objects.get().status == "received"
    assert not StockMovement.objects.filter(reason="returned").exists()


def test_nothing_is_inspected_before_it_arrived(organization):
    order = delivered(make.variant())

    with pytest.raises(IllegalStep):
        returns.inspect(asked(order, 1), restocked={keys(order)[0]: 1}, written_off={}, now=NOW)

    assert not StockMovement.objects.filter(reason="returned").exists()


# --- Money ----------------------------------------------------------------------------------------


def test_a_whole_withdrawal_gives_back_everything_delivery_too(organization):
    order = delivered(
        (make.variant(price=1_000_000), 2), shipping=1_200_000, cash_fee=300_000, discount=200_000
    )

    closed = returns.close(inspected(order, 2, refund_to="Nequi 300"), now=NOW)

    refund = Refund.objects.get()
    assert refund.amount == order.total == 3_300_000
    assert (refund.reason, refund.due_on) == ("withdrawal", date(2026, 10, 28))
    assert refund.note == "D-1 Nequi 300"
    assert (closed.status, closed.refund, closed.closed_at) == ("closed", refund, NOW)


def test_parts_give_back_their_share_and_the_last_one_delivery(organization):
    # Three for 10.000 pesos less a discount of 1: shares of whole pesos that lose nothing.
    order = delivered((make.variant(price=333_400), 3), discount=100, shipping=500_000)

    amounts = []
    for _part in range(3):
        returns.close(inspected(order, 1), now=NOW)
        amounts.append(Refund.objects.latest("id").amount)

    assert amounts == [333_300, 333_400, 333_400 + 500_000]
    assert sum(amounts) == order.total


def test_parts_inspected_before_any_is_closed_give_delivery_back_once(organization):
    order = delivered((make.variant(price=1_000_000), 2), shipping=500_000)
    first, second = inspected(order, 1), inspected(order, 1)

    returns.close(second, now=NOW)
    returns.close(first, now=NOW)

    assert list(Refund.objects.order_by("id").values_list("amount", flat=True)) == [
        1_000_000,
        1_500_000,
    ]


def test_a_warranty_keeps_delivery_and_may_agree_on_another_amount(organization):
    order = delivered((make.variant(price=1_000_000), 2), shipping=500_000)

    returns.close(inspected(order, 1, kind="warranty"), now=NOW, amount=250_000)
    returns.close(inspected(order, 1, kind="warranty"), now=NOW)

    assert list(Refund.objects.order_by("id").values_list("amount", "reason", "due_on")) == [
        (250_000, "warranty", date(2026, 10, 28)),
        (1_000_000, "warranty", date(2026, 10, 28)),
    ]


def test_a_withdrawal_is_not_paid_in_part(organization):
    found = inspected(delivered(make.variant(price=1_000_000)), 1)

    with pytest.raises(returns.WithdrawalInFull):
        returns.close(found, now=NOW, amount=999_900)

    assert not Refund.objects.exists()
    assert ReturnRequest.objects.get().status == "inspected"


def test_closing_twice_pays_once(organization):
    found = inspected(delivered(make.variant()), 1)

    for _time in range(2):
        returns.close(found, now=NOW)

    assert Refund.objects.count() == 1


def test_what_was_never_paid_is_not_given_back(organization):
    found = inspected(delivered(make.variant(), paid=False), 1)

    closed = returns.close(found, now=NOW)

    assert (closed.status, closed.refund) == ("closed", None)
    assert not Refund.objects.exists()


# --- At once --------------------------------------------------------------------------------------


def at_once(organization, work, times=2):
    """Run the work so many times at once, each on a connection of its own; give the results."""

    def once(number):
        try:
            with scope(organization=organization):
                return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(once, range(times)))


@pytest.mark.django_db(transaction=True)
def test_two_people_inspect_at_once_and_stock_comes_back_once(organization):
    lavender = make.variant(in_stock=5)
    order = delivered((lavender, 2))
    made = returns.receive(asked(order, 2), now=NOW)
    (key,) = keys(order)

    results = at_once(
        organization,
        lambda _number: returns.inspect(made, restocked={key: 2}, written_off={}, now=NOW).status,
        times=6,
    )

    assert results == ["inspected"] * 6
    assert on_hand(lavender) == 7
    assert StockMovement.objects.filter(reason="returned").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_closings_at_once_pay_once(organization):
    found = inspected(delivered(make.variant()), 1)

    results = at_once(organization, lambda _number: returns.close(found, now=NOW).status, times=6)

    assert results == ["closed"] * 6
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_wishes_at_once_never_announce_more_than_was_bought(organization):
    order = delivered((make.variant(), 3))

    results = at_once(
        organization,
        lambda number: asked(order, 2, kind=("withdrawal", "warranty")[number % 2]).number,
        times=6,
    )

    assert {type(result) for result in results} == {int, returns.TooMany}
    assert ReturnRequest.objects.count() == 1

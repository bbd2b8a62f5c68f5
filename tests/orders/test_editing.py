"""Orders changed before they are prepared: stock, money and timeline follow together."""

import threading

import pytest
from django.db import connection
from django.utils import timezone, translation
from django_scopes import scope

from logistics import quotes
from orders import confirmation, editing, fulfilment, paying, settlement
from orders.editing import Change
from orders.models import Order, Refund, Voucher, VoucherUse
from shop import stock
from shop.models import Municipality, StockLevel, StockMovement
from tests import make
from tests.shop import places


def level(variant) -> tuple[int, int]:
    found = StockLevel.objects.get(variant=variant)
    return found.on_hand, found.reserved


def lines(order) -> dict[str, int]:
    return dict(order.lines.values_list("sku", "quantity"))


def edit(order, *args, **fields) -> Order:
    editing.edit(order, *args, now=timezone.now(), **fields)
    order.refresh_from_db()
    return order


def test_a_waiting_order_holds_what_it_is_changed_to(organization):
    more, less, out, new = (make.variant(in_stock=5) for _number in range(4))
    order = make.placed_order(more, less, out, quantity=2)

    edit(order, Change({more.pk: 4, less.pk: 1, out.pk: 0, new.pk: 3}))

    assert lines(order) == {more.sku: 4, less.sku: 1, new.sku: 3}
    assert [level(variant) for variant in (more, less, out, new)] == [
        (5, 4),
        (5, 1),
        (5, 0),
        (5, 3),
    ]
    assert stock.differences(organization) == []
    assert stock.promised(order.pk) == {more.pk: 4, less.pk: 1, new.pk: 3}


def test_a_firm_order_takes_and_gives_back_only_the_difference(organization):
    more, less, out = (make.variant(in_stock=5) for _number in range(3))
    order = make.pay(make.placed_order(more, less, out, quantity=2))

    edit(order, Change({more.pk: 3, less.pk: 1, out.pk: 0}))

    assert [level(variant) for variant in (more, less, out)] == [(2, 0), (4, 0), (5, 0)]
    assert stock.differences(organization) == []
    moved = StockMovement.objects.filter(reference=order.label).order_by("id")
    assert [move.quantity for move in moved if move.variant_id == more.pk] == [-2, -1]
    assert [move.quantity for move in moved if move.variant_id == out.pk] == [-2, 2]
    assert order.status == Order.Status.CONFIRMED


def test_cancelling_after_a_change_gives_back_what_it_then_had(organization):
    kept, new = make.variant(in_stock=5), make.variant(in_stock=5)
    order = edit(make.pay(make.placed_order(kept, quantity=2)), Change({kept.pk: 1, new.pk: 4}))

    stock.take_back(order.pk, reference=order.label)

    assert (level(kept), level(new)) == ((5, 0), (5, 0))
    assert stock.differences(organization) == []


def test_more_than_is_left_changes_nothing(organization):
    variant = make.variant(in_stock=3)
    order = make.pay(make.placed_order(variant))

    with pytest.raises(stock.OutOfStock):
        editing.edit(order, Change({variant.pk: 4}), now=timezone.now())

    order.refresh_from_db()
    assert lines(order) == {variant.sku: 1}
    assert level(variant) == (2, 0)
    assert not order.events.filter(kind="changed").exists()


def test_what_costs_more_is_due_before_the_shop_starts_and_can_be_paid(organization):
    variant = make.variant(in_stock=5, price=2_000_000)
    order = make.pay(make.placed_order(variant))
    paid = order.paid

    edit(order, Change({variant.pk: 2}))

    assert (order.status, order.payment) == ("confirmed", "partly_paid")
    assert order.due_now == order.outstanding == 2_000_000
    attempt = make.attempt(order)
    assert attempt.amount == 2_000_000
    order.refresh_from_db()
    assert order.expires_at is None
    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())
    order.refresh_from_db()
    assert (order.paid, order.payment, order.due_now) == (paid + 2_000_000, "paid", 0)
    assert stock.differences(organization) == []


def test_what_costs_less_goes_back_at_once(organization):
    variant = make.variant(in_stock=5, price=2_000_000)
    order = make.pay(make.placed_order(variant, quantity=3))

    edit(order, Change({variant.pk: 1}))

    refund = Refund.objects.get(order=order)
    assert (refund.amount, refund.reason) == (4_000_000, Refund.Reason.CHANGED)
    assert order.due_now == 0
    assert fulfilment.why_not_prepare(order) == ""


def test_sums_tax_and_voucher_are_worked_out_anew(organization):
    variant = make.variant(in_stock=9, price=2_000_000)
    organization.vouchers.create(code="DIEZ", kind=Voucher.Kind.PERCENT, percent=10)
    order = make.placed_order(variant, voucher="diez")

    edit(order, Change({variant.pk: 3}))

    assert (order.subtotal, order.discount) == (6_000_000, 600_000)
    assert order.total == 5_400_000 + order.shipping
    line = order.lines.get()
    assert (line.discount, line.total) == (600_000, 5_400_000)
    assert order.tax == line.tax == 5_400_000 - round(5_400_000 / 1.19)
    assert VoucherUse.objects.get(order=order).amount == 600_000
    assert Voucher.objects.get().used == 1


def test_what_was_bought_keeps_its_price_and_what_is_added_costs_what_it_costs_now(organization):
    bought, added = make.variant(price=1_000_000), make.variant(price=700_000)
    order = make.placed_order(bought)
    for variant in (bought, added):
        variant.price *= 2
        variant.save()

    edit(order, Change({bought.pk: 2, added.pk: 1}))

    assert dict(order.lines.values_list("sku", "unit_price")) == {
        bought.sku: 1_000_000,
        added.sku: 1_400_000,
    }


def test_another_place_costs_what_it_costs_there(organization):
    order = make.placed_order()
    cali = Municipality.objects.select_related("department").get(code="76001")
    table = order.organization.rate_tables.get()
    make.rate(table, municipality=cali, price=2_500_000, days_min=3, days_max=5)

    edit(order, Change(municipality=cali, address={"line": "Avenida 6 # 20-10"}))

    assert order.delivery["municipality"] == cali.name
    assert order.delivery["line"] == "Avenida 6 # 20-10"
    assert order.shipping == 2_500_000
    assert order.total == order.subtotal + 2_500_000
    told = order.events.get(kind="changed").data
    assert "Bogotá" in told["was"]["address"]
    assert "Avenida 6" in told["is"]["address"]


def test_a_place_that_nothing_goes_to_is_refused(organization):
    order = make.placed_order()
    table = order.organization.rate_tables.get()
    leticia = Municipality.objects.select_related("department").get(code="91001")
    make.rate(table, municipality=leticia, is_covered=False)

    with pytest.raises(quotes.NotDelivered):
        editing.edit(order, Change(municipality=leticia, address={}), now=timezone.now())


def test_another_total_than_the_person_saw_is_told_first(organization):
    variant = make.variant(in_stock=5)
    order = make.placed_order(variant)

    with pytest.raises(editing.OtherDifference):
        editing.edit(order, Change({variant.pk: 2}), now=timezone.now(), seen_total=order.total)

    assert lines(order) == {variant.sku: 1}


def test_the_timeline_tells_what_was_and_what_is(organization):
    variant, actor = make.variant(in_stock=5), make.member("support")
    order = make.placed_order(variant)
    before = order.total

    edit(order, Change({variant.pk: 2}), actor=actor)

    told = order.events.get(kind="changed")
    assert told.actor == actor
    assert (told.data["was"]["total"], told.data["is"]["total"]) == (before, order.total)
    assert [quantity for _sku, _name, quantity in told.data["is"]["lines"]] == [2]


def test_nothing_changed_is_no_change(organization):
    order = make.placed_order()

    edit(order, Change())

    assert not order.events.filter(kind="changed").exists()


@pytest.mark.parametrize("quantity", [-1, 1000, 10**9])
def test_a_strange_quantity_is_refused(organization, quantity):
    variant = make.variant(in_stock=5)
    order = make.placed_order(variant)

    with pytest.raises(editing.CannotEdit):
        editing.edit(order, Change({variant.pk: quantity}), now=timezone.now())


def test_an_order_is_never_left_empty(organization):
    variant = make.variant()
    order = make.placed_order(variant)

    with pytest.raises(editing.NothingLeft):
        editing.edit(order, Change({variant.pk: 0}), now=timezone.now())


def test_a_product_of_another_shop_or_out_of_sale_cannot_be_added(organization):
    order, gone = make.placed_order(), make.variant(is_active=False)
    with scope(organization=make.organization()):
        foreign = make.variant()

    for variant in (gone, foreign):
        with pytest.raises(editing.CannotEdit):
            editing.edit(order, Change({variant.pk: 1}), now=timezone.now())


def test_after_preparing_began_nothing_is_changed(organization):
    variant = make.variant(in_stock=5)
    order = make.pay(make.placed_order(variant))
    fulfilment.prepare(order, now=timezone.now())

    with pytest.raises(editing.CannotEdit):
        editing.edit(order, Change({variant.pk: 2}), now=timezone.now())

    assert level(variant) == (4, 0)


@translation.override("en")
def test_an_order_is_not_changed_under_a_running_payment(organization):
    variant = make.variant(in_stock=5)
    order = make.placed_order(variant)
    attempt = make.attempt(order)
    settlement.settle(attempt.account, make.report(attempt, "pending"), now=timezone.now())

    with pytest.raises(editing.CannotEdit, match="in progress"):
        editing.edit(order, Change({variant.pk: 2}), now=timezone.now())


def test_a_payment_page_over_the_old_amount_is_not_offered_again(organization):
    variant = make.variant(in_stock=5)
    order = make.placed_order(variant)
    old = make.attempt(order)

    edit(order, Change({variant.pk: 2}))

    new = make.attempt(order)
    assert new.pk != old.pk
    assert new.amount == order.total


def test_cash_on_delivery_asks_for_no_deposit_because_of_a_change(organization):
    variant = make.variant(in_stock=5)
    order = make.placed_order(variant, provider="cash")
    confirmation.confirm_by_word(order, now=timezone.now())
    order.refresh_from_db()

    edit(order, Change({variant.pk: 4}))

    assert (order.status, order.due_now) == ("confirmed", 0)
    with pytest.raises(paying.NothingToPay):
        make.attempt(order)
    assert level(variant) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_at_once_leave_stock_that_adds_up(organization):
    places.reload()
    left, right = make.variant(in_stock=9), make.variant(in_stock=9)
    order = make.pay(make.placed_order(left, right))
    start = threading.Barrier(2)

    def change(quantities):
        with scope(organization=organization):
            start.wait()
            editing.edit(order, Change(quantities), now=timezone.now())
            connection.close()

    wishes = ({left.pk: 3, right.pk: 0}, {left.pk: 2, right.pk: 4})
    threads = [threading.Thread(target=change, args=[wish]) for wish in wishes]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert stock.differences(organization) == []
    held = dict(order.lines.values_list("variant_id", "quantity"))
    assert held in ({left.pk: 2, right.pk: 4}, {left.pk: 3})

"""Selling a kit takes the stock of its parts or its own by its declared rule, never both."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import (
    cancellation,
    cart,
    checkout,
    contents,
    editing,
    expiry,
    fulfilment,
    settlement,
)
from orders.documents.packing import packing_slip
from orders.models import Order, OrderLine
from shop import catalogue, kit_making, kits, stock
from shop.kit_making import Recipe
from shop.models import Product, StockLevel, StockMovement, StockReservation, Variant
from tests import make
from tests.orders.test_documents import text_of
from tests.orders.test_races import at_once, buyer, kinds, shop  # noqa: F401 - a fixture

PARTS, OWN = Variant.KitStock.PARTS, Variant.KitStock.OWN


def levels(*variants) -> list[tuple[int, int]]:
    """Give of each variant what lies on the shelf and what of it is promised."""
    rows = {row.pk: (row.on_hand, row.reserved) for row in StockLevel.objects.all()}
    return [rows.get(variant.pk, (0, 0)) for variant in variants]


def available(variant) -> int:
    return kits.with_available(Variant.objects.filter(pk=variant.pk)).get().available


@pytest.fixture
def box(organization):
    """A kit of two drops and one lamp, of which there are ten and four."""
    drops, lamp = make.variant(in_stock=10), make.variant(in_stock=4)
    return make.kit((drops, 2), lamp), drops, lamp


@pytest.mark.django_db
def test_a_kit_of_parts_goes_through_an_orders_life_on_its_parts(box, organization):
    kit, drops, lamp = box

    order = make.placed_order(kit, quantity=2)
    assert levels(kit, drops, lamp) == [(0, 0), (10, 4), (4, 2)]
    order = make.pay(order)
    assert levels(kit, drops, lamp) == [(0, 0), (6, 0), (2, 0)]
    sold = StockMovement.objects.filter(reason="sold").values_list("variant", "quantity")
    assert set(sold) == {(drops.pk, -4), (lamp.pk, -2)}

    cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())

    assert levels(kit, drops, lamp) == [(0, 0), (10, 0), (4, 0)]
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_a_kit_with_its_own_stock_leaves_its_parts_alone(organization):
    drops = make.variant(in_stock=10)
    kit = make.kit((drops, 2), kit_stock=OWN, in_stock=3)

    make.pay(make.placed_order(kit, quantity=2))

    assert levels(kit, drops) == [(1, 0), (10, 0)]


@pytest.mark.django_db
def test_two_kits_and_a_part_of_both_are_one_sum(box, organization):
    kit, drops, lamp = box
    other = make.kit((drops, 3))

    order = make.placed_order(kit, other, drops)

    assert levels(drops, lamp) == [(10, 6), (4, 1)]
    held = StockReservation.objects.filter(holder=order.pk).values_list("variant", "quantity")
    assert set(held) == {(drops.pk, 6), (lamp.pk, 1)}
    stock.release(order.pk)
    assert levels(drops, lamp) == [(10, 0), (4, 0)]


@pytest.mark.django_db
def test_lines_that_share_a_part_are_counted_together_before_they_are_bought(box, organization):
    kit, drops, _lamp = box
    basket = make.cart(kit, drops, quantity=4)

    found = contents.of(organization, basket.pk)

    # Four kits take eight drops, so two are left of ten.
    assert [item.available for item in found.items] == [4, 2]
    assert [item.problem() for item in found.items] == ["", stock.words_for_left(2)]
    wish = make.wish(make.payment_account(), make.delivery_code(make.national_rate()))
    with pytest.raises(checkout.LinesRefused) as refused:
        checkout.place(organization, basket.pk, wish, now=timezone.now())
    assert set(refused.value.problems) == {drops.pk}
    assert levels(drops) == [(10, 0)]


@pytest.mark.django_db
def test_the_cart_takes_as_many_kits_as_its_parts_make(box, organization):
    kit, _drops, lamp = box

    put = cart.add(organization, None, sku=kit.sku, quantity=9, now=timezone.now())

    assert (put.quantity, put.asked) == (4, 9)
    line = contents.of(organization, put.cart_id).items[0].line_id
    changed = cart.change(organization, put.cart_id, line, quantity=7, now=timezone.now())
    assert changed.quantity == 4
    catalogue.retire_variant(lamp)
    assert contents.of(organization, put.cart_id).items[0].problem() == stock.words_for_left(0)
    with pytest.raises(cart.NothingLeft):
        cart.add(organization, None, sku=kit.sku, quantity=1, now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize(("lines", "most"), [(3, 20), (30, 22)])
def test_placing_kits_costs_no_more_queries(
    organization, django_assert_max_num_queries, lines, most
):
    shared = make.variant(in_stock=500)
    boxes = [make.kit((shared, 2), make.variant()) for _line in range(lines)]
    wish = make.wish(make.payment_account(), make.delivery_code(make.national_rate()))
    basket = make.cart(*boxes)

    with django_assert_max_num_queries(most):
        checkout.place(organization, basket.pk, wish, now=timezone.now())

    assert levels(shared) == [(500, 2 * lines)]


@pytest.mark.django_db
def test_what_a_kit_took_goes_back_as_it_went_whatever_it_is_made_of_now(box, organization):
    kit, drops, lamp = box
    soap = make.variant(in_stock=5)
    order = make.pay(make.placed_order(kit, quantity=2))
    kit_making.declare(kit, Recipe(PARTS, {soap.pk: 1}))

    now = timezone.now()
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    fulfilment.ship(order, fulfilment.Parcel("Servientrega"), now=now)
    fulfilment.come_back(order, now=now)

    assert levels(kit, drops, lamp, soap) == [(0, 0), (10, 0), (4, 0), (5, 0)]
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_a_kit_sold_whole_comes_back_as_its_parts_once_it_is_made_of_them(organization):
    drops = make.variant(in_stock=10)
    kit = make.kit((drops, 2), kit_stock=OWN, in_stock=1)
    order = make.pay(make.placed_order(kit))

    kit_making.declare(kit, Recipe(PARTS, {drops.pk: 2}))
    cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=timezone.now())

    assert levels(kit, drops) == [(0, 0), (12, 0)]
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_changing_an_order_moves_the_parts(box, organization):
    kit, drops, lamp = box
    soap = make.variant(in_stock=5)
    order = make.placed_order(kit)

    editing.edit(order, editing.Change({kit.pk: 2, drops.pk: 1, soap.pk: 1}), now=timezone.now())
    assert levels(drops, lamp, soap) == [(10, 5), (4, 2), (5, 1)]
    order = make.pay(Order.objects.get(pk=order.pk))
    assert levels(drops, lamp, soap) == [(5, 0), (2, 0), (4, 0)]
    editing.edit(order, editing.Change({kit.pk: 1, soap.pk: 0}), now=timezone.now())

    assert levels(kit, drops, lamp, soap) == [(0, 0), (7, 0), (3, 0), (5, 0)]
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_a_kit_added_by_the_shop_must_be_whole(box, organization):
    kit, _drops, lamp = box
    order = make.placed_order(make.variant())
    editing.edit(order, editing.Change({kit.pk: 1}), now=timezone.now())
    assert [part["quantity"] for part in order.lines.get(variant=kit).parts] == [2, 1]
    other = make.kit(lamp)
    catalogue.retire_variant(lamp)

    with pytest.raises(editing.CannotEdit):
        editing.edit(order, editing.Change({other.pk: 1}), now=timezone.now())


@pytest.mark.django_db
def test_an_order_paid_too_late_takes_its_parts_again(box, organization):
    kit, drops, lamp = box
    order = make.placed_order(kit)
    opened = make.attempt(order)
    later = order.expires_at + timedelta(days=3)
    expiry.expire(order.pk, now=later)
    assert levels(drops, lamp) == [(10, 0), (4, 0)]

    settlement.settle(opened.account, make.report(opened), now=later)

    assert Order.objects.get(pk=order.pk).status == Order.Status.CONFIRMED
    assert levels(kit, drops, lamp) == [(0, 0), (8, 0), (3, 0)]


@pytest.mark.django_db
def test_the_packing_slip_lists_what_to_pick(box, organization):
    kit, drops, lamp = box
    order = make.placed_order(kit, quantity=2)

    written = text_of(packing_slip(order))

    for part in (drops, lamp):
        assert part.sku in written
        assert part.product.name in written
    assert "6 unidades" in written


@pytest.mark.django_db(transaction=True)
def test_lists_follow_the_parts_of_a_kit(shop):  # noqa: F811
    drops, lamp = make.variant(in_stock=13), make.variant(in_stock=50)
    kit = make.kit((drops, 2), lamp)

    def flags():
        product = Product.objects.get(pk=kit.product_id)
        return product.is_available, product.is_low

    assert flags() == (True, False)
    # Six kits are left, then five: the part itself is not low yet.
    make.placed_order(drops, quantity=3)
    assert (flags(), Product.objects.get(pk=drops.product_id).is_low) == ((True, True), False)
    order = make.placed_order(kit, quantity=5)
    assert flags() == (False, True)
    stock.release(order.pk)
    assert flags() == (True, True)
    catalogue.retire_variant(lamp)
    assert flags() == (False, True)


@pytest.mark.django_db(transaction=True)
def test_fifty_buyers_of_a_kit_and_its_part_never_oversell(shop):  # noqa: F811
    drops, lamp = make.variant(in_stock=40), make.variant(in_stock=30)
    box, other = make.kit((drops, 2), lamp), make.kit((lamp, 1), (drops, 1))
    baskets = [(box,), (drops,), (box, drops), (other, box), (lamp, other)]

    results = at_once(shop, [buyer(shop, *baskets[place % 5]) for place in range(50)])

    assert set(kinds(results)) == {"Order", "LinesRefused"}
    promised = {key: 0 for key in (drops.pk, lamp.pk)}
    for line in OrderLine.objects.all():
        for key, each in kits.shelves_of(line.variant_id, line.parts).items():
            promised[key] += each * line.quantity
    assert levels(box, other, drops, lamp) == [
        (0, 0),
        (0, 0),
        (40, promised[drops.pk]),
        (30, promised[lamp.pk]),
    ]
    assert 37 <= promised[drops.pk] <= 40
    assert stock.differences(shop) == []


@pytest.mark.django_db(transaction=True)
def test_a_rule_changed_while_people_buy_never_sells_twice(shop):  # noqa: F811
    drops = make.variant(in_stock=60)
    box = make.kit((drops, 2), kit_stock=OWN, in_stock=12)

    def to(rule):
        return lambda: kit_making.declare(
            Variant.objects.get(pk=box.pk), Recipe(rule, {drops.pk: 2})
        )

    def count_out():
        left = StockLevel.objects.get(pk=box.pk).available
        return stock.move(box, -left, reason=StockMovement.Reason.DAMAGED) if left else None

    jobs = [buyer(shop, box) for _buyer in range(12)]
    jobs[4:4] = [to(PARTS), count_out, to(PARTS), to(OWN), to(PARTS)]
    results = at_once(shop, jobs, most=17)

    allowed = {"Order", "LinesRefused", "ShelfNotEmpty", "NoneType", "StockLevel"}
    assert set(kinds(results)) <= allowed | {"NotEnoughStock", "StockOfParts"}
    assert stock.differences(shop) == []
    rule, is_of_parts = Variant.objects.values_list("kit_stock", "stock__is_of_parts").get(
        pk=box.pk
    )
    assert is_of_parts == (rule == PARTS)

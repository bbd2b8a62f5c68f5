"""Counting the shelves: what is no difference, what is one, and applying it once."""

import pytest
from django.utils import timezone, translation

from orders import cancellation, fulfilment
from orders.models import Order
from shop import stock, stock_counts
from shop.models import (
    AuditEntry,
    StockCountLine,
    StockLevel,
    StockMovement,
    Variant,
)
from tests import make
from tests.orders.test_races import at_once, kinds

NOW = timezone.now


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def differences(count) -> dict[str, int | None]:
    """Give the difference of each line that was counted, by SKU."""
    lines = stock_counts.with_difference(StockCountLine.objects.filter(count=count))
    return {line.variant.sku: line.difference for line in lines if line.counted is not None}


def on_hand(variant) -> int:
    return StockLevel.objects.get(variant=variant).on_hand


def counted(count, variant, pieces) -> None:
    line = count.lines.get(variant=variant)
    stock_counts.write(count, {line.pk: (line.counted, pieces)})


def apply(count, person=None) -> stock_counts.Applied:
    return stock_counts.apply(count, person=person, now=NOW())


def test_a_count_of_a_category_holds_what_is_sold_in_it_and_lies_on_a_shelf(organization):
    oils = make.category("Aceites")
    inside = make.category("Esenciales", parent=oils)
    oil = make.variant(make.product(category=inside, variants=0))
    empty = make.variant(oil.product, in_stock=0, option1="30 ml")
    gone = make.variant(oil.product, in_stock=3, option1="5 ml", is_active=False)
    make.variant(oil.product, in_stock=0, option1="1 ml", is_active=False)
    make.kit(oil)
    make.variant()

    count = make.stock_count(scope="category", category=oils)

    assert {line.variant for line in count.lines.all()} == {oil, empty, gone}
    assert make.stock_count(scope="everything").lines.count() == 4
    assert make.stock_count(scope="scanned").lines.count() == 0


def test_a_scan_adds_one_whatever_the_capitals_and_the_keyboard_of_the_scanner(organization):
    variant = make.variant(sku="ACE-10", in_stock=3)
    count = make.stock_count(scope="scanned")

    for typed in ("ACE-10", " ace-10 ", "ACE'10"):
        line = stock_counts.scan(count, typed)

    assert (line.counted, line.expected, line.variant) == (3, 3, variant)
    assert differences(count) == {"ACE-10": 0}


@pytest.mark.parametrize(
    ("sku", "said"),
    [
        ("NADA-1", "No product has the SKU NADA-1"),
        ("", "No product has the SKU —"),
        ("A\x00", "No product has the SKU A"),
        ("KIT-1", "Count those instead"),
        ("OTRA-1", "not in the category"),
    ],
)
def test_what_cannot_be_counted_is_said(organization, sku, said):
    oils = make.category()
    oil = make.variant(make.product(category=oils, variants=0))
    make.kit(oil, sku="KIT-1")
    make.variant(sku="OTRA-1")
    count = make.stock_count(scope="category", category=oils)

    with pytest.raises(stock_counts.NotCounted, match=said):
        stock_counts.scan(count, sku)

    assert count.lines.count() == 1


def test_what_is_sold_and_received_while_others_count_is_no_difference(organization):
    early, late = make.variant(in_stock=10), make.variant(in_stock=10)
    count = make.stock_count()
    counted(count, early, 9)
    sold = make.pay(make.placed_order(early, late, quantity=2))
    fulfilment.prepare(sold, now=NOW(), actor=None)
    stock.move(early, 5, reason=StockMovement.Reason.RECEIVED)
    counted(count, late, 8)

    assert differences(count) == {early.sku: -1, late.sku: 0}
    apply(count)

    assert (on_hand(early), on_hand(late)) == (12, 8)


def test_what_is_paid_and_still_lies_on_the_shelf_is_expected_there(organization):
    drops, lamp = make.variant(in_stock=10), make.variant(in_stock=10)
    kit = make.kit((drops, 2), lamp)
    order = make.pay(make.placed_order(drops, kit, quantity=2))
    assert order.status == Order.Status.CONFIRMED
    assert (on_hand(drops), on_hand(lamp)) == (4, 8)
    count = make.stock_count()

    counted(count, drops, 10)
    counted(count, lamp, 10)
    assert differences(count) == {drops.sku: 0, lamp.sku: 0}

    fulfilment.prepare(order, now=NOW(), actor=None)
    counted(count, drops, 4)
    counted(count, lamp, 7)
    assert differences(count) == {drops.sku: 0, lamp.sku: -1}
    cancellation.cancel(order, now=NOW(), reason="buyer")
    apply(count)
    assert (on_hand(drops), on_hand(lamp)) == (10, 9)


def test_a_shelf_that_somebody_corrected_meanwhile_is_not_corrected_twice(organization):
    variant = make.variant(in_stock=10)
    first, second = make.stock_count(), make.stock_count()
    counted(first, variant, 7)
    counted(second, variant, 7)

    assert apply(first).corrected == 1
    assert differences(second) == {variant.sku: 0}
    assert apply(second).corrected == 0
    assert on_hand(variant) == 7
    third = make.stock_count()
    counted(third, variant, 6)
    stock.count(variant, 9)
    apply(third)
    assert on_hand(variant) == 6


def test_differences_become_movements_with_their_person_and_are_audited(organization):
    more, less, same = (make.variant(in_stock=10) for _number in range(3))
    person, count = make.member("warehouse"), make.stock_count(name="Estante 1")
    for variant, pieces in ((more, 12), (less, 0), (same, 10)):
        counted(count, variant, pieces)

    assert apply(count, person) == stock_counts.Applied(corrected=2, held=0)

    assert [on_hand(one) for one in (more, less, same)] == [12, 0, 10]
    found = StockMovement.objects.filter(reason="counted").order_by("quantity")
    assert [(one.quantity, one.person, one.reference) for one in found] == [
        (-10, person, "Estante 1"),
        (2, person, "Estante 1"),
    ]
    count.refresh_from_db()
    assert (count.status, count.closed_by) == ("applied", person)
    assert differences(count) == {more.sku: 2, less.sku: -10, same.sku: 0}
    told = AuditEntry.objects.filter(actor=person, action="changed")
    assert {entry.model for entry in told} == {"stocklevel", "stockcount"}
    assert {"on_hand": [10, 12]} in [entry.changes for entry in told]
    assert stock.differences(organization) == []


def test_what_orders_hold_is_not_taken_from_them_and_keeps_the_count_open(organization):
    scarce, other = make.variant(in_stock=5), make.variant(in_stock=5)
    order = make.placed_order(scarce, quantity=4)
    count = make.stock_count()
    counted(count, scarce, 3)
    counted(count, other, 4)

    assert apply(count) == stock_counts.Applied(corrected=1, held=1)
    count.refresh_from_db()
    assert count.is_open
    assert (on_hand(scarce), on_hand(other)) == (5, 4)

    cancellation.cancel(order, now=NOW(), reason="buyer")
    assert apply(count) == stock_counts.Applied(corrected=1, held=0)
    assert (on_hand(scarce), on_hand(other)) == (3, 4)


def test_who_types_over_what_another_counted_meanwhile_is_told(organization):
    variant = make.variant(in_stock=10)
    count = make.stock_count()
    line = count.lines.get()
    stock_counts.scan(count, variant.sku)

    assert stock_counts.write(count, {line.pk: (None, 8)}) == [line]
    assert stock_counts.write(count, {line.pk: (1, 8)}) == []
    assert differences(count) == {variant.sku: -2}
    stock_counts.write(count, {line.pk: (8, None)})
    assert differences(count) == {}
    with pytest.raises(stock_counts.NotCounted, match="more than"):
        stock_counts.write(count, {line.pk: (None, 1_000_001)})
    with pytest.raises(stock_counts.NotCounted, match="Nothing was counted"):
        apply(count)


def test_a_line_sent_unchanged_keeps_its_moment(organization):
    variant = make.variant(in_stock=10)
    count = make.stock_count()
    counted(count, variant, 10)
    stock.move(variant, -3, reason=StockMovement.Reason.DAMAGED)

    counted(count, variant, 10)

    assert differences(count) == {variant.sku: 0}


def test_what_nobody_counted_stays_or_becomes_nothing_when_they_say_so(organization):
    found, lost = make.variant(in_stock=2), make.variant(in_stock=2)
    count = make.stock_count()
    counted(count, found, 2)

    assert stock_counts.rest_is_nothing(count) == 1
    assert differences(count) == {found.sku: 0, lost.sku: -2}
    assert stock_counts.progress(count) == stock_counts.Progress(lines=2, counted=2)


def test_a_closed_count_takes_nothing_more(organization):
    variant = make.variant(in_stock=10)
    count = make.stock_count()
    counted(count, variant, 4)
    stock_counts.discard(count, person=None, now=NOW())

    line = count.lines.get()
    for step in (
        lambda: stock_counts.scan(count, variant.sku),
        lambda: stock_counts.write(count, {line.pk: (4, 5)}),
        lambda: stock_counts.rest_is_nothing(count),
        lambda: stock_counts.discard(count, person=None, now=NOW()),
        lambda: apply(count),
    ):
        with pytest.raises(stock_counts.NotOpen, match="Thrown away"):
            step()
    assert on_hand(variant) == 10
    assert AuditEntry.objects.get(model="stockcount").changes == {"status": ["open", "discarded"]}


def test_a_thousand_lines_take_few_queries(organization, django_assert_max_num_queries):
    product = make.product(variants=0)
    shared = {"organization": organization, "product": product, "price": 1}
    variants = Variant.objects.bulk_create(
        Variant(sku=f"V-{number}", option1=str(number), **shared) for number in range(1_000)
    )
    StockLevel.objects.bulk_create(StockLevel(variant=one) for one in variants)

    with django_assert_max_num_queries(12):
        count = make.stock_count()
    assert count.lines.count() == 1_000
    with django_assert_max_num_queries(14):
        stock_counts.rest_is_nothing(count)
    stock.count_all({one.pk: 3 for one in variants[:100]}, reference="otra")
    StockCountLine.objects.update(counted=7)
    with django_assert_max_num_queries(25):
        apply(count)

    assert StockLevel.objects.filter(on_hand=7).count() == 1_000


def test_a_count_that_two_people_apply_at_once_moves_the_shelf_once(open_shop):
    variant = make.variant(in_stock=10)
    count = make.stock_count()
    counted(count, variant, 7)

    outcomes = at_once(open_shop, [lambda: apply(count)] * 2)

    assert kinds(outcomes) == {"Applied": 1, "NotOpen": 1}
    assert on_hand(variant) == 7


def test_people_who_scan_at_once_lose_no_piece(open_shop):
    variant = make.variant(in_stock=10)
    count = make.stock_count(scope="scanned")

    at_once(open_shop, [lambda: stock_counts.scan(count, variant.sku)] * 4)

    assert count.lines.get().counted == 4

"""The warehouse packs orders and sees no money: not on a page, in a file, or by asking."""

import io
import re

import openpyxl
import pytest
from django.utils import timezone

from orders import cancellation, editing, offers, refunds, returns
from orders.models import Order, Refund, ReturnRequest, Voucher
from tests import make
from tests.orders.admin.pages import LIST, confirmed, page_of, read, shipped, step_of, take
from tests.shop.admin.back_office import client_of

# What would give money away, in words.
WORDS = ["Wompi", "Practice gateway", "Refund", "refund", "Paid", "paid", "Voucher", "DIEZ"]


@pytest.fixture
def everything(organization):
    """Orders in every state, each with amounts that no other number on a page resembles."""
    organization.vouchers.create(code="DIEZ", kind=Voucher.Kind.PERCENT, percent=10)
    variant = make.variant(in_stock=99, price=7_654_300)
    now = timezone.now()
    waiting = make.placed_order(variant, voucher="DIEZ")
    cash = make.placed_order(variant, provider="cash")
    firm = confirmed(variant, quantity=2)
    edited = confirmed(variant)
    editing.edit(edited, editing.Change({variant.pk: 3}), now=now)
    less = confirmed(variant, quantity=3)
    editing.edit(less, editing.Change({variant.pk: 1}), now=now)
    cancelled = confirmed(variant)
    cancellation.cancel(cancelled, Order.Cancelled.BY_SHOP, now=now)
    gone = shipped(variant, quantity=2)
    refunds.request(gone, 9_876_500, reason=Refund.Reason.OTHER, now=now)
    returns.request(
        gone,
        kind=ReturnRequest.Kind.OTHER,
        quantities={gone.lines.get().pk: 1},
        now=now,
        actor=make.member("owner"),
    )
    worried = confirmed(variant)
    Order.objects.filter(pk=worried.pk).update(concern=Order.Concern.PAID_TOO_MUCH)
    extended = confirmed(variant)
    offer = make.offer(make.variant(price=8_765_400), price=4_321_900)
    offers.accept(extended, offer, now=timezone.now())
    offers.leave_out(extended, now=timezone.now())
    return [waiting, cash, firm, edited, less, cancelled, gone, worried, extended]


def amounts(orders) -> set[str]:
    """Give every amount of these orders as any page might write it."""
    found = set()
    for order in Order.objects.filter(pk__in=[order.pk for order in orders]):
        numbers = {order.subtotal, order.discount, order.shipping, order.total, order.tax}
        numbers |= {order.paid, order.refunded, order.outstanding, order.due_first}
        for line in order.lines.all():
            numbers |= {line.unit_price, line.total, line.discount, line.tax}
        numbers |= set(order.refunds.values_list("amount", flat=True))
        for number in numbers:
            if number >= 10_000:
                found |= {str(number), str(number // 100), f"{number // 100:,}"}
                found.add(f"{number // 100:,}".replace(",", "."))
    return found


def assert_no_money(text: str, orders, where: str) -> None:
    shown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
    for amount in amounts(orders):
        assert not re.search(rf"(?<![\d.,]){re.escape(amount)}(?![\d])", shown), (where, amount)
    assert "$" not in re.sub(r"\$\w+|x-[\w:.-]+=\"[^\"]*\"", "", shown), where


def body(page: str) -> str:
    """Give the part of a page that is about its subject: without the frame and its scripts."""
    return page[page.index('id="content') :]


def test_no_page_of_an_order_tells_the_warehouse_about_money(everything, warehouse):
    addresses = [LIST, f"{LIST}?queue=prepare", f"{LIST}?queue=ready", f"{LIST}?queue=returns"]
    for order in everything:
        addresses.append(page_of(order))
        addresses += [
            f"{step_of(order)}?step={name}" for name in ("ship", "deliver", "come-back", "note")
        ]
    addresses.append("/admin/orders/returnrequest/")
    addresses += [
        f"/admin/orders/returnrequest/{found.pk}/change/" for found in ReturnRequest.objects.all()
    ]

    for address in addresses:
        response = warehouse.get(address)
        if response.status_code == 302:
            continue
        page = body(response.content.decode())
        assert_no_money(page, everything, address)
        for word in WORDS:
            assert word not in page, (address, word)


def test_the_same_pages_show_it_to_whom_it_concerns(everything, owner):
    firm = everything[2]

    page = read(owner, page_of(firm))

    assert any(amount in page for amount in amounts([firm]))
    with pytest.raises(AssertionError):
        assert_no_money(page, [firm], "owner")


def test_nobody_finds_out_about_money_by_asking_for_it(everything, warehouse):
    for query in (
        "payment=paid",
        "payment__exact=paid",
        "total__gte=1",
        "total=1",
        "concern=paid_too_much",
        "due_first__gt=0",
        "method=wompi",
        "paid_on=2026-01-01",
        "queue=waiting",
        "queue=decide",
        "queue=confirm",
    ):
        response = warehouse.get(f"{LIST}?{query}")
        if response.status_code == 200:
            # What is not offered filters nothing.
            assert response.context["cl"].result_count == len(everything), query
        else:
            assert response.status_code in (302, 400), query
    assert warehouse.get(f"{LIST}?o=8").status_code == 200


def test_an_order_that_waits_for_money_only_waits(everything, warehouse, owner):
    waiting = everything[0]

    assert "Not confirmed yet" in read(warehouse, page_of(waiting))
    assert "Waiting for payment" in read(owner, page_of(waiting))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_for_the_warehouse_holds_no_money(everything, warehouse, owner, kind):
    def download(client):
        response = client.get(f"{LIST}exportar/?kind={kind}")
        content = b"".join(response) if response.streaming else response.content
        if kind == "csv":
            return content.decode("utf-8-sig")
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)

    theirs, whole = download(warehouse), download(owner)

    assert everything[2].name in theirs
    assert_no_money(theirs, everything, kind)
    assert not any(word in theirs for word in ("Total", "Payment", "Subtotal"))
    assert "Total" in whole
    assert any(amount in whole for amount in amounts(everything[2:3]))


@pytest.mark.parametrize("page", ["recibo.pdf", "editar/"])
def test_papers_about_money_are_closed_to_the_warehouse(everything, warehouse, page):
    assert warehouse.get(f"{LIST}{everything[2].pk}/{page}").status_code == 403
    assert warehouse.get(f"{LIST}{everything[2].pk}/empaque.pdf").status_code == 200


def test_the_warehouse_takes_no_step_about_money(everything, warehouse):
    for step, values in (
        ("refund", {"amount": "1.000", "reason": "other"}),
        ("cancel", {"reason": "by_shop"}),
        ("collect", {"amount": "1.000"}),
        ("give-back", {}),
        ("handled", {"note": "x"}),
        ("ask", {}),
        ("confirm", {}),
    ):
        for order in everything:
            assert take(warehouse, order, step, **values).status_code == 403, (step, order.number)


@pytest.mark.parametrize("role", ["warehouse", "expert"])
@pytest.mark.parametrize("model", ["refund", "gatewaytransaction", "gatewayevent"])
def test_lists_of_money_are_closed(organization, role, model):
    assert client_of(role).get(f"/admin/orders/{model}/").status_code == 403

"""The first page: what waits leads to exactly its list, and everybody sees their own."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.lib import memory
from orders import drafts, mails, refunds, sales
from orders.models import GatewayEvent, Order, OrderEvent, PaymentAccount, Refund
from shop import stock
from shop.models import StockLevel
from tests import make
from tests.orders.admin.pages import confirmed, read, shipped
from tests.shop.admin.back_office import client_of

HOME = "/admin/"


def waiting(client) -> dict[str, tuple[str, str]]:
    """Give what waits: its number and address by its label."""
    found = client.get(HOME).context["waiting"]
    return {one["waiting"].label: (one["number"], one["waiting"].url) for one in found}


def steps(client) -> dict[str, bool]:
    """Give which first steps are done."""
    guide = client.get(HOME).context["guide"]
    return {one["step"].label: one["is_done"] for one in guide["steps"]} if guide else {}


def fill(organization) -> None:
    """Make a shop in which something of everything waits."""
    now = timezone.now()
    low, none = make.variant(in_stock=9), make.variant(in_stock=1)
    stock.count(low, 3)
    stock.count(none, 0)
    hidden = make.product(in_stock=0)
    hidden.is_active = False
    hidden.save()
    paid = confirmed(make.variant(in_stock=90), email="ana@example.com")
    make.placed_order(make.variant(in_stock=90))
    shipped(make.variant(in_stock=90))
    order = confirmed(make.variant(in_stock=90))
    refunds.request(order, 100_00, reason=Refund.Reason.OTHER, now=now)
    late = {"due_on": timezone.localdate() - timedelta(days=1), "method": Refund.Method.MANUAL}
    Refund.objects.update(**late, status=Refund.Status.REQUESTED)
    Order.objects.filter(pk=paid.pk).update(concern=Order.Concern.values[1])
    OrderEvent.objects.filter(order=paid, kind="placed").update(mail=OrderEvent.Mail.FAILED)
    GatewayEvent.objects.create(
        account=PaymentAccount.objects.first(),
        event_id="1",
        kind="transaction.updated",
        payload={},
        received_at=now,
        error="It could not be read.",
    )
    drafts.start(organization, actor=make.member("support"))
    StockLevel.objects.filter(pk=low.pk).update(on_hand=4)
    stock.check(organization, now=now)


def test_everything_that_waits_leads_to_exactly_its_list(owner, organization):
    fill(organization)

    found = waiting(owner)

    assert list(found)[:5] == [
        "To decide",
        "Mails not delivered",
        "Refunds overdue",
        "Notices of payments with an error",
        "Stock that does not add up",
    ]
    assert {"Sold out", "Low stock", "Products not in the shop", "Order drafts"} < set(found)
    assert {"To be paid", "To prepare", "Refunds to transfer by hand"} < set(found)
    for label, (number, address) in found.items():
        page = owner.get(address)
        if "stockcheck" in address:
            assert len(page.context["original"].differences) == int(number)
        else:
            assert page.context["cl"].result_count == int(number), label


def test_the_warehouse_sees_its_work_and_no_money_in_any_word(owner, warehouse, organization):
    fill(organization)
    sales.refresh(organization, now=timezone.now())

    page = read(warehouse, HOME)

    assert {"To prepare", "Low stock", "Sold out"} < set(waiting(warehouse))
    for word in ("$", "34.900", "To decide", "Refund", "payment", "Sales", "To be paid"):
        assert word not in page.split('id="waiting"')[1], word
    assert "34.900" in read(owner, HOME)


def test_a_viewer_looks_and_is_asked_to_do_nothing(organization):
    fill(organization)
    viewer = client_of("viewer")

    found = waiting(viewer)

    assert "To prepare" in found
    assert not {"Products not in the shop", "Mails not delivered"} & set(found)
    assert steps(viewer) == {}


def test_a_new_shop_is_led_through_its_first_steps_and_each_is_ticked_off(owner, organization):
    assert set(steps(owner).values()) == {False}
    assert len(steps(owner)) == 6
    assert "Nothing waits for you" in read(owner, HOME)

    make.product()
    make.rate(make.rate_table())
    make.member("warehouse")

    assert [label for label, is_done in steps(owner).items() if is_done] == [
        "Add your products",
        "Say how it arrives, and what that costs",
        "Invite who works with you",
    ]
    make.payment_account()
    organization.legal_name, organization.tax_id = "Tienda SAS", "900123456-1"
    organization.address_line, organization.email = "Calle 1 # 2-3", "hola@example.com"
    organization.phone = "+573001234567"
    organization.save()
    # What is left is no need.
    assert steps(owner) == {}


def test_what_happened_last_is_told_with_who_did_it(owner, organization):
    order = confirmed()
    event = order.events.get(kind="placed")
    mails.send(event.pk)

    page = owner.get(HOME)

    told = [(one.about, one.words) for one in page.context["news"]]
    assert (order.label, "The order is confirmed.") in told
    amount = f"{order.total // 100:,}".replace(",", ".")
    assert any(amount in words for _about, words in told)
    assert amount not in client_of("warehouse").get(HOME).content.decode()


def test_the_page_asks_as_much_of_a_full_shop_as_of_a_small_one(owner, organization):
    def asked() -> int:
        memory.clear_all()
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(HOME).status_code == 200
        return len(captured)

    fill(organization)
    sales.refresh(organization, now=timezone.now())
    asked()
    few = asked()
    for _time in range(8):
        confirmed(make.variant(in_stock=90))
    sales.refresh(organization, now=timezone.now())

    assert asked() <= few <= 20


@pytest.mark.parametrize("role", ["owner", "warehouse", "support", "expert", "viewer"])
def test_every_door_opens_for_whom_it_is_shown(organization, role):
    fill(organization)
    client = client_of(role)
    page = client.get(HOME).context

    addresses = [one["waiting"].url for one in page["waiting"]]
    addresses += [one["step"].url for one in (page["guide"] or {"steps": []})["steps"]]
    addresses += [one.url for one in page["news"] if one.url]

    assert {
        address: client.get(address).status_code
        for address in addresses
        if urlsplit(address).path.startswith("/admin/") and client.get(address).status_code != 200
    } == {}

"""Ways to pay, vouchers, events of gateways and proofs of stock in the back-office."""

import pytest
from django.utils import timezone

from orders.models import GatewayEvent, PaymentAccount, Voucher
from shop import stock
from shop.models import AuditEntry, StockLevel
from tests import make
from tests.orders.admin.pages import confirmed, read, shipped
from tests.shop.admin.back_office import client_of, send

ACCOUNTS = "/admin/orders/paymentaccount/"


@pytest.fixture
def wompi(organization):
    return make.payment_account(
        "wompi",
        name="Wompi",
        settings={"public_key": "pub_test_1"},
        secrets={"private_key": "prv_test_SECRET"},
    )


def address(account) -> str:
    return f"{ACCOUNTS}{account.pk}/change/"


def test_a_key_goes_in_and_never_comes_out(owner, wompi):
    page = read(owner, address(wompi))
    assert "prv_test_SECRET" not in page
    assert "pub_test_1" in page

    send(owner, address(wompi), setting_events_secret="test_events_NEW", name="Wompi 2")

    kept = PaymentAccount.objects.get()
    # What was left empty stays.
    assert kept.secrets == {"private_key": "prv_test_SECRET", "events_secret": "test_events_NEW"}
    assert kept.name == "Wompi 2"
    written = [str(entry.changes) for entry in AuditEntry.objects.all()]
    assert not any("SECRET" in text or "NEW" in text for text in written)
    assert "NEW" not in read(owner, address(wompi))


def test_what_is_missing_is_said_and_the_webhook_address_shown(owner, wompi):
    page = read(owner, address(wompi))

    assert "Events secret" in page
    assert f"http://testserver/api/webhooks/wompi/{wompi.pk}/" in page
    checked = owner.get(f"{ACCOUNTS}{wompi.pk}/comprobar/", follow=True)
    assert "Fill in" in checked.content.decode()


def test_settings_are_read_as_people_write_them(owner, organization):
    cash = make.payment_account("cash", name="Contra entrega")

    send(
        owner,
        address(cash),
        setting_lowest="50.000",
        setting_deposit_percent="20",
        setting_denied="Leticia\r\nSan Andrés, Archipiélago de San Andrés",
    )

    kept = PaymentAccount.objects.get().settings
    assert (kept["lowest"], kept["deposit_percent"]) == (5_000_000, 20)
    assert "91001" in kept["denied"]


def test_who_only_looks_at_the_setup_changes_nothing(wompi):
    manager = client_of("manager")

    assert "prv_test_SECRET" not in read(manager, address(wompi))
    assert manager.post(address(wompi), {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"kind": "percent", "percent": "15", "amount": ""}, ("percent", 15, 0)),
        ({"kind": "amount", "amount": "10.000"}, ("amount", 0, 1_000_000)),
        ({"kind": "delivery"}, ("delivery", 0, 0)),
        ({"kind": "percent", "percent": "0"}, None),
        ({"kind": "amount", "amount": ""}, None),
    ],
)
def test_a_voucher_is_written_in_any_case_and_worth_what_its_kind_asks(owner, typed, kept):
    send(owner, "/admin/orders/voucher/add/", code="mi cupon", is_active="on", **typed)

    found = Voucher.objects.values_list("code", "kind", "percent", "amount").first()
    assert found == (("MICUPON", *kept) if kept else None)


def test_a_voucher_shows_what_became_of_it(owner, organization):
    voucher = organization.vouchers.create(code="DIEZ", kind="percent", percent=10)
    order = confirmed(voucher="diez")

    assert f"#{order.number}" in read(owner, f"/admin/orders/voucher/{voucher.pk}/change/")


def test_an_event_is_handled_again(owner, wompi):
    event = GatewayEvent.objects.create(
        account=wompi,
        event_id="e-1",
        kind="transaction.updated",
        payload={"a": "<script>"},
        received_at=timezone.now(),
        error="The gateway refuses to answer.",
        tries=8,
    )
    page = owner.get(f"/admin/orders/gatewayevent/{event.pk}/change/").content.decode()
    assert "&lt;script&gt;" in page

    owner.post(f"/admin/orders/gatewayevent/{event.pk}/otra-vez/")

    event.refresh_from_db()
    assert event.error == ""


def test_a_customer_shows_what_they_bought_and_paid(owner, organization):
    order = confirmed(quantity=2)
    make.placed_order(customer=order.customer)
    address = f"/admin/shop/customer/{order.customer_id}/change/"

    page = read(owner, address)

    assert f"#{order.number}" in page
    assert f"{order.total // 100:,}".replace(",", ".") in page
    assert "Paid in all" in page
    hidden = read(client_of("expert"), address)
    assert f"#{order.number}" in hidden
    assert "Paid in all" not in hidden
    assert f"{order.total // 100:,}".replace(",", ".") not in hidden


def test_promises_and_proofs_are_shown(owner, organization):
    variant = make.variant(in_stock=5)
    order = shipped(variant)
    StockLevel.objects.filter(variant=variant).update(on_hand=9)
    found = stock.check(organization, now=timezone.now())

    assert variant.sku in read(owner, "/admin/shop/stockreservation/", q=str(order.number))
    page = read(owner, f"/admin/shop/stockcheck/{found.pk}/change/")
    assert variant.sku in page
    assert "9 on the shelf" in page


def test_the_audit_says_which_key_was_replaced_and_not_what_it_is(owner, wompi):
    send(owner, address(wompi), setting_private_key="prv_test_OTHER")

    assert AuditEntry.objects.get().changes["secrets"] == [None, ["Private key"]]

"""Orders made by staff for a customer, from the first product to the link."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation
from django_scopes import scope

from logistics.models import Rate
from orders import checkout, drafts
from orders.models import Cart, Order, PaymentAccount, Voucher
from shop import customers, stock
from shop.models import Consent, Customer, Municipality, StockReservation
from tests import make
from tests.shop.admin.back_office import client_of


def place(cart, actor, **fields) -> Order:
    account = PaymentAccount.objects.first() or make.payment_account(is_live=False)
    rate = Rate.objects.first() or make.national_rate()
    fields = {
        "contact": checkout.Contact("Ana Gómez", "ana@example.com", "+573001234567"),
        "municipality": Municipality.objects.select_related("department").get(code="11001"),
        "address": {"line": "Calle 1 # 2-3"},
        "delivery_code": make.delivery_code(rate),
        "account": account,
        **fields,
    }
    return drafts.place(cart, now=timezone.now(), actor=actor, **fields)


@pytest.fixture
def actor(organization):
    return make.member("support")


def test_a_draft_becomes_an_order_of_staff_that_waits_for_its_buyer(organization, actor):
    variant = make.variant(in_stock=5)
    cart = drafts.start(organization, actor=actor)
    drafts.change(cart, quantities={variant.pk: 2})

    order = place(cart, actor)

    assert (order.source, order.status, order.accepted_from) == ("staff", "pending", None)
    assert order.lines.get().quantity == 2
    assert order.events.get(kind="placed").actor == actor
    # A link by chat is opened later than a checkout's page.
    assert order.expires_at >= order.placed_at + timedelta(hours=48)
    assert StockReservation.objects.get(holder=order.pk).expires_at == order.expires_at
    assert stock.differences(organization) == []


def test_nobody_consents_for_somebody_else(organization, actor):
    variant = make.variant()
    cart = drafts.change(drafts.start(organization, actor=actor), quantities={variant.pk: 1})

    place(cart, actor)

    assert not Consent.objects.exists()


def test_a_draft_is_placed_once(organization, actor):
    variant = make.variant(in_stock=5)
    cart = drafts.change(drafts.start(organization, actor=actor), quantities={variant.pk: 1})

    first, second = place(cart, actor), place(cart, actor)

    assert first.pk == second.pk
    assert Order.objects.count() == 1
    with pytest.raises(drafts.DraftGone):
        drafts.change(cart, quantities={variant.pk: 2})


def test_an_order_reaches_nobody_without_mail_and_phone(organization, actor):
    variant = make.variant()
    cart = drafts.change(drafts.start(organization, actor=actor), quantities={variant.pk: 1})

    with pytest.raises(drafts.NotReady):
        place(cart, actor, contact=checkout.Contact("Ana", "", ""))


def test_a_known_customer_stays_the_same_and_a_phone_alone_makes_a_new_one(organization, actor):
    variant, customer = make.variant(in_stock=9), make.customer(name="Rosa", phone="+573005550000")
    known = drafts.start(organization, actor=actor, customer=customer)
    unknown = drafts.start(organization, actor=actor)
    for cart in (known, unknown):
        drafts.change(cart, quantities={variant.pk: 1})

    assert known.draft["name"] == "Rosa"
    assert place(known, actor).customer == customer
    order = place(unknown, actor, contact=checkout.Contact("Luz", "", "+573005551111"))
    assert (order.customer.name, order.email) == ("Luz", "")


def test_a_banned_customer_gets_no_order(organization, actor):
    variant, customer = make.variant(), make.customer(status=Customer.Status.BANNED)
    cart = drafts.start(organization, actor=actor, customer=customer)
    drafts.change(cart, quantities={variant.pk: 1})

    with pytest.raises(customers.CustomerBanned):
        place(cart, actor)

    assert not Order.objects.exists()


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def support(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    with translation.override("en"):
        yield client_of("support")


TYPED = {
    "name": "Ana Gómez",
    "email": "ana@example.com",
    "phone": "300 123 4567",
    "place": "Bogotá",
    "line": "Calle 1 # 2-3",
}


def test_support_makes_an_order_by_hand_and_finds_the_link(support, organization):
    variant = make.product("Aceite de coco").variants.get()
    variant.price = 2_000_000
    variant.save()
    account, rate = make.payment_account(is_live=False), make.national_rate(price=900_000)
    organization.vouchers.create(code="DIEZ", kind=Voucher.Kind.PERCENT, percent=10)
    address = support.post("/admin/orders/cart/add/", {}).url
    cart = Cart.objects.get()

    found = support.post(address, {"do": "search", "product": "coco", **TYPED})
    assert [one.key for one in found.context["found"]] == [
        one.pk for one in variant.product.variants.all()
    ]
    support.post(address, {"do": "save", f"quantity-{variant.pk}": "2", "voucher": "diez", **TYPED})
    page = support.get(address)
    assert page.context["sums"][-1] == ("Total", "$\u00a045.000")
    placed = support.post(
        address,
        {
            "do": "place",
            f"quantity-{variant.pk}": "2",
            "voucher": "diez",
            "delivery_code": make.delivery_code(rate),
            "account": str(account.pk),
            "seen_total": str(page.context["seen_total"]),
            **TYPED,
        },
    )

    order = Order.objects.get(cart=cart)
    assert placed.url == f"/admin/orders/order/{order.pk}/change/"
    assert (order.total, order.voucher_code, order.phone) == (4_500_000, "DIEZ", "+573001234567")
    assert f"/pedidos/{order.pk.hex}" in support.get(placed.url).content.decode()


def test_nothing_typed_is_lost_and_what_is_missing_is_said(support, organization):
    variant = make.variant()
    address = support.post("/admin/orders/cart/add/", {}).url

    response = support.post(
        address,
        {"do": "place", f"quantity-{variant.pk}": "1", **TYPED, "name": "", "place": "Nowhere"},
    )

    assert set(response.context["form"].errors) == {"name", "place"}
    page = support.get(address).content.decode()
    assert "Calle 1 # 2-3" in page
    assert variant.sku in page
    assert not Order.objects.exists()


@pytest.mark.parametrize("typed", ["-1", "1.5", "abc", "1000000", "１"])
def test_a_strange_quantity_changes_nothing(support, organization, typed):
    variant = make.variant()
    address = support.post("/admin/orders/cart/add/", {}).url

    response = support.post(address, {"do": "save", f"quantity-{variant.pk}": typed, **TYPED})

    assert "whole number" in response.context["problem"]
    assert not Cart.objects.get().lines.exists()


def test_a_product_of_another_shop_is_not_added(support, organization):
    with scope(organization=make.organization()):
        foreign = make.variant()
    address = support.post("/admin/orders/cart/add/", {}).url

    support.post(address, {"do": "save", f"quantity-{foreign.pk}": "1", **TYPED})

    assert not Cart.objects.get().lines.exists()


def test_carts_of_buyers_are_no_drafts(support, organization):
    cart = make.cart(make.variant())

    assert support.get(f"/admin/orders/cart/{cart.pk}/change/").status_code == 404


@pytest.mark.parametrize("role", ["warehouse", "expert"])
def test_drafts_are_closed_to_who_sees_no_money(organization, actor, role):
    cart = drafts.start(organization, actor=actor)
    client = client_of(role)

    assert client.get("/admin/orders/cart/").status_code == 403
    assert client.get(f"/admin/orders/cart/{cart.pk}/change/").status_code == 403

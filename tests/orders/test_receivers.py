"""What a guest bought follows them into the account that proves the address."""

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Cart, Order, VoucherUse
from shop import customers
from shop.models import Customer, CustomerIdentity
from tests import make

pytestmark = pytest.mark.django_db


def claim(customer, email):
    return customers.claim(customer, kind=CustomerIdentity.Kind.EMAIL, value=email)


def test_a_guest_s_orders_are_found_in_the_account_that_proves_the_address(organization):
    order = make.placed_order(email="ana@example.com")
    paid = make.pay(order)
    other = make.placed_order(email="luz@example.com")
    user = make.user(email="ana@example.com")
    customer = make.customer(user=user, email=user.email)
    browser = Client()
    browser.force_login(user)

    claim(customer, "ana@example.com")

    assert not Customer.objects.filter(pk=paid.customer_id).exists()
    assert Order.objects.get(pk=order.pk).customer == customer
    assert Order.objects.get(pk=other.pk).customer != customer
    page = browser.get("/cuenta/pedidos/").content.decode()
    assert order.label in page
    assert other.label not in page


def test_uses_of_vouchers_and_carts_come_along(organization):
    order = make.placed_order(email="ana@example.com")
    voucher = organization.vouchers.create(code="HOLA", kind="percent", percent=10)
    use = VoucherUse.objects.create(
        voucher=voucher, order=order, customer=order.customer, amount=100
    )
    variant = make.variant()
    chosen = make.cart(variant, quantity=2, customer=order.customer)
    customer = make.customer(user=make.user(email="ana@example.com"), email="ana@example.com")
    own = make.cart(variant, customer=customer)

    claim(customer, "ana@example.com")

    use.refresh_from_db()
    assert use.customer == customer
    assert Cart.objects.get(pk=order.cart_id).ordered_at is not None
    (line,) = Cart.objects.get(pk=own.pk).lines.all()
    assert line.quantity == 3
    assert Cart.objects.get(pk=chosen.pk).customer is None
    assert Cart.objects.filter(customer=customer, ordered_at=None).count() == 1


def test_the_list_costs_the_same_however_many_orders_there_are(
    organization, django_assert_num_queries
):
    user = make.user()
    customer = make.customer(user=user, email=user.email)
    browser = Client()
    browser.force_login(user)

    def queries():
        browser.get("/cuenta/pedidos/")
        with django_assert_num_queries(6):
            return browser.get("/cuenta/pedidos/").content.decode()

    now = timezone.now()
    make.order(customer=customer, placed_at=now)
    queries()
    for _order in range(24):
        make.order(customer=customer, lines=[make.variant(), make.variant()], placed_at=now)
    first = queries()

    newest, oldest = Order.objects.first(), Order.objects.last()
    assert newest.label in first
    assert oldest.label not in first
    next_page = browser.get(f"/cuenta/pedidos/?antes={Order.objects.all()[19].number}")
    assert f">{oldest.label}<" in next_page.content.decode()
    assert f">{newest.label}<" not in next_page.content.decode()

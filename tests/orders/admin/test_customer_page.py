"""One page of a customer: what they ordered, paid and agreed to."""

from django.utils import timezone

from orders.models import Order
from shop.models import Consent
from tests import make
from tests.orders.admin.pages import read
from tests.shop.admin.back_office import client_of


def test_one_page_shows_orders_payments_and_consents(owner, organization):
    customer = make.customer(name="Ana Gómez")
    order = make.pay(make.placed_order(make.variant(price=3_456_700), customer=customer))
    Consent.objects.create(
        customer=customer,
        purpose=Consent.Purpose.MARKETING,
        version="2026-01",
        granted_at=timezone.now(),
        source=Order.Source.WEB,
    )
    stranger = make.pay(make.placed_order(make.variant(), customer=make.customer()))

    page = read(owner, f"/admin/shop/customer/{customer.pk}/change/")

    assert order.label in page
    assert "1 payment" in page
    assert "Practice gateway" in page or str(order.account) in page
    assert "Approved" in page
    assert "2026-01" in page
    assert stranger.label not in page


def test_what_was_paid_is_not_for_those_who_see_no_money(organization):
    customer = make.customer()
    make.pay(make.placed_order(customer=customer))

    expert = client_of("expert")

    assert "1 payment" not in read(expert, f"/admin/shop/customer/{customer.pk}/change/")

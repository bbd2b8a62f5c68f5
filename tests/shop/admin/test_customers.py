"""Customers, in the back-office."""

import pytest

from shop.models import AuditEntry, Customer
from tests import make
from tests.shop.admin.back_office import change, send


def test_a_customer_is_added_with_the_next_reference(owner):
    send(
        owner,
        "/admin/shop/customer/add/",
        name="Luz Marina",
        email="luz@example.com",
        phone="300 123 4567",
        tags=" mayorista, Cali ,mayorista",
    )

    customer = Customer.objects.get()
    assert customer.reference.endswith("-0001")
    assert (str(customer.phone), customer.tags) == ("+573001234567", ["mayorista", "Cali"])
    assert customer.identities.count() == 2
    assert AuditEntry.objects.get().row_id == str(customer.pk)


@pytest.mark.parametrize(
    "typed", ["luz mar", "LUZ@example.com", "300 123", "3001234567", "52.123.456", "REFERENCE"]
)
def test_a_customer_is_found_by_whatever_one_knows(owner, typed):
    wanted = make.customer(
        name="Luz Marina",
        email="luz@example.com",
        phone="+573001234567",
        document_type="CC",
        document_number="52123456",
    )
    make.customer(name="Otra", email="otra@example.com", phone="+573109876543")
    typed = wanted.reference.lower() if typed == "REFERENCE" else typed

    found = owner.get("/admin/shop/customer/", {"q": typed}).context["cl"].result_list

    assert list(found) == [wanted]


def test_banning_a_customer_is_written_down(owner):
    customer = make.customer()

    send(owner, change(customer), status="banned")

    entry = AuditEntry.objects.get()
    assert entry.changes == {"status": ["active", "banned"]}
    history = owner.get(f"/admin/shop/customer/{customer.pk}/history/").content.decode()
    assert "Banned" in history

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from shop import customers, signals
from shop.models import Address, Consent, Customer, CustomerIdentity
from tests import make
from tests.shop import places

EMAIL, PHONE = CustomerIdentity.Kind.EMAIL, CustomerIdentity.Kind.PHONE


@pytest.fixture
def cali(db):
    return places.reload()["76001"]


def address(customer, municipality, **fields):
    fields = {"recipient": "Ana", "phone": "+573001234567", "line": "Calle 1 # 2-3", **fields}
    return Address.objects.create(customer=customer, municipality=municipality, **fields)


@pytest.mark.parametrize(
    ("kind", "value", "fields"),
    [
        (EMAIL, "ana@example.com", {"email": "Ana@example.com"}),
        (PHONE, "+573001234567", {"phone": "+573001234567"}),
    ],
)
def test_who_proves_an_address_or_phone_gets_what_guests_left(
    organization, cali, kind, value, fields
):
    now = timezone.now()
    guest = make.customer(**fields, order_count=2, last_order_at=now, tags=["b"], notes="Le gusta")
    left = address(guest, cali, is_default=True)
    customers.give_consent(guest, purpose="terms", version="1", address=None, source="checkout")
    customer = make.customer(user=make.user(), tags=["a"], order_count=1)
    mine = address(customer, cali, is_default=True)

    joined = customers.claim(customer, kind=kind, value=value)

    assert [row.name for row in joined] == ["Ana Gómez"]
    customer = Customer.objects.get()
    assert (customer.order_count, customer.last_order_at) == (3, now)
    assert (customer.tags, customer.notes) == (["a", "b"], "Le gusta")
    assert set(customer.addresses.values_list("pk", "is_default")) == {
        (left.pk, False),
        (mine.pk, True),
    }
    assert customer.consents.get().purpose == "terms"
    assert customer.identities.get(kind=kind, value=value).verified_at is not None


def test_an_address_that_was_only_typed_gives_nothing(organization):
    guest = make.customer(email="ana@example.com")
    typed = make.customer(email="ana@example.com", user=make.user())

    assert Customer.objects.filter(pk__in=[guest.pk, typed.pk]).count() == 2
    assert typed.identities.get().verified_at is None


def test_guests_who_proved_something_else_and_other_accounts_stay(organization):
    proved = make.customer(email="ana@example.com", phone="+573001234567")
    customers.claim(proved, kind=PHONE, value="+573001234567")
    account = make.customer(email="ana@example.com", user=make.user())
    customer = make.customer(user=make.user())

    assert customers.claim(customer, kind=EMAIL, value="ana@example.com") == []
    assert Customer.objects.filter(pk__in=[proved.pk, account.pk]).count() == 2


def test_what_one_customer_proved_no_other_one_gets(organization):
    first, second = make.customer(user=make.user()), make.customer(user=make.user())
    customers.claim(first, kind=EMAIL, value="ana@example.com")
    guest = make.customer(email="ana@example.com")

    with pytest.raises(customers.AddressTaken):
        customers.claim(second, kind=EMAIL, value="ana@example.com")

    assert Customer.objects.filter(pk=guest.pk).exists()
    assert not second.identities.exists()


def test_guests_of_another_organization_are_not_joined(organization):
    other = make.organization()
    with scope(organization=other):
        foreign = customers.create(other, email="ana@example.com")
    customer = make.customer(user=make.user())

    customers.claim(customer, kind=EMAIL, value="ana@example.com")

    with scope(organization=other):
        assert Customer.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("status", [Customer.Status.BANNED, Customer.Status.SUSPENDED])
def test_a_ban_survives_the_join(organization, status):
    make.customer(email="ana@example.com", status=status)
    customer = make.customer(user=make.user())

    customers.claim(customer, kind=EMAIL, value="ana@example.com")

    assert Customer.objects.get().status == status


def test_upper_apps_hear_of_a_join_while_both_rows_exist(organization):
    heard = []

    def hear(sender, customer, guest, **kwargs):
        heard.append((customer.pk, guest.pk, Customer.objects.filter(pk=guest.pk).exists()))

    guest = make.customer(email="ana@example.com")
    customer = make.customer(user=make.user())
    signals.customer_joined.connect(hear)
    try:
        customers.claim(customer, kind=EMAIL, value="ana@example.com")
    finally:
        signals.customer_joined.disconnect(hear)

    assert heard == [(customer.pk, guest.pk, True)]


def claim_at_once(organization, claims):
    """Let every (customer, kind, value) be claimed on a connection of its own, all at once."""
    start = Barrier(len(claims))

    def claim(asked):
        customer, kind, value = asked
        try:
            with scope(organization=organization):
                row = Customer.objects.get(pk=customer.pk)
                start.wait()
                customers.claim(row, kind=kind, value=value)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(claims)) as pool:
        list(pool.map(claim, claims))


@pytest.mark.django_db(transaction=True)
def test_two_claims_of_one_customer_at_once_lose_no_order():
    organization = make.organization()
    with scope(organization=organization):
        customer = customers.create(organization, user=make.user())
        for _guest in range(10):
            customers.create(organization, email="ana@example.com", order_count=1)
            customers.create(organization, phone="+573001234567", order_count=1)

    claim_at_once(
        organization,
        [(customer, EMAIL, "ana@example.com"), (customer, PHONE, "+573001234567")],
    )

    with scope(organization=organization):
        assert Customer.objects.get().order_count == 20


@pytest.mark.django_db(transaction=True)
def test_a_guest_whom_two_customers_claim_at_once_goes_to_one_of_them():
    organization = make.organization()
    with scope(organization=organization):
        first, second = (customers.create(organization, user=make.user()) for _one in range(2))
        for _guest in range(10):
            customers.create(
                organization, email="ana@example.com", phone="+573001234567", order_count=1
            )

    claim_at_once(
        organization, [(first, EMAIL, "ana@example.com"), (second, PHONE, "+573001234567")]
    )

    with scope(organization=organization):
        assert sum(Customer.objects.values_list("order_count", flat=True)) == 10


@pytest.mark.parametrize("status", [Customer.Status.BANNED, Customer.Status.SUSPENDED])
def test_a_banned_customer_is_refused(organization, status):
    customers.require_welcome(make.customer())

    with pytest.raises(customers.CustomerBanned):
        customers.require_welcome(make.customer(status=status))


def test_one_address_is_used_by_default(organization, cali):
    customer = make.customer()
    first, second = address(customer, cali), address(customer, cali)

    customers.save_address(first, by_default=True)
    customers.save_address(second, by_default=True)

    assert customer.addresses.get(is_default=True) == second
    customers.save_address(second, by_default=False)
    assert not customer.addresses.filter(is_default=True).exists()


def test_an_address_book_is_not_endless(organization, cali, monkeypatch):
    monkeypatch.setattr(customers, "MOST_ADDRESSES", 2)
    customer = make.customer()
    for _address in range(2):
        address(customer, cali)

    with pytest.raises(customers.AddressBookFull):
        customers.save_address(
            Address(
                customer=customer, municipality=cali, line="x", recipient="y", phone="+573001234567"
            ),
            by_default=False,
        )


def test_a_consent_is_recorded_once_and_withdrawn_at_once(organization):
    customer = make.customer()
    asked = {"purpose": Consent.Purpose.MARKETING, "version": "1", "address": "203.0.113.9"}

    first = customers.give_consent(customer, **asked, source="account")
    again = customers.give_consent(customer, **asked, source="account")

    assert first == again
    assert customers.agrees(customer, purpose=Consent.Purpose.MARKETING) is True
    customers.withdraw_consent(customer, purpose=Consent.Purpose.MARKETING)
    assert customers.agrees(customer, purpose=Consent.Purpose.MARKETING) is False
    assert Consent.objects.get().withdrawn_at is not None
    assert customers.give_consent(customer, **asked, source="account") != first


def test_a_new_phone_replaces_the_one_that_was_only_typed(organization):
    customer = make.customer(phone="+573001234567")
    customer.phone = "+573009999999"

    customers.save_profile(customer)

    assert [i.value for i in customer.identities.all()] == ["+573009999999"]

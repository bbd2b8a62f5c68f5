"""A mail when something is back: with consent, confirmed, once."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from shop import customers, stock, stock_alerts
from shop.models import Customer, StockAlert, StockMovement
from shop.models.catalogue import LONGEST_SKU
from tests import make
from tests.orders.test_races import at_once, shop  # noqa: F401 - a fixture
from tests.shop.admin.back_office import client_of
from tests.shop.signing_in import browser, new_email, person, sign_in

OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def ask(client, variant, email, **data):
    data = {"variant": variant.sku, "email": email, "consent": "on", **data}
    return client.post("/avisos/", {name: value for name, value in data.items() if value}, **OWN)


def link(message, step: str) -> str:
    return re.search(rf"/avisos/[^/\s]+/{step}/", message.body)[0]


def refill(variant, quantity=5):
    stock.move(variant, quantity, reason=StockMovement.Reason.RECEIVED)


def tell(organization) -> int:
    return stock_alerts.tell(organization, now=timezone.now())


@pytest.fixture
def sold_out(organization, settings):
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return make.product("Lavanda", in_stock=0).variants.get()


@pytest.mark.django_db
def test_a_stranger_confirms_and_gets_one_mail(organization, sold_out, client):
    client, email = browser(language="en"), new_email()
    page = client.get(f"/productos/{sold_out.product.slug}/").content.decode()
    assert 'action="/avisos/" method="post" data-show="alert">' in page
    assert re.search(r'<input type="checkbox" name="consent" required>', page)

    answer = ask(client, sold_out, email)
    assert "Look at your mail" in answer.content.decode()
    alert = StockAlert.objects.get()
    assert (alert.email, alert.confirmed_at, alert.customer) == (email, None, None)
    assert (alert.consent_version, alert.language) == (stock_alerts.CONSENT_VERSION, "en")
    (asked,) = mail.outbox
    refill(sold_out)
    assert tell(organization) == 0
    # A mail program that opens the link by itself confirms nothing.
    assert client.get(link(asked, "confirmar")).status_code == 200
    assert tell(organization) == 0
    client.post(link(asked, "confirmar"))

    assert [tell(organization), tell(organization)] == [1, 0]
    told = mail.outbox[-1]
    assert told.to == [email]
    assert f"?variante={sold_out.sku}" in told.body
    assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.post(link(told, "parar")).status_code == 200
    assert not StockAlert.objects.exists()
    assert client.get(link(told, "parar")).status_code == 410


@pytest.mark.django_db
def test_without_consent_or_address_nothing_is_noted_and_nothing_typed_is_lost(sold_out):
    client = browser(language="en")

    refused = ask(client, sold_out, "ana@example.com", consent="")
    wrong = ask(client, sold_out, "ana@")

    assert (refused.status_code, wrong.status_code) == (422, 422)
    assert 'value="ana@example.com"' in refused.content.decode()
    assert "Tick the box" in refused.content.decode()
    assert not StockAlert.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_variant_with_the_longest_sku_can_be_waited_for(sold_out):
    sold_out.sku = "S" * LONGEST_SKU
    sold_out.save()

    ask(browser(), sold_out, new_email())

    assert StockAlert.objects.get().variant == sold_out


@pytest.mark.django_db
def test_who_is_signed_in_with_that_address_needs_no_link(organization, sold_out):
    client, user = browser(language="en"), person()
    sign_in(client, user)
    mail.outbox.clear()

    answer = ask(client, sold_out, user.email.upper())
    ask(client, sold_out, new_email())

    assert "We will write to you" in answer.content.decode()
    alert = StockAlert.objects.get(email=user.email)
    assert (alert.customer.user, alert.confirmed_at is not None) == (user, True)
    other = StockAlert.objects.exclude(pk=alert.pk).get()
    assert (other.customer, other.confirmed_at) == (None, None)
    # Erased with its customer.
    Customer.objects.get(user=user).delete()
    assert StockAlert.objects.get() == other


@pytest.mark.django_db
def test_the_answer_is_the_same_for_every_address(organization, sold_out):
    known, unknown = person().email, new_email()
    ask(browser(), sold_out, known)
    StockAlert.objects.update(confirmed_at=timezone.now())

    pages = [ask(browser(language="en"), sold_out, email) for email in (known, unknown)]

    texts = [
        page.content.decode().replace(email, "X").replace(email.replace("@", "&#64;"), "X")
        for page, email in zip(pages, (known, unknown), strict=True)
    ]
    assert texts[0] == texts[1]
    assert len(mail.outbox) == 3
    assert StockAlert.objects.filter(confirmed_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_it_is_throttled_by_visitor_and_by_address(sold_out):
    client, email = browser(language="en"), new_email()
    answers = [ask(client, sold_out, email).status_code for _time in range(21)]

    assert answers == [200] * 20 + [409]
    assert len(mail.outbox) == 6
    assert StockAlert.objects.count() == 1


@pytest.mark.django_db
def test_what_can_be_bought_or_is_not_sold_is_not_waited_for(organization, sold_out):
    there = make.variant()
    hidden = make.product(in_stock=0, is_active=False).variants.get()
    kit = make.kit(sold_out)

    assert [ask(browser(), variant, new_email()).status_code for variant in (there, hidden)] == [
        409,
        409,
    ]
    assert ask(browser(), kit, new_email()).status_code == 200
    StockAlert.objects.update(confirmed_at=timezone.now())
    refill(sold_out)
    # A kit is back with its parts.
    assert tell(organization) == 1


@pytest.mark.django_db
def test_who_was_told_may_ask_again_and_confirms_again(organization, sold_out):
    email = new_email()
    ask(browser(), sold_out, email)
    StockAlert.objects.update(confirmed_at=timezone.now())
    refill(sold_out, 1)
    assert tell(organization) == 1
    make.placed_order(sold_out)

    ask(browser(), sold_out, email)

    alert = StockAlert.objects.get()
    assert (alert.confirmed_at, alert.told_at) == (None, None)
    with pytest.raises(IntegrityError, match="nobody_is_told_unconfirmed"):
        StockAlert.objects.update(told_at=timezone.now())


@pytest.mark.django_db
def test_a_mail_service_that_is_down_is_tried_again(organization, sold_out, settings):
    ask(browser(), sold_out, new_email())
    StockAlert.objects.update(confirmed_at=timezone.now())
    refill(sold_out)
    settings.MAIL_DELIVERY_BACKEND = "tests.shop.test_stock_alerts.Down"
    assert tell(organization) == 0
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert tell(organization) == 1


@pytest.mark.django_db
def test_a_worker_killed_while_it_sends_sends_no_second_mail(organization, sold_out, settings):
    ask(browser(), sold_out, new_email())
    StockAlert.objects.update(confirmed_at=timezone.now())
    refill(sold_out)
    settings.MAIL_DELIVERY_BACKEND = "tests.shop.test_stock_alerts.Killed"
    with pytest.raises(SystemExit):
        tell(organization)
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert tell(organization) == 0


class Killed:
    """The end of the process, after the mail left."""

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise SystemExit


class Down:
    """A mail service that does not answer."""

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError


@pytest.mark.django_db
def test_staff_see_how_many_wait_and_the_warehouse_no_addresses(organization, sold_out):
    ask(browser(), sold_out, "ana@example.com")
    ask(browser(), sold_out, "luz@example.com")
    stock_alerts.confirm(StockAlert.objects.first(), now=timezone.now())
    stock.move(make.variant(in_stock=0), 1, reason=StockMovement.Reason.RECEIVED)
    warehouse, owner = client_of("warehouse"), client_of("owner")

    page = warehouse.get("/admin/shop/stocklevel/?stock=waited").content.decode()

    assert sold_out.sku in page
    assert "ana@example.com" not in page
    assert warehouse.get("/admin/shop/stockalert/").status_code in (403, 404)
    shown = owner.get("/admin/shop/stockalert/?state=waiting").content.decode()
    assert ("luz@example.com" in shown, "ana@example.com" in shown) == (True, False)


@pytest.mark.django_db
def test_a_guest_who_joins_brings_their_alerts(organization, sold_out):
    guest = make.customer(email="ana@example.com")
    mine = make.customer(user=make.user(email="ana@example.com"), email="ana@example.com")
    ask(browser(), sold_out, "ana@example.com")
    StockAlert.objects.update(customer=guest)

    customers.claim(mine, kind="email", value="ana@example.com")

    assert StockAlert.objects.get().customer == mine


@pytest.mark.django_db(transaction=True)
def test_ten_sweepers_at_once_send_each_mail_once(shop, settings):  # noqa: F811
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    variant = make.variant(in_stock=0)
    StockAlert.objects.bulk_create(
        StockAlert(
            variant=variant,
            email=f"persona-{number}@example.com",
            language="es",
            consent_version="1",
            consented_at=timezone.now(),
            confirmed_at=timezone.now(),
        )
        for number in range(12)
    )
    refill(variant)
    mail.outbox = []

    sent = at_once(shop, [lambda: tell(shop) for _sweeper in range(10)])

    assert sum(sent) == 12
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        StockAlert.objects.values_list("email", flat=True)
    )

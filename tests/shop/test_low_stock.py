"""Low stock: every fall to the low mark opens one alert, whichever way, and is told once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Barrier
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from shop import low_stock, stock, stock_tasks
from shop.models import LowStockAlert, Membership, StockLevel, StockMovement
from tests import make

DAMAGED, RECEIVED = StockMovement.Reason.DAMAGED, StockMovement.Reason.RECEIVED


def alerts() -> list[tuple[int, bool]]:
    """Give every alert: what was left when it fell, and whether it is refilled."""
    found = LowStockAlert.objects.order_by("fell_at", "refilled_at")
    return [(alert.available, alert.refilled_at is not None) for alert in found]


def fall(variant, to: int = 5) -> None:
    stock.count(variant, to)


def soon():
    """Give the moment at which what fell just now is told."""
    return timezone.now() + low_stock.CALM


@pytest.mark.parametrize(
    "lower",
    [
        lambda variant: stock.move(variant, -5, reason=DAMAGED),
        lambda variant: stock.count(variant, 5),
        lambda variant: stock.reserve({variant.pk: 5}, holder=uuid4()),
        lambda variant: StockLevel.objects.filter(pk=variant.pk).update(low_at=10),
    ],
)
def test_a_fall_by_any_way_opens_one_alert(organization, lower):
    variant = make.variant(in_stock=10)

    lower(variant)
    stock.reserve({variant.pk: 1}, holder=uuid4())
    stock.move(variant, -1, reason=DAMAGED)

    assert len(alerts()) == 1
    assert LowStockAlert.objects.get().refilled_at is None


def test_what_was_refilled_is_alerted_again_when_it_falls_again(organization):
    variant = make.variant(in_stock=10)
    fall(variant)
    stock.move(variant, 1, reason=RECEIVED)

    fall(variant, 4)

    assert sorted(alerts()) == [(4, False), (5, True)]


def test_stock_that_never_was_above_its_mark_did_not_fall(organization):
    variant = make.variant(in_stock=3)

    stock.move(variant, -1, reason=DAMAGED)
    stock.move(variant, 2, reason=RECEIVED)

    assert alerts() == []


@pytest.mark.django_db(transaction=True)
def test_thirty_buyers_at_once_and_one_alert(transactional_db):
    organization = make.organization()
    with scope(organization=organization):
        variant = make.variant(in_stock=36)
    start = Barrier(10)

    def sell(number: int) -> None:
        try:
            with scope(organization=organization):
                if number < start.parties:
                    start.wait(timeout=60)
                # Up and down across the mark, and in the end each holds one.
                if number % 2:
                    stock.reserve({variant.pk: 1}, holder=uuid4())
                else:
                    stock.move(variant, -1, reason=DAMAGED)
        finally:
            connection.close()

    with ThreadPoolExecutor(start.parties) as pool:
        list(pool.map(sell, range(33)))

    with scope(organization=organization):
        assert StockLevel.objects.get().available == 3
        assert alerts() == [(5, False)]


# --- Telling --------------------------------------------------------------------------------------


@pytest.fixture
def keeper(organization):
    """Who looks after the stock."""
    return make.member("warehouse", email="bodega@example.com")


def test_one_mail_tells_all_that_fell_and_the_next_round_nothing(organization, keeper):
    make.member("viewer")
    make.member("manager", email="jefa@example.com")
    for name in ("Aceite de menta", "Jabón de coco"):
        fall(make.variant(make.product(name, variants=0), in_stock=9), 2)

    told = [low_stock.tell(organization, now=soon()) for _round in range(2)]

    assert told == [2, 0]
    (message,) = mail.outbox
    assert sorted(message.to) == ["bodega@example.com", "jefa@example.com"]
    assert "Aceite de menta" in message.body
    assert "Jabón de coco" in message.body


def test_the_mail_leads_to_what_fell_and_to_the_form_that_refills_it(organization, keeper):
    variant = make.variant(in_stock=9)
    make.variant(in_stock=9)
    fall(variant)
    low_stock.tell(organization, now=soon())
    address = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    client = Client()
    client.force_login(keeper)

    page = client.get("/" + address.split("/", 3)[3])

    assert [level.pk for level in page.context["cl"].result_list] == [variant.pk]
    form = f"/admin/shop/stocklevel/{variant.pk}/mover/"
    assert form in page.content.decode()
    client.post(form, {"reason": "received", "quantity": "20"})
    assert alerts() == [(5, True)]


@pytest.mark.parametrize("keep_quiet", ["calm", "refilled", "retired", "nobody wants it"])
def test_what_is_no_news_is_not_told(organization, keeper, keep_quiet):
    variant = make.variant(in_stock=9)
    fall(variant)
    now = soon()
    match keep_quiet:
        case "calm":
            now -= timedelta(minutes=1)
        case "refilled":
            stock.move(variant, 5, reason=RECEIVED)
        case "retired":
            variant.is_active = False
            variant.save()
        case "nobody wants it":
            Membership.objects.update(hears_of_low_stock=False)

    low_stock.tell(organization, now=now)

    assert mail.outbox == []


class Away(EmailBackend):
    """A mail service that does not answer the first time."""

    left = 1

    def send_messages(self, messages):
        if Away.left:
            Away.left -= 1
            raise SMTPServerDisconnected("away")
        return super().send_messages(messages)


def test_a_mail_that_could_not_be_sent_is_sent_later(organization, keeper, settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Away"
    fall(make.variant(in_stock=9))
    now = soon()

    told = [low_stock.tell(organization, now=now + timedelta(minutes=late)) for late in (0, 1, 11)]

    assert told == [0, 0, 1]
    assert len(mail.outbox) == 1


class Meanwhile(EmailBackend):
    """A mail service so slow that the next round comes while it is still sending."""

    is_busy = False

    def send_messages(self, messages):
        if not Meanwhile.is_busy:
            Meanwhile.is_busy = True
            assert low_stock.tell(make.here(), now=soon()) == 0
        return super().send_messages(messages)


def test_two_workers_send_one_mail(organization, keeper, settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Meanwhile"
    fall(make.variant(in_stock=9))

    assert low_stock.tell(organization, now=soon()) == 1

    assert len(mail.outbox) == 1


def test_the_sweeper_asks_only_shops_with_something_to_tell(organization, keeper):
    make.organization()
    fall(make.variant(in_stock=9))
    LowStockAlert.objects.update(fell_at=timezone.now() - low_stock.CALM)

    stock_tasks.sweep_low_stock()

    assert len(mail.outbox) == 1


def test_a_colleague_is_spared_the_mails(organization):
    owner, colleague = make.member("owner"), make.member("warehouse")
    client = Client()
    client.force_login(owner)
    membership = Membership.objects.get(user=colleague)

    client.post(
        f"/admin/shop/membership/{membership.pk}/change/", {"role": "warehouse", "is_active": "on"}
    )

    assert low_stock.recipients(organization) == [owner.email]


def test_who_hears_of_problems_hears_of_low_stock_too(organization, keeper):
    organization.problems_mailed_to = f"duena@example.com, {keeper.email.upper()}"
    organization.save()

    assert low_stock.recipients(organization) == [keeper.email, "duena@example.com"]

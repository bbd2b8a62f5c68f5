"""Mails about orders: each is sent once, tried again on failure, and says what to do."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone, translation
from django_scopes import scope

from config.celery import app
from orders import (
    cancellation,
    confirmation,
    fulfilment,
    mails,
    refunds,
    returns,
    settlement,
    tokens,
)
from orders.admin import steps
from orders.models import Order, OrderEvent
from tests import make
from tests.shop import places

pytestmark = pytest.mark.django_db


class Fails(EmailBackend):
    """A mail service that is away so many times."""

    left = 0

    def send_messages(self, messages):
        if Fails.left:
            Fails.left -= 1
            raise SMTPServerDisconnected("away")
        return super().send_messages(messages)


class Refuses(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({"ana@example.com": (550, b"nobody")})


def event_of(order, kind):
    return OrderEvent.objects.filter(order=order, kind=kind).first()


def mailed(order, kind):
    """Send the mail of an event and give it."""
    event = event_of(order, kind)
    before = len(mail.outbox)
    mails.send(event.pk)
    (sent,) = mail.outbox[before:]
    event.refresh_from_db()
    assert event.mail == OrderEvent.Mail.SENT
    return sent


def both_parts(message):
    """Give text and page without tags: they say the same."""
    page = re.sub(r"<[^>]+>", " ", message.alternatives[0][0])
    return [" ".join(part.split()) for part in (message.body, page)]


# --- Once -----------------------------------------------------------------------------------------


def test_a_mail_is_sent_once_and_says_so_in_the_timeline(organization):
    order = make.placed_order()
    event = event_of(order, "placed")

    for _time in range(3):
        mails.send(event.pk)

    event.refresh_from_db()
    assert len(mail.outbox) == 1
    assert (event.mail, event.mail_error) == ("sent", "")
    assert event.mail_sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(transactional_db):
    places.reload()
    shop = make.organization()
    with scope(organization=shop):
        make.national_rate()
        order = make.order(email="ana@example.com")
        event = OrderEvent.objects.create(
            order=order, kind="placed", mail="queued", at=timezone.now()
        )
    mail.outbox.clear()
    start = Barrier(4)

    def work(_number):
        try:
            with scope(organization=shop):
                start.wait(timeout=30)
                mails.send(event.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert len(mail.outbox) == 1


def test_a_mail_leaves_after_the_commit_by_itself(organization, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        order = make.placed_order()

    assert [message.to for message in mail.outbox] == [[order.email]]
    assert event_of(order, "placed").mail == "sent"


@pytest.fixture
def no_broker(monkeypatch, tmp_path):
    """Tasks are queued as in production, and nobody listens."""
    nowhere = {
        "task_always_eager": False,
        "broker_write_url": f"redis+socket://{tmp_path}/nobody.sock",
    }
    before = {name: app.conf[name] for name in nowhere}
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    app.conf.update(nowhere)
    yield
    app.conf.update(before)


def test_without_a_broker_the_order_is_placed_and_its_mail_waits(
    organization, no_broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        order = make.placed_order()

    assert event_of(order, OrderEvent.Kind.PLACED).mail == OrderEvent.Mail.QUEUED
    assert mail.outbox == []


def test_a_service_that_is_away_twice_gets_the_mail_the_third_time(organization, settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Fails"
    Fails.left = 2
    order = make.placed_order()
    event = event_of(order, "placed")
    now = event.at

    mails.send(event.pk, now=now)
    mails.send(event.pk, now=now + timedelta(seconds=30))
    event.refresh_from_db()
    assert (event.mail, Fails.left, len(mail.outbox)) == ("queued", 1, 0)
    assert event.mail_error
    mails.send(event.pk, now=now + timedelta(minutes=2))
    mails.send(event.pk, now=now + timedelta(minutes=3))
    assert Fails.left == 0
    assert mail.outbox == []
    mails.send(event.pk, now=now + timedelta(minutes=5))

    event.refresh_from_db()
    assert (event.mail, event.mail_error, len(mail.outbox)) == ("sent", "", 1)


def test_a_service_that_stays_away_is_given_up_after_a_day(organization, settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Fails"
    Fails.left = 1
    order = make.placed_order()
    event = event_of(order, "placed")

    mails.send(event.pk, now=event.at + mails.PATIENCE)

    event.refresh_from_db()
    assert event.mail == "failed"
    assert event.mail_error


def test_a_mail_whose_worker_was_killed_long_after_its_event_waits_an_hour_at_most(organization):
    order = make.placed_order()
    event = event_of(order, "placed")
    tried = event.at + timedelta(days=4)
    OrderEvent.objects.filter(pk=event.pk).update(mail_tried_at=tried)

    mails.send(event.pk, now=tried + timedelta(minutes=59))
    assert mail.outbox == []
    mails.send(event.pk, now=tried + timedelta(minutes=60))

    assert len(mail.outbox) == 1


def test_an_address_that_does_not_exist_is_not_tried_again(organization, settings):
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Refuses"
    order = make.placed_order()
    event = event_of(order, "placed")

    mails.send(event.pk)

    event.refresh_from_db()
    assert (event.mail, mail.outbox) == ("failed", [])


def test_an_event_keeps_its_message_id_so_that_mailboxes_show_it_once(organization):
    event = event_of(make.placed_order(), "placed")
    event.order.organization = organization

    names = {
        mails.compose(event, now=timezone.now()).extra_headers["Message-ID"] for _time in range(2)
    }

    assert names == {f"<{event.pk.hex}@testserver>"}


# --- What they say --------------------------------------------------------------------------------


def test_the_first_mail_leads_to_the_payment_at_the_shop_s_own_address(organization, settings):
    settings.IS_EMBEDDED, settings.SITE_SCHEME = False, "https"
    organization.email = "hola@tienda.example"
    organization.save()
    order = make.placed_order(language="en")

    sent = mailed(order, "placed")

    link = f"https://testserver/pedidos/{tokens.for_order(order)}/"
    assert sent.subject == f"We received your order {order.label}"
    assert sent.reply_to == ["hola@tienda.example"]
    assert organization.name in sent.from_email
    for part in both_parts(sent):
        assert link in part
        assert "Pay $\u00a034.900" in part.replace("$ ", "$\u00a0")
        assert "You have until" in part


def test_a_transfer_is_explained_in_its_mail(organization):
    make.payment_account(
        "transfer",
        settings={"bank": "Bancolombia", "account_number": "123-456", "holder": "Kaiu SAS"},
    )
    order = make.placed_order(provider="transfer", language="en")

    for part in both_parts(mailed(order, "placed")):
        for word in ("Bancolombia", "123-456", "Kaiu SAS", order.label, "Send the receipt"):
            assert word in part


def test_cash_on_delivery_is_confirmed_by_a_link_that_only_the_mail_holds(organization, client):
    order = make.placed_order(provider="cash", language="en")

    sent = mailed(order, "placed")

    link = tokens.for_confirmation(order)
    assert all(link in part for part in both_parts(sent))
    page = client.get(f"/pedidos/{tokens.for_order(order)}/").content.decode()
    assert link not in page


def test_each_step_has_its_mail(organization):
    now = timezone.now()
    order = make.placed_order(language="en")
    attempt = make.attempt(order)
    settlement.settle(
        attempt.account, make.report(attempt, "declined", message="No funds."), now=now
    )
    declined = mailed(order, "payment_declined")
    order = make.pay(order)
    fulfilment.prepare(order, now=now)
    fulfilment.ready(order, now=now)
    fulfilment.ship(
        order, fulfilment.Parcel("Coordinadora", "T-77", "https://rastreo.example/T-77"), now=now
    )
    shipped = mailed(order, "shipped")
    fulfilment.deliver(order, now=now)
    line = order.lines.get()
    asked = returns.request(order, kind="withdrawal", quantities={line.pk: 1}, now=now)
    returns.reject(asked, answer="It was used.", now=now)

    assert "declined: No funds." in declined.body
    assert mailed(order, "confirmed").subject == f"Your order {order.label} is confirmed"
    assert "T-77" in shipped.body
    assert "https://rastreo.example/T-77" in shipped.body
    assert "You can withdraw from this purchase until" in mailed(order, "delivered").body
    assert str(asked) in mailed(order, "return_requested").body
    assert "It was used." in mailed(order, "return_changed").body


def test_money_that_goes_back_is_told_twice_with_its_last_day(organization):
    now = timezone.now()
    order = make.pay(make.placed_order(language="en"))
    cancellation.cancel(order, Order.Cancelled.BY_SHOP, now=now)
    (refund,) = order.refunds.all()
    started = mailed(order, "refund_requested")
    refunds.carry_out(refund.pk, now=now)

    assert "at the latest" in started.body
    if event_of(order, "refunded"):
        assert "gave back" in mailed(order, "refunded").body
    assert mailed(order, "cancelled").subject == f"Your order {order.label} is cancelled"


def test_a_mail_speaks_the_buyer_s_language(organization):
    with translation.override("en"):
        order = make.placed_order(language="es")
        sent = mailed(order, "placed")

    assert 'lang="es"' in sent.alternatives[0][0]


def test_a_company_is_called_by_its_whole_name(organization):
    order = make.placed_order()
    Order.objects.filter(pk=order.pk).update(name="Spa Laureles S.A.S.", document_type="NIT")

    sent = mailed(order, OrderEvent.Kind.PLACED)

    assert "Gracias, Spa Laureles S.A.S. Recibimos" in " ".join(sent.body.split())


def test_the_link_to_pay_is_mailed_when_staff_say_so(organization):
    order = make.placed_order()

    steps.BY_NAME["mail-link"].run(order, {}, now=timezone.now(), actor=make.member("support"))

    sent = mailed(order, OrderEvent.Kind.LINK_SENT)
    assert order.label in sent.subject
    assert tokens.for_order(order) in sent.body
    assert not steps.BY_NAME["mail-link"].is_offered(make.pay(order))


def test_names_from_strangers_do_not_become_markup(organization):
    order = make.placed_order(language="en")
    Order.objects.filter(pk=order.pk).update(name="<img/src=x>&Luz Ana")
    order.lines.update(name="<b>Oil</b>")

    sent = mailed(order, "placed")

    page = sent.alternatives[0][0]
    assert "<img/src" not in page
    assert "<b>Oil" not in page
    assert "&lt;b&gt;Oil" in page
    assert "<img/src=x>&Luz" in sent.body


def test_a_mail_waits_for_nobody_who_gave_no_address(organization):
    order = make.order(email="")
    confirmed = confirmation.timeline.record(order, "note", now=timezone.now(), mail=True)

    assert confirmed.mail == OrderEvent.Mail.NONE

"""Who of the shop hears of orders: of new ones, and of what needs a person."""

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from orders import staff_mails, tasks, timeline
from orders.models import Order, OrderEvent, StaffMail
from tests import make

_Kind = OrderEvent.Kind


@pytest.fixture
def shop(organization):
    organization.language = "en"
    organization.orders_mailed_to = "bodega@example.com\nana@example.com"
    organization.problems_mailed_to = "duena@example.com"
    organization.save()
    return organization


def send_all() -> list:
    mail.outbox.clear()
    for key in StaffMail.objects.values_list("pk", flat=True):
        staff_mails.send(key)
    return mail.outbox


def test_a_confirmed_order_is_written_about_once_to_who_wants_to_hear_of_orders(shop):
    order = make.pay(make.placed_order(notes="Dejar en portería"))

    (sent,) = send_all()

    assert sent.to == ["bodega@example.com", "ana@example.com"]
    assert f"[test] New order {order.label}: $" in sent.subject
    assert f"/admin/orders/order/{order.pk}/change/" in sent.body
    assert "Dejar en portería" in sent.body
    assert send_all() == []


@pytest.mark.parametrize("kind", [_Kind.CONCERN, _Kind.PROOF_RECEIVED, _Kind.RETURN_REQUESTED])
def test_what_needs_a_person_is_written_to_who_hears_of_problems(shop, kind):
    order = make.order()
    timeline.record(
        order, kind, now=timezone.now(), data={"concern": Order.Concern.MISMATCH, "number": "D-1"}
    )

    (sent,) = send_all()

    assert sent.to == ["duena@example.com"]
    assert f"Order {order.label} needs you" in sent.subject


def test_what_staff_did_is_no_news_to_them_and_nobody_hears_without_the_setting(shop):
    order, person = make.order(), make.member("support")
    timeline.record(order, _Kind.CONFIRMED, now=timezone.now(), actor=person)
    timeline.record(order, _Kind.PAID, now=timezone.now())
    shop.problems_mailed_to = ""
    shop.save()
    timeline.record(Order.objects.get(), _Kind.CONCERN, now=timezone.now())

    assert StaffMail.objects.count() == 0


def test_a_mail_that_failed_is_found_by_the_sweeper(shop, monkeypatch):
    def fail(self, messages):
        raise SMTPServerDisconnected

    long_ago = timezone.now() - tasks._FORGOTTEN
    timeline.record(make.order(), _Kind.CONCERN, now=long_ago)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fail)
        staff_mails.send(StaffMail.objects.get().pk)
    assert StaffMail.objects.get().mail == OrderEvent.Mail.QUEUED

    StaffMail.objects.update(mail_tried_at=None)
    tasks.sweep()

    assert [message.to for message in mail.outbox] == [["duena@example.com"]]
    assert StaffMail.objects.get().mail == OrderEvent.Mail.SENT

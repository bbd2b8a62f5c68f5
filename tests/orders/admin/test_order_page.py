"""The page of one order: what it shows, and the steps that it offers and takes."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from config.lib import memory
from orders import expiry, fulfilment, refunds, settlement
from orders.models import Order, OrderEvent, Refund, ReturnRequest
from shop import stock
from shop.models import StockLevel
from tests import make
from tests.orders.admin.pages import (
    confirmed,
    offered,
    page_of,
    read,
    shipped,
    step_of,
    take,
    told,
    waiting_transfer,
)
from tests.shop.admin.back_office import client_of


def again(order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_only_steps_that_are_allowed_are_offered(owner, warehouse, organization):
    waiting, cash, firm = make.placed_order(), make.placed_order(provider="cash"), confirmed()
    gone = shipped()

    assert offered(owner, waiting) == {"mail-link", "cancel"}
    assert offered(owner, cash) == {"confirm", "cancel"}
    assert offered(owner, firm) == {"prepare", "ready", "send", "ask", "refund", "cancel"}
    assert offered(owner, gone) == {"deliver", "come-back", "return", "ask", "refund"}
    assert offered(warehouse, firm) == {"prepare", "ready", "send"}
    assert offered(client_of("viewer"), firm) == set()
    assert offered(client_of("support"), firm) == {"prepare", "ready", "cancel"}


def test_the_warehouse_takes_an_order_from_the_shelf_to_the_door(warehouse):
    order = confirmed()

    for step in ("prepare", "ready", "request-pickup"):
        assert take(warehouse, order, step).status_code == 302
    take(
        warehouse,
        order,
        "ship",
        carrier="Servientrega",
        tracking_number="900123",
        tracking_url="https://example.com/900123",
    )
    assert take(warehouse, order, "deliver").status_code == 302

    order = again(order)
    assert order.status == "delivered"
    assert order.shipments.get().tracking_number == "900123"
    assert set(order.events.filter(kind="shipped").values_list("actor", flat=True)) == {
        warehouse.user.pk
    }
    assert "900123" in read(warehouse, page_of(order))


def test_a_form_that_misses_something_says_so_and_changes_nothing(warehouse):
    order = fulfilment.ready(confirmed(), now=timezone.now())

    response = take(warehouse, order, "ship", carrier="", tracking_url="javascript:alert(1)")

    assert set(response.context["form"].errors) == {"carrier", "tracking_url"}
    assert again(order).status == "ready_to_ship"


def test_who_comes_second_hears_that_somebody_was_faster(owner, warehouse):
    order = confirmed()

    take(warehouse, order, "prepare")
    response = take(owner, order, "prepare")

    assert "somebody else was faster" in told(response)[0]
    assert order.events.filter(kind="processing").count() == 1


@pytest.mark.parametrize("step", ["prepare", "ship", "cancel", "refund", "handled"])
def test_looking_at_a_step_changes_nothing(owner, step):
    order = confirmed()

    owner.get(step_of(order), {"step": step})

    assert again(order).status == "confirmed"


def test_a_cash_order_is_confirmed_by_word_and_its_cash_counted(owner):
    order = make.placed_order(provider="cash")

    take(owner, order, "confirm")
    assert again(order).status == "confirmed"
    fulfilment.ready(order, now=timezone.now())
    fulfilment.ship(order, fulfilment.Parcel("Moto"), now=timezone.now())
    refused = take(owner, order, "collect", amount="999.999.999")
    take(owner, order, "collect", amount=str(order.total // 100))

    assert "amount" in refused.context["form"].errors
    order = again(order)
    assert (order.paid, order.payment) == (order.total, "paid")
    assert "collect" not in offered(owner, order)


def test_a_transfer_is_accepted_with_the_banks_reference_and_a_bad_proof_refused(owner):
    order = waiting_transfer()
    attempt = make.attempt(order)

    assert {"accept-transfer"} <= offered(owner, order)
    take(owner, order, "accept-transfer", reference="ABC-1", amount=str(order.total // 100))

    order = again(order)
    assert (order.status, order.payment) == ("confirmed", "paid")
    attempt.refresh_from_db()
    assert attempt.status == "approved"
    assert "ABC-1" in read(owner, page_of(order))


def with_proof(order):
    """Give the attempt of an order whose buyer sent a receipt."""
    attempt = make.attempt(order)
    attempt.proof.save("proof.pdf", ContentFile(b"%PDF-"), save=False)
    type(attempt).objects.filter(pk=attempt.pk).update(
        proof="proofs/x.pdf", proof_at=timezone.now(), status="pending"
    )
    return attempt


def test_a_transfer_with_its_proof_is_confirmed_in_one_tap(owner):
    order = waiting_transfer()
    attempt = make.attempt(order)
    assert "transfer-arrived" not in offered(owner, order)
    with_proof(order)

    shown = read(owner, page_of(order))
    (form,) = re.findall(r"<form(?:(?!</form>).)*?transfer-arrived.*?</form>", shown, re.DOTALL)
    # The button sends everything that there is to say.
    assert re.findall(r'name="(\w+)"', form) == ["csrfmiddlewaretoken", "step"]
    for _tap in range(2):
        take(owner, order, "transfer-arrived")

    order = again(order)
    assert (order.status, order.paid) == ("confirmed", order.total)
    assert attempt.transactions.get().gateway_id == attempt.reference.upper()


def test_a_proof_that_shows_no_payment_is_refused(owner):
    order = waiting_transfer()
    attempt = with_proof(order)

    take(owner, order, "reject-transfer", reason="The amount did not arrive.")

    attempt.refresh_from_db()
    assert attempt.status == "declined"
    assert "The amount did not arrive" in read(owner, page_of(order))


def test_cancelling_says_before_what_goes_back_and_then_does_it(owner, organization):
    variant = make.variant(in_stock=5)
    order = confirmed(variant, quantity=2)

    page = read(owner, step_of(order), step="cancel")
    assert "2 pieces go back on the shelf" in page
    take(owner, order, "cancel", reason="by_buyer", note="Changed their mind")

    order = again(order)
    assert (order.status, order.cancel_reason) == ("cancelled", "by_buyer")
    assert StockLevel.objects.get(variant=variant).on_hand == 5
    assert stock.differences(organization) == []
    assert order.refunds.get().amount == order.paid


def test_no_more_is_given_back_than_is_held(owner):
    order = confirmed()
    most = order.total // 100

    refused = take(owner, order, "refund", amount=str(most + 1), reason="other")
    assert "amount" in refused.context["form"].errors
    take(owner, order, "refund", amount="1.000", reason="warranty", note="Lid was broken")

    refund = order.refunds.get()
    assert (refund.amount, refund.reason, refund.requested_by) == (
        100_000,
        "warranty",
        owner.user,
    )


def test_a_transfer_by_hand_is_done_with_its_number(owner):
    order = confirmed()
    made = refunds.request(order, 100_000, reason=Refund.Reason.OTHER, now=timezone.now())
    Refund.objects.filter(pk=made[0].pk).update(method=Refund.Method.MANUAL)
    address = f"/admin/orders/refund/{made[0].pk}/hecho/"

    assert address in read(owner, page_of(order))
    owner.post(address, {"proof": "  "})
    assert Refund.objects.get().status == "requested"
    owner.post(address, {"proof": "TRX-9"})

    refund = Refund.objects.get()
    assert (refund.status, refund.proof, refund.done_by) == ("done", "TRX-9", owner.user)
    assert again(order).refunded == 100_000


def test_a_concern_is_decided_on_the_page(owner):
    variant = make.variant(in_stock=1)
    order = make.placed_order(variant)
    attempt = make.attempt(order)
    expiry.expire(order.pk, now=timezone.now() + timedelta(days=9))
    stock.count(variant, 0)
    settlement.settle(attempt.account, make.report(attempt), now=timezone.now())

    assert {"revive", "give-back", "handled"} <= offered(owner, order)
    assert "the stock is gone" in read(owner, page_of(order))
    still = take(owner, order, "revive")
    assert "still not enough stock" in told(still)[0]
    stock.count(variant, 1)
    take(owner, order, "revive")

    order = again(order)
    assert (order.status, order.concern) == ("confirmed", "")


def test_notes_of_the_team_stand_on_the_timeline_and_nowhere_else(warehouse):
    order = confirmed()

    take(warehouse, order, "note", note="Fragile <b>lid</b>")

    note = OrderEvent.objects.get(order=order, kind="note")
    assert (note.actor, note.is_public, note.mail) == (warehouse.user, False, "")
    assert "Fragile &lt;b&gt;lid" in warehouse.get(page_of(order)).content.decode()


def test_a_mail_is_sent_again_once_it_was_tried(owner):
    order = confirmed()
    event = order.events.get(kind="confirmed")
    OrderEvent.objects.filter(pk=event.pk).update(mail="failed", mail_error="no such mailbox")

    assert "no such mailbox" in read(owner, page_of(order))
    owner.post(f"/admin/orders/order/{order.pk}/correo/", {"event": str(event.pk)})

    event.refresh_from_db()
    assert (event.mail, event.mail_error) in [("queued", ""), ("sent", "")]


def test_a_return_is_taken_received_looked_at_and_paid_back(owner, warehouse, organization):
    variant = make.variant(in_stock=5)
    order = fulfilment.deliver(shipped(variant, quantity=2), now=timezone.now())
    line = order.lines.get()

    take(owner, order, "return", kind="withdrawal", **{f"line-{line.pk}": "2"})
    found = ReturnRequest.objects.get()
    address = f"/admin/orders/returnrequest/{found.pk}/paso/"
    owner.post(address, {"step": "accept"})
    warehouse.post(address, {"step": "receive"})
    warehouse.post(address, {"step": "inspect", f"good-{line.pk}": "1", f"lost-{line.pk}": "1"})
    assert warehouse.post(address, {"step": "close", "amount": "1"}).status_code == 403
    owner.post(address, {"step": "close", "amount": str(order.total // 100)})

    found.refresh_from_db()
    assert found.status == "closed"
    assert found.refund.amount == order.total
    assert StockLevel.objects.get(variant=variant).on_hand == 4
    assert again(order).status == "returned"


def test_an_order_is_changed_after_its_difference_was_seen(owner):
    variant = make.variant(in_stock=5, price=2_000_000)
    order = confirmed(variant)
    address = f"/admin/orders/order/{order.pk}/editar/"
    typed = {f"quantity-{variant.pk}": "3", "delivery_code": order.delivery_code}

    page = owner.post(address, {"do": "preview", **typed})
    assert page.context["plan"]["to_pay"] == "$\u00a040.000"
    late = owner.post(address, {"do": "save", "seen_total": "1", **typed})
    assert late.context["problem"]
    owner.post(address, {"do": "save", "seen_total": str(page.context["plan"]["total"]), **typed})

    order = again(order)
    assert (order.lines.get().quantity, order.due_now) == (3, 4_000_000)
    assert "prepare" not in offered(owner, order)
    assert "was changed and waits for the buyer" in read(owner, page_of(order))


def test_the_page_costs_the_same_queries_whatever_it_holds(owner, django_assert_max_num_queries):
    def cost(order):
        memory.clear_all()
        with django_assert_max_num_queries(30) as queries:
            owner.get(page_of(order))
        return len(queries)

    small, large = confirmed(), confirmed(*[make.variant() for _number in range(4)])
    owner.get(page_of(small))
    few = cost(small)
    for number in range(3):
        take(owner, large, "note", note=f"Note {number}")

    assert cost(large) == few


@pytest.mark.parametrize("step", ["", "nada", "\x00", "prepare"])
def test_a_strange_step_leads_back_to_the_order(owner, step):
    order = make.placed_order()

    response = owner.post(step_of(order), {"step": step})

    assert (response.status_code, response.url) == (302, page_of(order))

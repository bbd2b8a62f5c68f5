"""What the page of an order shows, in words, for who looks at it."""

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.lib import money
from shop import postal
from shop.admin.moments import short_moment

from .. import deadlines, fulfilment, means, packing, timeline_words, tokens
from ..models import GatewayTransaction, Order, OrderEvent, PaymentAttempt, Refund
from . import invoice_pages, sight, steps

_MOST_EVENTS = 200


def rows():
    """Give orders with everything that their page needs, in a fixed number of queries."""
    transactions = GatewayTransaction.objects.order_by("-id")
    attempts = PaymentAttempt.objects.select_related("account").prefetch_related(
        Prefetch("transactions", queryset=transactions)
    )
    return Order.objects.select_related("organization", "customer", "account").prefetch_related(
        "lines", "shipments", "returns", Prefetch("attempts", queryset=attempts)
    )


def context(request, order: Order) -> dict:
    """Give all of the page; what is about money only to who may see it."""
    with_money = sight.sees_money(request)
    offered = steps.offered(order, request.user)
    decisions = [step for step in offered if step.name in steps.DECISIONS]
    now = timezone.now()
    shown = {
        "order": order,
        "with_money": with_money,
        "status": sight.status_words(order, with_money=with_money),
        "status_tone": sight.STATUS_TONES[order.status],
        "placed": short_moment(order.placed_at),
        "lines": [_line(line, order, with_money=with_money) for line in order.lines.all()],
        "pieces": sum(line.quantity for line in order.lines.all()),
        "address": postal.place(order.delivery)[0 if not order.is_pickup else 1 :],
        "phone": postal.phone(order.phone),
        "waits": _waits(order, with_money=with_money),
        "steps": [step for step in offered if step.name not in steps.DECISIONS],
        "step_address": reverse("admin:orders_order_step", args=[order.pk]),
        "packing_address": reverse("admin:orders_order_packing", args=[order.pk]),
        "pack_address": _pack_address(request, order),
        "sees_shipments": request.user.has_perm("logistics.view_shipment"),
        "edit_address": _edit_address(request, order),
        "may_note": request.user.has_perm(steps.NOTE.permission),
        "customer_address": _customer_address(request, order),
        "shipments": list(order.shipments.all()),
        "returns": [
            {
                "label": str(found),
                "kind": found.get_kind_display(),
                "status": found.get_status_display(),
                "address": reverse("admin:orders_returnrequest_change", args=[found.pk]),
            }
            for found in order.returns.all()
        ],
        "withdrawal": _withdrawal(order, now),
        "timeline": [
            _event(event, request, order, with_money=with_money)
            for event in sight.events(order, with_money=with_money)[:_MOST_EVENTS]
        ],
    }
    if with_money:
        shown |= _money(request, order, decisions)
    return shown


def _waits(order: Order, *, with_money: bool) -> str:
    """Say why a firm order must wait, where nothing else on the page says so."""
    if order.status != Order.Status.CONFIRMED or (order.concern and with_money):
        return ""
    return fulfilment.why_not_prepare(order)


def _line(line, order: Order, *, with_money: bool) -> dict:
    shown = {"quantity": line.quantity, "name": line.name, "label": line.label, "sku": line.sku}
    if with_money:
        shown["price"] = money.label(line.unit_price, order.currency)
        shown["discount"] = money.label(-line.discount, order.currency) if line.discount else ""
        shown["total"] = money.label(line.total, order.currency)
    return shown


def _pack_address(request, order: Order) -> str:
    is_open = order.status in packing.OPEN and request.user.has_perm("orders.change_fulfilment")
    return reverse("admin:orders_order_pack", args=[order.pk]) if is_open else ""


def _edit_address(request, order: Order) -> str:
    is_early = order.status in (Order.Status.PENDING, Order.Status.CONFIRMED)
    if not is_early or not request.user.has_perm("orders.change_order"):
        return ""
    # The page is about prices.
    return reverse("admin:orders_order_edit", args=[order.pk]) if sight.sees_money(request) else ""


def _customer_address(request, order: Order) -> str:
    if not request.user.has_perm("shop.view_customer"):
        return ""
    return reverse("admin:shop_customer_change", args=[order.customer_id])


def _withdrawal(order: Order, now) -> str:
    ends = deadlines.withdrawal_ends(order)
    if ends is None:
        return ""
    day = date_format(ends, "DATE_FORMAT")
    if deadlines.may_withdraw(order, now=now):
        return _("The buyer may withdraw until %(day)s.") % {"day": day}
    return _("The days to withdraw ended on %(day)s.") % {"day": day}


def _event(event: OrderEvent, request, order: Order, *, with_money: bool) -> dict:
    mail = event.get_mail_display() if event.mail else ""
    shown = {
        "words": timeline_words.words(event, with_money=with_money),
        "who": timeline_words.actor(event),
        "when": short_moment(event.at),
        "at": event.at,
        "note": event.note,
        "change": _change(event, with_money=with_money),
        "mail": mail,
        "mail_state": event.mail,
        "mail_error": event.mail_error,
        "kind": event.kind,
        "resend": (
            event.pk
            if event.mail in (OrderEvent.Mail.SENT, OrderEvent.Mail.FAILED)
            and request.user.has_perm("orders.change_order")
            else ""
        ),
    }
    if event.kind == OrderEvent.Kind.NOTE:
        shown["words"] = "" if event.note else _cash_words(event, order)
    return shown


def _cash_words(event: OrderEvent, order: Order) -> str:
    amount = event.data.get("amount")
    if not isinstance(amount, int):
        return event.get_kind_display()
    label = money.label(amount, order.currency)
    reference = event.data.get("transfer") or event.data.get("cash") or ""
    return _("%(amount)s were found under %(reference)s.") % {
        "amount": label,
        "reference": reference,
    }


def _change(event: OrderEvent, *, with_money: bool) -> list[dict]:
    """Give what an event changed: before and after, each in words."""
    if event.kind != OrderEvent.Kind.CHANGED:
        if not (event.before and event.after):
            return []
        labels = dict(sight.status_choices(with_money=with_money))
        before, after = labels.get(event.before, ""), labels.get(event.after, "")
        return [{"name": _("Status"), "before": before, "after": after}]
    was, is_now = event.data.get("was") or {}, event.data.get("is") or {}
    rows = []
    before = {sku: (name, quantity) for sku, name, quantity in was.get("lines", [])}
    after = {sku: (name, quantity) for sku, name, quantity in is_now.get("lines", [])}
    for sku in [*before, *(sku for sku in after if sku not in before)]:
        name = (after.get(sku) or before[sku])[0]
        had, has = before.get(sku, ("", 0))[1], after.get(sku, ("", 0))[1]
        if had != has:
            rows.append({"name": name, "before": str(had), "after": str(has)})
    for key, label in (("address", _("Address")), ("delivery", _("Delivery"))):
        if was.get(key) != is_now.get(key):
            rows.append({"name": label, "before": was.get(key, ""), "after": is_now.get(key, "")})
    if with_money and was.get("total") != is_now.get("total"):
        currency = event.data.get("currency", "")
        rows.append(
            {
                "name": _("Total"),
                "before": money.label(was.get("total", 0), currency),
                "after": money.label(is_now.get("total", 0), currency),
            }
        )
    return rows


# --- Money ----------------------------------------------------------------------------------------


def _money(request, order: Order, decisions) -> dict:
    def label(amount):
        return money.label(amount, order.currency)

    token_address = reverse("orders:order-detail", args=[tokens.for_order(order)])
    return {
        "payment": order.get_payment_display(),
        "payment_tone": sight.PAYMENT_TONES[order.payment],
        "concern": order.get_concern_display() if order.concern else "",
        "decisions": decisions,
        "amounts": [
            (name, label(amount))
            for name, amount, is_shown in (
                (_("Subtotal"), order.subtotal, True),
                (_("Discount"), -order.discount, order.discount),
                (_("Delivery"), order.shipping, True),
                (_("Paying on delivery"), order.cash_fee, order.cash_fee),
            )
            if is_shown
        ],
        "total": label(order.total),
        "tax": label(order.tax),
        "balance": [
            (name, label(amount), tone)
            for name, amount, tone in (
                (_("Paid"), order.paid, ""),
                (_("Given back"), -order.refunded if order.refunded else 0, ""),
                (_("Still to pay"), order.outstanding if order.is_open else 0, "is-due"),
            )
            if amount
        ],
        "method": str(order.account) if order.account else _("Nothing to pay"),
        "attempts": [_attempt(attempt) for attempt in order.attempts.all()],
        "refunds": [_refund(refund, order, request) for refund in order.refunds.all()],
        "waits_until": short_moment(order.expires_at) if order.expires_at else "",
        "buyer_address": request.build_absolute_uri(token_address),
        "invoice_address": reverse("admin:orders_order_invoice", args=[order.pk]),
        "draws": order.source,
        **invoice_pages.card(request, order, short_moment),
    }


def _attempt(attempt: PaymentAttempt) -> dict:
    return {
        "reference": attempt.reference,
        "account": str(attempt.account),
        "amount": money.label(attempt.amount, attempt.currency),
        "status": attempt.get_status_display(),
        "state": attempt.status,
        "when": short_moment(attempt.created_at),
        "proof_address": (reverse("orders:proof-file", args=[attempt.pk]) if attempt.proof else ""),
        "transactions": [
            {
                "gateway_id": told.gateway_id,
                "status": told.get_status_display(),
                "amount": money.label(told.amount, told.currency),
                "refunded": money.label(told.refunded, told.currency) if told.refunded else "",
                "method": means.words(told.method),
                "message": told.message,
                "problem": told.get_problem_display() if told.problem else "",
            }
            for told in attempt.transactions.all()
        ],
    }


def _refund(refund: Refund, order: Order, request) -> dict:
    is_by_hand = refund.method == Refund.Method.MANUAL and refund.status != Refund.Status.DONE
    left = deadlines.days_left(order.organization, refund.due_on, now=timezone.now())
    return {
        "amount": money.label(refund.amount, order.currency),
        "status": refund.get_status_display(),
        "method": refund.get_method_display(),
        "reason": refund.get_reason_display(),
        "note": refund.note,
        "proof": refund.proof,
        "error": refund.error,
        "is_done": refund.status == Refund.Status.DONE,
        "due": date_format(refund.due_on, "DATE_FORMAT"),
        "is_late": refund.status != Refund.Status.DONE and left < 0,
        "done_address": (
            reverse("admin:orders_refund_done", args=[refund.pk])
            if is_by_hand and request.user.has_perm("orders.change_payment")
            else ""
        ),
    }
